"""What a lamp's readings mean: pure functions, without a database or a clock."""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from dothi.core.live import rules as live
from dothi.core.live.types import FeatureState
from dothi.core.observations.types import Reading, ThingReading
from dothi.domains.lighting.types import Lamp, LampState

POWER: Final = "power"
LIGHT_LEVEL: Final = "light level"
POWER_UNIT: Final = "W"
ON_ABOVE_W: Final = 5.0
"""A lamp that draws more gives light: a dark lamp's driver and controller draw a few watts at most."""


def describe_lamp(readings: Mapping[str, Reading]) -> FeatureState:
    """Say what the map shows of a lamp: its state by the power it draws, and that power in watts."""
    power_w = _value(readings, POWER)
    return FeatureState(state=_state_at(power_w).value, value=power_w, unit=POWER_UNIT)


def lamp_of(thing: ThingReading, *, now: datetime, late_after_s: float) -> Lamp:
    """Read a Thing of kind Streetlight as a lamp."""
    observed_at = live.newest_at(thing.readings)
    power_w = _value(thing.readings, POWER)
    return Lamp(
        id=thing.id,
        name=thing.name,
        state=_state_at(power_w),
        power_w=power_w,
        light_level_percent=_value(thing.readings, LIGHT_LEVEL),
        observed_at=observed_at,
        is_late=live.is_late(observed_at, now=now, late_after_s=late_after_s),
        simulated=thing.simulated,
    )


def _state_at(power_w: float | None) -> LampState:
    if power_w is None:
        return LampState.UNKNOWN
    return LampState.ON if power_w > ON_ABOVE_W else LampState.OFF


def _value(readings: Mapping[str, Reading], datastream: str) -> float | None:
    reading = readings.get(datastream)
    return reading.value if reading else None
