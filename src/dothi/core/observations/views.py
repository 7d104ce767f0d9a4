"""What the record adds to the pages of others: Things found by name, at a place, and asked of across layers."""

from collections import Counter
from collections.abc import Mapping
from typing import Any, Final

import shapely
from django.utils.translation import get_language

from dothi.core.accounts.types import Actor
from dothi.core.observations import service
from dothi.core.observations.labels import service as labels
from dothi.core.observations.labels.types import ThingLabel
from dothi.core.places import service as places
from dothi.core.places.questions.types import Attribute, Kind, Offer, Piece
from dothi.core.places.types import Site
from dothi.core.places.views.links import dossier_at
from dothi.kernel.manifest import load_manifests
from dothi.kernel.search import Asked, Hit

BARE: Final = "/sensorthings/v1.1/Things({})"
"""Where a Thing without a place is described."""

_ATTRIBUTES: Final = (Attribute("name", "name"), Attribute("department", "department"))
DESCRIBED: Final = 12
"""How many Things at a place are told with their values; the others are counted."""


def find_things(actor: Actor, asked: Asked) -> list[Hit]:
    """Find Things by name; each leads to the dossier of its place."""
    found = labels.find_things(actor, asked)
    at = labels.locate_things([each.id for each in found])
    placed = [each.id for each in found if each.id in at]
    wards = places.area_names_of([at[each][0] for each in placed], [at[each][1] for each in placed], on=asked.on)
    return [_hit(each, at.get(each.id), dict(zip(placed, wards, strict=True)).get(each.id, "")) for each in found]


def _hit(thing: ThingLabel, at: tuple[float, float] | None, ward: str) -> Hit:
    lon, lat = at or (None, None)
    return Hit(
        name=thing.name,
        address=BARE.format(thing.id) if at is None else f"{dossier_at(*at)}&thing={thing.id}",
        where=ward,
        note=_kind_name(thing.kind),
        lon=lon,
        lat=lat,
    )


def dossier_panel(actor: Actor, subject: Site) -> Mapping[str, Any]:
    """Give the Things at a place with their newest values, the nearest first, and how many of each kind there are.

    Three queries.
    """
    found = labels.list_at(actor, subject)
    return {
        "things": service.list_by_id(actor, [thing_id for thing_id, _ in found[:DESCRIBED]]),
        "count": len(found),
        "more": max(len(found) - DESCRIBED, 0),
        "kinds": Counter(_kind_name(kind) for _, kind in found).most_common(),
        "is_limited": service.reach_of(actor) is not None,
    }


def _kind_name(kind: str) -> str:
    """Give what the layer that shows Things of a kind is called; the kind itself where there is none."""
    language = get_language() or ""
    layers = (layer for manifest in load_manifests() for layer in manifest.layers if layer.kind == kind)
    return next((layer.names.of(language) for layer in layers), kind)


def offer_things(actor: Actor) -> list[Offer]:
    """Offer the kinds of Things that questions across layers may be about: those that layers of the map show."""
    manifests = (manifest for manifest in load_manifests() for layer in manifest.layers if actor.may(layer.permission))
    layers = {layer.kind: layer.names for manifest in manifests for layer in manifest.layers}
    return [Offer(Kind.THINGS, kind, names, _ATTRIBUTES) for kind, names in layers.items()]


def give_things(actor: Actor, name: str) -> Piece:
    """Give the Things of a kind that an actor may see and that have a place, with their properties."""
    things = [each for each in service.list_things(actor, kind=name, readings=False) if each.lon is not None]
    points = shapely.points([each.lon for each in things], [each.lat for each in things])
    return Piece(
        ids=[each.id for each in things],
        labels=[each.name for each in things],
        attributes=[{**each.properties, "department": each.department, "name": each.name} for each in things],
        shapes=list(shapely.to_wkb(points)) if things else [],
    )
