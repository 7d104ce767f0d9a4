"""Which programme a cabinet has on a night: exceptions by calendar first, then what is assigned, then the default."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from functools import lru_cache
from typing import Final

from holidays import country_holidays

from dothi.domains.lighting.rules import schedule as nights
from dothi.domains.lighting.types.schedule import (
    Acknowledgement,
    Assignment,
    Cabinet,
    CalendarException,
    Choice,
    Due,
    Programme,
    Recurrence,
    Schedule,
    Scope,
    Source,
)

NARROWEST_FIRST: Final = (Scope.CABINET, Scope.STREET, Scope.PROGRAMME, Scope.CITY)
Holidays = Mapping[str, Sequence[date]]


@lru_cache(maxsize=64)
def holidays_of(country: str, year: int) -> Holidays:
    """Give the first days, in a year and those beside it, of each public holiday of a country by its own name.

    `country` is ISO 3166-1 alpha-2 ("VN"); names are in the country's language ("Tết Nguyên Đán"). Empty for a country
    that the calendar doesn't know, and for "". Source: the package holidays.
    """
    found: dict[str, list[date]] = {}
    for each in (year - 1, year, year + 1):
        for name, first in _first_days(country, each).items():
            found.setdefault(name, []).append(first)
    return found


def _first_days(country: str, year: int) -> dict[str, date]:
    try:
        language = country_holidays(country).default_language if country else None
        days = country_holidays(country, years=year, language=language) if country else {}
    except NotImplementedError:
        return {}
    firsts: dict[str, date] = {}
    for day, names in sorted(days.items()):
        for name in str(names).split("; "):
            firsts.setdefault(name, day)
    return firsts


def covers(exception: CalendarException, night: date, holidays: Holidays) -> bool:
    """Tell whether an exception is for the night of a date."""
    if exception.recurrence is Recurrence.HOLIDAY:
        starts = (first + timedelta(days=exception.offset) for first in holidays.get(exception.holiday, ()))
        return any(0 <= (night - start).days < exception.nights for start in starts)
    if exception.first is None or exception.last is None:
        return False
    if exception.recurrence is Recurrence.ONCE:
        return exception.first <= night <= exception.last
    first, last, this = ((each.month, each.day) for each in (exception.first, exception.last, night))
    return first <= this <= last if first <= last else this >= first or this <= last


def choose(
    cabinet: Cabinet,
    night: date,
    *,
    schedules: Mapping[int, Schedule],
    assignments: Iterable[Assignment],
    exceptions: Iterable[CalendarException],
    holidays: Holidays,
    zone: str,
) -> Choice:
    """Give a cabinet's programme for a night, and why.

    What names the cabinet goes before what names its street, its programme, the city. An exception goes before any
    assignment. Of two exceptions of one scope the one for this date alone goes first, then the newer one.
    """
    usual = _usual(cabinet, schedules=schedules, assignments=assignments, zone=zone)
    fitting = [each for each in exceptions if _is_for(each.scope, each.key, cabinet) and covers(each, night, holidays)]
    if not fitting:
        return usual
    found = min(fitting, key=_precedence)
    replacing = None if found.schedule_id is None else schedules.get(found.schedule_id)
    return Choice(
        programme=replacing.programme if replacing else nights.all_night(usual.programme),
        source=Source.EXCEPTION,
        schedule_id=replacing.id if replacing else None,
        reason=found.reason,
    )


def _usual(
    cabinet: Cabinet, *, schedules: Mapping[int, Schedule], assignments: Iterable[Assignment], zone: str
) -> Choice:
    fitting = [each for each in assignments if _is_for(each.scope, each.key, cabinet)]
    if fitting:
        found = schedules[min(fitting, key=lambda each: NARROWEST_FIRST.index(each.scope)).schedule_id]
        return Choice(programme=found.programme, source=Source.ASSIGNMENT, schedule_id=found.id)
    default = next((each for each in schedules.values() if each.is_default), None)
    if default:
        return Choice(programme=default.programme, source=Source.DEFAULT, schedule_id=default.id)
    return Choice(programme=nights.device_programme(zone), source=Source.DEVICE)


def _precedence(exception: CalendarException) -> tuple[int, bool, int]:
    return NARROWEST_FIRST.index(exception.scope), exception.recurrence is not Recurrence.ONCE, -exception.id


def _is_for(scope: Scope, key: str, cabinet: Cabinet) -> bool:
    own = {
        Scope.CITY: key,
        Scope.PROGRAMME: cabinet.programme,
        Scope.STREET: cabinet.street,
        Scope.CABINET: cabinet.serial,
    }
    return own[scope] == key


def is_same(one: Programme, other: Programme) -> bool:
    """Tell whether two programmes switch alike; in which order their steps are written doesn't matter."""
    return (one.on_offset_min, one.off_offset_min, one.zone, nights.ordered(one.steps)) == (
        other.on_offset_min,
        other.off_offset_min,
        other.zone,
        nights.ordered(other.steps),
    )


def due(choices: Iterable[tuple[Cabinet, Choice]], *, acknowledged: Mapping[int, Programme], zone: str) -> list[Due]:
    """List the cabinets whose programme differs from the one they last acknowledged, by their Things' ids.

    A cabinet that has acknowledged none runs what devices start with.
    """
    start = nights.device_programme(zone)
    return [
        Due(
            cabinet_id=cabinet.id,
            serial=cabinet.serial,
            programme=choice.programme,
            acknowledged=acknowledged.get(cabinet.id),
        )
        for cabinet, choice in choices
        if not is_same(choice.programme, acknowledged.get(cabinet.id, start))
    ]


def programmes_run(
    cabinet_ids: Sequence[int], over: Sequence[date], history: Iterable[Acknowledgement], *, zone: str
) -> list[list[Programme]]:
    """Give what cabinets ran on nights: one list a night and in it one programme a cabinet.

    That is the one acknowledged last before the middle of the night, and before any, what devices start with.
    `history` is in order of time.
    """
    start = nights.device_programme(zone)
    by_cabinet: dict[int, list[Acknowledgement]] = {}
    for each in history:
        by_cabinet.setdefault(each.cabinet_id, []).append(each)

    def run(cabinet_id: int, middle_s: float) -> Programme:
        said = (each.programme for each in reversed(by_cabinet.get(cabinet_id, ())) if each.at.timestamp() < middle_s)
        return next(said, start)

    middles = [sum(nights.night_span(night, zone)) / 2 for night in over]
    return [[run(cabinet_id, middle_s) for cabinet_id in cabinet_ids] for middle_s in middles]


def street_of(lamp_streets: Iterable[str]) -> str:
    """Give the street that most lamps of a cabinet stand in, of several the first by name; "" for no lamps."""
    counted = Counter(street for street in lamp_streets if street)
    return min(counted, key=lambda street: (-counted[street], street), default="")
