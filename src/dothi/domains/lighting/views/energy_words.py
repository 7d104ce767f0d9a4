"""The figures of a report in words: each with its value, or why there is none, its formula, and what it is made of."""

from typing import NamedTuple

from django.template.defaultfilters import floatformat
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext as _

from dothi.domains.lighting.types.energy import MonthlyReport


class Term(NamedTuple):
    """A part that a figure is made of."""

    label: str
    value: str


class FigureLine(NamedTuple):
    """A figure with its lineage; `value` is "" where `why` says that it can't be given."""

    id: str
    name: str
    value: str
    unit: str
    why: str
    formula: str
    terms: tuple[Term, ...]
    source: str


def figure_lines(report: MonthlyReport) -> list[FigureLine]:
    """Give the figures of the whole city."""
    return [
        _used(report),
        _per_lamp(report),
        _expected(report),
        _saving(report),
        _availability(report),
        _communication(report),
        _repair(report),
        _cost(report),
    ]


def span_of(report: MonthlyReport) -> str:
    """Say which days a report is of."""
    return f"{date_format(report.month, 'd/m/Y')}–{date_format(report.last_day, 'd/m/Y')}"


def _number(value: float | None, places: int = 0) -> str:
    return "" if value is None else str(floatformat(value, f"{places}g"))


def _registers() -> str:
    return _("Observations of the Datastream “energy” of each lamp, from midnight to midnight")


def _no_readings() -> str:
    return _("no lamp's register was read over a whole day")


def _measured(report: MonthlyReport) -> Term:
    return Term(_("Lamp-days measured"), f"{_number(report.total.covered_percent, 1)}%")


def _used(report: MonthlyReport) -> FigureLine:
    is_known = report.total.covered_share > 0
    return FigureLine(
        "used",
        _("Energy used"),
        _number(report.total.used_kwh) if is_known else "",
        "kWh",
        "" if is_known else _no_readings(),
        _(
            "The sum of what the lamps' registers rose by on each day. A day that a register doesn't cover counts nowhere."
        ),
        (
            Term(_("Lamps"), _number(report.total.lamps)),
            Term(_("Days"), _number(report.days)),
            _measured(report),
        ),
        _registers(),
    )


def _per_lamp(report: MonthlyReport) -> FigureLine:
    value = report.total.kwh_per_lamp
    return FigureLine(
        "per-lamp",
        _("Energy per lamp"),
        _number(value, 1),
        "kWh",
        "" if value is not None else _no_readings(),
        _("Energy used ÷ lamps"),
        (
            Term(_("Energy used"), f"{_number(report.total.used_kwh)} kWh"),
            Term(_("Lamps"), _number(report.total.lamps)),
        ),
        _registers(),
    )


def _expected(report: MonthlyReport) -> FigureLine:
    is_known = report.total.covered_share > 0
    return FigureLine(
        "expected",
        _("Energy by schedule"),
        _number(report.total.expected_kwh) if is_known else "",
        "kWh",
        "" if is_known else _no_readings(),
        _("Each lamp's rated power at each level × its hours, on the lamp-days that were measured"),
        (Term(_("Lamp-hours scheduled"), _number(report.total.scheduled_h)), _measured(report)),
        _(
            "The light programmes that cabinets acknowledged, sunset and sunrise at each cabinet, rated power of each lamp"
        ),
    )


def _saving(report: MonthlyReport) -> FigureLine:
    value, baseline = report.total.saving_percent, report.total.baseline_kwh
    saved = None if baseline is None else baseline - report.total.used_kwh
    why = _no_readings() if report.total.covered_share == 0 else _("no baseline is entered for all lamps and days")
    return FigureLine(
        "saving",
        _("Saved against the baseline"),
        _number(value, 1),
        "%",
        why if value is None else "",
        _("1 − energy used ÷ baseline. The baseline is what a lamp drew before × the same scheduled hours (IPMVP)."),
        (
            Term(_("Energy used"), f"{_number(report.total.used_kwh)} kWh"),
            Term(_("Baseline for the same hours"), f"{_number(baseline)} kWh"),
            Term(_("Saved"), f"{_number(saved)} kWh"),
        )
        if saved is not None
        else (),
        _("Baselines entered by the city: %(bases)s") % {"bases": "; ".join(report.bases) or _("none")},
    )


def _availability(report: MonthlyReport) -> FigureLine:
    value, begin, end = report.total.availability_percent, report.watched_from, report.watched_until
    span = f"{_moment(begin)} – {_moment(end)}" if begin and end else _("never")
    return FigureLine(
        "availability",
        _("Availability"),
        _number(value, 2),
        "%",
        "" if value is not None else _("faults were not looked for on these days"),
        _(
            "1 − lamp-hours out ÷ lamp-hours scheduled, while faults were looked for. Out is a lamp with the alarm “lamp"
            " out”, or on a lost phase; a silent lamp is not, as it goes on by its programme."
        ),
        (
            Term(_("Lamp-hours out"), _number(report.total.failed_h, 1)),
            Term(_("Lamp-hours scheduled, faults looked for"), _number(report.total.watched_h)),
            Term(_("Faults looked for"), span),
        ),
        _("Alarms lighting.lamp.failed and lighting.feeder.lost, and the light programmes that cabinets acknowledged"),
    )


def _communication(report: MonthlyReport) -> FigureLine:
    value = report.total.communication_percent
    return FigureLine(
        "communication",
        _("Messages received"),
        _number(value, 1),
        "%",
        "" if value is not None else _("no lamp was heard from on these days"),
        _("Messages received ÷ messages expected: one a minute from each lamp since it was first heard"),
        (
            Term(_("Received"), _number(report.total.received)),
            Term(_("Expected"), _number(report.total.expected_messages)),
        ),
        _("Observations of the Datastream “power” of each lamp; what was filled in afterwards is not counted"),
    )


def _repair(report: MonthlyReport) -> FigureLine:
    value = report.repair_median_h
    return FigureLine(
        "repair",
        _("Time to repair"),
        _number(value, 1),
        _("hours"),
        "" if value is not None else _("no outage was repaired on these days"),
        _("Median from an alarm's raise to its clearing, of the outages that were repaired"),
        (Term(_("Outages"), _number(report.outages)), Term(_("Repaired"), _number(report.repairs))),
        _("Alarms lighting.lamp.failed and lighting.feeder.lost"),
    )


def _cost(report: MonthlyReport) -> FigureLine:
    value = report.total.cost
    if report.total.covered_share == 0:
        why = _no_readings()
    elif len(report.currencies) > 1:
        why = _("prices in %(currencies)s can't be added") % {"currencies": ", ".join(report.currencies)}
    else:
        why = _("no tariff is entered for all days")
    return FigureLine(
        "cost",
        _("Cost"),
        "" if value is None else str(floatformat(value, "0g")),
        report.currency,
        why if value is None else "",
        _("The sum over days of energy used × that day's price"),
        (Term(_("Energy used"), f"{_number(report.total.used_kwh)} kWh"),),
        _("Tariffs entered by the city: %(bases)s") % {"bases": "; ".join(report.bases) or _("none")},
    )


def _moment(moment: object) -> str:
    return date_format(localtime(moment), "d/m/Y H:i")  # type: ignore[arg-type]
