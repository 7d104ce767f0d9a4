"""What was sent as hourly means, and hours as days of the city."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np

from dothi.core.observations.series.types import Window
from dothi.core.observations.types import Quality
from dothi.domains.air.types import Capture, Floats, Hours, Ints

HOUR: Final = timedelta(hours=1)
HOUR_US: Final = 3_600_000_000
_UNUSABLE: Final = (Quality.BAD, Quality.MISSING)


def full_hour(moment: datetime) -> datetime:
    """Give the full hour before or at a moment."""
    return moment.replace(minute=0, second=0, microsecond=0)


def hours_of(
    window: Window, streams: Mapping[str, int], begin: datetime, hours: int, *, factors: Mapping[str, float]
) -> Hours:
    """Put Observations into hours from `begin` on, of several in one their mean; without what is bad or negative.

    `streams` gives each pollutant's Datastream, `factors` what its results are multiplied by (1 if not named).
    """
    names = tuple(streams)
    first = round(begin.timestamp()) * 1_000_000
    hour = (window.phenomenon_time - first) // HOUR_US
    usable = ~np.isin(window.quality, _UNUSABLE) & (window.result >= 0) & (hour >= 0) & (hour < hours)
    values = np.full((len(names), hours), np.nan)
    for place, name in enumerate(names):
        own = usable & (window.datastream_id == streams[name])
        count = np.bincount(hour[own], minlength=hours)
        total = np.bincount(hour[own], window.result[own], minlength=hours)
        values[place] = np.where(count > 0, total / np.maximum(count, 1) * factors.get(name, 1.0), np.nan)
    return Hours(begin, names, values)


def days_of(begin: datetime, hours: int, zone: str) -> tuple[list[date], Ints]:
    """Give the city's days that hours lie in, in order, and the number of each hour's day, [hours].

    An hour is of the day in which it begins. A day of a change of clocks has 23 or 25 hours.
    """
    place = ZoneInfo(zone)
    first, last = (each.astimezone(place).date() for each in (begin, begin + HOUR * max(hours - 1, 0)))
    days = [first + timedelta(days=each) for each in range((last - first).days + 1)] if hours else []
    midnights = [datetime.combine(day, time.min, place).astimezone(UTC) for day in days[1:]]
    starts = [-((begin - each) // HOUR) for each in midnights]
    return days, np.repeat(np.arange(len(days)), np.diff([0, *starts, hours])) if days else np.empty(0, np.int64)


def captures(hours: Hours, pollutants: Sequence[str]) -> tuple[Capture, ...]:
    """Tell how many of each pollutant's hours came, of all since the first that did."""
    return tuple(_capture(each, hours.of(each)) for each in pollutants)


def _capture(pollutant: str, values: Floats) -> Capture:
    came = np.flatnonzero(~np.isnan(values))
    return Capture(pollutant, len(came), len(values) - int(came[0]) if len(came) else 0)
