"""The dossier: all that is known of a point, a polygon or a unit, to whoever asks, as of a day."""

from collections.abc import Mapping
from typing import Any, Final, NamedTuple
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe
from shapely.geometry import mapping

from dothi.core.accounts.guard import actor_of, permission_required
from dothi.core.accounts.types import Actor
from dothi.core.places import service
from dothi.core.places.layers.types import Feature, Layer, Role
from dothi.core.places.serving import service as serving
from dothi.core.places.types import COMMUNE, AsOf, Site, SiteKind, Within
from dothi.core.places.views.areas import LEVELS, as_of_request, row_of
from dothi.core.places.views.areas import Row as AreaRow
from dothi.core.places.views.links import DIGITS
from dothi.kernel.errors import InvalidInput

ASKED: Final = ("at", "within", "area", "feature", "reach")
"""What an address says of the ground; `on` says the day."""
MOST_TOLD: Final = 8
"""How many attributes of a feature the dossier tells; all stand on the feature's own page."""
ROLES: Final[Mapping[Role, Promise]] = {
    Role.PARCELS: _("Parcels"),
    Role.ZONING: _("Zoning"),
    Role.BUILDINGS: _("Buildings"),
    Role.ROADS: _("Roads"),
    Role.WATER: _("Water"),
    Role.UTILITIES: _("Utilities"),
    Role.LAND_COVER: _("Land cover"),
    Role.FACILITIES: _("Facilities"),
    Role.BOUNDARIES: _("Boundaries"),
    Role.OTHER: _("Other layers"),
}
LONGEST: Final = 12_000
MARGIN_DEGREES: Final = 0.002


class Held(NamedTuple):
    """A unit that the ground lies in, as a page shows it."""

    row: AreaRow
    level: str
    percent: float | None


@permission_required(service.VIEW)
@require_safe
def show_dossier(request: HttpRequest) -> HttpResponse:
    """Show the dossier of what the address asks for: `at`, `within` or `area`, on the day `on`; else how to ask."""
    actor = actor_of(request)
    as_of = as_of_request(request)
    site = _site(actor, request.GET, as_of)
    context: dict[str, object] = {"on": as_of.day, "asked": {k: v for k in ASKED if (v := request.GET.get(k))}}
    if site is not None:
        context |= _describe(actor, site)
    return render(request, "places/dossier.html", context)


def _describe(actor: Actor, site: Site) -> dict[str, object]:
    within = service.list_within(actor, site)
    day = site.as_of.day
    return {
        "site": site,
        "title": _title(site),
        "coordinates": _coordinates(site),
        "now": [_held(each) for each in within if each.area.valid.holds(day)],
        "then": [_held(each) for each in within if not each.area.valid.holds(day)],
        "is_illustrative": any(each.area.is_illustrative for each in within),
        "map": _map(site),
    }


def _held(within: Within) -> Held:
    area = within.area
    percent = None if within.share is None else min(within.share, 1.0) * 100
    return Held(row_of(area), str(LEVELS.get(area.level, "")), percent)


def _site(actor: Actor, asked: Mapping[str, str], as_of: AsOf) -> Site | None:
    """Read what ground is asked for, None for none. Raises InvalidInput, NotFound, Forbidden."""
    if at := asked.get("at", ""):
        [(lon, lat)] = _places(at, "at", exactly=1)
        reach = _numbers(asked.get("reach") or str(service.REACH_M), "reach")
        return service.site_at(lon, lat, reach_m=reach[0], as_of=as_of)
    if within := asked.get("within", ""):
        return service.site_within(_places(within, "within"), as_of=as_of)
    if area := asked.get("area", ""):
        if not (area.isascii() and area.isdecimal() and len(area) < 19):
            raise InvalidInput("an area is named by its number", place="area")
        return service.site_of_area(actor, int(area), as_of=as_of)
    if feature := asked.get("feature", ""):
        slug, _slash, number = feature.rpartition("/")
        if not (number.isascii() and number.isdecimal() and len(number) < 19):
            raise InvalidInput("a feature is named by its layer and number", place="feature")
        return service.site_of_feature(actor, slug, int(number), as_of=as_of)
    return None


def _places(text: str, place: str, *, exactly: int | None = None) -> list[tuple[float, float]]:
    """Read "longitude,latitude", several apart by semicolons."""
    found = [_numbers(part, place) for part in text[:LONGEST].split(";") if part.strip()]
    if any(len(each) != 2 for each in found) or (exactly is not None and len(found) != exactly):
        raise InvalidInput("a place is written as longitude,latitude", place=place)
    return [(lon, lat) for lon, lat in found]


def _numbers(text: str, place: str) -> list[float]:
    try:
        return [float(part) for part in text.split(",")]
    except ValueError as error:
        raise InvalidInput(f"{text[:40]!r} is no number", place=place) from error


def dossier_panel(actor: Actor, subject: Site) -> Mapping[str, Any]:
    """Give the features of layers at a place, and what is left out as the actor may not see it."""
    ground = serving.ground_of(actor, subject)
    language = get_language() or ""
    return {
        "layers": [
            {
                "name": each.layer.names.of(language),
                "role": str(ROLES[each.layer.role]),
                "revision": each.revision,
                "is_cut": each.is_cut,
                "features": [_feature(each.layer, feature) for feature in each.features],
            }
            for each in ground.touching
        ],
        "hidden": sorted({str(ROLES[role]) for role in ground.hidden}),
        "hidden_count": len(ground.hidden),
    }


def _feature(layer: Layer, feature: Feature) -> dict[str, Any]:
    titles = {field.name: field.title or field.name for field in layer.fields}
    told = [(titles.get(name, name), value) for name, value in feature.attributes.items() if value not in (None, "")]
    return {
        "name": feature.label or feature.key or str(feature.fid),
        "address": f"{reverse('places:dossier')}?{urlencode({'feature': f'{layer.slug}/{feature.fid}'}, safe='/')}",
        "told": told[:MOST_TOLD],
    }


def _title(site: Site) -> str:
    if site.names[0]:
        return site.names[0] if get_language() == "vi" else site.names[1]
    return gettext("A chosen polygon") if site.kind is SiteKind.POLYGON else gettext("A chosen point")


def _coordinates(site: Site) -> str:
    lon, lat = site.centre
    return f"{lat:.{DIGITS}f}, {lon:.{DIGITS}f}"


def _map(site: Site) -> dict[str, object]:
    west, south, east, north = site.shape.bounds
    on = site.as_of.day.isoformat()
    return {
        "bounds": (west - MARGIN_DEGREES, south - MARGIN_DEGREES, east + MARGIN_DEGREES, north + MARGIN_DEGREES),
        "baseUrl": f"{reverse('web:base-map')}?{urlencode({'on': on})}",
        "areasUrl": f"{reverse('places:geojson')}?{urlencode({'on': on, 'level': COMMUNE})}",
        "language": get_language() or "",
        "label": gettext("Map of the place"),
        "chosen": None,
        "page": "",
        "site": mapping(site.shape),
        "dossier": reverse("places:dossier"),
        "noMap": gettext("This browser can't draw the map; the page says the same."),
    }
