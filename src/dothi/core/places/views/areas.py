"""The pages of places: the units of a day as list and map, one unit with its past and its future, and a search."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Final, NamedTuple
from urllib.parse import urlencode

import shapely
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from dothi.core.accounts.guard import actor_of, permission_required
from dothi.core.places import service
from dothi.core.places.types import COMMUNE, DISTRICT, PROVINCE, Area, AsOf, Relation, ShareBasis
from dothi.kernel.city import City

LEVELS: Final[Mapping[int, Promise]] = {
    COMMUNE: _("Wards and communes"),
    DISTRICT: _("Districts"),
    PROVINCE: _("Provinces"),
}
BASES: Final[Mapping[ShareBasis, Promise]] = {
    ShareBasis.WHOLE: _("all of it"),
    ShareBasis.AREA: _("measured between shapes"),
    ShareBasis.CELLS: _("estimated between illustrative cells"),
}
LONGEST_SEARCH: Final = 100


class Row(NamedTuple):
    """A unit as a page shows it, in the reader's language."""

    area: Area
    name: str
    address: str


class RelationRow(NamedTuple):
    """A predecessor or successor as a page shows it."""

    row: Row
    percent: float
    basis: Promise
    is_exact: bool


class Span(NamedTuple):
    """A stretch of days between which no unit changes, as a choice."""

    begin: date | None
    end: date | None
    address: str
    is_current: bool


@permission_required(service.VIEW)
@require_safe
def show_areas(request: HttpRequest) -> HttpResponse:
    """Show the units of one level in force on a day, and what a search finds."""
    actor = actor_of(request)
    as_of = as_of_request(request)
    asked = request.GET.get("q", "").strip()[:LONGEST_SEARCH]
    everything = service.list_areas(actor, as_of)
    level = _level(request, everything)
    shown = [area for area in everything if area.level == level]
    by_id = {area.id: area for area in everything}
    return render(
        request,
        "places/areas.html",
        {
            "on": as_of.day,
            "asked": asked,
            "found": _rows(service.search(actor, asked, on=as_of.day), as_of.day) if asked else None,
            "rows": [(row, by_id.get(row.area.parent_id or 0)) for row in _rows(shown, as_of.day)],
            "tabs": _tabs(everything, level, as_of.day),
            "spans": _spans(service.list_limits(actor), as_of.day, level),
            "km2": sum(area.km2 or 0 for area in shown),
            "stated_km2": _stated(shown),
            "is_illustrative": any(area.is_illustrative for area in shown),
            "map": _map(as_of.day, level),
        },
    )


@permission_required(service.VIEW)
@require_safe
def show_area(request: HttpRequest, area_id: int) -> HttpResponse:
    """Show one unit: what it belongs to, where it comes from and went, and every version that was recorded."""
    actor = actor_of(request)
    as_of = as_of_request(request)
    account = service.get_area(actor, area_id, as_of)
    day = as_of.day if account.area.valid.holds(as_of.day) else day_within(account.area)
    bounds = [shape.bounds for shape in service.shapes_of(actor, [account.area]) if isinstance(shape, shapely.Geometry)]
    return render(
        request,
        "places/area.html",
        {
            "row": _row(account.area, day),
            "account": account,
            "on": as_of.day,
            "is_in_force": account.area.valid.holds(as_of.day),
            "parents": _rows(account.parents, day),
            "children": _rows(account.children, day),
            "predecessors": _relations(account.predecessors, is_past=True),
            "successors": _relations(account.successors, is_past=False),
            "history": _rows(account.history, day),
            "level": LEVELS.get(account.area.level, ""),
            "map": _map(day, account.area.level, chosen=account.area.id, bounds=bounds[0] if bounds else None),
        },
    )


@permission_required(service.VIEW)
@require_safe
def send_areas(request: HttpRequest) -> HttpResponse:
    """Send the units of a level (`level`) and a day (`on`) as GeoJSON; each says whether its shape is illustrative."""
    actor = actor_of(request)
    as_of = as_of_request(request)
    areas = service.list_areas(actor, as_of, level=_number(request.GET.get("level", "")) or COMMUNE)
    return JsonResponse(service.collection(actor, areas), content_type="application/geo+json")


def as_of_request(request: HttpRequest) -> AsOf:
    """Read the day that is asked for; what is none asks for today."""
    try:
        return service.as_of(date.fromisoformat(request.GET.get("on", "")))
    except ValueError:
        return service.as_of(None)


def _level(request: HttpRequest, areas: Sequence[Area]) -> int:
    """Read the level that is asked for; else the smallest units there are."""
    asked = _number(request.GET.get("level", ""))
    return asked if asked is not None and asked in LEVELS else max((area.level for area in areas), default=COMMUNE)


def _number(text: str) -> int | None:
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 3 else None


def _address(name: str, *args: int, **asked: object) -> str:
    return f"{reverse(f'places:{name}', args=args)}?{urlencode(asked)}"


def _row(area: Area, day: date) -> Row:
    return Row(area, area.full_name(get_language() or ""), _address("area", area.id, on=day.isoformat()))


def row_of(area: Area) -> Row:
    """Name a unit, and lead to it on a day of its own."""
    return _row(area, service.today() if area.valid.holds(service.today()) else day_within(area))


def _rows(areas: Iterable[Area], day: date) -> list[Row]:
    """Name units; one that is not in force on the day is led to on a day of its own."""
    return [_row(area, day if area.valid.holds(day) else day_within(area)) for area in areas]


def day_within(area: Area) -> date:
    """Give a day on which a unit is in force: its last, or its first where it has no end."""
    if area.valid.end is not None:
        return area.valid.end - timedelta(days=1)
    return area.valid.begin or service.today()


def _relations(relations: Iterable[Relation], *, is_past: bool) -> list[RelationRow]:
    """Say what came from where, or went where: the share is always that of the older unit's area."""
    rows = []
    for area, succession in relations:
        day = succession.on - timedelta(days=1) if is_past else succession.on
        basis = BASES[succession.basis]
        is_exact = succession.basis is ShareBasis.WHOLE
        rows.append(RelationRow(_row(area, day), succession.share * 100, basis, is_exact))
    return rows


def _tabs(areas: Sequence[Area], level: int, day: date) -> list[dict[str, object]]:
    counts = {each: sum(area.level == each for area in areas) for each in LEVELS}
    return [
        {
            "name": name,
            "count": counts[each],
            "address": _address("areas", on=day.isoformat(), level=each),
            "is_current": each == level,
        }
        for each, name in LEVELS.items()
        if counts[each] or each == level
    ]


def _stated(areas: Sequence[Area]) -> float | None:
    """Sum what is stated of units, None where that is not of all of them."""
    stated = [area.stated_km2 for area in areas]
    return sum(each or 0 for each in stated) if stated and None not in stated else None


def _spans(limits: Sequence[date], day: date, level: int) -> list[Span]:
    """Offer the stretches of days between which nothing changes."""
    spans = []
    for begin, end in zip([None, *limits], [*limits, None], strict=True):
        is_current = (begin is None or begin <= day) and (end is None or day < end)
        goal = end - timedelta(days=1) if end is not None else max(service.today(), begin or date.min)
        spans.append(Span(begin, end, _address("areas", on=goal.isoformat(), level=level), is_current))
    return spans


def map_of(*, bounds: tuple[float, float, float, float] | None) -> dict[str, object]:
    """Give the configuration of a map of today's units with other bounds, for pages that draw something else."""
    return _map(service.today(), COMMUNE, bounds=bounds)


def _map(
    day: date, level: int, *, chosen: int | None = None, bounds: tuple[float, float, float, float] | None = None
) -> dict[str, object]:
    city: City = settings.CITY
    return {
        "bounds": bounds or city.bounds,
        "baseUrl": f"{reverse('web:base-map')}?{urlencode({'on': day.isoformat()})}",
        "areasUrl": _address("geojson", on=day.isoformat(), level=level),
        "language": get_language() or "",
        "label": gettext("Map of administrative units"),
        "chosen": chosen,
        "page": _address("area", 0, on=day.isoformat()),
        "dossier": reverse("places:dossier"),
        "noMap": gettext("This browser can't draw the map; the list says the same."),
    }
