"""Rules of registers that count up: by how much they rose between moments, through gaps and replaced meters."""

from collections.abc import Iterable
from typing import Final, NamedTuple

import numpy as np

from dothi.core.observations.series.types import Bools, Edges, Floats, Ints, Pieces

# Nothing is invented: a rise between two readings is shared out by time where a moment lies between them, and marked; a
# fall adds nothing, whatever was before and after it. So without a fall the rises add up to the last reading less the
# first.

MUCH: Final = 0.1
"""The share of a span from which on being interpolated is said."""
SAME: Final = 1e-9
"""Relative difference up to which two values are one: they went through decimals and back."""


class Rises(NamedTuple):
    """What registers rose by, as arrays of shape (registers, spans); NaN where nothing is known.

    `doubtful` are those that need the readings within the span, not only those next to its ends.
    """

    increase: Floats
    is_interpolated: Bools
    is_partial: Bools
    has_reset: Bools
    doubtful: Bools


class Ends(NamedTuple):
    """The values with which the spans before and after moments end and begin; they differ where the register fell."""

    left: Floats
    right: Floats
    fell: Bools
    joined: Bools
    """Whether readings on both sides give the value at the moment itself."""


def ends_of(edges: Edges, moments: Ints) -> Ends:
    """Give the register's value at moments: by straight lines between readings."""
    fell = edges.after < edges.before - _slack(edges.before, edges.after)
    joined = ~np.isnan(edges.before) & ~np.isnan(edges.after) & ~fell
    gap = np.maximum(edges.after_time - edges.before_time, 1)
    weight = np.clip((moments - edges.before_time) / gap, 0.0, 1.0)
    value = edges.before + weight * np.maximum(edges.after - edges.before, 0.0)
    return Ends(np.where(joined, value, edges.before), np.where(joined, value, edges.after), fell, joined)


def rises(edges: Edges, moments: Ints) -> Rises:
    """Give the rises between moments (int64 microseconds, in order) from the readings next to them."""
    ends = ends_of(edges, moments)
    starts = np.where(ends.joined, moments, edges.after_time)[:, :-1]
    stops = np.where(ends.joined, moments, edges.before_time)[:, 1:]
    first, last = ends.right[:, :-1], ends.left[:, 1:]
    known = ~np.isnan(first) & ~np.isnan(last) & (stops > starts)
    dropped = known & (last < first - _slack(first, last))
    fell = ends.fell[:, :-1] | ends.fell[:, 1:]
    of_sums = edges.summed & ends.fell
    is_partial = (np.isnan(edges.before)[:, :-1] & (starts > moments[:-1])) | (
        np.isnan(edges.after)[:, 1:] & (stops < moments[1:])
    )
    return Rises(
        np.where(known, np.maximum(last - first, 0.0), np.nan),
        known & (_share_between_readings(edges, ends, moments) > MUCH),
        known & is_partial,
        fell | dropped,
        dropped | of_sums[:, :-1] | of_sums[:, 1:],
    )


def _slack(one: Floats, other: Floats) -> Floats:
    return SAME * np.maximum(np.maximum(np.abs(one), np.abs(other)), 1.0)


def _share_between_readings(edges: Edges, ends: Ends, moments: Ints) -> Floats:
    """Give the share of each span that lies between two readings of which one is outside of it."""
    begins, stops = moments[:-1], moments[1:]
    at_begin = np.where(ends.joined, np.clip(edges.after_time - moments, 0, None), 0)[:, :-1]
    at_end = np.where(ends.joined, np.clip(moments - edges.before_time, 0, None), 0)[:, 1:]
    share: Floats = (at_begin + at_end) / (stops - begins)
    return share


def join_edges(edges: Edges, pieces: Pieces, moments: Ints, *, length: int) -> Edges:
    """Take aggregates (`length` microseconds long, of the same rows) for readings where they are nearer to a moment.

    The first value of an aggregate is its least, the last its greatest, as long as the register rose: where it did not,
    the rise is doubtful. Readings within an aggregate's span came after what is in it, as the oldest leave first.
    """
    if not len(pieces.row):
        return edges
    rows = np.arange(len(edges.before))[:, None]
    keys = _key(pieces.row, pieces.begin)
    place = np.searchsorted(keys, _key(rows, moments[None, :]), side="left")
    previous, following = np.clip(place - 1, 0, None), np.clip(place, None, len(keys) - 1)
    has_before = (place > 0) & (pieces.row[previous] == rows)
    has_after = (place < len(keys)) & (pieces.row[following] == rows)
    sum_is_last = has_before & (np.isnan(edges.before) | (pieces.begin[previous] > edges.before_time))
    sum_is_next = has_after & (np.isnan(edges.after) | (pieces.begin[following] <= edges.after_time))
    before_time = np.where(
        sum_is_last, np.minimum(pieces.begin[previous] + length, moments[None, :]), edges.before_time
    )
    return Edges(
        before_time,
        np.where(sum_is_last, pieces.greatest[previous], edges.before),
        np.where(sum_is_next, pieces.begin[following], edges.after_time),
        np.where(sum_is_next, pieces.least[following], edges.after),
        sum_is_last | sum_is_next,
    )


def only(edges: Edges, columns: Ints) -> Edges:
    """Give the edges of some of the moments."""
    return Edges(
        edges.before_time[:, columns],
        edges.before[:, columns],
        edges.after_time[:, columns],
        edges.after[:, columns],
        edges.summed[:, columns],
    )


def cut(pieces: Pieces, own: slice) -> Pieces:
    """Give some neighbouring pieces."""
    return Pieces(pieces.row[own], pieces.begin[own], pieces.least[own], pieces.greatest[own])


def _key(rows: Ints, micros: Ints) -> Ints:
    """Give one number by which rows and then times are in order; seconds fit beside a million rows."""
    keys: Ints = rows * (1 << 36) + micros // 1_000_000 + (1 << 35)
    return keys


def rise_through(pieces: Pieces, *, before: float, after: float, first: float, last: float) -> float:
    """Give the rise of one register over the pieces of one span, in the order of time.

    `before` and `after` are the readings beside the span, `first` and `last` the values at its ends; NaN for none, and
    where the register fell across that end. An aggregate that the register fell in adds nothing: its least and its
    greatest are then of two meters.
    """
    if not len(pieces.row):
        return 0.0
    least, greatest = pieces.least, pieces.greatest
    previous = np.concatenate(([before], greatest[:-1]))
    following = np.concatenate((least[1:], [after]))
    with_fall = ((previous > least) & (previous <= greatest)) | ((following >= least) & (following < greatest))
    within = np.where(with_fall, 0.0, greatest - least)
    between = np.concatenate(([least[0] - first], least[1:] - greatest[:-1], [last - greatest[-1]]))
    return float(np.maximum(within, 0.0).sum() + np.maximum(np.nan_to_num(between), 0.0).sum())


def settle(found: Rises, exact: Iterable[tuple[int, int, float]]) -> Rises:
    """Put what `rise_through` gave, as (row, span, rise), in the place of doubtful rises."""
    increase = found.increase.copy()
    for row, span, rise in exact:
        increase[row, span] = rise
    return found._replace(increase=increase)


def gather(days: Rises, whole: Rises, firsts: Ints) -> Rises:
    """Add days up to months; `firsts` are the months' first days, `whole` says of months what is said of spans."""
    known = ~np.isnan(days.increase)
    count = np.add.reduceat(known, firsts, axis=1, dtype=np.int64)
    total = np.add.reduceat(np.nan_to_num(days.increase), firsts, axis=1)
    return Rises(
        np.where(count > 0, total, np.nan),
        whole.is_interpolated,
        whole.is_partial,
        np.logical_or.reduceat(days.has_reset, firsts, axis=1),
        np.zeros_like(whole.doubtful),
    )
