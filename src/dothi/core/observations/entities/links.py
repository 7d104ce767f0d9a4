"""Rows and links between them: look up what is linked, insert, and move Things from place to place."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, LiteralString

from psycopg import AsyncConnection, sql
from psycopg.rows import TupleRow

from dothi.core.observations.entities.types import (
    NewActuator,
    NewDatastream,
    NewEntity,
    NewFeatureOfInterest,
    NewHistoricalLocation,
    NewLocation,
    NewMultiDatastream,
    NewObservedProperty,
    NewSensor,
    NewTaskingCapability,
    NewThing,
)
from dothi.core.observations.query.types import Reach
from dothi.kernel.errors import Forbidden, InvalidInput

_TABLES: Final[dict[type[NewEntity], LiteralString]] = {
    NewThing: "observations_thing",
    NewLocation: "observations_location",
    NewHistoricalLocation: "observations_historicallocation",
    NewSensor: "observations_sensor",
    NewObservedProperty: "observations_observedproperty",
    NewDatastream: "observations_datastream",
    NewMultiDatastream: "observations_datastream",
    NewFeatureOfInterest: "observations_featureofinterest",
    NewActuator: "observations_actuator",
    NewTaskingCapability: "observations_taskingcapability",
}


class Links:
    """What one deep insert has linked; `things` are the ids of the Things that changed, `moved` of those that moved."""

    def __init__(self, connection: AsyncConnection[TupleRow]) -> None:
        self.things: Final[set[int]] = set()
        self.moved: Final[set[int]] = set()
        self._connection = connection
        self._known: set[tuple[LiteralString, int]] = set()

    async def known(self, new: NewEntity, entity_id: int, place: str) -> int:
        """Give the id of a linked entity, which stays there until the transaction ends. Raises InvalidInput."""
        table = _TABLES[type(new)]
        if (table, entity_id) not in self._known:
            query = sql.SQL("SELECT id FROM {} WHERE id = %s FOR KEY SHARE").format(sql.Identifier(table))
            cursor = await self._connection.execute(query, [entity_id])
            if await cursor.fetchone() is None:
                raise InvalidInput(f"there is no {place.rpartition('/')[2]} with id {entity_id}", place=place)
            self._known.add((table, entity_id))
        return entity_id

    async def insert(self, table: LiteralString, values: dict[LiteralString, object]) -> int:
        """Insert a row and give its id."""
        query = sql.SQL("INSERT INTO {} ({}) VALUES ({}) RETURNING id").format(
            sql.Identifier(table),
            sql.SQL(", ").join([sql.Identifier(name) for name in values]),
            sql.SQL(", ").join([sql.Placeholder()] * len(values)),
        )
        cursor = await self._connection.execute(query, list(values.values()))
        row = await cursor.fetchone()
        assert row is not None  # noqa: S101  RETURNING gives a row for each inserted
        return int(row[0])

    async def check_reach(self, limits: Reach | None) -> None:
        """See that every Thing that changed is within limits. Raises Forbidden."""
        if limits is None:
            return
        cursor = await self._connection.execute(
            "SELECT id FROM observations_thing WHERE id = ANY(%s) AND NOT ((%s = '' OR department = %s)"
            " AND (%s::bigint[] IS NULL OR id = ANY(%s::bigint[])) AND (is_public OR NOT %s)) LIMIT 1",
            [list(self.things), limits.department, limits.department]
            + [None if limits.thing_ids is None else list(limits.thing_ids)] * 2
            + [limits.public_only],
        )
        if await cursor.fetchone() is not None:
            raise Forbidden("this is beyond the Things you may change")

    async def move(self, thing_id: int, location_ids: Sequence[int], time: datetime) -> None:
        """Put a Thing at Locations from now on, in place of those before; keep that as history (OGC 18-088, 8.2.3)."""
        await self._place(thing_id, location_ids)
        await self._past(thing_id, location_ids, time)

    async def remember(self, thing_id: int, location_ids: Sequence[int], time: datetime) -> int:
        """Keep where a Thing was from a time on; the newest of these is where it is."""
        self.things.add(thing_id)
        cursor = await self._connection.execute(
            "SELECT 1 FROM observations_historicallocation WHERE thing_id = %s AND time > %s LIMIT 1", [thing_id, time]
        )
        if await cursor.fetchone() is None and location_ids:
            await self._place(thing_id, location_ids)
        return await self._past(thing_id, location_ids, time)

    async def _place(self, thing_id: int, location_ids: Sequence[int]) -> None:
        await self._connection.execute("DELETE FROM observations_thing_location WHERE thing_id = %s", [thing_id])
        await self._connection.execute(
            "INSERT INTO observations_thing_location (thing_id, location_id) SELECT %s, unnest(%s::bigint[])",
            [thing_id, list(location_ids)],
        )
        self.things.add(thing_id)
        self.moved.add(thing_id)

    async def _past(self, thing_id: int, location_ids: Sequence[int], time: datetime) -> int:
        made = await self.insert("observations_historicallocation", {"thing_id": thing_id, "time": time})
        await self._connection.execute(
            "INSERT INTO observations_historicallocation_location (historicallocation_id, location_id)"
            " SELECT %s, unnest(%s::bigint[])",
            [made, list(location_ids)],
        )
        return made
