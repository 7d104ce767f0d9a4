"""Air quality indexes over hourly means, after the steps of a regulation; VN_AQI is Decision 1459/QĐ-TCMT (2019)."""

from collections.abc import Callable, Mapping
from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from dothi.domains.air.types import Average, Curve, Floats, Hours, Index, Ints, Judged

# Arrays go in and come out: the last axis is time, hour by hour without a gap, NaN where nothing was measured.

NOWCAST_HOURS: Final = 12
NEWEST: Final = 3
NEWEST_NEEDED: Final = 2
"""Of the newest three hours so many must be there."""
LEAST_WEIGHT: Final = 0.5
DAY_NEEDED: Final = 18
"""Hours of a day that its mean needs: three quarters."""
EIGHT_NEEDED: Final = 6
"""Hours of eight that their mean needs: three quarters."""


def nowcast(hours: Floats) -> Floats:
    """Give the NowCast of each hour from it and the eleven before, [..., t] in and out.

    With w = max(least/greatest, ½): above ½ the mean weighted by w^(i-1), i = 1 the newest; at ½ the sum of (½)^i c_i,
    which the decision does not divide by its weights. So a gap in a changing hour lowers the second: that is the
    decision's own rule, and stays. NaN with fewer than two of the newest three hours.
    """
    past = _windows(hours, NOWCAST_HOURS)[..., ::-1]
    there = ~np.isnan(past)
    known = np.where(there, past, 0.0)
    greatest = known.max(axis=-1)
    least = np.where(there, past, np.inf).min(axis=-1)
    with np.errstate(invalid="ignore", divide="ignore"):
        share = np.where(greatest > 0, least / greatest, 1.0)
    weight = np.clip(share, LEAST_WEIGHT, 1.0)
    weights = weight[..., None] ** np.arange(NOWCAST_HOURS)
    total = (weights * known).sum(axis=-1)
    divisor = np.where(weight > LEAST_WEIGHT, (weights * there).sum(axis=-1), 1 / LEAST_WEIGHT)
    enough = there[..., :NEWEST].sum(axis=-1) >= NEWEST_NEEDED
    result: Floats = np.where(enough, total / np.where(divisor > 0, divisor, 1.0), np.nan)
    return result


def eight_hours(hours: Floats) -> Floats:
    """Give the mean of each hour and the seven before, [..., t]; NaN with fewer than six of them."""
    return _mean(_windows(hours, 8), needed=EIGHT_NEEDED)


def day_mean(hours: Floats, day_of: Ints) -> Floats:
    """Give the mean of each day, [days]; `day_of` [t] numbers each hour's day from 0. NaN with fewer than 18 hours."""
    there = ~np.isnan(hours)
    count = np.bincount(day_of, there)
    with np.errstate(invalid="ignore"):
        mean = np.bincount(day_of, np.where(there, hours, 0.0)) / count
    return np.where(count >= DAY_NEEDED, mean, np.nan)


def day_max(hours: Floats, day_of: Ints) -> Floats:
    """Give the greatest of each day, [days]; NaN with fewer than 18 hours."""
    there = ~np.isnan(hours)
    greatest = np.full(int(day_of.max(initial=-1)) + 1, -np.inf)
    np.maximum.at(greatest, day_of[there], hours[there])
    return np.where(np.bincount(day_of, there) >= DAY_NEEDED, greatest, np.nan)


def part(concentration: Floats, curve: Curve, steps: tuple[float, ...]) -> Floats:
    """Give a pollutant's own index on straight lines between steps, not rounded.

    Above the last step of all the index stays at its top; a curve with fewer steps gives NaN above its last.
    """
    at = np.asarray(curve.at)
    found = np.interp(concentration, at, np.asarray(steps[: len(at)]))
    if len(at) < len(steps):
        found = np.where(concentration > at[-1], np.nan, found)
    return np.where(np.isnan(concentration), np.nan, found)


def hourly(index: Index, hours: Hours) -> Judged:
    """Give the index of each hour, rounded; NaN where none of the pollutants that it needs is there."""
    prepare: Mapping[Average, Callable[[Floats], Floats]] = {
        Average.HOUR: lambda values: values,
        Average.NOWCAST: nowcast,
        Average.EIGHT_HOURS: eight_hours,
    }
    parts = [part(prepare[each.average](hours.of(each.pollutant)), each, index.steps) for each in index.hourly]
    return _together(index, index.hourly, parts, hours.values.shape[1])


def daily(index: Index, hours: Hours, day_of: Ints) -> Judged:
    """Give the index of each day, rounded, [days]; `day_of` [t] numbers each hour's day from 0."""
    prepare: Mapping[Average, Callable[[Floats], Floats]] = {
        Average.DAY: lambda values: day_mean(values, day_of),
        Average.HOUR_MAX: lambda values: day_max(values, day_of),
        Average.EIGHT_HOURS_MAX: lambda values: day_max(eight_hours(values), day_of),
    }
    parts = [part(prepare[each.average](hours.of(each.pollutant)), each, index.steps) for each in index.daily]
    return _together(index, index.daily, parts, int(day_of.max(initial=-1)) + 1)


def rounded(values: Floats) -> Floats:
    """Round to whole numbers, halves up: 64.5 is 65, as people round and Python does not."""
    return np.floor(values + 0.5)


def _together(index: Index, curves: tuple[Curve, ...], parts: list[Floats], length: int) -> Judged:
    """Make one line of each pollutant, the greatest of its curves, and of all the index."""
    names = tuple(dict.fromkeys(curve.pollutant for curve in curves))
    lines = np.full((len(names), length), np.nan)
    for curve, line in zip(curves, parts, strict=True):
        place = names.index(curve.pollutant)
        lines[place] = np.fmax(lines[place], rounded(line))
    value = np.fmax.reduce(lines, axis=0) if len(names) else np.full(length, np.nan)
    needed = [names.index(each) for each in index.needs if each in names]
    if index.needs:
        has = ~np.isnan(lines[needed]).all(axis=0) if needed else np.zeros(length, np.bool_)
        value = np.where(has, value, np.nan)
    return Judged(value, names, lines)


def _windows(hours: Floats, length: int) -> Floats:
    """Give each hour with those before it, [..., t, length], the oldest first; before the first there is nothing."""
    nothing = np.full((*hours.shape[:-1], length - 1), np.nan)
    found: Floats = sliding_window_view(np.concatenate([nothing, hours], axis=-1), length, axis=-1)
    return found


def _mean(windows: Floats, *, needed: int) -> Floats:
    there = ~np.isnan(windows)
    count = there.sum(axis=-1)
    total = np.where(there, windows, 0.0).sum(axis=-1)
    return np.where(count >= needed, total / np.maximum(count, 1), np.nan)
