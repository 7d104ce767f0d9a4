"""The monthly energy report: what the record holds, set against schedules, baselines and tariffs."""

from collections.abc import Sequence
from datetime import date

from django.conf import settings

from dothi.core.accounts.types import Actor
from dothi.domains.lighting.rules import energy as rules
from dothi.domains.lighting.rules import plan, report
from dothi.domains.lighting.service import energy, schedules
from dothi.domains.lighting.types.energy import Fleet, LampFigures, Measures, MonthlyReport, Tariff
from dothi.kernel import clock


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
    repair = rules.time_to_repair(measures.outages)
    used = [
        found
        for cabinet in fleet.cabinets
        for day in (days[0], days[-1])
        if (found := rules.find_baseline(baselines, cabinet, day))
    ]
    made = MonthlyReport(
        month=days[0].replace(day=1),
        streets=streets,
        total=total,
        repair_median_h=None if repair is None else repair.total_seconds() / 3600,
        currency=currencies[0] if len(currencies) == 1 else "",
        bases=tuple(dict.fromkeys([*(each.basis for each in valid), *(each.basis for each in used)])),
        made_at=clock.now(),
        simulated=fleet.simulated,
        days=len(days),
        last_day=days[-1],
        repairs=sum(each.cleared_at is not None for each in measures.outages),
        outages=len(measures.outages),
        watched_from=measures.watched[0] if measures.watched else None,
        watched_until=measures.watched[1] if measures.watched else None,
        is_closed=len(days) == len(report.days_of(days[0])),
        is_public=fleet.is_public,
        currencies=currencies,
    )
    return made, report.lamp_figures(fleet, measures, asked)
