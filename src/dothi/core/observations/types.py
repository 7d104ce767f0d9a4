"""What goes into the record and what comes out of it."""

from collections.abc import Mapping
from datetime import datetime
from enum import IntEnum, StrEnum

import msgspec


class Quality(IntEnum):
    """QARTOD's primary flags (IOOS, Manual for the Use of Real-Time Oceanographic Data Quality Control Flags)."""

    GOOD = 1
    NOT_EVALUATED = 2
    SUSPECT = 3
    BAD = 4
    MISSING = 9


class NewObservation(msgspec.Struct, frozen=True, gc=False):
    """An Observation that asks to be stored; all times are aware.

    Either `result` holds a number, or `result_json` any other JSON value as text. Without a `feature_id` it is about
    the Thing's own place.
    """

    datastream_id: int
    phenomenon_time: datetime
    result: float | None = None
    quality: int = Quality.NOT_EVALUATED
    feature_id: int | None = None
    result_json: str | None = None
    phenomenon_end: datetime | None = None
    result_time: datetime | None = None
    valid_from: datetime | None = None
    valid_to: datetime | None = None
    result_quality: str | None = None
    parameters: str | None = None


class Outcome(StrEnum):
    """What became of an Observation."""

    STORED = "stored"
    DUPLICATE = "duplicate"
    CONFLICTING = "conflicting"
    UNKNOWN_DATASTREAM = "unknown_datastream"
    UNKNOWN_FEATURE = "unknown_feature"


class Stored(msgspec.Struct, frozen=True, gc=False):
    """The answer to one NewObservation: its id (0 for an unknown Datastream or feature) and what became of it."""

    id: int
    outcome: Outcome


class Reading(msgspec.Struct, frozen=True):
    """The newest value of a Datastream; `value` is None where the result is not a number."""

    value: float | None
    unit: str
    at: datetime


class StreamOfThing(msgspec.Struct, frozen=True):
    """A Datastream, the Thing it belongs to, and that Thing's department ("" for none)."""

    id: int
    name: str
    thing_id: int
    department: str


class ThingReading(msgspec.Struct, frozen=True):
    """A Thing with its place (degrees, WGS 84; None where it has none) and newest readings by Datastream name.

    `department` is whose it is, "" for nobody's; visitors may know of it only where `is_public`.
    """

    id: int
    name: str
    kind: str
    lon: float | None
    lat: float | None
    simulated: bool
    properties: Mapping[str, object]
    readings: Mapping[str, Reading]
    is_public: bool = False
    department: str = ""
