"""QARTOD's tests on many results at once; importing this takes seconds and 100 MB, so it is imported when needed."""

from collections import defaultdict
from statistics import median
from typing import Final

import numpy as np
from ioos_qc import qartod
from numpy.typing import NDArray

from dothi.core.observations.quality.types import (
    Configuration,
    FlatLine,
    GrossRange,
    RateOfChange,
    Spike,
    Stretches,
)
from dothi.core.observations.types import Quality

LONGEST_GAP_S: Final = 30 * 86_400
"""After so long a result counts as the first of its Datastream: no rate is made of it."""

Floats = NDArray[np.float64]
Integers = NDArray[np.int64]
Booleans = NDArray[np.bool_]
Flags = NDArray[np.uint8]


class Vectors:
    """The stretches of one configuration as arrays, which have one element for each result.

    Each test is ioos-qc's, called once for all Datastreams of one configuration. How their results are laid out in one
    vector for it, and what is done about where one Datastream ends and the next begins, is said at each test.
    """

    def __init__(self, stretches: Stretches) -> None:
        sizes = np.array(stretches.sizes, dtype=np.int64)
        known = np.array(stretches.known, dtype=np.int64)
        self.values: Final[Floats] = np.array(stretches.values, dtype=np.float64)
        self.times: Final[Floats] = np.array(stretches.times, dtype=np.float64)
        self.ends: Final[Integers] = np.cumsum(sizes)
        self.number: Final[Integers] = np.repeat(np.arange(len(sizes)), sizes)
        """To which of the stretches an element belongs."""
        place = np.arange(len(self.values)) - np.repeat(self.ends - sizes, sizes)
        self.is_first: Final[Booleans] = place == 0
        self.is_new: Final[Booleans] = place >= np.repeat(known, sizes)

    def unknown(self) -> Flags:
        """Give a vector of flags that say nothing yet."""
        return np.full(len(self.values), Quality.NOT_EVALUATED, dtype=np.uint8)


def judge(configuration: Configuration, stretches: Stretches) -> list[int]:
    """Give QARTOD's flag of each new result, in order: the worst that any test gives (qartod_compare)."""
    vectors = Vectors(stretches)
    found: list[Flags] = []
    with np.errstate(all="ignore"):
        if configuration.gross_range_test is not None:
            found.append(gross_range(vectors, configuration.gross_range_test))
        if configuration.rate_of_change_test is not None:
            found.append(rate_of_change(vectors, configuration.rate_of_change_test))
        if configuration.flat_line_test is not None:
            found.append(flat_line(vectors, configuration.flat_line_test))
        if configuration.spike_test is not None:
            found.append(spike(vectors, configuration.spike_test))
        worst = found[0] if len(found) == 1 else qartod.qartod_compare(found)
    flags: list[int] = np.asarray(worst)[vectors.is_new].tolist()
    return flags


def gross_range(vectors: Vectors, test: GrossRange) -> Flags:
    """Judge each result by itself."""
    return _plain(qartod.gross_range_test(vectors.values, fail_span=test.fail_span, suspect_span=test.suspect_span))


def rate_of_change(vectors: Vectors, test: RateOfChange) -> Flags:
    """Judge each result by the one before it in its Datastream.

    The library takes time in whole seconds, cutting off what is beyond. So each result and the one before it stand as
    a pair with a time axis of their own that counts milliseconds, the thresholds being so many units a millisecond; the
    flags of the pairs' first elements are left out. What has no result before it, or one of the same millisecond, is
    not evaluated.
    """
    flags = vectors.unknown()
    gaps_ms = np.rint(np.diff(vectors.times, prepend=0.0) * 1000.0)
    judged = np.flatnonzero(~vectors.is_first & (gaps_ms >= 1) & (gaps_ms <= LONGEST_GAP_S * 1000))
    if not len(judged):
        return flags
    values = np.empty(2 * len(judged))
    values[0::2], values[1::2] = vectors.values[judged - 1], vectors.values[judged]
    ticks = np.zeros(2 * len(judged), dtype=np.int64)
    ticks[1::2] = gaps_ms[judged]
    fail = None if test.fail_threshold is None else test.fail_threshold / 1000.0
    axis = ticks.astype("datetime64[s]")
    pairs = qartod.rate_of_change_test(values, axis, threshold=test.threshold / 1000.0, fail_threshold=fail)
    flags[judged] = _plain(pairs)[1::2]
    return flags


def flat_line(vectors: Vectors, test: FlatLine) -> Flags:
    """Judge each result by those of its Datastream before it.

    The library turns seconds into a number of results by the median step of the whole vector. Datastreams have steps of
    their own, so the numbers are found here for each of them, and those with equal numbers stand in one vector whose
    step is a second. Between two Datastreams stands the largest number there is: no stretch across it is flat.
    """
    flags = vectors.unknown()
    alike: dict[tuple[int, int], list[int]] = defaultdict(list)
    for number, times in enumerate(np.split(vectors.times, vectors.ends[:-1])):
        alike[_counts(times, test)].append(number)
    for (suspect, fail), numbers in alike.items():
        chosen = np.flatnonzero(np.isin(vectors.number, numbers))
        values, places = _separated(vectors, chosen, np.finfo(np.float64).max)
        axis = np.arange(len(values)).astype("datetime64[s]")
        found = qartod.flat_line_test(
            values, axis, suspect_threshold=suspect, fail_threshold=fail, tolerance=test.tolerance
        )
        flags[chosen] = _plain(found)[places]
    return flags


def spike(vectors: Vectors, test: Spike) -> Flags:
    """Judge each result by its two neighbours; the first and the last of a Datastream have but one: not evaluated.

    Between two Datastreams stands a missing value, which the library passes no judgement across.
    """
    values, places = _separated(vectors, np.arange(len(vectors.values)), np.nan)
    found = qartod.spike_test(
        values,
        suspect_threshold=test.suspect_threshold,
        fail_threshold=test.fail_threshold,
        method=test.method,
    )
    return _plain(found)[places]


def _separated(vectors: Vectors, chosen: Integers, separator: float) -> tuple[Floats, Integers]:
    """Give the values of some elements with a separator before each stretch, and where each of them now stands."""
    places = np.arange(len(chosen)) + np.cumsum(vectors.is_first[chosen])
    values = np.full(places[-1] + 1, separator)
    values[places] = vectors.values[chosen]
    return values, places


def _counts(times: Floats, test: FlatLine) -> tuple[int, int]:
    """Give how many results before one make the seconds of a test, by the median step of a stretch; at least one."""
    step = median(np.diff(times).tolist()) if len(times) > 1 else 0.0
    return _count(test.suspect_threshold, step), _count(test.fail_threshold, step)


def _count(seconds: int, step_s: float) -> int:
    # A clock's jitter must not make a step of 60 s a little longer and so 10 minutes one result shorter.
    return max(1, int(seconds / step_s + 0.01)) if step_s > 0 else seconds


def _plain(flags: object) -> Flags:
    return np.asarray(flags, dtype=np.uint8)
