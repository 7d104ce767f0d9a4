"""What a light programme means: when lamps switch in a night, and which level they should have at any moment."""

from collections.abc import Iterator, Sequence
from datetime import UTC, date, datetime, time, timedelta
from itertools import pairwise
from typing import Final, NamedTuple
from zoneinfo import ZoneInfo

import msgspec
import numpy as np

from dothi.domains.lighting.rules import sun
from dothi.domains.lighting.types.schedule import Bools, Floats, Night, Override, Programme, Step, Switch

FULL: Final = 100
NOON: Final = time(12)
DEVICE_STEPS: Final = (Step(at="22:00", level=70), Step(at="04:30", level=100))
"""What controllers come with, before a city sends them anything."""
_REACH_S: Final = 180 * 60.0
"""The largest offset that a programme can have: light of the nights before and after reaches no further."""


class Span(NamedTuple):
    """A span of seconds of Unix time, its end excluded, with a level in percent."""

    begin: float
    end: float
    level: int


def device_programme(zone: str) -> Programme:
    """Give the programme that controllers run until they are sent another."""
    return Programme(steps=DEVICE_STEPS, zone=zone)


def all_night(programme: Programme) -> Programme:
    """Give a programme that keeps another's times of switching on and off, at full light in between."""
    return msgspec.structs.replace(programme, steps=())


def after_noon(at: str) -> int:
    """Give the minutes from noon to a wall time ("22:00" gives 600, "04:30" gives 990)."""
    hour, minute = at.split(":")
    return (int(hour) * 60 + int(minute) - 720) % 1440


def ordered(steps: Sequence[Step]) -> tuple[Step, ...]:
    """Give steps in the order of a night, which begins at noon."""
    return tuple(sorted(steps, key=lambda step: after_noon(step.at)))


def current_night(now: datetime, zone: str) -> date:
    """Give the date whose night a moment lies in: before noon it is the day before's."""
    local = now.astimezone(ZoneInfo(zone))
    return local.date() if local.time() >= NOON else local.date() - timedelta(days=1)


def coming_night(now: datetime, zone: str) -> date:
    """Give the date of the night that comes next, or that runs since the last noon."""
    return now.astimezone(ZoneInfo(zone)).date()


def night_span(day: date, zone: str) -> tuple[float, float]:
    """Give the night of a date: noon and the next noon of a zone, in seconds of Unix time.

    These are 23 or 25 hours where clocks are changed.
    Where a date was left out altogether (Samoa, 2011-12-30), its night is empty.
    """
    here = ZoneInfo(zone)
    begin, end = (datetime.combine(each, NOON, here).timestamp() for each in (day, day + timedelta(days=1)))
    return begin, max(begin, end)


def level_spans(programme: Programme, day: date) -> list[Span]:
    """Give which level a lit lamp has, from noon to noon without a gap.

    A wall time that a change of clocks leaves out is taken as much later as the clocks go forward, though not after
    the next step; one that comes twice is taken the first time.
    """
    begin, end = night_span(day, programme.zone)
    here = ZoneInfo(programme.zone)
    steps = ordered(programme.steps)
    moments = [begin]
    for step in steps:
        at = time.fromisoformat(step.at)
        moments.append(datetime.combine(day if at >= NOON else day + timedelta(days=1), at, here).timestamp())
    moments.append(end)
    for index in range(len(moments) - 2, 0, -1):
        moments[index] = max(begin, min(moments[index], moments[index + 1]))
    levels = [FULL, *(step.level for step in steps)]
    return [Span(*edge, level) for edge, level in zip(pairwise(moments), levels, strict=True) if edge[0] < edge[1]]


def lit_spans(programme: Programme, day: date, lat: Floats, lon: Floats) -> tuple[Floats, Floats]:
    """Give when lamps at places `[places]` (degrees) are on in a night, as begins and ends `[places, spans]`.

    Seconds of Unix time, in order, apart from each other and within the night; a span that is none has no length.
    Where the sun doesn't set there is none, where it doesn't rise they fill the night. An offset shifts a sunset or a
    sunrise; where there is none, it shifts nothing.
    """
    begin, end = night_span(day, programme.zone)
    days = int((end - begin + 2 * _REACH_S) // sun.DAY_S) + 2
    dark = sun.darkness(lat, lon, begin - _REACH_S, days)
    on = dark.begin + np.where(np.isnan(dark.sunset), 0.0, 60.0 * programme.on_offset_min)
    off = dark.end + np.where(np.isnan(dark.sunrise), 0.0, 60.0 * programme.off_offset_min)
    is_none = np.isnan(on) | np.isnan(off) | (off <= on)
    on = np.where(is_none, begin, np.clip(on, begin, end))
    off = np.where(is_none, begin, np.clip(off, begin, end))
    earlier = np.maximum.accumulate(np.pad(off, ((0, 0), (1, 0)), constant_values=begin), axis=1)[:, :-1]
    on = np.maximum(on, earlier)
    return on, np.maximum(on, off)


def night_of(programme: Programme, day: date, *, lat: float, lon: float) -> Night:
    """Give the switching points of one night at one place (degrees)."""
    begin, end = night_span(day, programme.zone)
    at, along = np.array([lat]), np.array([lon])
    on, off = lit_spans(programme, day, at, along)
    lit = [(a, b) for a, b in zip(on[0].tolist(), off[0].tolist(), strict=True) if a < b]
    switches: list[Switch] = []
    for moment, level in _changes(begin, lit, level_spans(programme, day)):
        if not switches or switches[-1].level != level:
            switches.append(Switch(_utc(moment), level))
    sunset, sunrise = _sun_of(begin, end, at, along)
    return Night(
        day=day,
        begin=_utc(begin),
        end=_utc(end),
        sunset=sunset,
        sunrise=sunrise,
        switches=tuple(switches) or (Switch(_utc(begin), 0),),
    )


def level_at(night: Night, at: datetime) -> int:
    """Give the level in percent that a lamp should have at a moment of a night, its begin included."""
    return next((switch.level for switch in reversed(night.switches) if switch.at <= at), night.switches[0].level)


def levels(programme: Programme, lat: Floats, lon: Floats, moments_s: Floats) -> Floats:
    """Give the levels in percent that lamps at places `[lamps]` should have at moments `[moments]`, in Unix seconds.

    The answer is `[lamps, moments]`; the moments may lie in several nights and in any order.
    """
    wanted = np.zeros((len(lat), len(moments_s)))
    for day in _days_of(moments_s, programme.zone):
        begin, end = night_span(day, programme.zone)
        inside = (moments_s >= begin) & (moments_s < end)
        if not inside.any():
            continue
        moments = moments_s[inside]
        spans = level_spans(programme, day)
        index = np.searchsorted([span.begin for span in spans], moments, side="right") - 1
        by_step = np.array([float(span.level) for span in spans])[index]
        on, off = lit_spans(programme, day, lat, lon)
        wanted[:, inside] = np.where(_is_within(on, off, moments), by_step, 0.0)
    return wanted


def apply_overrides(wanted: Floats, moments_s: Floats, overrides: Sequence[Override]) -> tuple[Floats, Bools]:
    """Give levels `[lamps, moments]` with what was commanded, and where that is; the later of two holds."""
    levels_now, commanded = wanted.copy(), np.zeros(wanted.shape, dtype=bool)
    for override in sorted(overrides, key=lambda each: each.begin):
        until_s = override.until.timestamp() if override.until else np.inf
        at = np.flatnonzero((moments_s >= override.begin.timestamp()) & (moments_s < until_s))
        cells = np.ix_(override.lamps, at)
        levels_now[cells] = override.level
        commanded[cells] = True
    return levels_now, commanded


def level_hours(
    programme: Programme, day: date, lat: Floats, lon: Floats, *, within: tuple[float, float] | None = None
) -> tuple[Floats, Floats]:
    """Give the levels of a night's steps `[steps]`, and the hours for which lamps have them `[places, steps]`.

    `within`, in seconds of Unix time, leaves out what lies outside of it.
    """
    first, last = within or night_span(day, programme.zone)
    spans = level_spans(programme, day)
    on, off = lit_spans(programme, day, lat, lon)
    hours = np.zeros((len(lat), len(spans)))
    for index, span in enumerate(spans):
        overlap = np.minimum(off, min(span.end, last)) - np.maximum(on, max(span.begin, first))
        hours[:, index] = np.clip(overlap, 0.0, None).sum(axis=1) / 3600.0
    return np.array([float(span.level) for span in spans]), hours


def _changes(begin: float, lit: list[tuple[float, float]], spans: list[Span]) -> Iterator[tuple[float, int]]:
    """Give each moment at which the level may change, in order and beginning with the night, with the level then."""
    edges = {begin, *(span.begin for span in spans), *(edge for each in lit for edge in each)}
    last = spans[-1].end if spans else begin
    for moment in sorted(edge for edge in edges if edge < last):
        is_lit = any(on <= moment < off for on, off in lit)
        by_step = next(span.level for span in reversed(spans) if span.begin <= moment)
        yield moment, by_step if is_lit else 0


def _sun_of(begin: float, end: float, lat: Floats, lon: Floats) -> tuple[datetime | None, datetime | None]:
    """Give sunset and sunrise around the midnight of the sun that is nearest to the night's middle."""
    middle = (begin + end) / 2
    noons = sun.solar_noons(lon, middle - sun.DAY_S, 3)[0]
    nearest = int(np.argmin(np.abs((noons[:-1] + noons[1:]) / 2 - middle)))
    found = sun.darkness(lat, lon, float(noons[nearest]) + sun.HALF_DAY_S / 2, 1)
    sunset, sunrise = float(found.sunset[0, 0]), float(found.sunrise[0, 0])
    return (None if np.isnan(sunset) else _utc(sunset)), (None if np.isnan(sunrise) else _utc(sunrise))


def _days_of(moments_s: Floats, zone: str) -> list[date]:
    if not len(moments_s):
        return []
    first, last = (current_night(_utc(float(edge)), zone) for edge in (moments_s.min(), moments_s.max()))
    return [first + timedelta(days=number) for number in range((last - first).days + 1)]


def _is_within(on: Floats, off: Floats, moments: Floats) -> Bools:
    within = np.zeros((len(on), len(moments)), dtype=bool)
    for span in range(on.shape[1]):
        within |= (moments >= on[:, span, None]) & (moments < off[:, span, None])
    return within


def _utc(epoch_s: float) -> datetime:
    return datetime.fromtimestamp(epoch_s, UTC)
