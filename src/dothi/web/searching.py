"""The search's page, and what its box is offered while somebody types."""

from collections.abc import Sequence
from datetime import date
from typing import Final

import msgspec
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from dothi.kernel.search import asked_for
from dothi.web import guard, search

VIEW: Final = "places.area.view"
"""The search itself shows nothing: each kind of answer asks for its own permission besides."""


@guard.permission_required(VIEW)
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Show what is called as `q` says, on the day `on` (today if not given)."""
    on = _day_of(request)
    asked = asked_for(request.GET.get("q", ""), on=on, limit=search.SHOWN)
    found = search.search(guard.actor_of(request), asked, language=get_language() or "")
    return render(request, "web/search.html", {"asked": asked.text, "on": on, "found": found, "most": search.SHOWN})


@guard.permission_required(VIEW)
@require_safe
def offer(request: HttpRequest) -> HttpResponse:
    """Send the first answers as JSON: `found` with name, kind, where, note, address, and lon and lat where known."""
    asked = asked_for(request.GET.get("q", ""), on=_day_of(request), limit=search.OFFERED)
    found = search.search(guard.actor_of(request), asked, language=get_language() or "")
    response = JsonResponse({"asked": asked.text, "found": _offered(found)})
    response["Cache-Control"] = "no-store"
    return response


def _offered(found: Sequence[search.Found]) -> list[dict[str, object]]:
    """Give answers in a row, each that stands for others before the first of them."""
    in_a_row = [msgspec.structs.replace(each, hit=hit) for each in found for hit in (each.hit, *each.hit.members)]
    return [_answer(each) for each in in_a_row[: search.OFFERED]]


def _answer(each: search.Found) -> dict[str, object]:
    hit = each.hit
    return {
        "name": hit.name,
        "kind": each.kind,
        "icon": each.icon,
        "where": hit.where,
        "note": hit.note,
        "code": hit.code,
        "address": hit.address,
        "is_past": hit.is_past,
        "lon": hit.lon,
        "lat": hit.lat,
    }


def _day_of(request: HttpRequest) -> date | None:
    """Read the day that is asked for; what is none asks for today."""
    try:
        return date.fromisoformat(request.GET.get("on", ""))
    except ValueError:
        return None
