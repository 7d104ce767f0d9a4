"""A city's clock that stands until a test moves it on."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta

from dothi.kernel import clock
from dothi.kernel.clock import CityClock

START = datetime(2026, 11, 25, 11, tzinfo=UTC)


class Standing(CityClock, frozen=True):
    """Shows its anchor, whatever the wall's time is."""

    def at(self, wall: datetime) -> datetime:
        """Give the anchor."""
        return self.city_anchor


class Hands:
    """Moves the clock on; `speed` says how much of the city's time a wall second is."""

    def __init__(self, speed: float) -> None:
        self.speed = speed
        self.show(START)

    def show(self, moment: datetime) -> None:
        """Let it be a moment."""
        clock.install(Standing(moment, moment, self.speed))

    def advance(self, city_s: float) -> None:
        """Let city seconds pass."""
        self.show(clock.now() + timedelta(seconds=city_s))


@contextmanager
def standing_clock(*, speed: float = 1.0) -> Iterator[Hands]:
    """Install a standing clock, and the former one again at the end."""
    before = clock.installed()
    try:
        yield Hands(speed)
    finally:
        clock.install(before)
