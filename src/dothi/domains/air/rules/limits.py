"""Statutory limits: how often a station's air was above those in force at the time."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Final

import numpy as np

from dothi.domains.air.rules.hours import HOUR
from dothi.domains.air.rules.index import day_mean, eight_hours
from dothi.domains.air.types import Average, Exceedance, Floats, Hours, Ints, Limit

YEAR_SHARE: Final = 0.75
"""The share of a year's hours that its mean needs."""
YEAR_HOURS: Final = 8760


def exceedances(hours: Hours, days: Sequence[date], day_of: Ints, limits: Sequence[Limit]) -> tuple[Exceedance, ...]:
    """Judge each limit by the averages of the time in which it was in force; limits without any are left out.

    `day_of` [t] numbers each hour's day. A year's limit is judged by the mean of all hours, if these are three quarters
    of a year. An average is exceeded when it is greater than the limit.
    """
    return tuple(_judge_all(hours, days, day_of, limits))


def _judge_all(hours: Hours, days: Sequence[date], day_of: Ints, limits: Sequence[Limit]) -> Iterator[Exceedance]:
    starts = np.searchsorted(day_of, np.arange(len(days)))
    for limit in limits:
        in_force = np.array([limit.is_in_force(day) for day in days], np.bool_)
        values, places = _averages(hours.of(limit.pollutant), day_of, starts, limit.average)
        counted = ~np.isnan(values) & in_force[day_of[places]]
        if counted.any():
            yield _judge(limit, values[counted], places[counted], hours.begin)


def _averages(values: Floats, day_of: Ints, starts: Ints, average: Average) -> tuple[Floats, Ints]:
    """Give the averages and the hour that each is named after: its last one, a day's first, a year's last."""
    every = np.arange(len(values))
    if average is Average.HOUR:
        return values, every
    if average is Average.EIGHT_HOURS:
        return eight_hours(values), every
    if average is Average.DAY:
        return day_mean(values, day_of), starts
    there = ~np.isnan(values)
    is_enough = there.sum() >= YEAR_SHARE * YEAR_HOURS
    return np.array([values[there].mean() if is_enough else np.nan]), every[-1:]


def _judge(limit: Limit, values: Floats, places: Ints, begin: datetime) -> Exceedance:
    worst = int(values.argmax())
    worst_at = begin + HOUR * int(places[worst])
    return Exceedance(limit, int((values > limit.value).sum()), len(values), float(values[worst]), worst_at)
