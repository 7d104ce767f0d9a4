"""On-delay and off-delay: a condition must hold, or be gone, for a time before an alarm is raised or cleared."""

from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Flags = NDArray[np.bool_]
Seconds = NDArray[np.float64]


class Delays(NamedTuple):
    """What is remembered of n conditions, n of each array.

    `is_raised` is what was last said; `turned_at` is when the condition began to differ from it (seconds of the Unix
    epoch, NaN where it does not).
    """

    is_raised: Flags
    turned_at: Seconds


class Turned(NamedTuple):
    """What a step says: which are raised and cleared by it, and when the condition began or ended (NaN elsewhere)."""

    raised: Flags
    cleared: Flags
    since: Seconds


def start(count: int) -> Delays:
    """Begin with nothing raised."""
    return Delays(np.zeros(count, np.bool_), np.full(count, np.nan))


def step(
    delays: Delays,
    *,
    holds: Flags,
    is_known: Flags,
    at_s: float,
    on_delay_s: Seconds | float,
    off_delay_s: Seconds | float,
) -> tuple[Delays, Turned]:
    """Go on to a moment (seconds of the Unix epoch, never backwards) at which each condition holds or not.

    Where it is not known the delay runs on: what was last seen is taken to last. A condition that turns back before its
    delay has passed starts it anew. A delay of 0 turns at once. The delays are city seconds, of each or of all.
    """
    differs = np.where(is_known, holds != delays.is_raised, ~np.isnan(delays.turned_at))
    turned_at = np.where(differs, np.where(np.isnan(delays.turned_at), at_s, delays.turned_at), np.nan)
    delay_s = np.where(delays.is_raised, off_delay_s, on_delay_s)
    turns = differs & (at_s - turned_at >= delay_s)
    raised, cleared = turns & ~delays.is_raised, turns & delays.is_raised
    after = Delays(delays.is_raised ^ turns, np.where(turns, np.nan, turned_at))
    return after, Turned(raised, cleared, np.where(turns, turned_at, np.nan))
