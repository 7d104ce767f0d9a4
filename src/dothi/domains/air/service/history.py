"""The door to a station's hours: as arrays, with the index of each hour and day, and a year judged by limits."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, time, timedelta
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
from django.conf import settings

from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import Actor
from dothi.core.observations.series import service as series
from dothi.core.observations.series.types import Chart, Point, Width
from dothi.domains.air.rules import hours as rules
from dothi.domains.air.rules import index as indexes
from dothi.domains.air.rules import limits, units
from dothi.domains.air.rules.stations import POLLUTANTS
from dothi.domains.air.service.regulation import regulation
from dothi.domains.air.service.stations import VIEW
from dothi.domains.air.types import Day, Floats, Hours, Ints, Judged, Regulation, Station, Year
from dothi.kernel import clock

BACKFILL: Final = "backfill"
"""The parameter of Observations that were filled in afterwards."""
RUN_UP: Final = timedelta(hours=indexes.NOWCAST_HOURS - 1)
"""The index of an hour looks so far back."""
YEAR_DAYS: Final = 365


def read_hours(actor: Actor, station: Station, begin: datetime, end: datetime) -> Hours:
    """Give a station's hours that begin in [begin, end), both full hours, in the regulation's units, in two queries.

    A pollutant whose unit can't be turned into the regulation's is left out. Raises Unauthenticated or Forbidden.
    """
    accounts.require(actor, VIEW)
    found = series.find_streams(actor, station.id)
    wanted = _factors(station, regulation())
    streams = {name: found.streams[name] for name in wanted if found and name in found.streams}
    number = (end - begin) // rules.HOUR
    just_before = timedelta(microseconds=1)
    window = series.read_window(actor, list(streams.values()), begin - just_before, end - just_before)
    return rules.hours_of(window, streams, begin, number, factors=wanted)


def _factors(station: Station, judged_by: Regulation) -> Mapping[str, float]:
    found = {
        each.pollutant: units.factor(each.pollutant, each.unit, judged_by.unit_of(each.pollutant))
        for each in station.measurements
    }
    return {name: each for name, each in found.items() if each is not None}


def hourly_index(actor: Actor, station: Station, begin: datetime, end: datetime) -> tuple[Hours, Judged | None]:
    """Give a station's hours in [begin, end) with the index of each; no index where the city has none.

    Raises Unauthenticated or Forbidden.
    """
    index = regulation().index
    hours = read_hours(actor, station, begin - RUN_UP, end)
    own = Hours(begin, hours.pollutants, hours.values[:, indexes.NOWCAST_HOURS - 1 :])
    if index is None:
        return own, None
    found = indexes.hourly(index, hours)
    return own, Judged(
        found.value[indexes.NOWCAST_HOURS - 1 :], found.pollutants, found.parts[:, indexes.NOWCAST_HOURS - 1 :]
    )


def year_of(actor: Actor, station: Station, *, last: date) -> Year:
    """Give the 365 days up to a day of the city: the index of each, how much came, and limits exceeded.

    Four queries; today counts up to the last full hour. Raises Unauthenticated or Forbidden.
    """
    begin, end = days_between(last, YEAR_DAYS)
    until = min(end, rules.full_hour(clock.now()))
    hours = read_hours(actor, station, begin, max(until, begin + rules.HOUR))
    days, day_of = rules.days_of(begin, hours.values.shape[1], settings.TIME_ZONE)
    judged_by = regulation()
    return Year(
        days=_days(hours, days, day_of, judged_by),
        captures=rules.captures(hours, [each for each in POLLUTANTS if each in hours.pollutants]),
        exceedances=limits.exceedances(hours, days, day_of, judged_by.limits),
        has_backfill=_has_backfill(actor, station, begin, end),
    )


def _days(hours: Hours, days: Sequence[date], day_of: Ints, judged_by: Regulation) -> tuple[Day, ...]:
    if judged_by.index is None:
        return tuple(Day(day, None, "") for day in days)
    judged = indexes.daily(judged_by.index, hours, day_of)
    return tuple(
        Day(day, None if np.isnan(value) else float(value), judged.main(place))
        for place, (day, value) in enumerate(zip(days, judged.value, strict=True))
    )


def _has_backfill(actor: Actor, station: Station, begin: datetime, end: datetime) -> bool:
    found = series.find_streams(actor, station.id)
    stream = found.streams.get(POLLUTANTS[0]) if found else None
    return stream is not None and series.has_mark(actor, stream, BACKFILL, begin, end)


def days_between(last: date, number: int) -> tuple[datetime, datetime]:
    """Give the midnights of the city before the first and after the last of some days, as full hours."""
    zone = ZoneInfo(settings.TIME_ZONE)
    begin, end = last - timedelta(days=number - 1), last + timedelta(days=1)
    first, after = (datetime.combine(day, time.min, zone).astimezone(UTC) for day in (begin, end))
    return rules.full_hour(first), rules.full_hour(after)


def chart_of(name: str, unit: str, begin: datetime, values: Floats, *, end: datetime | None = None) -> Chart:
    """Make a chart of hours that are worked out and stand in no Datastream."""
    points = tuple(
        Point(begin + rules.HOUR * place, value, value, value)
        for place, value in enumerate(values.tolist())
        if value == value
    )
    last = begin + rules.HOUR * len(values)
    return Chart(0, name, unit, Width.HOUR, begin, end or last, clock.now(), points)
