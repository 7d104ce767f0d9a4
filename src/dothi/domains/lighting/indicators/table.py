"""The monthly report as a table for spreadsheets."""

import csv
import io
from typing import Final

from django.utils.translation import gettext as _

from dothi.domains.lighting.types.energy import MonthlyReport, StreetFigures

_FORMULA_STARTS: Final = ("=", "+", "-", "@", "\t", "\r")
_BYTE_ORDER_MARK: Final = "\ufeff"
"""Spreadsheets take the file for UTF-8 by it."""


def csv_of(report: MonthlyReport) -> str:
    """Write a report as CSV (RFC 4180) in the language in use; numbers have a point, what isn't known is empty.

    A text that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    out = io.StringIO()
    out.write(_BYTE_ORDER_MARK)
    writer = csv.writer(out)
    writer.writerow(_heads(report.currency))
    for street in report.streets:
        writer.writerow(_row(report, street, street.name))
    writer.writerow(_row(report, report.total, _("The whole city")))
    return out.getvalue()


def neutral(text: str) -> str:
    """Give a text that no spreadsheet takes for a formula (OWASP, CSV Injection)."""
    return f"'{text}" if text.startswith(_FORMULA_STARTS) else text


def _heads(currency: str) -> list[str]:
    return [
        _("Month"),
        _("Street"),
        _("Lamps"),
        _("Used, kWh"),
        _("By schedule, kWh"),
        _("Baseline for the same hours, kWh"),
        _("Saved, percent"),
        _("kWh per lamp"),
        _("Scheduled, lamp-hours"),
        _("Faults looked for, lamp-hours"),
        _("Out of order, lamp-hours"),
        _("Availability, percent"),
        _("Messages received, percent"),
        _("Lamp-days measured, percent"),
        _("Cost, %(currency)s") % {"currency": currency or "–"},
        _("Last day"),
        _("Data"),
    ]


def _row(report: MonthlyReport, street: StreetFigures, name: str) -> list[str]:
    return [
        f"{report.month:%Y-%m}",
        neutral(name),
        str(street.lamps),
        _number(street.used_kwh if street.covered_share else None),
        _number(street.expected_kwh if street.covered_share else None),
        _number(street.baseline_kwh),
        _percent(street.saving_share),
        _number(street.kwh_per_lamp),
        _number(street.scheduled_h),
        _number(street.watched_h),
        _number(street.failed_h),
        _percent(street.availability),
        _percent(street.communication),
        _percent(street.covered_share),
        "" if street.cost is None else f"{street.cost:.2f}",
        report.last_day.isoformat(),
        _("simulated") if report.simulated else _("measured"),
    ]


def _number(value: float | None) -> str:
    return "" if value is None else f"{value:.2f}"


def _percent(share: float | None) -> str:
    return "" if share is None else f"{100 * share:.2f}"
