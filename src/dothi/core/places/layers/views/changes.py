"""What two revisions of a layer have otherwise, on the map: what the page of a revision tells it, and the shapes."""

from collections.abc import Iterable
from typing import Final

import msgspec
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_safe

from dothi.core.accounts.guard import actor_of, permission_required
from dothi.core.places.layers import service
from dothi.core.places.layers.types import Layer, Outline, Revision, RevisionState
from dothi.core.places.layers.views import words

MOST_DRAWN: Final = 2000
PER_PAGE: Final = 200
"""Changes that a page of the list holds."""


def difference_of(
    request: HttpRequest, layer: Layer, revision: Revision, others: Iterable[Revision]
) -> dict[str, object]:
    """Say how a revision differs from the one that is asked for (`with`), or from the one that it is based on."""
    actor = actor_of(request)
    comparable = [each for each in others if each.state is not RevisionState.DISCARDED]
    asked = request.GET.get("with", "")
    against = number_in(asked) if asked.isdecimal() else revision.base
    against = against if against in {each.number for each in comparable} else 0
    page = max(number_in(request.GET.get("page", "")), 1)
    first = (page - 1) * PER_PAGE
    found = service.compare(actor, layer.slug, against, revision.number, limit=PER_PAGE, offset=first)
    total = found.added + found.changed + found.removed
    return {
        "others": [each for each in comparable if each.state is RevisionState.PUBLISHED],
        "against": against,
        "difference": found,
        "changes": [(each, words.CHANGES[each.kind]) for each in found.changes],
        "total": total,
        "page": page,
        "first": first + 1,
        "last": first + len(found.changes),
        "map": _map(layer, revision.number, against, total) if total else None,
    }


def _map(layer: Layer, number: int, against: int, total: int) -> dict[str, object]:
    """Say what the map of a difference shows."""
    changes = reverse("places:revision-changes", args=[layer.slug, number])
    asked = urlencode({"with": against})
    return {
        "bounds": settings.CITY.bounds,
        "baseUrl": reverse("web:base-map"),
        "changesUrl": f"{changes}?{asked}",
        "language": get_language() or "",
        "label": gettext("Map of the difference"),
        "dossier": reverse("places:dossier"),
        "noMap": gettext("This browser can't draw the map; the list says the same."),
        "total": total,
        "perPage": PER_PAGE,
        "rows": f"?{asked}&page=",
    }


@permission_required(service.VIEW)
@require_safe
def send_changes(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Send where the first changes from another revision (`with`, 0 or absent: the empty layer) to this one lie.

    GeoJSON: a feature for each shape, on the side `before` or `after`; `place` is its change's in the list, from 0.
    """
    against = number_in(request.GET.get("with", ""))
    outlines = service.list_outlines(actor_of(request), slug, against, number, limit=MOST_DRAWN)
    told = [part for place, each in enumerate(outlines) for part in _parts(each, place)]
    body = msgspec.json.encode({"type": "FeatureCollection", "features": told})
    return HttpResponse(body, content_type="application/geo+json")


def _parts(outline: Outline, place: int) -> list[dict[str, object]]:
    told = {"fid": outline.fid, "kind": outline.kind, "name": outline.name, "place": place}
    return [
        {
            "type": "Feature",
            "id": f"{outline.fid}-{side}",
            "properties": {**told, "side": side},
            "geometry": msgspec.Raw(shape.encode()),
        }
        for side, shape in (("before", outline.before), ("after", outline.after))
        if shape is not None
    ]


def number_in(text: str) -> int:
    """Give the number that a part of an address is, 0 where it is none."""
    return int(text) if text.isascii() and text.isdecimal() and len(text) <= 15 else 0
