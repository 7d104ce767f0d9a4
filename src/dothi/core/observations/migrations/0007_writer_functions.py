"""What the writer asks of the database in one round trip each, where the planner must not guess how large tables are.

observations_put_plain stores few plain Observations: what most messages are. It locks the Datastreams as the writer does
(in the order of their ids), stores each row that is newer than all that its Datastream has, keeps the newest beside it,
and gives back the rows that it left, each with the id of the stored one that it repeats, null for none: it is late, or of
no Datastream, or its feature is not known yet. The rows of one Datastream come in the order of time.

observations_find_repeats gives, of rows that may be stored already, those that are: their places, counted from 1, and ids.
"""

from typing import ClassVar

from django.db import migrations

FORWARD = """
CREATE FUNCTION observations_put_plain(
    ids bigint[], datastreams bigint[], moments timestamptz[], fingerprints bigint[], qualities smallint[],
    results double precision[]
) RETURNS TABLE (left_out bigint, repeats bigint) LANGUAGE plpgsql
-- Few rows are looked up by their keys, whatever the planner guesses of arrays and of tables that grow.
SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    PERFORM FROM observations_latest WHERE datastream_id = ANY(datastreams) ORDER BY datastream_id FOR UPDATE;
    RETURN QUERY WITH given AS MATERIALIZED (
        SELECT * FROM unnest(ids, datastreams, moments, fingerprints, qualities, results)
            AS g(id, datastream_id, moment, fingerprint, quality, result)
    ), fit AS MATERIALIZED (
        SELECT g.id, g.datastream_id, g.moment, g.fingerprint, g.quality, g.result,
            nullif(l.default_feature_id, 0) AS feature_id
        FROM given g JOIN observations_latest l ON l.datastream_id = g.datastream_id
        WHERE l.default_feature_id IS NOT NULL AND (l.phenomenon_time IS NULL OR g.moment > l.phenomenon_time)
    ), added AS (
        INSERT INTO observations_observation
            (id, datastream_id, phenomenon_time, fingerprint, quality, result, feature_id)
        SELECT id, datastream_id, moment, fingerprint, quality, result, feature_id FROM fit
    ), newest AS (
        SELECT DISTINCT ON (datastream_id) *, count(*) OVER same AS number, min(moment) OVER same AS first
        FROM fit WINDOW same AS (PARTITION BY datastream_id) ORDER BY datastream_id, moment DESC
    ), updated AS (
        UPDATE observations_latest l SET
            observation_id = n.id, phenomenon_time = n.moment, phenomenon_end = NULL, result_time = NULL,
            result = n.result, result_json = NULL, quality = n.quality, feature_id = n.feature_id,
            first_time = least(l.first_time, n.first), last_end = greatest(l.last_end, n.moment),
            stored = l.stored + n.number
        FROM newest n WHERE l.datastream_id = n.datastream_id
    )
    SELECT g.id, o.id FROM given g LEFT JOIN observations_observation o ON o.datastream_id = g.datastream_id
        AND o.phenomenon_time = g.moment AND o.fingerprint = g.fingerprint
    WHERE g.id NOT IN (SELECT f.id FROM fit f);
END $$;
CREATE FUNCTION observations_find_repeats(datastreams bigint[], moments timestamptz[], fingerprints bigint[])
RETURNS TABLE (place bigint, repeats bigint) LANGUAGE plpgsql STABLE
SET enable_hashjoin = off SET enable_mergejoin = off AS $$
BEGIN
    RETURN QUERY SELECT g.place, o.id FROM unnest(datastreams, moments, fingerprints)
        WITH ORDINALITY AS g(datastream_id, moment, fingerprint, place)
    JOIN observations_observation o ON o.datastream_id = g.datastream_id AND o.phenomenon_time = g.moment
        AND o.fingerprint = g.fingerprint;
END $$;
"""
BACKWARD = """
DROP FUNCTION observations_find_repeats(bigint[], timestamptz[], bigint[]);
DROP FUNCTION observations_put_plain(
    bigint[], bigint[], timestamptz[], bigint[], smallint[], double precision[]
);
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("observations", "0006_series")]
    operations: ClassVar = [migrations.RunSQL(FORWARD, BACKWARD)]
