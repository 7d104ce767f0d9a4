"""Lamps of which nothing comes."""

from typing import Final

import numpy as np

from dothi.domains.lighting.rules.detection.evidence import Evidence
from dothi.domains.lighting.rules.detection.state import Lamps
from dothi.domains.lighting.rules.detection.timers import MOST, Turn, advance, forget
from dothi.domains.lighting.types.detection import Bools, Sample

SILENT_AFTER: Final = 15
HEARD_AFTER: Final = 3


def heard_lamps(sample: Sample) -> Bools:
    """Tell the lamps of which anything came, [n]."""
    return ~(np.isnan(sample.power_w) & np.isnan(sample.level_percent) & np.isnan(sample.voltage_v))


def heard_cabinets(sample: Sample) -> Bools:
    """Tell the cabinets of which anything came, [c]."""
    known = ~(np.isnan(sample.cabinet_voltage_v) & np.isnan(sample.cabinet_current_a))
    return np.asarray(known.any(axis=1))


def count_unheard(lamps: Lamps, heard: Bools) -> Lamps:
    """Count the minutes in which nothing came of lamps."""
    return lamps._replace(unheard=np.where(heard, 0, np.minimum(lamps.unheard + 1, MOST)).astype(np.int16))


def judge_silent(lamps: Lamps, seen: Evidence, covered: Bools) -> tuple[Lamps, Turn]:
    """Judge how long lamps have been silent; of those cut off with feeder or gateway it says nothing."""
    timer, turn = advance(
        forget(lamps.silent, covered),
        minute=seen.minute,
        symptom=~seen.heard & ~covered,
        healthy=seen.heard,
        on_after=SILENT_AFTER,
        off_after=HEARD_AFTER,
    )
    return lamps._replace(silent=timer), turn
