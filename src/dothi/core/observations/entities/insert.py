"""Puts new entities into the tables, each after what it depends on."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Any, Final, LiteralString

import msgspec
from msgspec import Raw
from psycopg import AsyncConnection, DataError
from psycopg.errors import (
    ForeignKeyViolation,
    InternalError_,
    ProgramLimitExceeded,
    StatementTooComplex,
    UniqueViolation,
)
from psycopg.rows import TupleRow

from dothi.core.observations import quality, units
from dothi.core.observations.entities.features import forget_features
from dothi.core.observations.entities.links import Links
from dothi.core.observations.entities.rules import (
    check_coordinates,
    is_public,
    json_array,
    json_object,
    json_value,
    required,
)
from dothi.core.observations.entities.types import (
    MAX_ENTITIES,
    Creatable,
    Created,
    Described,
    NewActuator,
    NewDatastream,
    NewEntity,
    NewFeatureOfInterest,
    NewHistoricalLocation,
    NewLocation,
    NewMultiDatastream,
    NewObservedProperty,
    NewSensor,
    NewSeries,
    NewTaskingCapability,
    NewThing,
)
from dothi.core.observations.query.types import Reach
from dothi.core.observations.rules import check_time
from dothi.kernel import clock
from dothi.kernel.errors import InvalidInput

GEOJSON: Final = frozenset({"application/geo+json", "application/vnd.geo+json", "application/json"})
"""The encodings whose places are read as GeoJSON (RFC 7946); the second is the older name of the first."""
_READ_PLACE: Final[LiteralString] = (
    "SELECT g, ST_IsEmpty(g) OR ST_XMin(g) < -180 OR ST_XMax(g) > 180 OR ST_YMin(g) < -90 OR ST_YMax(g) > 90"
    " FROM (SELECT ST_Force2D(ST_SetSRID(ST_GeomFromGeoJSON("
    "coalesce(%s::jsonb -> 'geometry', %s::jsonb)::text), 4326)) AS g) AS given"
)


async def create(connection: AsyncConnection[TupleRow], new: Creatable, *, limits: Reach | None = None) -> Created:
    """Make an entity and all it brings along, or nothing of it; a part with an id is linked.

    Within limits a new Thing is the department's, and to change a Thing beyond them is refused. Raises InvalidInput
    that names the part that is missing, wrong, or linked and not there; Forbidden.
    """
    try:
        async with connection.transaction():
            insertion = Insertion(connection, department="" if limits is None else limits.department)
            made = await insertion.entity(new, "")
            await insertion.links.check_reach(limits)
            if insertion.links.moved:
                await forget_features(connection, sorted(insertion.links.moved))
            return Created(made, tuple(sorted(insertion.links.things)), tuple(insertion.observations))
    except ForeignKeyViolation as error:
        raise InvalidInput(f"a linked entity does not exist: {error.diag.message_detail}", place="@iot.id") from error
    except UniqueViolation as error:
        raise InvalidInput(f"linked twice: {error.diag.message_detail}", place="@iot.id") from error
    except (DataError, ProgramLimitExceeded, StatementTooComplex) as error:
        raise InvalidInput(f"a value can't be stored: {error.diag.message_primary or error}") from error


class Insertion:
    """One deep insert: counts what it makes and gathers what is left for others."""

    def __init__(self, connection: AsyncConnection[TupleRow], *, department: str = "") -> None:
        self._department = department
        self.links: Final = Links(connection)
        self.observations: Final[list[tuple[int, Raw]]] = []
        self._connection = connection
        self._count = 0

    async def entity(self, new: NewEntity, place: str) -> int:
        """Give the id of an entity: the linked one's, or that of the one made. Raises InvalidInput."""
        if new.id is not None:
            if not place:
                raise InvalidInput("ids are the record's to give", place="@iot.id")
            return await self.links.known(new, new.id, place)
        self._count += 1
        if self._count > MAX_ENTITIES:
            raise InvalidInput(f"more than {MAX_ENTITIES} entities in one request", place=place)
        return await _MAKERS[type(new)](self, new, place)

    async def _all(self, parts: Sequence[NewEntity], place: str) -> list[int]:
        return [await self.entity(part, f"{place}[{number}]") for number, part in enumerate(parts)]

    async def _insert(self, table: LiteralString, values: dict[LiteralString, object]) -> int:
        return await self.links.insert(table, values)

    def _described(self, new: Described, place: str) -> dict[LiteralString, object]:
        return {
            "name": required(new.name, place, "name"),
            "description": new.description,
            "properties": json_object(new.properties, place, "properties"),
        }

    async def _thing(self, new: NewThing, place: str) -> int:
        values = self._described(new, place)
        given = values["properties"]
        values |= {"department": self._department, "is_public": is_public(None if given is None else str(given), place)}
        made = await self._insert("observations_thing", values)
        self.links.things.add(made)
        if new.locations:
            await self.links.move(made, await self._all(new.locations, at(place, "Locations")), clock.now())
        for number, past in enumerate(new.historical_locations):
            link = msgspec.structs.replace(past, thing=NewThing(id=made))
            await self.entity(link, f"{at(place, 'HistoricalLocations')}[{number}]")
        await self._series_of(new.datastreams, at(place, "Datastreams"), "thing", NewThing(id=made))
        await self._series_of(new.multi_datastreams, at(place, "MultiDatastreams"), "thing", NewThing(id=made))
        await self._capabilities_of(new.tasking_capabilities, place, "thing", NewThing(id=made))
        return made

    async def _location(self, new: NewLocation, place: str) -> int:
        values = self._described(new, place)
        made = await self._place("observations_location", values, new.encoding_type, new.location, place, "location")
        for thing_id in await self._all(new.things, at(place, "Things")):
            await self.links.move(thing_id, [made], clock.now())
        return made

    async def _feature(self, new: NewFeatureOfInterest, place: str) -> int:
        values = self._described(new, place)
        return await self._place(
            "observations_featureofinterest", values, new.encoding_type, new.feature, place, "feature"
        )

    async def _place(
        self,
        table: LiteralString,
        values: dict[LiteralString, object],
        encoding: str | None,
        given: Raw,
        place: str,
        name: LiteralString,
    ) -> int:
        encoding = required(encoding, place, "encodingType")
        text = json_value(given, place, name)
        values |= {"encoding_type": encoding, name: text}
        geometry = await self._geometry(text, at(place, name)) if encoding in GEOJSON else None
        return await self._insert(table, values | {"geom": geometry})

    async def _geometry(self, text: str, place: str) -> str:
        """Give GeoJSON as PostGIS's own text. Raises InvalidInput where it leaves the degrees of the earth."""
        check_coordinates(text, place)
        try:
            cursor = await self._connection.execute(_READ_PLACE, [text, text])
        except (InternalError_, DataError) as error:
            # PostGIS reports a bad geometry as an error of its own.
            raise InvalidInput(f"not a GeoJSON geometry: {error.diag.message_primary}", place=place) from error
        row = await cursor.fetchone()
        if row is None or row[0] is None or row[1]:
            raise InvalidInput("a place needs GeoJSON with longitude and latitude in degrees", place=place)
        return str(row[0])

    async def _historical_location(self, new: NewHistoricalLocation, place: str) -> int:
        time = required(new.time, place, "time")
        time = check_time(time, now=clock.now(), place=at(place, "time"))
        thing_id = await self.entity(required(new.thing, place, "Thing"), at(place, "Thing"))
        return await self.links.remember(thing_id, await self._all(new.locations, at(place, "Locations")), time)

    async def _with_series(self, new: NewSensor | NewObservedProperty, place: str) -> int:
        values = self._described(new, place)
        if isinstance(new, NewSensor):
            values["encoding_type"] = required(new.encoding_type, place, "encodingType")
            values["metadata"] = json_value(new.metadata, place, "metadata")
            made = await self._insert("observations_sensor", values)
            await self._series_of(new.datastreams, at(place, "Datastreams"), "sensor", NewSensor(id=made))
            await self._series_of(new.multi_datastreams, at(place, "MultiDatastreams"), "sensor", NewSensor(id=made))
            return made
        values["definition"] = required(new.definition, place, "definition")
        quality.check_properties(bytes(new.properties), place=at(place, "properties"))
        made = await self._insert("observations_observedproperty", values)
        link = NewObservedProperty(id=made)
        await self._series_of(new.datastreams, at(place, "Datastreams"), "observed_property", link)
        if new.multi_datastreams:
            raise InvalidInput("make the MultiDatastream itself: it orders its properties", place=place)
        return made

    async def _series_of(self, parts: Sequence[NewSeries], place: str, name: str, parent: NewEntity) -> None:
        for number, part in enumerate(parts):
            if part.id is not None:
                raise InvalidInput("a Datastream that is stored stays with its own", place=f"{place}[{number}]")
            await self.entity(msgspec.structs.replace(part, **{name: parent}), f"{place}[{number}]")

    async def _series(self, new: NewDatastream | NewMultiDatastream, place: str) -> int:
        values = self._described(new, place)
        quality.check_properties(bytes(new.properties), place=at(place, "properties"))
        values["thing_id"] = await self.entity(required(new.thing, place, "Thing"), at(place, "Thing"))
        values["sensor_id"] = await self.entity(required(new.sensor, place, "Sensor"), at(place, "Sensor"))
        values["observation_type"] = required(new.observation_type, place, "observationType")
        if bytes(new.observed_area):
            area = json_value(new.observed_area, place, "observedArea")
            values["observed_area"] = await self._geometry(area, at(place, "observedArea"))
        if isinstance(new, NewDatastream):
            made = await self._datastream(new, values, place)
        else:
            made = await self._multi_datastream(new, values, place)
        self.observations.extend((made, raw) for raw in new.observations)
        self.links.things.add(int(str(values["thing_id"])))
        await self._connection.execute("INSERT INTO observations_latest (datastream_id, stored) VALUES (%s, 0)", [made])
        return made

    async def _datastream(self, new: NewDatastream, values: dict[LiteralString, object], place: str) -> int:
        name = "unitOfMeasurement"
        observed = required(new.observed_property, place, "ObservedProperty")
        values["observed_property_id"] = await self.entity(observed, at(place, "ObservedProperty"))
        unit = required(json_object(new.unit_of_measurement, place, name), place, name)
        values |= {"unit": unit, "ucum": units.ucum_of(unit), "is_multi": False}
        return await self._insert("observations_datastream", values)

    async def _multi_datastream(self, new: NewMultiDatastream, values: dict[LiteralString, object], place: str) -> int:
        given = required(new.unit_of_measurements, place, "unitOfMeasurements")
        kinds = required(new.multi_observation_data_types, place, "multiObservationDataTypes")
        if not len(given) == len(kinds) == len(new.observed_properties) > 0:
            message = "units, data types and ObservedProperties must be as many as each other, and at least one"
            raise InvalidInput(message, place=at(place, "ObservedProperties"))
        values["unit"] = json_array(given, place, "unitOfMeasurements")
        values["multi_observation_types"] = msgspec.json.encode(kinds).decode()
        properties = await self._all(new.observed_properties, at(place, "ObservedProperties"))
        made = await self._insert("observations_datastream", values | {"is_multi": True})
        for rank, property_id in enumerate(properties):
            pair: dict[LiteralString, object] = {
                "datastream_id": made,
                "observed_property_id": property_id,
                "rank": rank,
            }
            await self._insert("observations_datastream_property", pair)
        return made

    async def _actuator(self, new: NewActuator, place: str) -> int:
        values = self._described(new, place)
        values["encoding_type"] = required(new.encoding_type, place, "encodingType")
        values["metadata"] = json_value(new.metadata, place, "metadata")
        made = await self._insert("observations_actuator", values)
        await self._capabilities_of(new.tasking_capabilities, place, "actuator", NewActuator(id=made))
        return made

    async def _capability(self, new: NewTaskingCapability, place: str) -> int:
        values = self._described(new, place)
        name = "taskingParameters"
        values["parameters"] = required(json_object(new.tasking_parameters, place, name), place, name)
        thing_id = await self.entity(required(new.thing, place, "Thing"), at(place, "Thing"))
        actuator_id = await self.entity(required(new.actuator, place, "Actuator"), at(place, "Actuator"))
        self.links.things.add(thing_id)
        keys: dict[LiteralString, object] = {"thing_id": thing_id, "actuator_id": actuator_id}
        return await self._insert("observations_taskingcapability", values | keys)

    async def _capabilities_of(
        self, parts: Sequence[NewTaskingCapability], place: str, name: str, parent: NewEntity
    ) -> None:
        for number, part in enumerate(parts):
            here = f"{at(place, 'TaskingCapabilities')}[{number}]"
            if part.id is not None:
                raise InvalidInput("a TaskingCapability that is stored stays with its own", place=here)
            await self.entity(msgspec.structs.replace(part, **{name: parent}), here)


_MAKERS: Final[dict[type[NewEntity], Callable[[Insertion, Any, str], Awaitable[int]]]] = {
    NewThing: Insertion._thing,
    NewLocation: Insertion._location,
    NewHistoricalLocation: Insertion._historical_location,
    NewDatastream: Insertion._series,
    NewMultiDatastream: Insertion._series,
    NewSensor: Insertion._with_series,
    NewObservedProperty: Insertion._with_series,
    NewFeatureOfInterest: Insertion._feature,
    NewActuator: Insertion._actuator,
    NewTaskingCapability: Insertion._capability,
}


def at(place: str, name: str) -> str:
    """Name a part of a place."""
    return f"{place}/{name}" if place else name
