"""Whose entities are: the Things that a change of one shows on."""

from collections.abc import Sequence
from typing import Final, LiteralString

from psycopg import AsyncConnection
from psycopg.rows import TupleRow

from dothi.core.observations.query.types import Entity

_BY_STREAM: Final[LiteralString] = "SELECT thing_id FROM observations_datastream WHERE "
_PLACED: Final[LiteralString] = (
    "SELECT thing_id FROM observations_thing_location WHERE location_id IN ({0})"
    " UNION SELECT h.thing_id FROM observations_historicallocation h"
    " JOIN observations_historicallocation_location p ON p.historicallocation_id = h.id WHERE p.location_id IN ({0})"
)
_CAPABILITY: Final[LiteralString] = "SELECT thing_id FROM observations_taskingcapability WHERE "
_OBSERVED: Final[LiteralString] = (
    "SELECT d.thing_id FROM observations_datastream d WHERE d.observed_property_id = ANY(%(ids)s) OR d.id IN"
    " (SELECT p.datastream_id FROM observations_datastream_property p WHERE p.observed_property_id = ANY(%(ids)s))"
)
_STREAMS: Final[LiteralString] = _BY_STREAM + "id = ANY(%(ids)s)"

_OWNERS: Final[dict[Entity, LiteralString]] = {
    Entity.THING: "SELECT id FROM observations_thing WHERE id = ANY(%(ids)s)",
    Entity.LOCATION: _PLACED.format("SELECT unnest(%(ids)s)"),
    Entity.HISTORICAL_LOCATION: "SELECT thing_id FROM observations_historicallocation WHERE id = ANY(%(ids)s)",
    Entity.DATASTREAM: _STREAMS,
    Entity.MULTI_DATASTREAM: _STREAMS,
    Entity.SENSOR: _BY_STREAM + "sensor_id = ANY(%(ids)s)",
    Entity.OBSERVED_PROPERTY: _OBSERVED,
    Entity.FEATURE_OF_INTEREST: _PLACED.format(
        "SELECT location_id FROM observations_featureofinterest WHERE id = ANY(%(ids)s)"
    ),
    Entity.ACTUATOR: _CAPABILITY + "actuator_id = ANY(%(ids)s)",
    Entity.TASKING_CAPABILITY: _CAPABILITY + "id = ANY(%(ids)s)",
}


async def find_owners(
    connection: AsyncConnection[TupleRow], entity: Entity, entity_ids: Sequence[int]
) -> frozenset[int]:
    """Give the Things that entities of one kind belong to, or are shared by.

    Of a FeatureOfInterest those that are or were at its place: not all whose Observations are about it.
    """
    cursor = await connection.execute(_OWNERS[entity], {"ids": list(entity_ids)})
    return frozenset([thing_id for (thing_id,) in await cursor.fetchall()])
