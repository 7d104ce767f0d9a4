"""The FeatureOfInterest that Observations have when none is named: their Thing's place (OGC 18-088, 8.2.7)."""

from collections.abc import Sequence
from typing import Final, LiteralString

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

_ENSURE: Final[LiteralString] = """
WITH places AS (
    SELECT DISTINCT ON (d.id) d.id AS datastream_id, l.id AS location_id
    FROM observations_datastream d
    JOIN observations_thing_location tl ON tl.thing_id = d.thing_id
    JOIN observations_location l ON l.id = tl.location_id
    WHERE d.id = ANY(%s) ORDER BY d.id, l.geom IS NULL, l.id
), made AS (
    INSERT INTO observations_featureofinterest
        (name, description, properties, encoding_type, feature, geom, location_id)
    SELECT name, description, properties, encoding_type, location, geom, id
    FROM observations_location WHERE id IN (SELECT location_id FROM places)
    ON CONFLICT (location_id) DO UPDATE SET location_id = excluded.location_id
    RETURNING id, location_id
)
SELECT datastream_id, made.id FROM places JOIN made USING (location_id)
"""


async def ensure_features(connection: AsyncConnection[TupleRow], datastream_ids: Sequence[int]) -> dict[int, int]:
    """Give the feature of each Datastream's Thing's place, made once for each Location; none where there is no place.

    It is meant for a Datastream's first Observation and after its Thing moved, not for each batch.
    """
    cursor = await connection.execute(_ENSURE, [list(datastream_ids)])
    return dict(await cursor.fetchall())
