"""The figures of a month: each street's and the city's, from what the record holds and what schedules asked."""

from collections.abc import Sequence
from datetime import date, timedelta
from decimal import Decimal

import numpy as np
import numpy.typing as npt

from dothi.domains.lighting.rules import energy
from dothi.domains.lighting.types.energy import Baseline, Fleet, Measures, Plan, StreetFigures, Tariff
from dothi.domains.lighting.types.schedule import Bools, Floats

TOTAL = ""
"""The slug that stands for the whole city."""


def days_of(month: date) -> list[date]:
    """Give the days of the month that a date lies in."""
    first = month.replace(day=1)
    after = (first + timedelta(days=32)).replace(day=1)
    return [first + timedelta(days=number) for number in range((after - first).days)]


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

    What is used, expected and the baseline are compared over the same lamp-nights: those whose energy the record
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
            received=int(measures.received[lamps].sum()),
            expected_messages=int(measures.expected[lamps].sum()),
            covered_share=float(covered.mean()) if covered.size else 0.0,
            cost=_cost(by_day, tariffs),
        )

    streets = [
        of(slug, name, np.flatnonzero(fleet.street == index)) for index, (slug, name) in enumerate(fleet.streets)
    ]
    return tuple(sorted(streets, key=lambda each: each.name)), of(TOTAL, "", np.arange(len(fleet.ids)))


def _baseline_kwh(baseline_w: Floats, scheduled_h: Floats, covered: Bools) -> float | None:
    """Give the baseline adjusted to the scheduled hours; None where it lacks for some lamp-night, or there is none."""
    powers = baseline_w[covered]
    if powers.size == 0 or np.isnan(powers).any():
        return None
    return energy.adjusted_saving(0.0, baseline_w=powers, scheduled_h=scheduled_h[covered]).baseline_kwh


def _cost(by_day: Sequence[tuple[date, float]], tariffs: Sequence[Tariff]) -> Decimal | None:
    used = [(day, kwh) for day, kwh in by_day if kwh]
    found = energy.cost(used, tariffs) if used else None
    return None if found is None else found.quantize(Decimal("0.01"))
