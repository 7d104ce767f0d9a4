"""What lamps draw: whether it follows the level they should have, and whether it has moved from what it was."""

from typing import Final, NamedTuple

import numpy as np

from dothi.domains.lighting.rules.detection.evidence import FULL_PERCENT, Evidence
from dothi.domains.lighting.rules.detection.state import Lamps, Singles
from dothi.domains.lighting.rules.detection.timers import Counts, Turn, advance, forget
from dothi.domains.lighting.types.detection import Bools, Floats, Sites

WARM_MIN: Final = 15
"""A cold lamp draws some percent more: so long after switching on nothing is learnt of its power."""
LEVEL_ERROR: Final = 8.0
"""Percent by which a reported level may miss the expected one."""
JUMP: Final = 0.15
"""Of the power a lamp should draw by what it drew before: what is off by more has jumped, and is not learnt from."""
FULL_BAND: Final = 0.12
"""A lamp that draws its full power, within this share of it, at a lower level does not dim."""
DIM_STEP: Final = 0.88
"""Levels that need a larger share of full power can't be told from full by the power alone."""
DIMMING_AFTER: Final = 10
OBEYED_AFTER: Final = 10
JUMPED_AFTER: Final = 15
"""What has jumped at full level and stays so for so many minutes is learnt after all, as the lamp's power of late."""
RECENT: Final = 20
"""Minutes over which the power of late is averaged."""
OWN: Final = 20_000
"""Minutes over which a lamp's own power is: some weeks of nights, so that it doesn't follow what drifts."""
LEARNT: Final = 60
"""Minutes after which a lamp's own power can be compared with."""
OFF_RATED: Final = 0.10
OFF_OWN: Final = 0.09
BACK: Final = 0.06
"""Hysteresis: a lamp is well again within this share of both."""
DRIFT_AFTER: Final = 15


class Draw(NamedTuple):
    """One minute's power against what it should be, [n]."""

    told: Bools
    """It gives light, should, and said its power."""
    level_known: Bools
    level_wrong: Bools
    ratio: Floats
    """Power over what the lamp should draw at this level by what it drew of late, or by its rating before that."""
    rated_ratio: Floats
    """Power over what it should draw at this level by its rating."""


def read_draw(lamps: Lamps, seen: Evidence, sites: Sites) -> Draw:
    """Compare what lamps draw and report with what they should."""
    told = seen.should_light & seen.lit
    known = told & ~np.isnan(seen.level_error)
    full_w = np.where(lamps.full_count >= RECENT, lamps.full_w, sites.rated_w)
    with np.errstate(invalid="ignore", divide="ignore"):
        wrong = known & (np.abs(seen.level_error) > LEVEL_ERROR)
        ratio = np.where(told, seen.power_w / (full_w * seen.share), np.nan)
        rated_ratio = np.where(told, seen.power_w / (sites.rated_w * seen.share), np.nan)
    return Draw(told, known, wrong, ratio, rated_ratio)


def judge_dimming(lamps: Lamps, seen: Evidence, draw: Draw) -> tuple[Lamps, Turn]:
    """Judge whether lamps have the level they should: by what they report, and by full power where less is asked for.

    At full level nothing shows of a lamp that doesn't dim, so only lower levels can tell that it does so again.
    """
    dims = seen.share < DIM_STEP
    with np.errstate(invalid="ignore"):
        is_full = draw.told & dims & (np.abs(draw.ratio * seen.share - 1.0) < FULL_BAND) & (draw.ratio > 1 + JUMP)
        # One that drew too little, and was mended while nobody saw it, fits its rating again.
        is_full &= draw.rated_ratio > 1 + JUMP
        fits = draw.told & ~(draw.ratio > 1 + JUMP) & ~(draw.ratio < 1 - JUMP)
        above = is_full | (draw.level_wrong & (seen.level_error > 0))
    symptom = draw.level_wrong | is_full
    came_above = np.where(symptom, above, lamps.is_dim_wrong_above)
    tells = np.where(lamps.is_dim_wrong_above, dims, ~dims)
    timer, turn = advance(
        forget(lamps.dimming, ~seen.should_light),
        minute=seen.minute,
        symptom=symptom,
        healthy=~symptom & fits & draw.level_known & (tells | ~lamps.dimming.active),
        on_after=DIMMING_AFTER,
        off_after=OBEYED_AFTER,
    )
    return lamps._replace(dimming=timer, is_dim_wrong_above=came_above), turn


def learn(lamps: Lamps, seen: Evidence, draw: Draw, sites: Sites) -> tuple[Lamps, Bools]:
    """Learn what lamps draw of late and have always drawn, both at full level; tells where something was learnt."""
    is_full = seen.level_percent >= FULL_PERCENT
    # Of one that doesn't dim, full level alone says what it draws; were that not learnt, one that drifts stayed unwell.
    sure = draw.level_known & ~draw.level_wrong & (is_full | ~lamps.dimming.active)
    warm = draw.told & sure & (lamps.settled >= WARM_MIN)
    with np.errstate(invalid="ignore", divide="ignore"):
        full_w = np.where(warm, seen.power_w / seen.share, 0.0)
        fits = warm & (np.abs(draw.ratio - 1.0) <= JUMP)
        near = np.abs(lamps.full_w / np.where(lamps.own_count > 0, lamps.own_w, sites.rated_w) - 1.0) < BACK
    away = warm & ~fits & is_full
    jumped = np.where(fits, 0, np.minimum(lamps.jumped + away, JUMPED_AFTER)).astype(np.int16)
    anew = away & (jumped >= JUMPED_AFTER)
    recent_w, recent_count = _averaged(lamps.full_w, lamps.full_count, full_w, fits, RECENT)
    own = fits & near & (lamps.full_count >= RECENT)
    own_w, own_count = _averaged(lamps.own_w, lamps.own_count, full_w, own, OWN)
    learnt = lamps._replace(
        jumped=jumped,
        full_w=np.where(anew, full_w, recent_w).astype(np.float32),
        full_count=np.where(anew, np.int16(RECENT), recent_count),
        own_w=own_w,
        own_count=own_count,
    )
    return learnt, fits | anew


def judge_drift(lamps: Lamps, seen: Evidence, learnt: Bools, sites: Sites) -> tuple[Lamps, Turn]:
    """Judge what lamps draw of late against their rating and against what they have always drawn."""
    known = learnt & (lamps.full_count >= RECENT)
    with np.errstate(invalid="ignore", divide="ignore"):
        off_rated = np.abs(lamps.full_w / sites.rated_w - 1.0)
        off_own = np.where(lamps.own_count >= LEARNT, np.abs(lamps.full_w / lamps.own_w - 1.0), 0.0)
        symptom = known & ((off_rated > OFF_RATED) | (off_own > OFF_OWN))
        healthy = known & (off_rated < BACK) & (off_own < BACK)
    timer, turn = advance(
        lamps.drift, minute=seen.minute, symptom=symptom, healthy=healthy, on_after=DRIFT_AFTER, off_after=DRIFT_AFTER
    )
    return lamps._replace(drift=timer), turn


def _averaged(mean: Singles, count: Counts, value: Floats, where: Bools, most: int) -> tuple[Singles, Counts]:
    """Take a value into a mean: the plain one of the first `most`, from then on with that weight."""
    more = np.where(where, np.minimum(count + 1, most), count).astype(np.int16)
    start = np.where(count > 0, mean, 0.0)
    step = (value - start) / np.maximum(more, 1)
    return np.where(where, start + step, mean).astype(np.float32), more
