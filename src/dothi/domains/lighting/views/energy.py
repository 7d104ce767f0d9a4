"""The monthly energy report: figures with their lineage, streets and their lamps, as a table and as a document."""

import re
from datetime import date
from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from dothi.domains.lighting import indicators, service
from dothi.domains.lighting.rules.overview import along
from dothi.domains.lighting.service import days, reports
from dothi.domains.lighting.service import energy as energy_service
from dothi.domains.lighting.types.energy import KeptReport
from dothi.domains.lighting.views.energy_words import figure_lines, span_of
from dothi.kernel.errors import NotFound
from dothi.web.guard import actor_of, permission_required

_MONTH: Final = re.compile(r"([0-9]{4})-(0[1-9]|1[0-2])")


@permission_required("lighting.energy.view")
@require_safe
def show_report(request: HttpRequest) -> HttpResponse:
    """Show a month's report, by default the newest."""
    actor = actor_of(request)
    kept = reports.list_reports(actor)
    shown = _shown(kept, request.GET.get("month", ""))
    report = shown.report if shown else None
    context = {
        "kept": shown,
        "report": report,
        "span": span_of(report) if report else "",
        "lines": figure_lines(report) if report else [],
        "rows": [*report.streets, report.total] if report else [],
        "months": [each.month for each in kept if each.report],
        "has_document": shown is not None and _language() in shown.documents,
        "may_edit": actor.may(energy_service.EDIT),
        "running": days.today(),
    }
    return render(request, "lighting/energy.html", context)


@permission_required("lighting.energy.view")
@require_safe
def show_street(request: HttpRequest, slug: str) -> HttpResponse:
    """Show what each lamp of a street adds to a month's report."""
    actor = actor_of(request)
    shown = _get_shown(reports.list_reports(actor), request.GET.get("month", ""))
    street = next((each for each in shown.report.streets if each.street == slug), None) if shown.report else None
    if street is None:
        raise NotFound(f"no street {slug} in the report")
    figures = reports.list_lamp_figures(actor, shown.month)
    lamps = along(service.list_lamps(actor, street=slug))
    rows = [(lamp, figures[lamp.id]) for lamp in lamps if lamp.id in figures]
    context = {"kept": shown, "report": shown.report, "street": street, "rows": rows}
    return render(request, "lighting/energy_street.html", context)


@permission_required("lighting.energy.view")
@require_safe
def download_table(request: HttpRequest) -> HttpResponse:
    """Give a month's report as CSV."""
    shown = _get_shown(reports.list_reports(actor_of(request)), request.GET.get("month", ""))
    if shown.report is None:
        raise NotFound("no report yet")
    return _download(indicators.csv_of(shown.report).encode(), "text/csv; charset=utf-8", shown.month, "csv")


@permission_required("lighting.energy.view")
@require_safe
def download_document(request: HttpRequest) -> HttpResponse:
    """Give a month's report as PDF, as the worker made it."""
    actor = actor_of(request)
    shown = _get_shown(reports.list_reports(actor), request.GET.get("month", ""))
    document = reports.get_document(actor, shown.month, _language())
    return _download(document, "application/pdf", shown.month, "pdf")


@permission_required("lighting.energy.edit")
@require_POST
def ask_for_report(request: HttpRequest) -> HttpResponse:
    """Have a month's report made anew."""
    month = _month_of(request.POST.get("month", ""))
    reports.ask_for_report(actor_of(request), month)
    messages.success(request, _("The report will be made anew within some minutes."))
    return redirect(f"{reverse('lighting:energy')}?month={month:%Y-%m}")


def _month_of(text: str) -> date:
    """Read a month, as YYYY-MM. Raises NotFound."""
    found = _MONTH.fullmatch(text)
    if found is None or not 1 <= int(found[1]) <= 9998:
        raise NotFound(f"no month {text!r}")
    return date(int(found[1]), int(found[2]), 1)


def _shown(kept: list[KeptReport], text: str) -> KeptReport | None:
    """Give the report of the month that is asked for, or the newest there is; None if that isn't there."""
    if not text:
        return next((each for each in kept if each.report), None)
    month = _month_of(text)
    return next((each for each in kept if each.month == month), None)


def _get_shown(kept: list[KeptReport], text: str) -> KeptReport:
    found = _shown(kept, text)
    if found is None:
        raise NotFound("no report of this month")
    return found


def _language() -> str:
    return get_language() or ""


def _download(content: bytes, kind: str, month: date, ending: str) -> HttpResponse:
    name = f"lighting-energy-{month:%Y-%m}-{_language()}.{ending}"
    return HttpResponse(content, content_type=kind, headers={"Content-Disposition": f'attachment; filename="{name}"'})
