"""What a deep insert gathers before anything is asked of the database: rows, what must be looked up, and moves."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Final, LiteralString, NamedTuple

from msgspec import Raw

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
from dothi.core.observations.query.types import Entity

TABLES: Final[dict[type[NewEntity], LiteralString]] = {
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
SHAPES: Final = frozenset({"geom", "observed_area"})
"""The columns of geometries."""
Row = dict[LiteralString, object]


class Link(NamedTuple):
    """A stored entity that is linked; it must be there."""

    table: LiteralString
    id: int
    place: str


class Shape(NamedTuple):
    """GeoJSON that must be a geometry in the degrees of the earth."""

    geojson: str
    place: str


class Move(NamedTuple):
    """Where a Thing is from a time on; `is_past` says that it only counts where nothing newer is known."""

    thing_id: int
    location_ids: Sequence[int]
    time: datetime
    is_past: bool


class Gathered:
    """The rows of one deep insert, by table. Ids below zero stand for those that its own rows will get."""

    def __init__(self) -> None:
        self.rows: Final[dict[LiteralString, list[Row]]] = {}
        self.checks: Final[list[Link | Shape]] = []
        self.moves: Final[list[Move]] = []
        self.things: Final[set[int]] = set()
        self.observations: Final[list[tuple[int, Raw]]] = []
        self._made = 0

    def insert(self, table: LiteralString, values: Row) -> int:
        """Have a row made; gives what stands for its id."""
        self._made += 1
        self.add(table, values | {"id": -self._made})
        return -self._made

    def add(self, table: LiteralString, values: Row) -> None:
        """Have a row made whose id nobody asks for."""
        self.rows.setdefault(table, []).append(values)

    def link(self, kind: type[NewEntity], entity_id: int, place: str) -> int:
        """Have a linked entity looked up, unless it is one of these rows; gives its id."""
        if entity_id > 0:
            self.checks.append(Link(TABLES[kind], entity_id, place))
        return entity_id

    def shape(self, geojson: str, place: str) -> str:
        """Have GeoJSON read; it stands for its geometry."""
        self.checks.append(Shape(geojson, place))
        return geojson

    def move(self, thing_id: int, location_ids: Sequence[int], time: datetime, *, is_past: bool = False) -> int:
        """Put a Thing at Locations from a time on, in place of those before; keep that as history (OGC 18-088, 8.2.3).

        Gives what stands for the id of the HistoricalLocation.
        """
        self.things.add(thing_id)
        self.moves.append(Move(thing_id, location_ids, time, is_past))
        made = self.insert("observations_historicallocation", {"thing_id": thing_id, "time": time})
        for location_id in location_ids:
            pair: Row = {"historicallocation_id": made, "location_id": location_id}
            self.add("observations_historicallocation_location", pair)
        return made


class Resolved(NamedTuple):
    """What was gathered, with real values: `ids` are those that stand-ins got, `fresh` the Things that are new."""

    ids: Mapping[int, int]
    rows: Mapping[LiteralString, Sequence[Row]]
    moves: Sequence[Move]
    things: frozenset[int]
    fresh: frozenset[int]
    observations: Sequence[tuple[int, Raw]]


def resolve(given: Gathered, ids: Mapping[int, int], shapes: Mapping[str, str | None]) -> Resolved:
    """Put real ids and geometries in place of what stands for them."""

    def real(number: int) -> int:
        return ids[number] if number < 0 else number

    return Resolved(
        ids=ids,
        rows={table: [_real(row, ids, shapes) for row in rows] for table, rows in given.rows.items()},
        moves=[
            move._replace(thing_id=real(move.thing_id), location_ids=[real(each) for each in move.location_ids])
            for move in given.moves
        ],
        things=frozenset(real(each) for each in given.things),
        fresh=frozenset(ids[each] for each in given.things if each < 0),
        observations=[(real(stream), raw) for stream, raw in given.observations],
    )


def _real(row: Row, ids: Mapping[int, int], shapes: Mapping[str, str | None]) -> Row:
    """Give a row's real values: no column of these tables holds a number below 0, so each of those stands for an id."""
    values: Row = {}
    for name, value in row.items():
        if isinstance(value, int) and value < 0:
            values[name] = ids[value]
        elif name in SHAPES and isinstance(value, str):
            values[name] = shapes[value]
        else:
            values[name] = value
    return values


_KINDS: Final[dict[LiteralString, Entity]] = {
    "observations_thing": Entity.THING,
    "observations_location": Entity.LOCATION,
    "observations_historicallocation": Entity.HISTORICAL_LOCATION,
    "observations_sensor": Entity.SENSOR,
    "observations_observedproperty": Entity.OBSERVED_PROPERTY,
    "observations_datastream": Entity.DATASTREAM,
    "observations_featureofinterest": Entity.FEATURE_OF_INTEREST,
    "observations_actuator": Entity.ACTUATOR,
    "observations_taskingcapability": Entity.TASKING_CAPABILITY,
}


def entities_of(real: Resolved) -> tuple[tuple[Entity, int], ...]:
    """Give the entities that rows make, and the Locations that Things are put at."""
    found = {(_kind_of(table, row), _number(row["id"])) for table in _KINDS for row in real.rows.get(table, ())}
    found |= {(Entity.LOCATION, number) for move in real.moves for number in move.location_ids}
    return tuple(sorted(found))


def _kind_of(table: LiteralString, row: Row) -> Entity:
    return Entity.MULTI_DATASTREAM if row.get("is_multi") else _KINDS[table]


def _number(value: object) -> int:
    return value if isinstance(value, int) else 0


def settle(moves: Iterable[Move], newest: Mapping[int, datetime]) -> dict[int, Sequence[int]]:
    """Say at which Locations Things are after all moves; `newest` are the times since when they are where they are.

    Of Things that stay where they are nothing is said.
    """
    times = dict(newest)
    placed: dict[int, Sequence[int]] = {}
    for move in moves:
        since = times.get(move.thing_id)
        if not move.is_past or (move.location_ids and (since is None or since <= move.time)):
            placed[move.thing_id] = move.location_ids
        times[move.thing_id] = move.time if since is None else max(since, move.time)
    return placed
