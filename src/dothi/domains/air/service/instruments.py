"""The watch over instruments: dead or stuck hour by hour, drifting day by day."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import numpy as np
from django.conf import settings

from dothi.core.accounts.types import SYSTEM
from dothi.core.alarms import service as alarms
from dothi.core.alarms.types import Change, Clear, Condition, Raise
from dothi.domains.air.rules import instruments as rules
from dothi.domains.air.rules.hours import HOUR, days_of, full_hour
from dothi.domains.air.service.history import days_between, read_hours
from dothi.domains.air.service.stations import list_stations
from dothi.domains.air.service.watching import GRACE
from dothi.domains.air.types import Hours, Station
from dothi.kernel import clock

DETECTOR: Final = "air.instruments"
DEAD: Final = "air.instrument.dead"
STUCK: Final = "air.instrument.stuck"
DRIFTING: Final = "air.instrument.drifting"
LOOK_BACK: Final = HOUR * (2 * rules.STUCK_H)
FINE: Final = "PM2.5"
COARSE: Final = "PM10"


class Seen(NamedTuple):
    """Whether a rule holds of an instrument, None where nothing can be said; since when, and what to tell of it."""

    rule: str
    station_id: int
    pollutant: str
    holds: bool | None
    since: datetime
    percent: int | None = None


class InstrumentWatch:
    """Raises and clears alarms on instruments; each look goes by the record alone, so none is lost with a process."""

    def __init__(self) -> None:
        self._until: datetime | None = None
        self._day: date | None = None

    def look(self) -> None:
        """Look once; there is something to do when an hour is over, and for drifts when a day is."""
        until = full_hour(clock.now() - GRACE)
        if self._until == until:
            return
        stations = [each for each in list_stations(SYSTEM) if each.observed_at is not None]
        seen = [found for each in stations for found in (*_dead(each), *_stuck(each, until))]
        today = until.astimezone(ZoneInfo(settings.TIME_ZONE)).date()
        if self._day != today:
            seen += _drifting(stations, today)
        known = alarms.find_watermark(DETECTOR)
        changes = [change for each in seen if (change := _change(each, until)) is not None]
        alarms.apply(DETECTOR, changes, watermark=max(until, known[0]) if known else until)
        self._until, self._day = until, today


def _change(seen: Seen, at: datetime) -> Change | None:
    if seen.holds is None:
        return None
    if not seen.holds:
        return Clear(rule=seen.rule, thing_id=seen.station_id, key=seen.pollutant, at=at)
    detail = {"pollutant": seen.pollutant} | ({} if seen.percent is None else {"percent": seen.percent})
    return Raise(
        Condition(rule=seen.rule, thing_id=seen.station_id, key=seen.pollutant, since=seen.since, detail=detail)
    )


def _dead(station: Station) -> Iterator[Seen]:
    """Hold each instrument's newest hour against its station's."""
    newest = max(each.at for each in station.measurements)
    for each in station.measurements:
        behind = (newest - each.at) // HOUR
        yield Seen(DEAD, station.id, each.pollutant, bool(rules.is_dead(np.array(0), np.array(behind))), each.at + HOUR)


def _stuck(station: Station, until: datetime) -> Iterator[Seen]:
    """Look at the newest hours of each instrument; nothing is said of one that sent none."""
    hours = read_hours(SYSTEM, station, until - LOOK_BACK, until)
    stuck = rules.is_stuck(hours.values)
    for place, pollutant in enumerate(hours.pollutants):
        there = np.flatnonzero(~np.isnan(hours.values[place]))
        holds = bool(stuck[place, there[-1]]) if len(there) else None
        yield Seen(STUCK, station.id, pollutant, holds, until - HOUR * rules.STUCK_H)


def _drifting(stations: Sequence[Station], today: date) -> list[Seen]:
    """Hold the share of fine dust of the last full days against the weeks before, station by station."""
    begin, end = days_between(today - timedelta(days=1), rules.PAST_DAYS + rules.RECENT_DAYS)
    read = [read_hours(SYSTEM, each, begin, end) for each in stations]
    if not read:
        return []
    fine, coarse = (np.stack([_usable(each, name) for each in read]) for name in (FINE, COARSE))
    _days, day_of = days_of(begin, fine.shape[1], settings.TIME_ZONE)
    apart = rules.drifts(rules.fine_shares(fine, coarse, day_of))[:, -1]
    return [
        Seen(DRIFTING, station.id, FINE, rules.is_drift(value), end, _percent(value))
        for station, value in zip(stations, apart.tolist(), strict=True)
    ]


def _usable(hours: Hours, pollutant: str) -> np.ndarray:
    return rules.without_stuck(hours.of(pollutant))


def _percent(apart: float) -> int | None:
    return None if apart != apart else round(100 * (np.exp(apart) - 1))
