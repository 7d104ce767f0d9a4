"""What retention knows of partitions, what it does with them, and the aggregates that stay."""

from collections.abc import Mapping
from datetime import datetime, timedelta
from enum import StrEnum

import msgspec


class Limits(msgspec.Struct, frozen=True):
    """How long raw Observations stay, in days, and how large all of them may get; 0 is without bound."""

    default_days: int = 0
    by_property: Mapping[str, int] = {}
    """Days by the name or definition of an ObservedProperty."""
    most_bytes: int = 0
    kept_for_room: timedelta = timedelta(days=1)
    """What is younger stays even when the record is too large: it is what the city works with."""


class Stream(msgspec.Struct, frozen=True):
    """A Datastream as far as retention needs it: its ObservedProperty's names, and its own days where it has some."""

    id: int
    properties: tuple[str, ...] = ()
    raw_days: int | None = None


class Part(msgspec.Struct, frozen=True):
    """A partition: its half-open span, its size with its indexes, and the Datastreams that have rows in it."""

    table: str
    begin: datetime
    end: datetime
    size: int
    rows: int
    """As PostgreSQL estimates them."""
    streams: frozenset[int] | None = None
    """None where nobody looked, as nothing in it can have passed."""


class Action(StrEnum):
    """What happens to a partition."""

    DROP = "drop"
    REWRITE = "rewrite"


class Step(msgspec.Struct, frozen=True):
    """What is done with a partition: all of it goes, or the rows of `leaving` Datastreams."""

    part: Part
    action: Action
    leaving: frozenset[int]
    for_room: bool = False
    """Whether it goes only because the record has become too large."""


class Done(msgspec.Struct, frozen=True):
    """What became of a step: the rows that left, or that the partition was in use for too long to be changed."""

    table: str
    action: Action
    size: int
    rows: int
    for_room: bool = False
    was_busy: bool = False


class Width(StrEnum):
    """How long a bucket is, in the city's time."""

    HOUR = "hour"
    DAY = "day"


class Bucket(msgspec.Struct, frozen=True):
    """An hour or a day of one Datastream.

    `count`, `total`, `least` and `greatest` are of the numbers that are neither bad, missing nor conflicting; `others`
    counts the Observations besides.
    """

    begin: datetime
    count: int
    others: int
    total: float | None
    least: float | None
    greatest: float | None

    @property
    def mean(self) -> float | None:
        """The arithmetic mean, None without a number."""
        return None if self.total is None or not self.count else self.total / self.count
