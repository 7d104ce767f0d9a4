"""Reads new entities into the rows that they become, each with all it brings along; the database is not asked."""

from collections.abc import Callable, Sequence
from typing import Any, Final, LiteralString

import msgspec
from msgspec import Raw

from dothi.core.observations import quality, units
from dothi.core.observations.entities.gathered import Gathered, Row
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
from dothi.core.observations.rules import check_time
from dothi.kernel import clock
from dothi.kernel.errors import InvalidInput

GEOJSON: Final = frozenset({"application/geo+json", "application/vnd.geo+json", "application/json"})
"""The encodings whose places are read as GeoJSON (RFC 7946); the second is the older name of the first."""


class Insertion:
    """One deep insert, read: its rows, and the first fault that can be found without the database, if there is one.

    `count` is how many entities it makes. Things are of the `department`, what Things share is of the `maker`.
    """

    def __init__(self, new: Creatable, *, department: str = "", maker: str = "") -> None:
        self._department, self._maker = department, maker
        self.count = 0
        self.gathered: Final = Gathered()
        self.made = 0
        self.fault: InvalidInput | None = None
        try:
            self.made = self.entity(new, "")
        except InvalidInput as error:
            self.fault = error
        except RecursionError:
            self.fault = InvalidInput("entities nest too deep")

    def entity(self, new: NewEntity, place: str) -> int:
        """Give the id of an entity: the linked one's, or what stands for that of the one made. Raises InvalidInput."""
        if new.id is not None:
            if not place:
                raise InvalidInput("ids are the record's to give", place="@iot.id")
            return self.gathered.link(type(new), new.id, place)
        self.count += 1
        if self.count > MAX_ENTITIES:
            raise InvalidInput(f"more than {MAX_ENTITIES} entities in one request", place=place)
        return _MAKERS[type(new)](self, new, place)

    def _all(self, parts: Sequence[NewEntity], place: str) -> list[int]:
        return [self.entity(part, f"{place}[{number}]") for number, part in enumerate(parts)]

    def _described(self, new: Described, place: str) -> Row:
        return {
            "name": required(new.name, place, "name"),
            "description": new.description,
            "properties": json_object(new.properties, place, "properties"),
        }

    def _shared(self, new: Described, place: str) -> Row:
        return self._described(new, place) | {"made_by": self._maker}

    def _thing(self, new: NewThing, place: str) -> int:
        values = self._described(new, place)
        given = values["properties"]
        values |= {"department": self._department, "is_public": is_public(None if given is None else str(given), place)}
        made = self.gathered.insert("observations_thing", values)
        self.gathered.things.add(made)
        if new.locations:
            self.gathered.move(made, self._all(new.locations, at(place, "Locations")), clock.now())
        for number, past in enumerate(new.historical_locations):
            link = msgspec.structs.replace(past, thing=NewThing(id=made))
            self.entity(link, f"{at(place, 'HistoricalLocations')}[{number}]")
        self._series_of(new.datastreams, at(place, "Datastreams"), "thing", NewThing(id=made))
        self._series_of(new.multi_datastreams, at(place, "MultiDatastreams"), "thing", NewThing(id=made))
        self._capabilities_of(new.tasking_capabilities, place, "thing", NewThing(id=made))
        return made

    def _location(self, new: NewLocation, place: str) -> int:
        values = self._shared(new, place)
        made = self._place("observations_location", values, new.encoding_type, new.location, place, "location")
        for thing_id in self._all(new.things, at(place, "Things")):
            self.gathered.move(thing_id, [made], clock.now())
        return made

    def _feature(self, new: NewFeatureOfInterest, place: str) -> int:
        values = self._shared(new, place)
        return self._place("observations_featureofinterest", values, new.encoding_type, new.feature, place, "feature")

    def _place(
        self,
        table: LiteralString,
        values: Row,
        encoding: str | None,
        given: Raw,
        place: str,
        name: LiteralString,
    ) -> int:
        encoding = required(encoding, place, "encodingType")
        text = json_value(given, place, name)
        values |= {"encoding_type": encoding, name: text}
        geometry = self._geometry(text, at(place, name)) if encoding in GEOJSON else None
        return self.gathered.insert(table, values | {"geom": geometry})

    def _geometry(self, text: str, place: str) -> str:
        """Have GeoJSON read by PostGIS. Raises InvalidInput where its coordinates are no numbers."""
        check_coordinates(text, place)
        return self.gathered.shape(text, place)

    def _historical_location(self, new: NewHistoricalLocation, place: str) -> int:
        time = required(new.time, place, "time")
        time = check_time(time, now=clock.now(), place=at(place, "time"))
        thing_id = self.entity(required(new.thing, place, "Thing"), at(place, "Thing"))
        locations = self._all(new.locations, at(place, "Locations"))
        return self.gathered.move(thing_id, locations, time, is_past=True)

    def _with_series(self, new: NewSensor | NewObservedProperty, place: str) -> int:
        values = self._shared(new, place)
        if isinstance(new, NewSensor):
            values["encoding_type"] = required(new.encoding_type, place, "encodingType")
            values["metadata"] = json_value(new.metadata, place, "metadata")
            made = self.gathered.insert("observations_sensor", values)
            self._series_of(new.datastreams, at(place, "Datastreams"), "sensor", NewSensor(id=made))
            self._series_of(new.multi_datastreams, at(place, "MultiDatastreams"), "sensor", NewSensor(id=made))
            return made
        values["definition"] = required(new.definition, place, "definition")
        quality.check_properties(bytes(new.properties), place=at(place, "properties"))
        made = self.gathered.insert("observations_observedproperty", values)
        link = NewObservedProperty(id=made)
        self._series_of(new.datastreams, at(place, "Datastreams"), "observed_property", link)
        if new.multi_datastreams:
            raise InvalidInput("make the MultiDatastream itself: it orders its properties", place=place)
        return made

    def _series_of(self, parts: Sequence[NewSeries], place: str, name: str, parent: NewEntity) -> None:
        for number, part in enumerate(parts):
            if part.id is not None:
                raise InvalidInput("a Datastream that is stored stays with its own", place=f"{place}[{number}]")
            self.entity(msgspec.structs.replace(part, **{name: parent}), f"{place}[{number}]")

    def _series(self, new: NewDatastream | NewMultiDatastream, place: str) -> int:
        values = self._described(new, place)
        quality.check_properties(bytes(new.properties), place=at(place, "properties"))
        values["thing_id"] = self.entity(required(new.thing, place, "Thing"), at(place, "Thing"))
        values["sensor_id"] = self.entity(required(new.sensor, place, "Sensor"), at(place, "Sensor"))
        values["observation_type"] = required(new.observation_type, place, "observationType")
        if bytes(new.observed_area):
            area = json_value(new.observed_area, place, "observedArea")
            values["observed_area"] = self._geometry(area, at(place, "observedArea"))
        if isinstance(new, NewDatastream):
            made = self._datastream(new, values, place)
        else:
            made = self._multi_datastream(new, values, place)
        self.gathered.observations.extend((made, raw) for raw in new.observations)
        self.gathered.things.add(int(str(values["thing_id"])))
        self.gathered.add("observations_latest", {"datastream_id": made, "stored": 0})
        return made

    def _datastream(self, new: NewDatastream, values: Row, place: str) -> int:
        name = "unitOfMeasurement"
        observed = required(new.observed_property, place, "ObservedProperty")
        values["observed_property_id"] = self.entity(observed, at(place, "ObservedProperty"))
        unit = required(json_object(new.unit_of_measurement, place, name), place, name)
        values |= {"unit": unit, "ucum": units.ucum_of(unit), "is_multi": False}
        return self.gathered.insert("observations_datastream", values)

    def _multi_datastream(self, new: NewMultiDatastream, values: Row, place: str) -> int:
        given = required(new.unit_of_measurements, place, "unitOfMeasurements")
        kinds = required(new.multi_observation_data_types, place, "multiObservationDataTypes")
        if not len(given) == len(kinds) == len(new.observed_properties) > 0:
            message = "units, data types and ObservedProperties must be as many as each other, and at least one"
            raise InvalidInput(message, place=at(place, "ObservedProperties"))
        values["unit"] = json_array(given, place, "unitOfMeasurements")
        values["multi_observation_types"] = msgspec.json.encode(kinds).decode()
        properties = self._all(new.observed_properties, at(place, "ObservedProperties"))
        made = self.gathered.insert("observations_datastream", values | {"is_multi": True})
        for rank, property_id in enumerate(properties):
            pair: Row = {
                "datastream_id": made,
                "observed_property_id": property_id,
                "rank": rank,
            }
            self.gathered.add("observations_datastream_property", pair)
        return made

    def _actuator(self, new: NewActuator, place: str) -> int:
        values = self._shared(new, place)
        values["encoding_type"] = required(new.encoding_type, place, "encodingType")
        values["metadata"] = json_value(new.metadata, place, "metadata")
        made = self.gathered.insert("observations_actuator", values)
        self._capabilities_of(new.tasking_capabilities, place, "actuator", NewActuator(id=made))
        return made

    def _capability(self, new: NewTaskingCapability, place: str) -> int:
        values = self._described(new, place)
        name = "taskingParameters"
        values["parameters"] = required(json_object(new.tasking_parameters, place, name), place, name)
        thing_id = self.entity(required(new.thing, place, "Thing"), at(place, "Thing"))
        actuator_id = self.entity(required(new.actuator, place, "Actuator"), at(place, "Actuator"))
        self.gathered.things.add(thing_id)
        keys: Row = {"thing_id": thing_id, "actuator_id": actuator_id}
        return self.gathered.insert("observations_taskingcapability", values | keys)

    def _capabilities_of(self, parts: Sequence[NewTaskingCapability], place: str, name: str, parent: NewEntity) -> None:
        for number, part in enumerate(parts):
            here = f"{at(place, 'TaskingCapabilities')}[{number}]"
            if part.id is not None:
                raise InvalidInput("a TaskingCapability that is stored stays with its own", place=here)
            self.entity(msgspec.structs.replace(part, **{name: parent}), here)


_MAKERS: Final[dict[type[NewEntity], Callable[[Insertion, Any, str], int]]] = {
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
