"""The monthly energy report: what the record holds, set against schedules, baselines and tariffs."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import TypedDict

from django.conf import settings

from dothi.core.accounts.types import Actor
from dothi.domains.lighting.rules import energy as rules
from dothi.domains.lighting.rules import plan, report
from dothi.domains.lighting.service import energy, schedules
from dothi.domains.lighting.types.energy import Baseline, Fleet, LampFigures, Measures, MonthlyReport, Tariff
from dothi.kernel import clock


class _Service(TypedDict):
    """What a report says of outages."""

    repair_median_h: float | None
    repairs: int
    outages: int
    watched_from: datetime | None
    watched_until: datetime | None


def monthly_report(
    actor: Actor, days: Sequence[date], fleet: Fleet, measures: Measures
) -> tuple[MonthlyReport, tuple[LampFigures, ...]]:
    """Give the report of the first days of a month, or all of them, and what each lamp adds to it.

    `fleet` is `service.energy.fleet`'s, and `measures` what the record holds of the days for these lamps. Scheduled is
    what the cabinets acknowledged. Tariffs in two currencies are not added: there is no cost then. Raises
    Unauthenticated or Forbidden.
    """
    tariffs, baselines = energy.list_tariffs(actor), energy.list_baselines(actor)
    valid = [tariff for day in days if (tariff := rules.find_tariff(tariffs, day))]
    currencies = tuple(sorted({tariff.currency for tariff in valid}))
    programmes = schedules.programmes_run(actor, fleet.cabinets, plan.nights_of(days))
    asked = plan.plan(fleet, days, programmes, settings.CITY.zone)
    streets, total = report.figures(
        fleet,
        days,
        measures=measures,
        asked=asked,
        baseline_w=report.baseline_powers(fleet, baselines, days),
        tariffs=tariffs if len(currencies) == 1 else list[Tariff](),
    )
    made = MonthlyReport(
        month=days[0].replace(day=1),
        streets=streets,
        total=total,
        currency=currencies[0] if len(currencies) == 1 else "",
        tariff_bases=tuple(dict.fromkeys(each.basis for each in valid)),
        baseline_bases=tuple(dict.fromkeys(_bases(fleet, days, baselines))),
        made_at=clock.now(),
        simulated=fleet.simulated,
        days=len(days),
        last_day=days[-1],
        is_closed=len(days) == len(report.days_of(days[0])),
        is_public=fleet.is_public,
        currencies=currencies,
        **_service(measures),
    )
    return made, report.lamp_figures(fleet, measures, asked)


def _service(measures: Measures) -> _Service:
    repair, watched = rules.time_to_repair(measures.outages), measures.watched
    return {
        "repair_median_h": None if repair is None else repair.total_seconds() / 3600,
        "repairs": sum(each.cleared_at is not None for each in measures.outages),
        "outages": len(measures.outages),
        "watched_from": watched[0] if watched else None,
        "watched_until": watched[1] if watched else None,
    }


def _bases(fleet: Fleet, days: Sequence[date], baselines: Sequence[Baseline]) -> list[str]:
    """Give what the baselines in use at both ends of the days are based on."""
    ends = [(cabinet, day) for cabinet in fleet.cabinets for day in (days[0], days[-1])]
    return [found.basis for cabinet, day in ends if (found := rules.find_baseline(baselines, cabinet, day))]
