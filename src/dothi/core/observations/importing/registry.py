"""Finds the Things and Datastreams that a file's series belong to, and makes those that are not there, each once."""

from collections.abc import Sequence
from typing import Any, Final, LiteralString

import msgspec
from msgspec import Raw
from psycopg import AsyncConnection

from dothi.core.observations import entities
from dothi.core.observations.entities.types import NewDatastream, NewLocation, NewObservedProperty, NewSensor, NewThing
from dothi.core.observations.importing.types import Mapping, Series, Stream

_LOCK: Final = 0x72656769
"""Advisory lock: one import at a time makes Things, so that none is made twice."""
_OBSERVATION_TYPES: Final = {
    "number": "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement",
    "text": "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Observation",
    "truth": "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_TruthObservation",
}


class Registry:
    """The Things and Datastreams of one source.

    A Thing is known again by `source` and `station` in its properties, a Datastream by `column` in its own, a Sensor by
    `source` and its name, an ObservedProperty by its definition.
    """

    def __init__(self, mapping: Mapping) -> None:
        self.made_things = 0
        self.made_datastreams = 0
        self.thing_ids: Final[set[int]] = set()
        self._mapping = mapping
        self._ids: dict[Series, int] = {}

    async def ids_of(self, connection: AsyncConnection, series: Sequence[Series]) -> list[int]:
        """Give the Datastream of each series; those that are missing are made, in one transaction."""
        if any(each not in self._ids for each in series):
            async with connection.transaction():
                await connection.execute("SELECT pg_advisory_xact_lock(%s)", [_LOCK])
                await self._find(connection)
                for each in series:
                    if each not in self._ids:
                        self._ids[each] = await self._make(connection, each)
        return [self._ids[each] for each in series]

    async def missing(self, connection: AsyncConnection, series: Sequence[Series]) -> tuple[int, int]:
        """Tell how many Things and Datastreams would have to be made."""
        await self._find(connection)
        lacking = [each for each in series if each not in self._ids]
        stations = {each.station for each in lacking}
        known = [await self._thing(connection, station) for station in stations]
        return known.count(None), len(lacking)

    async def _find(self, connection: AsyncConnection) -> None:
        cursor = await connection.execute(
            "SELECT t.properties ->> 'station', d.properties ->> 'column', d.id, t.id FROM observations_thing t"
            " JOIN observations_datastream d ON d.thing_id = t.id WHERE t.properties @> %s AND d.properties ? 'column'"
            " ORDER BY d.id DESC",
            [_json({"source": self._mapping.source})],
        )
        numbers = {stream.key: number for number, stream in enumerate(self._mapping.datastreams)}
        for station, column, datastream_id, thing_id in await cursor.fetchall():
            if column in numbers:
                self._ids[Series(station, numbers[column])] = datastream_id
                self.thing_ids.add(thing_id)

    async def _make(self, connection: AsyncConnection, series: Series) -> int:
        stream = self._mapping.datastreams[series.stream]
        thing_id = await self._thing(connection, series.station)
        if thing_id is None:
            thing_id = await self._make_thing(connection, series.station)
        self.thing_ids.add(thing_id)
        sensor = stream.sensor or self._mapping.sensor
        new = NewDatastream(
            name=stream.name or stream.key,
            description=stream.description,
            properties=_raw({"source": self._mapping.source, "column": stream.key}),
            observation_type=_OBSERVATION_TYPES[stream.kind],
            unit_of_measurement=_raw(msgspec.to_builtins(stream.unit)),
            thing=NewThing(id=thing_id),
            sensor=NewSensor(
                id=await self._sensor(connection, sensor.name),
                name=sensor.name,
                description=sensor.description,
                encoding_type=sensor.encoding_type,
                metadata=_raw(sensor.metadata),
                properties=_raw({"source": self._mapping.source}),
            ),
            observed_property=await self._property(connection, stream),
        )
        self.made_datastreams += 1
        return (await entities.create(connection, new)).id

    async def _thing(self, connection: AsyncConnection, station: str) -> int | None:
        given = {"source": self._mapping.source, "station": station}
        return await _first(
            connection, "SELECT id FROM observations_thing WHERE properties @> %s ORDER BY id LIMIT 1", _json(given)
        )

    async def _make_thing(self, connection: AsyncConnection, key: str) -> int:
        thing = self._mapping.thing
        station = next((each for each in self._mapping.things if each.key == key), None)
        name = station.name if station and station.name else thing.name.format(key=key)
        properties: dict[str, Any] = {**thing.properties, "source": self._mapping.source, "station": key}
        if thing.kind:
            properties["kind"] = thing.kind
        places = []
        if station is not None and station.lon is not None:
            point = {"type": "Point", "coordinates": [station.lon, station.lat]}
            places = [NewLocation(name=name, encoding_type="application/geo+json", location=_raw(point))]
        new = NewThing(
            name=name, description=thing.description.format(key=key), properties=_raw(properties), locations=places
        )
        thing_id = (await entities.create(connection, new)).id
        await connection.execute(
            "UPDATE observations_thing SET department = %s, is_public = is_public OR %s WHERE id = %s",
            [thing.department, thing.public, thing_id],
        )
        self.made_things += 1
        return thing_id

    async def _sensor(self, connection: AsyncConnection, name: str) -> int | None:
        query: LiteralString = (
            "SELECT id FROM observations_sensor WHERE properties @> %s AND name = %s ORDER BY id LIMIT 1"
        )
        return await _first(connection, query, _json({"source": self._mapping.source}), name)

    async def _property(self, connection: AsyncConnection, stream: Stream) -> NewObservedProperty:
        wanted = stream.observed_property
        query: LiteralString = "SELECT id FROM observations_observedproperty WHERE definition = %s ORDER BY id LIMIT 1"
        return NewObservedProperty(
            id=await _first(connection, query, wanted.definition),
            name=wanted.name,
            definition=wanted.definition,
            description=wanted.description,
        )


async def _first(connection: AsyncConnection, query: LiteralString, *values: str) -> int | None:
    cursor = await connection.execute(query, values)
    row = await cursor.fetchone()
    return None if row is None else int(row[0])


def _json(value: object) -> str:
    return msgspec.json.encode(value).decode()


def _raw(value: object) -> Raw:
    return Raw(msgspec.json.encode(value))
