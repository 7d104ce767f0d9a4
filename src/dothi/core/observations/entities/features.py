"""The FeatureOfInterest that Observations have when none is named: their Thing's place (OGC 18-088, 8.2.7)."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, LiteralString, NamedTuple

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from dothi.core.observations.entities.sight import find_seen
from dothi.core.observations.entities.types import Sight
from dothi.core.observations.query.types import Entity

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
    FROM observations_location WHERE id IN (SELECT location_id FROM places) ORDER BY id
    ON CONFLICT (location_id) DO UPDATE SET location_id = excluded.location_id
    RETURNING id, location_id
)
SELECT datastream_id, made.id FROM places JOIN made USING (location_id)
"""

_KEEP: Final[LiteralString] = (
    "UPDATE observations_latest l SET default_feature_id = n.feature_id"
    " FROM unnest(%s::bigint[], %s::bigint[]) AS n(datastream_id, feature_id) WHERE l.datastream_id = n.datastream_id"
)
_LOCK: Final[LiteralString] = (
    "SELECT l.datastream_id FROM observations_latest l JOIN observations_datastream d ON d.id = l.datastream_id"
    " WHERE d.thing_id = ANY(%s) ORDER BY l.datastream_id FOR UPDATE OF l"
)
_FORGET: Final[LiteralString] = "UPDATE observations_latest SET default_feature_id = NULL WHERE datastream_id = ANY(%s)"


class Placed(NamedTuple):
    """Whose a Datastream is, and whether that Thing is anywhere."""

    thing_id: int
    department: str
    is_placed: bool


async def find_place(connection: AsyncConnection[TupleRow], datastream_id: int) -> Placed | None:
    """Tell of a Datastream's Thing whether it has a Location; None for a Datastream that is not there."""
    cursor = await connection.execute(
        "SELECT t.id, t.department, EXISTS (SELECT FROM observations_thing_location l WHERE l.thing_id = t.id)"
        " FROM observations_datastream d JOIN observations_thing t ON t.id = d.thing_id WHERE d.id = %s",
        [datastream_id],
    )
    row = await cursor.fetchone()
    return None if row is None else Placed(*row)


async def find_features(
    connection: AsyncConnection[TupleRow], ids: Iterable[int], sight: Sight | None = None
) -> set[int]:
    """Give those of some FeaturesOfInterest that are there, and within sight."""
    if sight is not None:
        return await find_seen(connection, Entity.FEATURE_OF_INTEREST, set(ids), sight)
    cursor = await connection.execute("SELECT id FROM observations_featureofinterest WHERE id = ANY(%s)", [sorted(ids)])
    return {number for (number,) in await cursor.fetchall()}


async def ensure_features(connection: AsyncConnection[TupleRow], datastream_ids: Sequence[int]) -> dict[int, int]:
    """Give the feature of each Datastream's Thing's place, made once for each Location; none where there is no place.

    It is meant for a Datastream's first Observation and after its Thing moved, not for each batch. Features are made in
    the order of their Locations, so that two writers never wait for each other in a circle.
    """
    cursor = await connection.execute(_ENSURE, [list(datastream_ids)])
    return dict(await cursor.fetchall())


async def resolve_features(
    connection: AsyncConnection[TupleRow], known: Mapping[int, int | None]
) -> Mapping[int, int | None]:
    """Give the default features of locked Datastreams, 0 for a Thing without a place; find and keep those not known."""
    if None not in known.values():
        return known
    wanted = [datastream_id for datastream_id, feature_id in known.items() if feature_id is None]
    made = await ensure_features(connection, wanted)
    features = [made.get(datastream_id, 0) for datastream_id in wanted]
    await connection.execute(_KEEP, [wanted, features])
    return {**known, **dict(zip(wanted, features, strict=True))}


async def forget_features(connection: AsyncConnection[TupleRow], thing_ids: Sequence[int]) -> None:
    """Let the default features of Things that moved be found anew with their next Observations.

    Datastreams are locked in the order of their ids, as the writer does.
    """
    cursor = await connection.execute(_LOCK, [list(thing_ids)])
    found = [datastream_id for (datastream_id,) in await cursor.fetchall()]
    if found:
        await connection.execute(_FORGET, [found])


async def release_features(connection: AsyncConnection[TupleRow], location_id: int) -> None:
    """Let the feature of a Location that is elsewhere now stay with the Observations so far; the next get another."""
    await connection.execute(
        "UPDATE observations_featureofinterest SET location_id = NULL WHERE location_id = %s", [location_id]
    )
    cursor = await connection.execute(
        "SELECT thing_id FROM observations_thing_location WHERE location_id = %s", [location_id]
    )
    await forget_features(connection, [thing_id for (thing_id,) in await cursor.fetchall()])
