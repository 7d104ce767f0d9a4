"""Whether lamps did what their programme asked: the share of minutes with the right level."""

from typing import Final

import numpy as np

from dothi.domains.lighting.types.schedule import Bools, Compliance, Floats

TOLERANCE_POINTS: Final = 5.0
"""A measured level this near to the wanted one is the wanted one, in points of percent."""
GUARD_MIN: Final = 5
"""Minutes before and after a switching in which nothing is judged: lamps' clocks differ, and a lamp fades."""


def compliance(
    measured: Floats, wanted: Floats, *, tolerance: float = TOLERANCE_POINTS, guard: int = GUARD_MIN
) -> Compliance:
    """Compare levels in percent, `[lamps, minutes]`; NaN stands for a minute without a measurement and isn't judged.

    Minutes follow each other; `guard` counts them on either side of a change of the wanted level.
    """
    judged = ~np.isnan(measured) & ~near_change(wanted, guard=guard)
    within = judged & (np.abs(np.nan_to_num(measured) - wanted) <= tolerance)
    return Compliance(judged=int(judged.sum()), within=int(within.sum()))


def near_change(wanted: Floats, *, guard: int = GUARD_MIN) -> Bools:
    """Tell of each minute `[lamps, minutes]` whether the wanted level changes within `guard` minutes of it."""
    minutes = wanted.shape[1]
    near = np.zeros(wanted.shape, dtype=bool)
    changes = wanted[:, 1:] != wanted[:, :-1]
    for shift in range(-guard, guard):
        # A change between minutes i and i+1 touches the minutes i-guard+1 … i+guard.
        begin, end = max(0, shift + 1), min(minutes, minutes + shift)
        if begin < end:
            near[:, begin:end] |= changes[:, begin - shift - 1 : end - shift - 1]
    return near
