"""What lamps draw and what the mains give, as pure functions of arrays."""

from datetime import datetime
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from simulators.lighting.frame import Floats

STANDBY_W: Final = 0.8
"""What a driver with its controller draws while the lamp is off."""
FIXED_SHARE: Final = 0.05
"""What a driver draws at any level above 0, as a share of full power; the rest goes with the level."""
WARM_UP_MIN: Final = 10.0
WARM_UP_EXCESS: Final = 0.03
"""A cold LED has a higher forward voltage, so it draws a little more until it is warm."""
NOISE: Final = 0.02
"""Standard deviation of a measurement of power, as a share of it."""
TOLERANCE: Final = 0.015
"""Standard deviation of lamps' full power around their rating, as a share of it; cut at twice that."""
POWER_FACTOR: Final = 0.95
MAINS_V: Final = 230.0
MAINS_SWING_V: Final = 3.5
PHASE_V: Final = np.array([-1.0, 0.3, 0.7])
"""How the three phases differ, as unevenly loaded ones do."""
LAMP_VOLTAGE_NOISE_V: Final = 0.6
CURRENT_NOISE: Final = 0.01
CURRENT_STEP_A: Final = 0.02
"""Standard deviation of what a current transformer reads at nothing."""


def share_at(level_percent: Floats | float) -> Floats:
    """Give the share of full power that a warm lamp draws at levels; 0 at level 0 (standby comes on top of that)."""
    level = np.asarray(level_percent, dtype=float)
    return np.where(level > 0, FIXED_SHARE + (1 - FIXED_SHARE) * level / 100.0, 0.0)


def draw_w(full_w: Floats, level_percent: Floats, lit_min: Floats) -> Floats:
    """Give what lamps draw, in watts: by level, a little more while they are cold, standby when they are off."""
    warmth = np.minimum(1.0, lit_min / WARM_UP_MIN)
    lit = full_w * share_at(level_percent) * (1 + WARM_UP_EXCESS * (1 - warmth))
    return np.where(level_percent > 0, lit, STANDBY_W)


def mains_v(at: datetime, zone: str) -> float:
    """Give the mains voltage: lowest in the evening's peak at 20:00 local time, highest in the morning at 08:00."""
    local = at.astimezone(ZoneInfo(zone))
    hours = local.hour + local.minute / 60
    return MAINS_V - MAINS_SWING_V * float(np.cos((hours - 20) / 24 * 2 * np.pi))


class Clocks:
    """The lamps' own clocks: each runs a little fast or slow, and is set right once a week."""

    def __init__(self, lamps: int, chance: np.random.Generator) -> None:
        usual = chance.normal(0, 0.15, lamps)
        bad = chance.random(lamps) < 0.05
        self._s_per_day = np.where(bad, chance.normal(0, 4.0, lamps), usual)
        self._set_on = chance.integers(0, 7 * 86_400, lamps)

    def error_s(self, epoch_s: float) -> Floats:
        """Give by how many seconds each clock is ahead, [n]."""
        since_s = (epoch_s - self._set_on) % (7 * 86_400)
        return np.asarray(self._s_per_day * since_s / 86_400)
