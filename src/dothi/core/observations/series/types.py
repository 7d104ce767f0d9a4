"""Many Observations as arrays, and what charts show of them."""

from collections.abc import Mapping
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

import msgspec
import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
Bools = npt.NDArray[np.bool_]


class Window(NamedTuple):
    """Observations as columns of one length, in the order of time and then Datastream."""

    datastream_id: Ints
    phenomenon_time: Ints
    """Microseconds since 1970-01-01 UTC."""
    result: Floats
    """NaN where the result is no number."""
    quality: npt.NDArray[np.int16]
    """QARTOD's primary flag: `Quality`."""


class StreamsOfThing(msgspec.Struct, frozen=True):
    """A Thing with its properties and the ids of its Datastreams by their name."""

    id: int
    name: str
    properties: Mapping[str, object]
    streams: Mapping[str, int]
    is_public: bool = False
    department: str = ""


class NamedThing(msgspec.Struct, frozen=True, gc=False):
    """A Thing with its name and properties."""

    id: int
    name: str
    properties: dict[str, object]


class Newest(NamedTuple):
    """Things in the order of their ids, with the newest reading of each of several Datastreams.

    Arrays are [things, names].
    """

    things: tuple[NamedThing, ...]
    streams: Ints
    """Ids of Datastreams, 0 where a Thing has none of that name."""
    results: Floats
    """NaN where nothing came yet, or no number."""
    times: Ints
    """Microseconds since 1970-01-01 UTC, 0 where nothing came yet."""


class Width(StrEnum):
    """What one point of a chart stands for: one Observation, or all of a span in the city's time."""

    RAW = "raw"
    MINUTE = "minute"
    QUARTER = "quarter"
    """Of an hour."""
    HOUR = "hour"
    DAY = "day"
    MONTH = "month"


class Step(StrEnum):
    """How long a bucket of a register's increases is, in the city's time."""

    HOUR = "hour"
    DAY = "day"
    MONTH = "month"


class Point(msgspec.Struct, frozen=True):
    """The good numbers of one span of a chart; of a single Observation all three are its result."""

    begin: datetime
    mean: float
    least: float
    greatest: float
    count: int = 1


class Chart(msgspec.Struct, frozen=True):
    """A Datastream from `begin` to before `end`: `points` up to now, `forecast` after it; both in the order of time.

    Spans without a good number have no point. Of several forecasts for a moment it has the newest.
    """

    datastream_id: int
    name: str
    unit: str
    """The symbol, "" for none."""
    width: Width
    begin: datetime
    end: datetime
    now: datetime
    points: tuple[Point, ...]
    forecast: tuple[Point, ...] = ()


class Increment(msgspec.Struct, frozen=True):
    """By how much registers rose from `begin` to before `end`.

    `increase` is None where nothing is known of it. Of one register `known` is 0 or 1; of many, `known` counts those
    that the increase is the sum of, the others those among them to which it applies.
    """

    begin: datetime
    end: datetime
    increase: float | None
    known: int
    interpolated: int = 0
    """More than a tenth of the span lies between two readings of which one is outside: shared out by time."""
    partial: int = 0
    """The readings begin after the span does, or end before it (yet)."""
    resets: int = 0
    """The register fell, as when a meter is replaced: what came between the two readings is not in the increase."""


class Increments(msgspec.Struct, frozen=True):
    """The increases of one register or of many together, bucket by bucket without a gap."""

    name: str
    unit: str
    step: Step
    now: datetime
    registers: int
    buckets: tuple[Increment, ...]

    @property
    def total(self) -> float:
        """The sum of all that is known."""
        return sum(bucket.increase or 0.0 for bucket in self.buckets)


class Edges(NamedTuple):
    """The readings next to moments, as arrays of shape (registers, moments); NaN where there is none.

    Times are microseconds since 1970-01-01 UTC. `summed` says that a value comes from an aggregate, so that its time
    is known to the span of that alone.
    """

    before_time: Ints
    before: Floats
    after_time: Ints
    after: Floats
    summed: Bools


class Pieces(NamedTuple):
    """Spans of a register in the order of time: single readings, or aggregates with more than one value.

    `row` says whose they are; `begin` is in microseconds since 1970-01-01 UTC.
    """

    row: Ints
    begin: Ints
    least: Floats
    greatest: Floats


class Messages(NamedTuple):
    """How many Observations came of each of many Datastreams, and since when it is heard in the span asked for.

    `since` is in microseconds since 1970-01-01 UTC: the span's begin for what was heard before, 0 for what never was.
    """

    since: Ints
    count: Ints
