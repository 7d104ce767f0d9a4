"""Where each entity of the standard lies in the tables: frozen descriptions that the compiler reads."""

from collections.abc import Mapping
from enum import Enum, auto
from typing import Final, LiteralString

import msgspec

from dothi.core.observations.query.types import Entity


class Kind(Enum):
    """What sort of value an expression has."""

    NUMBER = auto()
    TEXT = auto()
    BOOLEAN = auto()
    TIME = auto()
    PERIOD = auto()
    DURATION = auto()
    DATE = auto()
    CLOCK = auto()
    GEOMETRY = auto()
    JSON = auto()
    NULL = auto()


class Field(msgspec.Struct, frozen=True):
    """A property: its name on the wire and its columns.

    `end` is the column of a PERIOD's end, where null makes it an instant; `number` the column that holds a JSON value
    that is a number; `geometry` the column of the same place in WGS 84; `through` the table, keyed by this one's id,
    that has them.
    """

    name: LiteralString
    kind: Kind
    column: LiteralString
    end: LiteralString = ""
    number: LiteralString = ""
    geometry: LiteralString = ""
    through: LiteralString = ""
    nullable: bool = False
    shown_null: bool = False


class Navigation(msgspec.Struct, frozen=True):
    """A way from one entity to others.

    To one: `source` is the column here that has the target's id. To many: `target` is the column there; or in `link`,
    a table of pairs, `source` is the column that has this entity's id and `target` the other's. `rank` is the column of
    the pairs' order.
    """

    name: LiteralString
    entity: Entity
    many: bool
    source: LiteralString = "id"
    target: LiteralString = "id"
    link: LiteralString = ""
    rank: LiteralString = ""


class Table(msgspec.Struct, frozen=True):
    """An entity's table; `only` is a column and the value it has for this entity's rows."""

    entity: Entity
    set_name: LiteralString
    relation: LiteralString
    fields: tuple[Field, ...]
    navigations: tuple[Navigation, ...]
    only: tuple[LiteralString, bool] | None = None

    def find_field(self, name: str) -> Field | None:
        """Find a property by its name on the wire."""
        return next((field for field in self.fields if field.name == name), None)

    def find_navigation(self, name: str) -> Navigation | None:
        """Find a navigation by its name."""
        return next((found for found in self.navigations if found.name == name), None)


ID: Final = Field("@iot.id", Kind.NUMBER, "id")
_NAMED: Final = (Field("name", Kind.TEXT, "name"), Field("description", Kind.TEXT, "description"))
_PROPERTIES: Final = Field("properties", Kind.JSON, "properties", nullable=True)
_ENCODING: Final = Field("encodingType", Kind.TEXT, "encoding_type")


def _period(name: LiteralString, begin: LiteralString, end: LiteralString) -> Field:
    return Field(name, Kind.PERIOD, begin, end=end, through="observations_latest", nullable=True)


_SPANS: Final = (
    Field("observedArea", Kind.GEOMETRY, "observed_area", geometry="observed_area", nullable=True),
    _period("phenomenonTime", "first_time", "last_end"),
    _period("resultTime", "result_time_first", "result_time_last"),
    _PROPERTIES,
)


def _one(name: LiteralString, entity: Entity, source: LiteralString) -> Navigation:
    return Navigation(name, entity, many=False, source=source)


def _many(name: LiteralString, entity: Entity, target: LiteralString) -> Navigation:
    return Navigation(name, entity, many=True, target=target)


_THING: Final = Table(
    Entity.THING,
    "Things",
    "observations_thing",
    (ID, *_NAMED, _PROPERTIES),
    (
        Navigation(
            "Locations", Entity.LOCATION, many=True, source="thing_id", target="location_id",
            link="observations_thing_location",
        ),
        _many("HistoricalLocations", Entity.HISTORICAL_LOCATION, "thing_id"),
        _many("Datastreams", Entity.DATASTREAM, "thing_id"),
        _many("MultiDatastreams", Entity.MULTI_DATASTREAM, "thing_id"),
        _many("TaskingCapabilities", Entity.TASKING_CAPABILITY, "thing_id"),
    ),
)  # fmt: skip
_LOCATION: Final = Table(
    Entity.LOCATION,
    "Locations",
    "observations_location",
    (ID, *_NAMED, _ENCODING, Field("location", Kind.JSON, "location", geometry="geom"), _PROPERTIES),
    (
        Navigation(
            "Things", Entity.THING, many=True, source="location_id", target="thing_id",
            link="observations_thing_location",
        ),
        Navigation(
            "HistoricalLocations", Entity.HISTORICAL_LOCATION, many=True, source="location_id",
            target="historicallocation_id", link="observations_historicallocation_location",
        ),
    ),
)  # fmt: skip
_HISTORICAL_LOCATION: Final = Table(
    Entity.HISTORICAL_LOCATION,
    "HistoricalLocations",
    "observations_historicallocation",
    (ID, Field("time", Kind.TIME, "time")),
    (
        _one("Thing", Entity.THING, "thing_id"),
        Navigation(
            "Locations", Entity.LOCATION, many=True, source="historicallocation_id", target="location_id",
            link="observations_historicallocation_location",
        ),
    ),
)  # fmt: skip
_DATASTREAM: Final = Table(
    Entity.DATASTREAM,
    "Datastreams",
    "observations_datastream",
    (
        ID,
        *_NAMED,
        Field("observationType", Kind.TEXT, "observation_type"),
        Field("unitOfMeasurement", Kind.JSON, "unit"),
        *_SPANS,
    ),
    (
        _one("Thing", Entity.THING, "thing_id"),
        _one("Sensor", Entity.SENSOR, "sensor_id"),
        _one("ObservedProperty", Entity.OBSERVED_PROPERTY, "observed_property_id"),
        _many("Observations", Entity.OBSERVATION, "datastream_id"),
    ),
    only=("is_multi", False),
)
_MULTI_DATASTREAM: Final = Table(
    Entity.MULTI_DATASTREAM,
    "MultiDatastreams",
    "observations_datastream",
    (
        ID,
        *_NAMED,
        Field("observationType", Kind.TEXT, "observation_type"),
        Field("multiObservationDataTypes", Kind.JSON, "multi_observation_types", nullable=True),
        Field("unitOfMeasurements", Kind.JSON, "unit"),
        *_SPANS,
    ),
    (
        _one("Thing", Entity.THING, "thing_id"),
        _one("Sensor", Entity.SENSOR, "sensor_id"),
        Navigation(
            "ObservedProperties", Entity.OBSERVED_PROPERTY, many=True, source="datastream_id",
            target="observed_property_id", link="observations_datastream_property", rank="rank",
        ),
        _many("Observations", Entity.OBSERVATION, "datastream_id"),
    ),
    only=("is_multi", True),
)  # fmt: skip
_SENSOR: Final = Table(
    Entity.SENSOR,
    "Sensors",
    "observations_sensor",
    (ID, *_NAMED, _ENCODING, Field("metadata", Kind.JSON, "metadata"), _PROPERTIES),
    (
        _many("Datastreams", Entity.DATASTREAM, "sensor_id"),
        _many("MultiDatastreams", Entity.MULTI_DATASTREAM, "sensor_id"),
    ),
)
_OBSERVED_PROPERTY: Final = Table(
    Entity.OBSERVED_PROPERTY,
    "ObservedProperties",
    "observations_observedproperty",
    (ID, _NAMED[0], Field("definition", Kind.TEXT, "definition"), _NAMED[1], _PROPERTIES),
    (
        _many("Datastreams", Entity.DATASTREAM, "observed_property_id"),
        Navigation(
            "MultiDatastreams", Entity.MULTI_DATASTREAM, many=True, source="observed_property_id",
            target="datastream_id", link="observations_datastream_property",
        ),
    ),
)  # fmt: skip
_OBSERVATION: Final = Table(
    Entity.OBSERVATION,
    "Observations",
    "observations_observation",
    (
        ID,
        Field("phenomenonTime", Kind.PERIOD, "phenomenon_time", end="phenomenon_end"),
        Field("resultTime", Kind.TIME, "result_time", nullable=True, shown_null=True),
        Field("result", Kind.JSON, "result_json", number="result", nullable=True, shown_null=True),
        Field("resultQuality", Kind.JSON, "result_quality", nullable=True),
        Field("validTime", Kind.PERIOD, "valid_from", end="valid_to", nullable=True),
        Field("parameters", Kind.JSON, "parameters", nullable=True),
    ),
    (
        _one("Datastream", Entity.DATASTREAM, "datastream_id"),
        _one("MultiDatastream", Entity.MULTI_DATASTREAM, "datastream_id"),
        _one("FeatureOfInterest", Entity.FEATURE_OF_INTEREST, "feature_id"),
    ),
)
_FEATURE_OF_INTEREST: Final = Table(
    Entity.FEATURE_OF_INTEREST,
    "FeaturesOfInterest",
    "observations_featureofinterest",
    (ID, *_NAMED, _ENCODING, Field("feature", Kind.JSON, "feature", geometry="geom"), _PROPERTIES),
    (_many("Observations", Entity.OBSERVATION, "feature_id"),),
)
_ACTUATOR: Final = Table(
    Entity.ACTUATOR,
    "Actuators",
    "observations_actuator",
    (ID, *_NAMED, _ENCODING, Field("metadata", Kind.JSON, "metadata"), _PROPERTIES),
    (_many("TaskingCapabilities", Entity.TASKING_CAPABILITY, "actuator_id"),),
)
_TASKING_CAPABILITY: Final = Table(
    Entity.TASKING_CAPABILITY,
    "TaskingCapabilities",
    "observations_taskingcapability",
    (ID, *_NAMED, Field("taskingParameters", Kind.JSON, "parameters"), _PROPERTIES),
    (
        _one("Thing", Entity.THING, "thing_id"),
        _one("Actuator", Entity.ACTUATOR, "actuator_id"),
        _many("Tasks", Entity.TASK, "tasking_capability_id"),
    ),
)
_TASK: Final = Table(
    Entity.TASK,
    "Tasks",
    "observations_task",
    (
        ID,
        Field("creationTime", Kind.TIME, "creation_time"),
        Field("taskingParameters", Kind.JSON, "parameters"),
        # Beyond the standard: what becomes of it.
        Field("deadline", Kind.TIME, "deadline"),
        Field("status", Kind.TEXT, "status"),
        Field("reason", Kind.TEXT, "reason"),
        Field("group", Kind.NUMBER, "group_id"),
        Field("attempts", Kind.NUMBER, "attempts"),
        Field("sentTime", Kind.TIME, "sent_at", nullable=True),
        Field("answerTime", Kind.TIME, "answered_at", nullable=True),
    ),
    (_one("TaskingCapability", Entity.TASKING_CAPABILITY, "tasking_capability_id"),),
)

TABLES: Final[Mapping[Entity, Table]] = {
    table.entity: table
    for table in (
        _THING, _LOCATION, _HISTORICAL_LOCATION, _DATASTREAM, _MULTI_DATASTREAM, _SENSOR, _OBSERVED_PROPERTY,
        _OBSERVATION, _FEATURE_OF_INTEREST, _ACTUATOR, _TASKING_CAPABILITY, _TASK,
    )
}  # fmt: skip
BY_SET: Final[Mapping[str, Table]] = {table.set_name: table for table in TABLES.values()}

LATEST: Final = Table(
    Entity.OBSERVATION,
    "Observations",
    "observations_latest",
    tuple(
        msgspec.structs.replace(field, column="observation_id") if field is ID else field
        for field in _OBSERVATION.fields
        if field.column not in {"valid_from", "parameters", "result_quality"}
    ),
    _OBSERVATION.navigations,
)
"""The same Observations, but of each Datastream the newest alone, and without what few have."""
