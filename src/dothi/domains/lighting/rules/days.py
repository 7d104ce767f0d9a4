"""Days of the city's light: when it was scheduled, and how much of that lamps were out of order."""

from collections.abc import Sequence
from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np

from dothi.domains.lighting.rules import energy, schedule
from dothi.domains.lighting.types.energy import Baseline, Outage, Saving
from dothi.domains.lighting.types.schedule import Cabinet, Floats, Programme

Spans = list[tuple[float, float]]
"""Spans in seconds of Unix time."""


def midnights(first: date, days: int, zone: str) -> list[datetime]:
    """Give the midnights that days begin and end with, one more than there are days; UTC."""
    here = ZoneInfo(zone)
    return [
        datetime.combine(first + timedelta(days=number), time(), here).astimezone(UTC) for number in range(days + 1)
    ]


def lit_spans(
    programmes: Sequence[Programme], nights: Sequence[date], *, lat: float, lon: float, begin: float, end: float
) -> Spans:
    """Give when light is due between two moments at a place (degrees), by one programme a night, dimmed or not."""
    found: Spans = []
    for programme, night in zip(programmes, nights, strict=True):
        on, off = schedule.lit_spans(programme, night, np.array([lat]), np.array([lon]))
        steps = [step for step in schedule.level_spans(programme, night) if step.level > 0]
        for first, last in zip(on[0].tolist(), off[0].tolist(), strict=True):
            spans = ((max(first, step.begin, begin), min(last, step.end, end)) for step in steps)
            found.extend(span for span in spans if span[0] < span[1])
    return found


def length_h(spans: Spans) -> float:
    """Give the length of spans in hours."""
    return sum(end - begin for begin, end in spans) / 3600.0


def failed_hours(outages: Sequence[tuple[Outage, int]], spans: Spans) -> float:
    """Give the lamp-hours within spans in which lamps were out; each outage comes with its number of lamps."""
    return sum(lamps * length_h(_within(outage, spans)) for outage, lamps in outages)


def _within(outage: Outage, spans: Spans) -> Spans:
    begin = outage.raised_at.timestamp()
    end = outage.cleared_at.timestamp() if outage.cleared_at else float("inf")
    cut = ((max(begin, span[0]), min(end, span[1])) for span in spans)
    return [span for span in cut if span[0] < span[1]]


def saving(
    used_kwh: Floats, scheduled_h: Floats, cabinets: Sequence[Cabinet], baselines: Sequence[Baseline], day: date
) -> Saving | None:
    """Compare what lamps `[lamps]` used with the baseline over the same scheduled hours.

    `cabinets` is each lamp's. Lamps whose energy isn't known (NaN) count on neither side; None where a baseline lacks
    for one of the others, or none is left.
    """
    known = np.flatnonzero(~np.isnan(used_kwh))
    powers: dict[Cabinet, float] = {}
    for lamp in known.tolist():
        cabinet = cabinets[lamp]
        if cabinet not in powers:
            found = energy.find_baseline(baselines, cabinet, day)
            if found is None:
                return None
            powers[cabinet] = found.power_w
    if not len(known):
        return None
    baseline_w = np.array([powers[cabinets[lamp]] for lamp in known.tolist()])
    return energy.adjusted_saving(float(used_kwh[known].sum()), baseline_w=baseline_w, scheduled_h=scheduled_h[known])
