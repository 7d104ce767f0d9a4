"""A LED street lamp as its controller measures it: pure figures from the sky, the mains and a seeded chance."""

import math
import random
from datetime import UTC, datetime, timedelta
from typing import Final, NamedTuple

from astral import Observer
from astral.sun import elevation

HORIZON_DEGREES: Final = -0.833
"""The sun's centre at sunset: half its disc and the refraction of the air below the horizon."""
RATED_W: Final = 98.0
STANDBY_W: Final = 0.8
NOISE: Final = 0.02
"""Standard deviation of a measurement of power, as a share of it."""
WARM_UP: Final = timedelta(minutes=10)
WARM_UP_EXCESS: Final = 0.03
"""A cold LED has a higher forward voltage, so it draws a little more until it is warm."""
MAINS_V: Final = 230.0
MAINS_SWING_V: Final = 3.5
MAINS_NOISE_V: Final = 0.6


class Measurement(NamedTuple):
    """What the controller measures at one moment: watts, percent of full light, volts."""

    power_w: float
    light_level_percent: float
    voltage_v: float


class Lamp:
    """One lamp at one place, lit from sunset to sunrise by its own astronomical clock.

    It remembers when it was lit, so its moments must come in order.
    """

    def __init__(self, *, lon: float, lat: float, seed: int) -> None:
        self._observer = Observer(latitude=lat, longitude=lon)
        self._chance = random.Random(seed)
        self.lit_since: datetime | None = None

    def measure(self, at: datetime) -> Measurement:
        """Switch as the sky wants it and measure, at an aware time."""
        lit = is_dark(self._observer, at)
        if not lit:
            self.lit_since = None
        elif self.lit_since is None:
            self.lit_since = at
        power_w = draw_w(timedelta() if self.lit_since is None else at - self.lit_since) if lit else STANDBY_W
        return Measurement(
            power_w=round(max(0.0, power_w * self._chance.gauss(1, NOISE)), 1),
            light_level_percent=100.0 if lit else 0.0,
            voltage_v=round(mains_v(at) + self._chance.gauss(0, MAINS_NOISE_V), 1),
        )


def is_dark(observer: Observer, at: datetime) -> bool:
    """Tell whether the sun is down; holds on any day and at any latitude, midnight sun included."""
    return elevation(observer, at, with_refraction=False) < HORIZON_DEGREES


def draw_w(lit_for: timedelta) -> float:
    """Give the power of a lit lamp, in watts: a little above its rating while it is cold."""
    warmth = min(1.0, max(0.0, lit_for / WARM_UP))
    return RATED_W * (1 + WARM_UP_EXCESS * (1 - warmth))


def mains_v(at: datetime) -> float:
    """Give the mains voltage at the lamp: lowest in the evening's peak (13:00 UTC in Vietnam), highest before dawn."""
    utc = at.astimezone(UTC)
    hours = utc.hour + utc.minute / 60
    return MAINS_V - MAINS_SWING_V * math.cos((hours - 13) / 24 * 2 * math.pi)
