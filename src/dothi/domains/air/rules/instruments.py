"""What is wrong with an instrument, from what it and its neighbours send: dead, stuck, drifting."""

from typing import Final

import numpy as np

from dothi.domains.air.rules.index import DAY_NEEDED
from dothi.domains.air.types import Bools, Floats, Ints

DEAD_H: Final = 3
"""Hours by which an instrument's newest hour lies behind its station's, from which on it is dead."""
FORGOTTEN_H: Final = 30 * 24
"""Hours after which it is no instrument of the station any more."""
STUCK_H: Final = 6
"""Hours in a row with the same number above zero: an instrument has noise."""
RECENT_DAYS: Final = 3
PAST_DAYS: Final = 84
"""Days before the recent ones that a share is held against; a drift that was mended among them is outvoted."""
PAST_NEEDED: Final = 20
DRIFT: Final = 0.12
"""Of the logarithm: an eighth more or less than it was. An alarm ends below half of it."""
NEIGHBOURS_NEEDED: Final = 2


def is_dead(own_hour: Ints | Floats, station_hour: Ints | Floats) -> Bools:
    """Tell of instruments whether they send nothing while their station sends, by the newest hour of both."""
    behind = np.asarray(station_hour) - np.asarray(own_hour)
    found: Bools = (behind >= DEAD_H) & (behind < FORGOTTEN_H)
    return found


def is_stuck(hours: Floats) -> Bools:
    """Tell hour by hour whether the newest numbers are all the same, [..., t] in and out; gaps don't count."""
    found = np.zeros(hours.shape, np.bool_)
    last, run = np.full(hours.shape[:-1], np.nan), np.zeros(hours.shape[:-1], np.int64)
    for place in range(hours.shape[-1]):
        value = hours[..., place]
        there = ~np.isnan(value)
        run = np.where(there, np.where((value == last) & (value > 0), run + 1, 1), run)
        last = np.where(there, value, last)
        found[..., place] = run >= STUCK_H
    return found


def without_stuck(hours: Floats) -> Floats:
    """Leave out what a stuck instrument sent, [..., t] in and out."""
    stuck = is_stuck(hours)
    found = hours.copy()
    for back in range(STUCK_H):
        found[..., : hours.shape[-1] - back][stuck[..., back:]] = np.nan
    return found


def fine_shares(fine: Floats, coarse: Floats, day_of: Ints) -> Floats:
    """Give how much more of PM10 is PM2.5 than at the other stations, as logarithms, [stations, days].

    Weather and traffic move both and all stations alike; an instrument that drifts moves one of the two at one station.
    `fine` and `coarse` are hours of PM2.5 and PM10, [stations, t]. NaN with fewer than 18 hours or two neighbours.
    """
    both = np.where((fine > 0) & (coarse > 0), fine, np.nan)
    logs = np.log(both) - np.log(np.where(np.isnan(both), np.nan, coarse))
    found = np.full((len(logs), int(day_of.max(initial=-1)) + 1), np.nan)
    for station in range(len(logs)):
        others = np.delete(logs, station, axis=0)
        enough = (~np.isnan(others)).sum(axis=0) >= NEIGHBOURS_NEEDED
        usual = np.full(logs.shape[1], np.nan)
        if enough.any():
            usual[enough] = np.nanmedian(others[:, enough], axis=0)
        apart = logs[station] - usual
        there = ~np.isnan(apart)
        count = np.bincount(day_of, there, minlength=found.shape[1])
        total = np.bincount(day_of, np.where(there, apart, 0.0), minlength=found.shape[1])
        found[station] = np.where(count >= DAY_NEEDED, total / np.maximum(count, 1), np.nan)
    return found


def drifts(shares: Floats) -> Floats:
    """Give by day how far the last three days lie from the twelve weeks before, as logarithms, [..., days] in and out.

    Above `DRIFT` either way the instrument drifts; NaN where too few days are known.
    """
    days = shares.shape[-1]
    found = np.full(shares.shape, np.nan)
    for day in range(PAST_NEEDED + RECENT_DAYS - 1, days):
        recent = shares[..., day - RECENT_DAYS + 1 : day + 1]
        past = shares[..., max(0, day - RECENT_DAYS - PAST_DAYS + 1) : day - RECENT_DAYS + 1]
        known = ((~np.isnan(past)).sum(axis=-1) >= PAST_NEEDED) & ~np.isnan(recent).any(axis=-1)
        if known.any():
            found[known, day] = recent[known].mean(axis=-1) - np.nanmedian(past[known], axis=-1)
    return found


def is_drift(apart: float) -> bool | None:
    """Tell whether an instrument drifts that is so far from its past, None where it neither begins nor ends to."""
    if apart != apart or DRIFT / 2 <= abs(apart) <= DRIFT:
        return None
    return abs(apart) > DRIFT
