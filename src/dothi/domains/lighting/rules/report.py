"""The figures of a month: each street's and the city's, from what the record holds and what schedules asked."""

from collections.abc import Mapping, Sequence
from datetime import date, datetime, timedelta
from decimal import Decimal
from typing import Final

import numpy as np
import numpy.typing as npt

from dothi.domains.lighting.rules import energy
from dothi.domains.lighting.types.energy import (
    Baseline,
    Fleet,
    LampFigures,
    Measures,
    MonthlyReport,
    Plan,
    StreetFigures,
    Tariff,
)
from dothi.domains.lighting.types.schedule import Bools, Floats
from dothi.kernel.text import fold

LITTLE: Final = 0.9
"""Below this share of lamp-days a report is worth making again: their past may be on its way."""
AGAIN_AFTER: Final = timedelta(minutes=10)
TOTAL = ""
"""The slug that stands for the whole city."""


def days_of(month: date) -> list[date]:
    """Give the days of the month that a date lies in."""
    first = month.replace(day=1)
    after = (first + timedelta(days=32)).replace(day=1)
    return [first + timedelta(days=number) for number in range((after - first).days)]


def whole_days(month: date, today: date) -> list[date]:
    """Give those days of the month that a date lies in that are over on another date."""
    return [day for day in days_of(month) if day < today]


def months_due(today: date, now: datetime, kept: Mapping[date, MonthlyReport], *, lamps: int) -> list[date]:
    """Give the months, by their first day, to make a report of: yesterday's and the one before it, where days lack.

    A month that is over is made once; one of which little is known, by its lamp-days or by how many `lamps` there
    are, again and again, as the past may come in late.
    """
    running = (today - timedelta(days=1)).replace(day=1)
    before = (running - timedelta(days=1)).replace(day=1)

    def lacks(month: date) -> bool:
        found = kept.get(month)
        if found is None or found.days < len(whole_days(month, today)):
            return True
        is_little = found.total.covered_share < LITTLE or found.total.lamps < LITTLE * lamps
        return is_little and now - found.made_at >= AGAIN_AFTER

    return [month for month in (before, running) if lacks(month)]


def lamp_figures(fleet: Fleet, measures: Measures, asked: Plan) -> tuple[LampFigures, ...]:
    """Give what each lamp adds to the figures."""
    covered = ~np.isnan(measures.used_kwh)
    columns = (
        fleet.ids,
        covered.sum(axis=1),
        np.nan_to_num(measures.used_kwh).sum(axis=1).round(3),
        np.where(covered, asked.expected_kwh, 0.0).sum(axis=1).round(3),
        asked.scheduled_h.sum(axis=1).round(3),
        measures.failed_h.round(3),
        measures.watched_h.round(3),
        measures.received,
        measures.expected,
    )
    return tuple(LampFigures(*row) for row in zip(*(column.tolist() for column in columns), strict=True))


def baseline_powers(fleet: Fleet, baselines: Sequence[Baseline], days: Sequence[date]) -> Floats:
    """Give what lamps of the baseline drew, in watts `[lamps, days]`; NaN where the city has entered none."""
    by_cabinet = np.full((len(fleet.cabinets), len(days)), np.nan)
    for row, cabinet in enumerate(fleet.cabinets):
        for column, day in enumerate(days):
            found = energy.find_baseline(baselines, cabinet, day)
            by_cabinet[row, column] = np.nan if found is None else found.power_w
    return by_cabinet[fleet.cabinet]


def figures(
    fleet: Fleet,
    days: Sequence[date],
    *,
    measures: Measures,
    asked: Plan,
    baseline_w: Floats,
    tariffs: Sequence[Tariff],
) -> tuple[tuple[StreetFigures, ...], StreetFigures]:
    """Give the figures of each street, by its name, and of the whole city.

    What is used, expected and the baseline are compared over the same lamp-days: those whose energy the record
    holds. A baseline or a price that lacks for any of them leaves the figure out.
    """

    def of(slug: str, name: str, lamps: npt.NDArray[np.intp]) -> StreetFigures:
        covered = ~np.isnan(measures.used_kwh[lamps])
        used = np.where(covered, measures.used_kwh[lamps], 0.0)
        by_day = list(zip(days, used.sum(axis=0).tolist(), strict=True))
        return StreetFigures(
            street=slug,
            name=name,
            lamps=len(lamps),
            used_kwh=float(used.sum()),
            expected_kwh=float(asked.expected_kwh[lamps][covered].sum()),
            baseline_kwh=_baseline_kwh(baseline_w[lamps], asked.scheduled_h[lamps], covered),
            scheduled_h=float(asked.scheduled_h[lamps].sum()),
            failed_h=float(measures.failed_h[lamps].sum()),
            watched_h=float(measures.watched_h[lamps].sum()),
            received=int(measures.received[lamps].sum()),
            expected_messages=int(measures.expected[lamps].sum()),
            covered_share=float(covered.mean()) if covered.size else 0.0,
            cost=_cost(by_day, tariffs),
        )

    streets = [
        of(slug, name, np.flatnonzero(fleet.street == index)) for index, (slug, name) in enumerate(fleet.streets)
    ]
    return tuple(sorted(streets, key=lambda each: fold(each.name))), of(TOTAL, "", np.arange(len(fleet.ids)))


def _baseline_kwh(baseline_w: Floats, scheduled_h: Floats, covered: Bools) -> float | None:
    """Give the baseline adjusted to the scheduled hours; None where it lacks for some lamp-day, or there is none."""
    powers = baseline_w[covered]
    if powers.size == 0 or np.isnan(powers).any():
        return None
    return energy.adjusted_saving(0.0, baseline_w=powers, scheduled_h=scheduled_h[covered]).baseline_kwh


def _cost(by_day: Sequence[tuple[date, float]], tariffs: Sequence[Tariff]) -> Decimal | None:
    used = [(day, kwh) for day, kwh in by_day if kwh]
    found = energy.cost(used, tariffs) if used else None
    return None if found is None else found.quantize(Decimal("0.01"))
