"""The platform's city clock as an outsider reads it: from /health/ready, then run along by itself."""

import time
from datetime import UTC, datetime, timedelta
from typing import Any, Final, NamedTuple

MINUTE: Final = timedelta(minutes=1)
PUT_BACK: Final = timedelta(minutes=5)
"""A clock that is so far behind the last minute did not only go a little wrong."""
CAUGHT_UP: Final = timedelta(minutes=5)
"""Minutes that a busy machine came too late for are told as long as there are so few; more have been missed."""


class CityClock(NamedTuple):
    """City time as a straight line: at `anchored_s` of the steady clock it was `city`; `speed` is city s per wall s."""

    city: datetime
    speed: float
    anchored_s: float

    def at(self, steady_s: float) -> datetime:
        """Give the city's time at a moment of the steady clock."""
        return self.city + timedelta(seconds=(steady_s - self.anchored_s) * self.speed)

    def wall_s_until(self, moment: datetime, steady_s: float) -> float:
        """Give how many seconds of wall time are left until a moment of city time; 0 if it is past."""
        return max(0.0, (moment - self.at(steady_s)).total_seconds() / self.speed)


def read_clock(health: dict[str, Any]) -> CityClock:
    """Take the clock from what /health/ready answers."""
    city = datetime.fromisoformat(health["city_time"])
    return CityClock(city=city.astimezone(UTC), speed=float(health["clock_speed"]), anchored_s=time.monotonic())


def next_minute(city: datetime) -> datetime:
    """Give the next full minute after a moment."""
    return city.replace(second=0, microsecond=0) + MINUTE


def following(moment: datetime, city: datetime) -> datetime:
    """Give the minute to measure after one that was: never the same one again.

    A clock that ran ahead by a few minutes is caught up minute by minute; what it missed for longer is missed. One that
    was put back is followed.
    """
    found = next_minute(city)
    is_near = -PUT_BACK <= found - moment <= CAUGHT_UP
    return moment + MINUTE if is_near else found
