"""The page of a layer, of one of its revisions, and of one of its features."""

from typing import Any, Final

import shapely
from django.conf import settings
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_safe

from dothi.core.accounts.guard import actor_of, permission_required
from dothi.core.accounts.service import name_people
from dothi.core.places.layers import service
from dothi.core.places.layers.types import Layer, Revision
from dothi.core.places.layers.views import changes, words
from dothi.core.places.layers.views.forms import UploadForm
from dothi.core.places.layers.views.listing import row_of
from dothi.core.places.layers.views.sending import SentFile
from dothi.kernel.errors import NotFound

PER_PAGE: Final = 50
MOST_DRAWN: Final = 2000
"""Features that the small map of a page draws; the whole of a layer is for tiles."""
LONGEST_SEARCH: Final = 100


@permission_required(service.VIEW)
@require_safe
def show_layer(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a layer: what is known of it, its features, its revisions, and what can be done."""
    actor = actor_of(request)
    layer = service.get_layer(actor, slug)
    revisions = service.list_revisions(actor, slug)
    asked = request.GET.get("q", "").strip()[:LONGEST_SEARCH]
    page = max(changes.number_in(request.GET.get("page", "")), 1)
    found = service.list_features(actor, slug, text=asked, limit=PER_PAGE + 1, offset=(page - 1) * PER_PAGE)
    shown = next((each for each in revisions if each.number == layer.published), None)
    may_edit = service.may_edit(actor, layer)
    return render(
        request,
        "places/layers/layer.html",
        {
            "row": row_of(layer),
            "shown": shown,
            "open": next((each for each in revisions if each.is_open), None),
            "revisions": revision_rows(revisions),
            "types": [(field, words.TYPES[field.type]) for field in layer.fields],
            "features": found[:PER_PAGE],
            "page": page,
            "has_more": len(found) > PER_PAGE,
            "asked": asked,
            "map": map_of(layer, bounds=service.bounds_of(actor, slug)),
            "may_edit": may_edit,
            "form": UploadForm() if may_edit else None,
            "uploads": [(each, words.UPLOADS[each.state]) for each in service.list_uploads(actor, slug)]
            if may_edit
            else [],
            "downloads": list(service.FORMATS),
        },
    )


def revision_rows(revisions: list[Revision]) -> list[tuple[Revision, Any, Any, str]]:
    """Name revisions, and who made them."""
    people = name_people({each.made_by for each in revisions})
    return [
        (each, words.STATES[each.state], words.KINDS[each.kind], people.get(each.made_by, gettext("Dothi itself")))
        for each in revisions
    ]


def map_of(
    layer: Layer, *, bounds: tuple[float, float, float, float] | None, chosen: int | None = None
) -> dict[str, object]:
    """Say what the map of a page shows."""
    return {
        "bounds": bounds or settings.CITY.bounds,
        "baseUrl": reverse("web:base-map"),
        "areasUrl": reverse("places:layer-geojson", args=[layer.slug]) + (f"?around={chosen}" if chosen else ""),
        "language": get_language() or "",
        "label": gettext("Map of the layer"),
        "chosen": chosen,
        "isLayer": True,
        "page": reverse("places:feature", args=[layer.slug, 0]),
        "dossier": reverse("places:dossier"),
        "noMap": gettext("This browser can't draw the map; the list says the same."),
    }


@permission_required(service.VIEW)
@require_safe
def send_features(request: HttpRequest, slug: str) -> HttpResponse:
    """Send features of what is published as GeoJSON: the first ones, or those around one."""
    actor = actor_of(request)
    service.get_layer(actor, slug)
    around = changes.number_in(request.GET.get("around", ""))
    if around:
        west, south, east, north = service.get_feature(actor, slug, around).shape.bounds
        margin = max(east - west, north - south, 0.001)
        window = shapely.box(west - margin, south - margin, east + margin, north + margin)
        features = service.list_touching(actor, window, slugs=[slug], limit=MOST_DRAWN).get(slug, [])
    else:
        features = service.list_features(actor, slug, limit=MOST_DRAWN)
    told = [
        {
            "type": "Feature",
            "id": each.fid,
            "properties": {"name:vi": each.label, "name:en": each.label},
            "geometry": shapely.geometry.mapping(each.shape),
        }
        for each in features
    ]
    return JsonResponse({"type": "FeatureCollection", "features": told}, content_type="application/geo+json")


@permission_required(service.VIEW)
@require_safe
def show_revision(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show a revision: where it comes from, and how it differs from the one before, or from another."""
    actor = actor_of(request)
    layer = service.get_layer(actor, slug)
    revision = service.get_revision(actor, slug, number)
    others = [each for each in service.list_revisions(actor, slug) if each.number != number]
    return render(
        request,
        "places/layers/revision.html",
        {
            "row": row_of(layer),
            "line": revision_rows([revision])[0],
            "revision": revision,
            "is_shown": layer.published == number,
            "may_edit": service.may_edit(actor, layer),
            "may_publish": service.may_publish(actor, layer),
            **changes.difference_of(request, layer, revision, others),
            "remarks": words.remarks(revision.remarks),
            "downloads": list(service.FORMATS),
        },
    )


@permission_required(service.VIEW)
@require_safe
def download(request: HttpRequest, slug: str, number: int, form: str) -> SentFile:
    """Send a revision as a file, in WGS 84 or in VN-2000 (`crs`)."""
    if form not in service.FORMATS:
        raise NotFound(f"revisions are not written as {form}")
    system = request.GET.get("crs", "4326")
    with service.written(actor_of(request), slug, number, form=form, system=system) as path:
        # The file stays readable while it is sent, and is gone with the last who reads it.
        file = path.open("rb")
    name = f"{slug}-{number}-{system}.{form}"
    return SentFile(file, as_attachment=True, filename=name, content_type=service.FORMATS[form])
