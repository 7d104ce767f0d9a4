"""The monthly energy report: what the record holds, set against schedules, baselines and tariffs."""

from datetime import date

from dothi.core.accounts.types import Actor
from dothi.domains.lighting.rules import energy as rules
from dothi.domains.lighting.rules import report
from dothi.domains.lighting.service import energy, schedules
from dothi.domains.lighting.types.energy import Fleet, Measures, MonthlyReport
from dothi.kernel import clock
from dothi.kernel.errors import Conflict


def monthly_report(actor: Actor, month: date, fleet: Fleet, measures: Measures) -> MonthlyReport:
    """Give the report of the month that a date lies in.

    `fleet` is `service.energy.fleet`'s, and `measures` what the record holds of the nights of `report.days_of(month)`
    for these lamps. Scheduled is what the cabinets acknowledged. Raises Unauthenticated or Forbidden, Conflict where
    the tariffs of the month are in two currencies.
    """
    days = report.days_of(month)
    tariffs, baselines = energy.list_tariffs(actor), energy.list_baselines(actor)
    valid = [tariff for day in days if (tariff := rules.find_tariff(tariffs, day))]
    currencies = sorted({tariff.currency for tariff in valid})
    if len(currencies) > 1:
        raise Conflict(f"tariffs in {' and '.join(currencies)} can't be added")
    programmes = schedules.programmes_run(actor, fleet.cabinets, days)
    streets, total = report.figures(
        fleet,
        days,
        measures=measures,
        asked=rules.plan(fleet, days, programmes),
        baseline_w=report.baseline_powers(fleet, baselines, days),
        tariffs=tariffs,
    )
    repair = rules.time_to_repair(measures.outages)
    used = [
        found
        for cabinet in fleet.cabinets
        for day in (days[0], days[-1])
        if (found := rules.find_baseline(baselines, cabinet, day))
    ]
    return MonthlyReport(
        month=days[0],
        streets=streets,
        total=total,
        repair_median_h=None if repair is None else repair.total_seconds() / 3600,
        currency=currencies[0] if currencies else "",
        bases=tuple(dict.fromkeys([*(each.basis for each in valid), *(each.basis for each in used)])),
        made_at=clock.now(),
        simulated=fleet.simulated,
    )
