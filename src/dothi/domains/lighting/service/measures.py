"""The door to what the record holds of days: energy and messages of each lamp, and when lamps were out."""

from collections.abc import Iterator, Sequence
from datetime import date, datetime
from typing import Final

import numpy as np
from django.conf import settings

from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import Actor
from dothi.core.alarms import service as alarms
from dothi.core.alarms.types import Course, Filter
from dothi.core.observations.series import service as series
from dothi.core.observations.series.types import Ints
from dothi.domains.lighting.rules import outages, plan
from dothi.domains.lighting.rules.days import Spans, midnights
from dothi.domains.lighting.service import energy, schedules
from dothi.domains.lighting.service.days import BACKFILL
from dothi.domains.lighting.service.figures import OUT
from dothi.domains.lighting.service.watching import DETECTOR
from dothi.domains.lighting.types.energy import Fleet, Measures, Outage
from dothi.domains.lighting.types.schedule import Floats
from dothi.kernel.city import City

MESSAGE_EVERY_S: Final = 60.0
"""Lamps speak once a minute."""
AT_ONCE: Final = 1000
"""So many lamps are read at once: of a city's month half a gigabyte, in a query of minutes."""


def measure(actor: Actor, fleet: Fleet, days: Sequence[date]) -> Measures:
    """Give what the record holds of whole days in a row, for the lamps of a fleet. Takes seconds for a city's month.

    *Used* is what the register rose by; of a day that it doesn't cover from begin to end nothing is said, what came
    while a lamp was silent is shared out by time. *Out* is a lamp of which the alarm `lighting.lamp.failed` stood, or
    for which one of `lighting.feeder.lost` did, while light was due by the programme its cabinet ran. A silent lamp is
    not out: it goes on by that programme, and what is unknown of it lowers the messages that came. Messages are
    Observations of `power`, one a minute since the lamp was first heard; what was filled in afterwards is none.

    Raises Unauthenticated or Forbidden.
    """
    accounts.require(actor, energy.VIEW)
    moments = midnights(days[0], len(days), _city().zone)
    begin, end = moments[0], moments[-1]
    received, expected = _messages(actor, fleet.power_stream, begin, end)
    courses = alarms.list_courses(actor, OUT, begin, end)
    watched = _watched(actor, begin, end)
    programmes = schedules.programmes_run(actor, fleet.cabinets, plan.nights_of(days))
    lit = plan.lit_by_cabinet(fleet, days, programmes, begin=begin.timestamp(), end=end.timestamp())
    span = None if watched is None else (watched[0].timestamp(), watched[1].timestamp())
    return Measures(
        used_kwh=_used(actor, fleet.energy_stream, moments),
        failed_h=outages.failed_hours(fleet, _dark(courses, span), lit),
        watched_h=outages.watched_hours(fleet, lit, span),
        received=received,
        expected=expected,
        outages=tuple(_outage(course, end) for course in courses),
        watched=watched,
    )


def _used(actor: Actor, streams: Ints, moments: Sequence[datetime]) -> Floats:
    used = np.full((len(streams), len(moments) - 1), np.nan)
    known = np.flatnonzero(streams > 0)
    for first in range(0, len(known), AT_ONCE):
        lamps = known[first : first + AT_ONCE]
        rises = series.measure_rises(actor, streams[lamps].tolist(), moments)
        used[lamps] = np.where(rises.is_partial, np.nan, rises.increase)
    return used


def _messages(actor: Actor, streams: Ints, begin: datetime, end: datetime) -> tuple[Ints, Ints]:
    """Give the messages that came and that should have, at most as many."""
    since, number = np.zeros(len(streams), np.int64), np.zeros(len(streams), np.int64)
    for first in range(0, len(streams), AT_ONCE):
        some = slice(first, first + AT_ONCE)
        found = series.count_messages(actor, streams[some].tolist(), begin, end, but_marked=BACKFILL)
        since[some], number[some] = found.since, found.number
    heard_s = np.where(since > 0, end.timestamp() - since / 1e6, 0.0)
    expected = np.rint(heard_s / MESSAGE_EVERY_S).astype(np.int64)
    return np.minimum(number, expected), expected


def _watched(actor: Actor, begin: datetime, end: datetime) -> tuple[datetime, datetime] | None:
    """Give from when to when faults were looked for: from the first that was ever found, up to the watermark."""
    found, first = alarms.find_watermark(DETECTOR), alarms.find_first_raised(actor, Filter(domain="lighting"))
    if found is None or first is None:
        return None
    span = max(begin, first), min(end, found[0])
    return span if span[0] < span[1] else None


def _dark(courses: Sequence[Course], watched: tuple[float, float] | None) -> Iterator[tuple[int, Spans]]:
    """Give, by lamp, when it was out while faults were looked for."""
    if watched is None:
        return
    for course in courses:
        spells = [(each.begin.timestamp(), each.end.timestamp() if each.end else watched[1]) for each in course.spells]
        within = outages.common([watched], spells)
        for thing_id in course.members or (course.alarm.point.thing_id,):
            yield thing_id, within


def _outage(course: Course, end: datetime) -> Outage:
    """Give an alarm's outage as it stood at the end of the days."""
    cleared_at = course.alarm.cleared_at
    return Outage(course.alarm.raised_at, cleared_at if cleared_at and cleared_at < end else None)


def _city() -> City:
    return settings.CITY
