"""The Observations themselves: partitioned by phenomenonTime, so that history leaves by whole partitions.

No foreign keys and no row triggers: each would cost every row. The writer checks the Datastream in the batch's own
transaction, by locking its row in observations_latest. The key is what makes a repeated Observation the same one.
"""

from typing import ClassVar

from django.db import migrations

FORWARD = """
CREATE SEQUENCE observations_observation_id INCREMENT BY 1000;
CREATE TABLE observations_observation (
    id bigint NOT NULL,
    datastream_id bigint NOT NULL,
    phenomenon_time timestamptz NOT NULL,
    phenomenon_end timestamptz,
    result_time timestamptz,
    result double precision,
    result_json jsonb,
    quality smallint NOT NULL DEFAULT 2,
    conflicting boolean NOT NULL DEFAULT false,
    feature_id bigint,
    fingerprint bigint NOT NULL,
    valid_from timestamptz,
    valid_to timestamptz,
    result_quality jsonb,
    parameters jsonb,
    PRIMARY KEY (datastream_id, phenomenon_time, fingerprint)
) PARTITION BY RANGE (phenomenon_time);
CREATE INDEX observations_observation_by_id ON observations_observation (id);
-- Updated with every batch: room on each page lets the new version stay beside the old one (HOT).
ALTER TABLE observations_latest SET (fillfactor = 40);
"""
BACKWARD = """
DROP TABLE observations_observation;
DROP SEQUENCE observations_observation_id;
"""


class Migration(migrations.Migration):
    dependencies: ClassVar = [("observations", "0001_initial")]
    operations: ClassVar = [migrations.RunSQL(FORWARD, BACKWARD)]
