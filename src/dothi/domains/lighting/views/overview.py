"""The page of the whole city's light, with its search, and energy by day."""

from collections.abc import Callable
from typing import Any, Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from dothi.core.accounts.types import Actor
from dothi.core.alarms.types import QUEUE
from dothi.domains.lighting import service
from dothi.domains.lighting.rules.search import matching
from dothi.domains.lighting.service import days, reports
from dothi.domains.lighting.service import energy as energy_service
from dothi.domains.lighting.service import overview as overviews
from dothi.domains.lighting.types.energy import MonthlyReport
from dothi.domains.lighting.types.overview import Overview, StreetRow
from dothi.domains.lighting.views.words import lamp_rows, priority_counts, street_line
from dothi.kernel.text import fold
from dothi.web import charts
from dothi.web.guard import actor_of, permission_required

MOST_FOUND: Final = 50
PAUSE_MS: Final = 10_000
"""How often the page of all lamps asks for itself anew, at most."""
Key = Callable[[StreetRow], Any]
COLUMNS: Final[dict[str, tuple[Promise, Key]]] = {
    "name": (gettext_lazy("Street"), lambda row: (not row.slug, fold(row.name))),
    "on": (gettext_lazy("Lamps on"), lambda row: (row.on - row.lamps, fold(row.name))),
    "late": (gettext_lazy("Late"), lambda row: (-row.late, fold(row.name))),
    "alarms": (gettext_lazy("Alarms"), lambda row: (row.priority or 9, -(row.alarms or 0), fold(row.name))),
    "kwh": (gettext_lazy("Yesterday, kWh"), lambda row: (-(row.kwh or 0.0), fold(row.name))),
}
"""What streets are sorted by: what most needs a look comes first."""


@permission_required("lighting.lamp.view")
@require_safe
def show_overview(request: HttpRequest) -> HttpResponse:
    """Show how the city's light is, its figures, and its streets."""
    actor = actor_of(request)
    seen = overviews.overview(actor)
    sort = request.GET.get("sort", "name")
    sort = sort if sort in COLUMNS else "name"
    programme, asked = request.GET.get("programme", ""), request.GET.get("q", "").strip()
    streets = [row for row in seen.streets if not programme or row.programme == programme]
    context = {
        "layer": service.LAMPS,
        "seen": seen,
        "streets": [street_line(row) for row in sorted(streets, key=COLUMNS[sort][1])],
        "columns": _columns(request, sort, with_alarms=seen.alarms is not None),
        "programme": programme,
        "programmes": sorted(
            {(row.programme, row.programme_name) for row in seen.streets if row.programme},
            key=lambda each: fold(each[1]),
        ),
        "alarms": _alarms(seen),
        "may_see_energy": actor.may(energy_service.VIEW),
        "report": _newest_report(actor),
        "pause": PAUSE_MS,
        "has_backfill": days.has_backfill(actor, seen.lamps),
        **_found(seen, asked),
        **_state(seen),
    }
    return render(request, "lighting/overview.html", context)


def _newest_report(actor: Actor) -> MonthlyReport | None:
    """Give the newest month's report, for what yesterday's figures can't say."""
    if not actor.may(energy_service.VIEW):
        return None
    return next((each.report for each in reports.list_reports(actor) if each.report), None)


def _state(seen: Overview) -> dict[str, object]:
    """Count what the first line says; a late lamp counts as neither on nor off."""
    late = sum(row.late for row in seen.streets)
    heard = len(seen.lamps) - late
    return {
        "lamps": len(seen.lamps),
        "heard": heard,
        "heard_percent": 100.0 * heard / len(seen.lamps) if seen.lamps else 0.0,
        "on": sum(row.on for row in seen.streets),
        "late": late,
        "unknown": sum(row.unknown for row in seen.streets),
        "simulated": any(lamp.simulated for lamp in seen.lamps),
        "newest_at": max((lamp.observed_at for lamp in seen.lamps if lamp.observed_at), default=None),
    }


def _alarms(seen: Overview) -> list[dict[str, object]] | None:
    """Give the open alarms of each priority, and how many of them nobody has acknowledged."""
    return None if seen.alarms is None else priority_counts({state: seen.alarms.get(state, {}) for state in QUEUE})


def _found(seen: Overview, asked: str) -> dict[str, object]:
    lamps = matching(asked, seen.lamps, most=MOST_FOUND)
    return {
        "asked": asked,
        "found_lamps": lamp_rows(lamps, {}),
        "found_cabinets": matching(asked, seen.cabinets, most=MOST_FOUND),
        "most_found": MOST_FOUND,
    }


def _columns(request: HttpRequest, sort: str, *, with_alarms: bool) -> list[dict[str, object]]:
    kept = {name: request.GET[name] for name in ("programme", "q") if request.GET.get(name)}
    return [
        {"id": name, "label": label, "address": f"?{urlencode({**kept, 'sort': name})}", "is_current": name == sort}
        for name, (label, _key) in COLUMNS.items()
        if with_alarms or name != "alarms"
    ]


@permission_required("lighting.lamp.view")
@require_safe
def show_days(request: HttpRequest) -> HttpResponse:
    """Show the energy of all lamps by day, as a chart and a table."""
    actor = actor_of(request)
    lamps = service.list_lamps(actor)
    context = {
        "energy": days.add_up(days.energy_of(actor, lamps, days.last_days())),
        "simulated": any(lamp.simulated for lamp in lamps),
        "has_backfill": days.has_backfill(actor, lamps),
    }
    return render(request, "lighting/days.html", context)


@permission_required("lighting.lamp.view")
@require_safe
def draw_days(request: HttpRequest) -> HttpResponse:
    """Give the same for the chart that the overview fetches."""
    actor = actor_of(request)
    shown = days.add_up(days.energy_of(actor, service.list_lamps(actor), days.last_days()))
    return JsonResponse(charts.drawing(shown, title=_("Energy per day")))
