"""The door to the figures of a day: energy, saving, availability, and how soon faults were repaired."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from typing import Final

import numpy as np
from django.conf import settings

from dothi.core.accounts.types import Actor
from dothi.core.alarms import service as alarms
from dothi.core.alarms.types import QUEUE, Alarm, Filter, State
from dothi.domains.lighting.rules import days as rules
from dothi.domains.lighting.rules import energy as rules_of_energy
from dothi.domains.lighting.service import energy, schedules
from dothi.domains.lighting.service.watching import DETECTOR
from dothi.domains.lighting.types import Lamp
from dothi.domains.lighting.types.detection import FaultRule
from dothi.domains.lighting.types.energy import Outage, Saving
from dothi.domains.lighting.types.overview import CabinetPlace, DayEnergy, Figures
from dothi.domains.lighting.types.schedule import Cabinet, Floats
from dothi.kernel import clock
from dothi.kernel.city import City

OUT: Final = (FaultRule.LAMP_FAILED.value, FaultRule.FEEDER_LOST.value)
"""Alarms of lamps that give no light."""
REPAIRS: Final = timedelta(days=30)
_OPEN: Final = (*QUEUE, State.SHELVED, State.OUT_OF_SERVICE)


def may_see_alarms(actor: Actor) -> bool:
    """Tell whether alarms are for an actor's eyes; visitors see none, whatever their role."""
    return actor.may(alarms.VIEW) and actor.kind != "visitor"


def figures_of(actor: Actor, lamps: Sequence[Lamp], cabinets: Sequence[CabinetPlace], used: DayEnergy) -> Figures:
    """Give the figures of the one day that `used` is the energy of; what can't be given, or seen, is None.

    Eleven queries at most. Raises Unauthenticated or Forbidden.
    """
    day, kwh = used.days[0], used.kwh[:, 0]
    known = ~np.isnan(kwh)
    places = _cabinets(lamps, cabinets)
    spans = _lit(actor, list(dict.fromkeys(places)), day)
    scheduled_h = np.array([rules.length_h(spans.get(place, [])) for place in places])
    outages, watched_until = _outages(actor, day)
    repairs = [outage for outage, _lamps in outages if outage.cleared_at is not None]
    median = rules_of_energy.time_to_repair(repairs)
    return Figures(
        day=day,
        lamps=len(lamps),
        measured=int(known.sum()),
        used_kwh=float(kwh[known].sum()) if known.any() else None,
        saving=_saving(actor, kwh, scheduled_h, places, day),
        availability=_availability(outages, places, spans, float(scheduled_h.sum())) if watched_until else None,
        detected_until=watched_until,
        repair_h=None if median is None else median.total_seconds() / 3600,
        repairs=len(repairs),
    )


def _cabinets(lamps: Sequence[Lamp], known: Sequence[CabinetPlace]) -> list[Cabinet]:
    """Give each lamp's cabinet, as schedules and baselines ask for it; one that isn't there is as the lamp says."""
    by_serial = {
        each.serial: Cabinet(each.id, each.name, each.serial, each.street, each.programme, None, None) for each in known
    }
    return [
        by_serial.get(lamp.cabinet) or Cabinet(0, "", lamp.cabinet, lamp.street, lamp.programme, None, None)
        for lamp in lamps
    ]


def _lit(actor: Actor, cabinets: list[Cabinet], day: date) -> Mapping[Cabinet, rules.Spans]:
    """Give when light was due on a day, by cabinet; the sun is that of the city's centre: seconds, within a city."""
    if not actor.may(schedules.VIEW):
        return {}
    nights = [day - timedelta(days=1), day]
    begin, end = (moment.timestamp() for moment in rules.midnights(day, 1, _city().zone))
    lon, lat = _city().center
    by_night = schedules.programmes_run(actor, cabinets, nights)
    programmes = list(zip(*by_night, strict=True))
    spans = {
        each: rules.lit_spans(each, nights, lat=lat, lon=lon, begin=begin, end=end)
        for each in dict.fromkeys(programmes)
    }
    return {cabinet: spans[each] for cabinet, each in zip(cabinets, programmes, strict=True)}


def _saving(actor: Actor, kwh: Floats, scheduled_h: Floats, cabinets: Sequence[Cabinet], day: date) -> Saving | None:
    if not actor.may(energy.VIEW):
        return None
    return rules.saving(kwh, scheduled_h, cabinets, energy.list_baselines(actor), day)


def _outages(actor: Actor, day: date) -> tuple[list[tuple[Outage, int]], datetime | None]:
    """Give alarms of lamps that gave no light, each with its number of lamps; and till when these are known.

    That is None unless faults were looked for before the day began and until it had ended.
    """
    if not may_see_alarms(actor):
        return [], None
    begin, end = rules.midnights(day, 1, _city().zone)
    rows = [
        alarm
        for states in (_OPEN, (State.NORMAL,))
        for alarm in alarms.list_alarms(actor, Filter(states=states, rules=OUT), limit=alarms.MOST_AT_ONCE).alarms
    ]
    earliest = clock.now() - REPAIRS
    outages = [_outage(alarm) for alarm in rows if alarm.cleared_at is None or alarm.cleared_at >= earliest]
    found, first = alarms.find_watermark(DETECTOR), alarms.find_first_raised(actor, Filter(domain="lighting"))
    is_whole = found is not None and found[0] >= end and first is not None and first <= begin
    return outages, found[0] if found is not None and is_whole else None


def _outage(alarm: Alarm) -> tuple[Outage, int]:
    return Outage(alarm.raised_at, alarm.cleared_at), max(alarm.member_count, 1)


def _availability(
    outages: Sequence[tuple[Outage, int]],
    cabinets: Sequence[Cabinet],
    spans: Mapping[Cabinet, rules.Spans],
    scheduled_h: float,
) -> float | None:
    """Give the share of scheduled lamp-hours without a failure, by the hours that most lamps have."""
    usual = Counter(cabinets).most_common(1)
    lit = spans.get(usual[0][0], []) if usual else []
    return rules_of_energy.availability(failed_h=rules.failed_hours(outages, lit), scheduled_h=scheduled_h)


def _city() -> City:
    return settings.CITY
