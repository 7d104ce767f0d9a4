"""Deletes entities with what can't be without them (OGC 18-088, table 25; 17-079r1 for what takes commands)."""

from collections.abc import Sequence
from typing import Final, LiteralString

from psycopg import AsyncConnection, sql
from psycopg.rows import TupleRow

from dothi.core.observations.entities.features import forget_features
from dothi.core.observations.query.types import Entity
from dothi.core.observations.strike import strike_about, strike_streams, take_time

_STREAMS_OF: Final[dict[Entity, LiteralString]] = {
    Entity.THING: "thing_id = ANY(%(ids)s)",
    Entity.SENSOR: "sensor_id = ANY(%(ids)s)",
    Entity.OBSERVED_PROPERTY: "observed_property_id = ANY(%(ids)s) OR id IN (SELECT datastream_id"
    " FROM observations_datastream_property WHERE observed_property_id = ANY(%(ids)s))",
    Entity.DATASTREAM: "id = ANY(%(ids)s) AND NOT is_multi",
    Entity.MULTI_DATASTREAM: "id = ANY(%(ids)s) AND is_multi",
}
_CAPABILITIES_OF: Final[dict[Entity, LiteralString]] = {
    Entity.THING: "thing_id = ANY(%(ids)s)",
    Entity.ACTUATOR: "actuator_id = ANY(%(ids)s)",
    Entity.TASKING_CAPABILITY: "id = ANY(%(ids)s)",
}
_MOVES_OF: Final[dict[Entity, LiteralString]] = {
    Entity.THING: "thing_id = ANY(%(ids)s)",
    Entity.HISTORICAL_LOCATION: "id = ANY(%(ids)s)",
    Entity.LOCATION: "id IN (SELECT historicallocation_id FROM observations_historicallocation_location"
    " WHERE location_id = ANY(%(ids)s))",
}
_OWN: Final[dict[Entity, tuple[LiteralString, ...]]] = {
    Entity.THING: (
        "DELETE FROM observations_thing_location WHERE thing_id = ANY(%(ids)s)",
        "DELETE FROM observations_thing WHERE id = ANY(%(ids)s)",
    ),
    Entity.LOCATION: (
        "DELETE FROM observations_thing_location WHERE location_id = ANY(%(ids)s)",
        "UPDATE observations_featureofinterest SET location_id = NULL WHERE location_id = ANY(%(ids)s)",
        "DELETE FROM observations_location WHERE id = ANY(%(ids)s)",
    ),
    Entity.SENSOR: ("DELETE FROM observations_sensor WHERE id = ANY(%(ids)s)",),
    Entity.OBSERVED_PROPERTY: ("DELETE FROM observations_observedproperty WHERE id = ANY(%(ids)s)",),
    Entity.FEATURE_OF_INTEREST: ("DELETE FROM observations_featureofinterest WHERE id = ANY(%(ids)s)",),
    Entity.ACTUATOR: ("DELETE FROM observations_actuator WHERE id = ANY(%(ids)s)",),
}
"""What remains to be deleted once all that hangs on an entity is gone; the rest goes by the three tables above."""


async def remove(
    connection: AsyncConnection[TupleRow], entity: Entity, entity_ids: Sequence[int], *, things: Sequence[int]
) -> dict[str, int]:
    """Delete entities of one kind and what hangs on them, inside the caller's transaction; `things` are their owners.

    Gives how many of each kind went besides themselves. However long the Observations take, they take: no statement of
    the transaction is cut short.
    """
    ids = {"ids": list(entity_ids)}
    await take_time(connection)
    gone: dict[str, int] = {}
    if entity in _STREAMS_OF:
        streams = await _ids(connection, "observations_datastream", _STREAMS_OF[entity], ids)
        gone["Observations"] = await strike_streams(connection, streams)
        gone["Datastreams"] = len(streams)
    if entity in _CAPABILITIES_OF:
        gone |= await _remove_capabilities(connection, _CAPABILITIES_OF[entity], ids)
    if entity in _MOVES_OF:
        gone["HistoricalLocations"] = await _remove_moves(connection, _MOVES_OF[entity], ids)
    if entity is Entity.FEATURE_OF_INTEREST:
        gone["Observations"] = await strike_about(connection, entity_ids)
    for statement in _OWN.get(entity, ()):
        await connection.execute(statement, ids)
    if entity is Entity.LOCATION:
        await forget_features(connection, things)
    return {name: number for name, number in gone.items() if number}


async def _ids(
    connection: AsyncConnection[TupleRow],
    table: LiteralString,
    condition: LiteralString,
    ids: dict[str, list[int]],
) -> list[int]:
    """Lock the rows that go, in the order of their ids."""
    query = sql.SQL("SELECT id FROM {} WHERE {} ORDER BY id FOR UPDATE").format(
        sql.Identifier(table), sql.SQL(condition)
    )
    cursor = await connection.execute(query, ids)
    return [found for (found,) in await cursor.fetchall()]


async def _remove_capabilities(
    connection: AsyncConnection[TupleRow], condition: LiteralString, ids: dict[str, list[int]]
) -> dict[str, int]:
    found = await _ids(connection, "observations_taskingcapability", condition, ids)
    tasks = await connection.execute("DELETE FROM observations_task WHERE tasking_capability_id = ANY(%s)", [found])
    await connection.execute("DELETE FROM observations_taskingcapability WHERE id = ANY(%s)", [found])
    return {"Tasks": tasks.rowcount, "TaskingCapabilities": len(found)}


async def _remove_moves(
    connection: AsyncConnection[TupleRow], condition: LiteralString, ids: dict[str, list[int]]
) -> int:
    found = await _ids(connection, "observations_historicallocation", condition, ids)
    await connection.execute(
        "DELETE FROM observations_historicallocation_location WHERE historicallocation_id = ANY(%s)", [found]
    )
    await connection.execute("DELETE FROM observations_historicallocation WHERE id = ANY(%s)", [found])
    return len(found)
