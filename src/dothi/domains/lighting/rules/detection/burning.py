"""Lamps that are dark when they should light, light when they should rest, or can't decide."""

from typing import Final

import numpy as np

from dothi.domains.lighting.rules.detection.evidence import Evidence
from dothi.domains.lighting.rules.detection.state import Lamps
from dothi.domains.lighting.rules.detection.timers import Turn, advance, forget
from dothi.domains.lighting.types.detection import Floats

FAILED_AFTER: Final = 10
FAILED_AFTER_FALLS: Final = 30
"""A lamp that has gone dark more than once of late may come back: it has failed when it doesn't for so long."""
FLAGGED_WEIGHT: Final = 2
"""A dark minute counts for so many where the controller reports a lamp failure as well."""
LAMP_FAILURE: Final = 1
BURNING_AFTER: Final = 10
LIT_AGAIN: Final = 5
FALLS_SEEN_MIN: Final = np.uint64((1 << 60) - 1)
"""The last 60 minutes of light."""
FALLS: Final = 3
"""A lamp that goes dark so many times in them cycles."""
STEADY_AFTER: Final = 30


def judge_failed(lamps: Lamps, seen: Evidence, flags: Floats) -> tuple[Lamps, Turn]:
    """Judge by power whether lamps are dark that should give light; a controller's word only hastens it."""
    falls = np.bitwise_count(lamps.falls & FALLS_SEEN_MIN)
    symptom = seen.should_light & seen.dark & ~lamps.cycling.active
    flagged = (np.nan_to_num(flags).astype(np.int64) & LAMP_FAILURE) > 0
    timer, turn = advance(
        forget(lamps.failed, ~seen.should_light),
        minute=seen.minute,
        symptom=symptom,
        healthy=seen.should_light & seen.lit,
        on_after=np.where(falls > 1, FAILED_AFTER_FALLS, FAILED_AFTER).astype(np.int16),
        off_after=LIT_AGAIN,
        weight=np.where(flagged, FLAGGED_WEIGHT, 1).astype(np.int16),
    )
    return lamps._replace(failed=timer), turn


def judge_burning(lamps: Lamps, seen: Evidence) -> tuple[Lamps, Turn]:
    """Judge by power whether lamps give light by day that nobody asked for."""
    timer, turn = advance(
        forget(lamps.burning, ~seen.should_rest),
        minute=seen.minute,
        symptom=seen.should_rest & seen.lit,
        healthy=seen.should_rest & seen.dark,
        on_after=BURNING_AFTER,
        off_after=LIT_AGAIN,
    )
    return lamps._replace(burning=timer), turn


def judge_cycling(lamps: Lamps, seen: Evidence) -> tuple[Lamps, Turn]:
    """Judge by how often lamps went dark in the last hour of light, whether they cycle."""
    fell = seen.should_light & seen.dark & lamps.is_lit
    falls = np.where(seen.should_light, (lamps.falls << np.uint64(1)) | fell, lamps.falls)
    known = seen.should_light & (seen.lit | seen.dark)
    is_lit = np.where(known, seen.lit, lamps.is_lit & seen.should_light)
    count = np.bitwise_count(falls & FALLS_SEEN_MIN)
    timer, turn = advance(
        lamps.cycling,
        minute=seen.minute,
        symptom=fell & (count >= FALLS),
        healthy=seen.should_light & seen.lit & (count == 0),
        on_after=1,
        off_after=STEADY_AFTER,
    )
    return lamps._replace(cycling=timer, falls=falls, is_lit=is_lit), turn
