"""The city's clock, the only source of "now": wall time in production, a faster or shifted time in a simulation."""

from datetime import UTC, datetime
from typing import Final

import msgspec


class CityClock(msgspec.Struct, frozen=True):
    """City time as a straight line through one anchor: at `wall_anchor` the city's clock shows `city_anchor`.

    `speed` is in city seconds per wall second and is positive. Both anchors are aware datetimes.
    """

    city_anchor: datetime
    wall_anchor: datetime
    speed: float = 1.0

    def __post_init__(self) -> None:
        if self.city_anchor.tzinfo is None or self.wall_anchor.tzinfo is None:
            raise ValueError("the clock's anchors need a zone")
        if not 0 < self.speed <= 10_000:
            raise ValueError(f"the clock's speed must lie in (0, 10000], not {self.speed}")

    def at(self, wall: datetime) -> datetime:
        """Give the city's time, in UTC, at a moment of wall time."""
        return self.city_anchor.astimezone(UTC) + (wall - self.wall_anchor) * self.speed

    def now(self) -> datetime:
        """Give the city's time now, in UTC."""
        return self.at(datetime.now(UTC))

    def wall_seconds(self, city_seconds: float) -> float:
        """Convert a span of city time into seconds of wall time, as timers need it."""
        return city_seconds / self.speed

    def format(self) -> str:
        """Write the clock as one line that `parse` reads: `CITY@WALLxSPEED`."""
        return f"{self.city_anchor.isoformat()}@{self.wall_anchor.isoformat()}x{self.speed:g}"


_EPOCH: Final = datetime(2000, 1, 1, tzinfo=UTC)
WALL: Final = CityClock(_EPOCH, _EPOCH, 1.0)
"""The clock of production: city time is wall time."""


def parse(text: str) -> CityClock:
    """Read what `CityClock.format` wrote; an empty text is wall time. Raises ValueError with what is wrong."""
    if not text.strip():
        return WALL
    city, at, rest = text.strip().partition("@")
    wall, by, speed = rest.rpartition("x")
    if not at or not by:
        raise ValueError(f"a clock is written CITY@WALLxSPEED, not {text!r}")
    found = CityClock(datetime.fromisoformat(city), datetime.fromisoformat(wall), float(speed))
    try:
        found.at(found.wall_anchor)
    except OverflowError as error:
        raise ValueError(f"the clock {text!r} begins outside of the years there are") from error
    return found


class _Installed:
    """Holds the process's clock, so that it can be set once at start."""

    clock: CityClock = WALL


def install(clock: CityClock) -> None:
    """Make `clock` the one this process asks; called once at start by the wiring, and by tests."""
    _Installed.clock = clock


def installed() -> CityClock:
    """Give the clock of this process."""
    return _Installed.clock


def now() -> datetime:
    """Give the city's time now, in UTC: what all code asks."""
    return _Installed.clock.now()
