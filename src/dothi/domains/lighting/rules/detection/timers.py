"""On-delay and hysteresis of many conditions at once."""

from typing import Final, NamedTuple, TypeVar

import numpy as np
from numpy.typing import NDArray

from dothi.domains.lighting.types.detection import Bools

Counts = NDArray[np.int16]
Minutes = NDArray[np.int32]
Number = TypeVar("Number", bound=np.generic)
MOST: Final = 30_000
"""Where counting stops, so that a year of silence doesn't overflow."""


class Timer(NamedTuple):
    """How long conditions have been seen, and whether they stand; arrays of one shape."""

    on: Counts
    """Minutes of symptoms since the last sign of health. A minute that tells nothing counts for neither."""
    off: Counts
    """Minutes of health since the last symptom."""
    since: Minutes
    """The minute, since 1970, of the first of these symptoms."""
    active: Bools

    def rows(self, where: slice) -> "Timer":
        """Give the timer of some rows."""
        return Timer(self.on[where], self.off[where], self.since[where], self.active[where])

    def with_rows(self, where: slice, rows: "Timer") -> "Timer":
        """Give a timer in which these rows are others."""
        return Timer(
            on=with_rows(self.on, where, rows.on),
            off=with_rows(self.off, where, rows.off),
            since=with_rows(self.since, where, rows.since),
            active=with_rows(self.active, where, rows.active),
        )


class Turn(NamedTuple):
    """Which conditions came and which went in a step."""

    came: Bools
    went: Bools


def with_rows(array: NDArray[Number], where: slice, rows: NDArray[Number]) -> NDArray[Number]:
    """Give an array in which these rows are others."""
    changed = array.copy()
    changed[where] = rows
    return changed


def fresh_timer(shape: int | tuple[int, ...]) -> Timer:
    """Give a timer that has seen nothing yet."""
    return Timer(
        on=np.zeros(shape, np.int16),
        off=np.zeros(shape, np.int16),
        since=np.zeros(shape, np.int32),
        active=np.zeros(shape, np.bool_),
    )


def advance(
    timer: Timer, *, minute: int, symptom: Bools, healthy: Bools, on_after: int | Counts, off_after: int,
    weight: int | Counts = 1,
) -> tuple[Timer, Turn]:  # fmt: skip
    """Count a minute: a condition comes after `on_after` minutes of symptoms, and goes after `off_after` of health.

    `symptom` and `healthy` exclude each other; where both are false the minute tells nothing. A symptom counts for
    `weight` minutes, at least one.
    """
    on = np.where(symptom, np.minimum(timer.on + weight, MOST), np.where(healthy, 0, timer.on)).astype(np.int16)
    off = np.where(healthy, np.minimum(timer.off + 1, MOST), np.where(symptom, 0, timer.off)).astype(np.int16)
    since = np.where(symptom & (timer.on == 0), np.int32(minute), timer.since)
    came = symptom & ~timer.active & (on >= on_after)
    went = healthy & timer.active & (off >= off_after)
    return Timer(on, off, since, (timer.active | came) & ~went), Turn(came, went)


def forget(timer: Timer, where: Bools, *, to: int = 0) -> Timer:
    """Drop what has been counted towards conditions that don't stand yet; below 0 they get more time."""
    return timer._replace(on=np.where(where & ~timer.active, np.int16(to), timer.on))


def withdraw(timer: Timer, where: Bools) -> Timer:
    """Drop conditions that stand, and what has been counted."""
    return timer._replace(on=np.where(where, np.int16(0), timer.on), active=timer.active & ~where)
