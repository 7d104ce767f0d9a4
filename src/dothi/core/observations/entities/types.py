"""New entities, as the standard's JSON has them (OGC 18-088, clause 8): msgspec reads a body straight into these."""

from datetime import datetime
from typing import Annotated

import msgspec
from msgspec import Raw, Struct, field

from dothi.core.observations.query.types import Entity, Reach

MAX_ENTITIES = 2_000
"""How many entities one deep insert may bring."""
MAX_TEXT = 10_000

Text = Annotated[str, msgspec.Meta(max_length=MAX_TEXT)]
Id = Annotated[int, msgspec.Meta(ge=1, le=2**63 - 1)]


class NewEntity(Struct, rename="camel", forbid_unknown_fields=True, kw_only=True):
    """What all have: with `id` it is a link to a stored entity, and nothing else counts."""

    id: Id | None = field(name="@iot.id", default=None)
    self_link: str | None = field(name="@iot.selfLink", default=None)


class Described(NewEntity):
    """An entity with a name. `properties` is a JSON object; JSON that was not sent is empty."""

    name: Text | None = None
    description: Text = ""
    properties: Raw = Raw()


class NewLocation(Described):
    """A place; `location` is GeoJSON where `encoding_type` says so."""

    encoding_type: Text | None = None
    location: Raw = Raw()
    things: "list[NewThing]" = field(name="Things", default_factory=list)


class NewHistoricalLocation(NewEntity):
    """Where a Thing was from a time on."""

    time: datetime | None = None
    thing: "NewThing | None" = field(name="Thing", default=None)
    locations: list[NewLocation] = field(name="Locations", default_factory=list)


class NewSensor(Described):
    """A procedure."""

    encoding_type: Text | None = None
    metadata: Raw = Raw()
    datastreams: "list[NewDatastream]" = field(name="Datastreams", default_factory=list)
    multi_datastreams: "list[NewMultiDatastream]" = field(name="MultiDatastreams", default_factory=list)


class NewObservedProperty(Described):
    """A phenomenon."""

    definition: Text | None = None
    datastreams: "list[NewDatastream]" = field(name="Datastreams", default_factory=list)
    multi_datastreams: "list[NewMultiDatastream]" = field(name="MultiDatastreams", default_factory=list)


class NewFeatureOfInterest(Described):
    """What Observations are about; `feature` is GeoJSON where `encoding_type` says so."""

    encoding_type: Text | None = None
    feature: Raw = Raw()


class NewSeries(Described):
    """What a Datastream and a MultiDatastream share; `observations` are left as they came."""

    observation_type: Text | None = None
    observed_area: Raw = Raw()
    phenomenon_time: str | None = None
    result_time: str | None = None
    thing: "NewThing | None" = field(name="Thing", default=None)
    sensor: NewSensor | None = field(name="Sensor", default=None)
    observations: list[Raw] = field(name="Observations", default_factory=list)


class NewDatastream(NewSeries):
    """A series with one result. Its time spans are the record's to know: what is sent is passed over."""

    unit_of_measurement: Raw = Raw()
    observed_property: NewObservedProperty | None = field(name="ObservedProperty", default=None)


class NewMultiDatastream(NewSeries):
    """A series whose result is an array, in the order of its ObservedProperties."""

    unit_of_measurements: list[Raw] | None = None
    multi_observation_data_types: list[Text] | None = None
    observed_properties: list[NewObservedProperty] = field(name="ObservedProperties", default_factory=list)


class NewActuator(Described):
    """What a command acts on."""

    encoding_type: Text | None = None
    metadata: Raw = Raw()
    tasking_capabilities: "list[NewTaskingCapability]" = field(name="TaskingCapabilities", default_factory=list)


class NewTaskingCapability(Described):
    """What a Thing can be told to do; `tasking_parameters` is a JSON object."""

    tasking_parameters: Raw = Raw()
    thing: "NewThing | None" = field(name="Thing", default=None)
    actuator: NewActuator | None = field(name="Actuator", default=None)


class NewThing(Described):
    """A Thing."""

    locations: list[NewLocation] = field(name="Locations", default_factory=list)
    historical_locations: list[NewHistoricalLocation] = field(name="HistoricalLocations", default_factory=list)
    datastreams: list[NewDatastream] = field(name="Datastreams", default_factory=list)
    multi_datastreams: list[NewMultiDatastream] = field(name="MultiDatastreams", default_factory=list)
    tasking_capabilities: list[NewTaskingCapability] = field(name="TaskingCapabilities", default_factory=list)


Creatable = (
    NewThing
    | NewLocation
    | NewHistoricalLocation
    | NewSensor
    | NewObservedProperty
    | NewDatastream
    | NewMultiDatastream
    | NewFeatureOfInterest
    | NewActuator
    | NewTaskingCapability
)


class Sight(Struct, frozen=True):
    """What whoever is limited may link: what is within reach, and what the maker, as audit names them, made.

    Without the latter nobody could link what they have just made and no Thing of theirs leads to yet.
    """

    reach: Reach
    maker: str = ""


class Wanted(Struct, frozen=True):
    """An entity to make; with limits a new Thing is the department's, and to change a Thing beyond them is refused.

    With a sight what lies out of it is linked as little as what is not there.
    """

    new: Creatable
    limits: Reach | None = None
    sight: Sight | None = None


class Created(Struct, frozen=True):
    """What became of a new entity: its id, the Things that changed by it, and what is left for the writer.

    `observations` are those a deep insert brought, each with the id of its Datastream. `entities` are all that were
    made, and the Locations that a Thing was put at.
    """

    id: int
    thing_ids: tuple[int, ...] = ()
    observations: tuple[tuple[int, Raw], ...] = ()
    entities: tuple[tuple[Entity, int], ...] = ()
