"""What schedules ask of lamps on days of the city: when light is due, for how long, and what that takes."""

from collections.abc import Sequence
from datetime import date, timedelta

import numpy as np

from dothi.domains.lighting.rules import days as of_days
from dothi.domains.lighting.rules import energy, schedule
from dothi.domains.lighting.rules.days import Spans
from dothi.domains.lighting.types.energy import Fleet, LampPower, Plan
from dothi.domains.lighting.types.schedule import Floats, Programme


def nights_of(days: Sequence[date]) -> list[date]:
    """Give the nights that days in a row have a part of: the one before the first, and each day's own."""
    return [days[0] - timedelta(days=1), *days] if days else []


def plan(fleet: Fleet, days: Sequence[date], programmes: Sequence[Sequence[Programme]], zone: str) -> Plan:
    """Give what schedules ask of each lamp from midnight to midnight; `days` are in a row.

    `programmes` is one list a night of `nights_of(days)`, one programme a cabinet in each. The sun is that of the
    lamp's cabinet, a few hundred metres away: less than a second.
    """
    shape = len(fleet.ids), len(days)
    asked = Plan(np.zeros(shape), np.zeros(shape))
    if not days:
        return asked
    edges = [moment.timestamp() for moment in of_days.midnights(days[0], len(days), zone)]
    lit_h = np.zeros(shape)
    for number, (night, of_night) in enumerate(zip(nights_of(days), programmes, strict=True)):
        for programme in dict.fromkeys(of_night):
            cabinets = np.array([place for place, each in enumerate(of_night) if each == programme])
            for column in range(max(number - 1, 0), min(number + 1, len(days))):
                within = edges[column], edges[column + 1]
                _add(asked, lit_h, fleet, (programme, night, cabinets), column=column, within=within)
    lengths_h = np.diff(edges) / 3600.0
    asked.expected_kwh[:] += (lengths_h[None, :] - lit_h) * fleet.power.standby_w[:, None] / 1000.0
    return asked


def _add(
    asked: Plan,
    lit_h: Floats,
    fleet: Fleet,
    of_night: tuple[Programme, date, np.ndarray[tuple[int], np.dtype[np.intp]]],
    *,
    column: int,
    within: tuple[float, float],
) -> None:
    """Add to a day what of a night lies within it, for the lamps of the cabinets that ran a programme."""
    programme, night, cabinets = of_night
    lat, lon = _places(fleet)
    level, hours = schedule.level_hours(programme, night, lat[cabinets], lon[cabinets], within=within)
    lamps = np.flatnonzero(np.isin(fleet.cabinet, cabinets))
    of_lamp = hours[np.searchsorted(cabinets, fleet.cabinet[lamps])]
    power = LampPower(fleet.power.rated_w[lamps], fleet.power.standby_w[lamps], fleet.power.fixed_share)
    lit_h[lamps, column] += of_lamp.sum(axis=1)
    asked.scheduled_h[lamps, column] += of_lamp[:, level > 0].sum(axis=1)
    asked.expected_kwh[lamps, column] += (of_lamp * energy.power_at(level, power)).sum(axis=1) / 1000.0


def _places(fleet: Fleet) -> tuple[Floats, Floats]:
    lat = np.array([each.lat or 0.0 for each in fleet.cabinets])
    lon = np.array([each.lon or 0.0 for each in fleet.cabinets])
    return lat, lon


def lit_by_cabinet(
    fleet: Fleet, days: Sequence[date], programmes: Sequence[Sequence[Programme]], *, begin: float, end: float
) -> list[Spans]:
    """Give when light was due from each cabinet's lamps between two moments (Unix seconds); `programmes` as above."""
    lat, lon = _places(fleet)
    lit: list[Spans] = [[] for _ in fleet.cabinets]
    for night, of_night in zip(nights_of(days), programmes, strict=True):
        for programme in dict.fromkeys(of_night):
            cabinets = [place for place, each in enumerate(of_night) if each == programme]
            steps = [step for step in schedule.level_spans(programme, night) if step.level > 0]
            on, off = schedule.lit_spans(programme, night, lat[cabinets], lon[cabinets])
            for place, ons, offs in zip(cabinets, on.tolist(), off.tolist(), strict=True):
                spans = (
                    (max(first, step.begin, begin), min(last, step.end, end))
                    for first, last in zip(ons, offs, strict=True)
                    for step in steps
                )
                lit[place].extend(span for span in spans if span[0] < span[1])
    return lit
