"""The door to energy by day: what each lamp used, kept for a while, since a city's month takes a second to add up."""

from collections.abc import Sequence
from datetime import date, timedelta
from threading import Lock
from time import monotonic
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from django.conf import settings

from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import SYSTEM, Actor
from dothi.core.observations.series import service as series
from dothi.core.observations.series.types import Increment, Increments, Ints, Step
from dothi.domains.lighting.rules import days as rules
from dothi.domains.lighting.service.lamps import VIEW
from dothi.domains.lighting.types import Lamp
from dothi.domains.lighting.types.overview import DayEnergy
from dothi.domains.lighting.types.schedule import Bools, Floats
from dothi.kernel import clock
from dothi.kernel.city import City

SHOWN: Final = 31
"""How many days the charts of a city and of a street show; the last one runs still."""
KEPT_S: Final = 600.0
"""Wall seconds for which what was added up of whole days is shown; late readings are in after that."""
RUNNING_S: Final = 60.0
"""And of the day that runs."""
BACKFILL: Final = "backfill"
"""The parameter of Observations that were sent in afterwards."""


class _Day(NamedTuple):
    """What registers rose by on one day, as columns in the order of their ids."""

    streams: Ints
    kwh: Floats
    is_interpolated: Bools
    is_partial: Bools
    has_reset: Bools
    until: float

    def has(self, streams: Ints) -> bool:
        """Whether all of these are in it, and it is young enough."""
        return monotonic() < self.until and bool(np.isin(streams, self.streams, assume_unique=True).all())


_kept: Final[dict[date, _Day]] = {}
_lock: Final = Lock()


def forget() -> None:
    """Add everything up anew when it is next asked for."""
    _kept.clear()


def today() -> date:
    """Give the city's date."""
    return clock.now().astimezone(ZoneInfo(_city().zone)).date()


def _city() -> City:
    return settings.CITY


def last_days() -> tuple[date, ...]:
    """Give the days that a chart shows, today the last of them."""
    last = today()
    return tuple(last - timedelta(days=ago) for ago in range(SHOWN - 1, -1, -1))


def energy_of(actor: Actor, lamps: Sequence[Lamp], days: Sequence[date]) -> DayEnergy:
    """Give what lamps, which the actor may see, used on days in a row: as it was at most ten minutes ago.

    Raises Unauthenticated or Forbidden.
    """
    accounts.require(actor, VIEW)
    streams = np.array([lamp.energy_stream or 0 for lamp in lamps], np.int64)
    found = _days(np.unique(streams[streams > 0]), days)
    places = [np.searchsorted(day.streams, streams).clip(max=max(len(day.streams) - 1, 0)) for day in found]
    shape = len(lamps), len(days)
    answer = DayEnergy(tuple(days), np.full(shape, np.nan), *(np.zeros(shape, np.bool_) for _ in range(3)))
    for column, (day, place) in enumerate(zip(found, places, strict=True)):
        if len(day.streams):
            known = day.streams[place] == streams
            for to, values in zip(answer[1:], day[1:5], strict=True):
                to[known, column] = values[place[known]]
    return answer


def _days(streams: Ints, days: Sequence[date]) -> list[_Day]:
    """Give each day, reading those that lack, and what is between them, at once."""
    with _lock:
        lacking = [day for day in days if day not in _kept or not _kept[day].has(streams)]
        read = _read(streams, lacking) if lacking else {}
        if len(_kept) > 2 * SHOWN:
            _kept.clear()
        found = [read.get(day) or _kept[day] for day in days]
        _kept.update({day: new for day, new in read.items() if day not in _kept or _is_more(new, _kept[day])})
    return found


def _is_more(new: _Day, old: _Day) -> bool:
    """A street's lamps don't take the place of a city's."""
    return len(new.streams) >= len(old.streams) or monotonic() >= old.until


def _read(streams: Ints, lacking: Sequence[date]) -> dict[date, _Day]:
    first, count = lacking[0], (lacking[-1] - lacking[0]).days + 1
    rises = series.measure_rises(SYSTEM, streams.tolist(), rules.midnights(first, count, _city().zone))
    running, began = today(), monotonic()
    return {
        (day := first + timedelta(days=number)): _Day(
            streams,
            rises.increase[:, number],
            rises.is_interpolated[:, number],
            rises.is_partial[:, number],
            rises.has_reset[:, number],
            began + (RUNNING_S if day >= running else KEPT_S),
        )
        for number in range(count)
    }


def has_backfill(actor: Actor, lamps: Sequence[Lamp]) -> bool:
    """Tell whether the days that a chart shows begin with readings that were sent in afterwards: by the first register.

    Two queries. Raises Unauthenticated or Forbidden.
    """
    accounts.require(actor, VIEW)
    stream = next((lamp.energy_stream for lamp in lamps if lamp.energy_stream), None)
    if stream is None:
        return False
    begin = rules.midnights(last_days()[0], 0, _city().zone)[0]
    return series.has_mark(SYSTEM, stream, BACKFILL, begin, clock.now())


def add_up(energy: DayEnergy) -> Increments:
    """Give the energy of all lamps together by day, as charts draw it."""
    moments = rules.midnights(energy.days[0], len(energy.days), _city().zone)
    known = ~np.isnan(energy.kwh)
    totals = np.nan_to_num(energy.kwh).sum(axis=0).tolist()
    counts = [
        (marks & known).sum(axis=0).tolist()
        for marks in (known, energy.is_interpolated, energy.is_partial, energy.has_reset)
    ]
    buckets = tuple(
        Increment(moments[place], moments[place + 1], totals[place] if column[0] else None, *column)
        for place, column in enumerate(zip(*counts, strict=True))
    )
    return Increments("energy", "kWh", Step.DAY, clock.now(), len(energy.kwh), buckets)
