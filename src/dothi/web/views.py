"""The shell's own pages: the map, the language switch, and the pages of errors."""

import sys
from datetime import date
from typing import Final

from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.shortcuts import render
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.http import url_has_allowed_host_and_scheme
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_POST, require_safe

from dothi.core.places import service as places
from dothi.web import alarm_chart, guard, operations, pages, timeline

YEAR_S: Final = 365 * 24 * 3600


@guard.permission_required("live.map.view")
@require_safe
def live_map(request: HttpRequest) -> HttpResponse:
    """Show the live map."""
    language = translation.get_language() or ""
    actor = guard.actor_of(request)
    config = operations.page_config(actor, guard.city(), language=language)
    more = operations.scope_names(actor, language=language) | {"credits": places.map_credits()}
    return render(request, "web/map.html", {"map_config": config | more})


@guard.permission_required("live.map.view")
@require_safe
def wall(request: HttpRequest) -> HttpResponse:
    """Show the wall of the operations centre: the screen's parts to be read from afar, without a control."""
    language = translation.get_language() or ""
    config = operations.page_config(guard.actor_of(request), guard.city(), language=language)
    return render(request, "web/wall.html", {"wall_config": config})


@guard.permission_required("live.map.view")
@require_safe
def show_timeline(request: HttpRequest) -> HttpResponse:
    """Send the timeline of the last `hours`, JSON."""
    hours = request.GET.get("hours", "24")
    known = int(hours) if hours in map(str, timeline.STEPS) else 0
    return _fresh(timeline.timeline(guard.actor_of(request), known))


@guard.permission_required("alarms.alarm.view")
@require_safe
def draw_alarm(request: HttpRequest, alarm_id: int) -> HttpResponse:
    """Send the chart that stands beside an alarm, JSON; null where its rule names none or there is no such series."""
    return _fresh(alarm_chart.drawing_of(guard.actor_of(request), alarm_id))


def _fresh(body: object) -> HttpResponse:
    response = JsonResponse(body, safe=False)
    response["Cache-Control"] = "no-store"
    return response


@guard.public
@require_safe
@cache_control(max_age=60)
def base_map(request: HttpRequest) -> HttpResponse:
    """Send the base map, GeoJSON: drawn by the city or imported, with the areas of a day (`on`, today if not given)."""
    found = places.base_map(guard.city().base_map, on=_day_of(request))
    if request.headers.get("If-None-Match") == found.etag:
        response = HttpResponse(status=304)
    elif "gzip" in request.headers.get("Accept-Encoding", ""):
        response = HttpResponse(found.packed, content_type="application/geo+json")
        response["Content-Encoding"] = "gzip"
    else:
        response = HttpResponse(found.plain, content_type="application/geo+json")
    response["ETag"] = found.etag
    patch_vary_headers(response, ["Accept-Encoding"])
    return response


def _day_of(request: HttpRequest) -> date | None:
    """Read the day that is asked for; what is none asks for today."""
    try:
        return date.fromisoformat(request.GET.get("on", ""))
    except ValueError:
        return None


@guard.public
@require_POST
def set_language(request: HttpRequest) -> HttpResponse:
    """Keep the chosen language in a cookie and go back to where the reader was."""
    chosen = request.POST.get("lang", "")
    goal = request.POST.get("next", "")
    own = url_has_allowed_host_and_scheme(goal, {request.get_host()}, require_https=request.is_secure())
    response = HttpResponseRedirect(goal if own else "/")
    if chosen in guard.city().languages:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME,
            chosen,
            max_age=YEAR_S,
            secure=request.is_secure(),
            httponly=True,
            samesite="Lax",
        )
    return response


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer a request that Django itself refuses."""
    return pages.refusal(request, status=400)


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer what Django itself forbids."""
    return pages.refusal(request, status=403)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """Answer an address that leads nowhere."""
    return pages.refusal(request, status=404)


def server_error(request: HttpRequest) -> HttpResponse:
    """Answer when something broke; a database that is away is said to be that."""
    error = sys.exc_info()[1]
    return pages.error_page(request, error if isinstance(error, Exception) else RuntimeError("unknown"))
