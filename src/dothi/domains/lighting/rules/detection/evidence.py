"""What one minute says of each lamp, before any rule judges it."""

from datetime import datetime
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dothi.domains.lighting.rules.detection.state import Lamps, State
from dothi.domains.lighting.types.detection import Bools, Expected, Floats, Sample

SETTLE_MIN: Final = 4
"""Minutes before and after an expected level changes in which a lamp isn't judged: clocks differ, and a lamp fades."""
SUPPLY_SHARE: Final = 0.9
"""Below this share of the nominal voltage a lamp may flicker, go out or restart, and nothing is said of it."""
DRIVER_SHARE: Final = 0.05
"""What an LED driver draws at any level above 0, as a share of full power; the rest goes with the level."""
LIT_SHARE: Final = 0.25
"""A lamp that draws this share of what it should gives light."""
DARK_SHARE: Final = 0.15
DARK_W: Final = 3.5
"""A driver that gives no light draws some watts at most, whatever its lamp is rated."""
FULL_PERCENT: Final = 95.0


class Evidence(NamedTuple):
    """One minute of each lamp, [n]."""

    minute: int
    heard: Bools
    """Anything came of it."""
    told: Bools
    """Its power came, and it may be judged: supply good, not exempt, not cut off with its feeder or gateway."""
    should_light: Bools
    """A level above 0 is expected, and has been for a while."""
    should_rest: Bools
    """Darkness is expected, has been for a while, and it is day."""
    lit: Bools
    """It draws what light needs; false too where nothing is told."""
    dark: Bools
    """It draws what no light could."""
    share: Floats
    """The share of full power that the expected level needs."""
    level_percent: Floats
    """The expected one."""
    power_w: Floats
    level_error: Floats
    """Reported less expected level, in percent; NaN where none came."""


def share_at(level_percent: Floats) -> Floats:
    """Give the share of full power an LED lamp draws at levels: 0 when off, else 5 % and the rest in proportion."""
    return np.where(level_percent > 0, DRIVER_SHARE + (1 - DRIVER_SHARE) * level_percent / 100.0, 0.0)


def epoch_minute(at: datetime) -> int:
    """Give the minute since 1970 in which an aware time lies."""
    return int(at.timestamp() // 60)


def settle(lamps: Lamps, expected: Expected) -> Lamps:
    """Follow how long the expected level has been what it is; drop what was counted towards it before it changed."""
    level = expected.level_percent.astype(np.float32)
    changed = level != lamps.level
    settled = np.where(changed, 0, np.minimum(lamps.settled + 1, 30_000)).astype(np.int16)
    return lamps._replace(level=level, settled=settled)


def is_settled(lamps: Lamps, expected: Expected) -> Bools:
    """Tell the lamps whose expected level has been the same for a while, and stays so for a while, [n]."""
    same = lamps.level == expected.level_percent.astype(np.float32)
    return np.asarray((lamps.settled >= SETTLE_MIN) & same & ~expected.is_changing)


def read_evidence(
    state: State, minute: int, sample: Sample, expected: Expected, *, heard: Bools, covered: Bools
) -> Evidence:  # fmt: skip
    """Read a minute against what is expected of it; `covered` lamps are cut off with their feeder or gateway."""
    sites = state.sites
    share = share_at(expected.level_percent)
    settled = is_settled(state.lamps, expected)
    told = ~np.isnan(sample.power_w) & _is_supplied(state, sample) & ~expected.is_exempt & ~covered
    needed_w = np.where(expected.level_percent > 0, share, 1.0) * sites.rated_w
    with np.errstate(invalid="ignore"):
        lit = told & (sample.power_w > np.maximum(LIT_SHARE * needed_w, DARK_W))
        dark = told & (sample.power_w < np.maximum(DARK_SHARE * needed_w, DARK_W))
    return Evidence(
        minute=minute,
        heard=heard,
        told=told,
        should_light=settled & (expected.level_percent > 0),
        should_rest=settled & (expected.level_percent == 0) & ~expected.is_dark,
        lit=lit,
        dark=dark,
        share=share,
        level_percent=expected.level_percent,
        power_w=sample.power_w,
        level_error=sample.level_percent - expected.level_percent,
    )


def _is_supplied(state: State, sample: Sample) -> Bools:
    """Tell where neither the lamp nor its cabinet's phase reports a poor voltage."""
    sites = state.sites
    least = SUPPLY_SHARE * sites.nominal_v
    phases: NDArray[np.float64] = sample.cabinet_voltage_v[sites.cabinet, sites.phase]
    with np.errstate(invalid="ignore"):
        return ~(sample.voltage_v < least) & ~(phases < least)
