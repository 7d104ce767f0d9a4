"""The query for what Things had reported at a moment that is past."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from psycopg import AsyncConnection

from dothi.core.observations.store import thing_of
from dothi.core.observations.types import ThingReading

# A Datastream's readings are a range of the key: the one before a moment is found by itself, and each partition that
# lies outside of the reach is left out.
_THINGS_AT: Final = """
SELECT t.id, t.name, t.properties ->> 'kind', ST_X(p.point), ST_Y(p.point), t.is_public, t.department,
    t.properties, r.readings
FROM observations_thing t
LEFT JOIN LATERAL (
    SELECT ST_PointOnSurface(l.geom) AS point FROM observations_thing_location tl
    JOIN observations_location l ON l.id = tl.location_id
    WHERE tl.thing_id = t.id AND l.geom IS NOT NULL ORDER BY l.id LIMIT 1
) p ON true
LEFT JOIN LATERAL (
    SELECT jsonb_agg(jsonb_build_array(d.name, o.result, coalesce(d.unit ->> 'symbol', ''),
                                       extract(epoch FROM o.phenomenon_time))) AS readings
    FROM observations_datastream d CROSS JOIN LATERAL (
        SELECT phenomenon_time, result FROM observations_observation
        WHERE datastream_id = d.id AND phenomenon_time <= %(at)s AND phenomenon_time > %(begin)s
        ORDER BY phenomenon_time DESC LIMIT 1
    ) o
    WHERE d.thing_id = t.id
) r ON true
WHERE t.properties ->> 'kind' = ANY(%(kinds)s) ORDER BY t.id
"""


async def fetch_things_at(
    connection: AsyncConnection, moment: datetime, *, kinds: Sequence[str], reach: timedelta
) -> list[ThingReading]:
    """List the Things of some kinds with the readings that were newest at a moment, none that was older than `reach`.

    Places and properties are those of now.
    """
    asked = {"kinds": list(kinds), "at": moment, "begin": moment - reach}
    cursor = await connection.execute(_THINGS_AT, asked)
    return [thing_of(row) for row in await cursor.fetchall()]
