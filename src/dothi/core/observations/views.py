"""What the record adds to the pages of others: Things found by name, at a place, and asked of across layers."""

from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any, Final, NamedTuple
from urllib.parse import quote

import shapely
from django.utils.translation import get_language

from dothi.core.accounts.types import Actor
from dothi.core.observations import service
from dothi.core.observations.labels import service as labels
from dothi.core.observations.labels.types import Gathered, ThingLabel
from dothi.core.observations.types import Reading, ThingReading
from dothi.core.places import service as places
from dothi.core.places.questions.types import Attribute, Kind, Offer, Piece
from dothi.core.places.types import Site
from dothi.core.places.views.links import dossier_at
from dothi.kernel.manifest import find_kind, load_manifests
from dothi.kernel.search import Asked, Hit

BARE: Final = "/sensorthings/v1.1/Things({})"
"""Where a Thing without a place is described."""

_ATTRIBUTES: Final = (Attribute("name", "name"), Attribute("department", "department"))
DESCRIBED: Final = 12
"""How many Things at a place are told with their values; the others are counted."""
TOGETHER: Final = 5
"""How many of those that belong together a search gives; of more it gives what they belong to, and so many of them."""


def find_things(actor: Actor, asked: Asked) -> list[Hit]:
    """Find Things by name; each leads to the dossier of its place. Many of a street come as the street."""
    found = labels.find_things(actor, asked)
    gathered = [(kind, each) for kind in {each.kind for each in found} for each in _gather(actor, found, kind)]
    hidden = {thing_id for _, each in gathered for thing_id in each.thing_ids[TOGETHER:]}
    shown = [each for each in found if each.id not in hidden]
    at = labels.locate_things([each.id for each in shown])
    placed = [each.id for each in shown if each.id in at]
    names = places.area_names_of([at[each][0] for each in placed], [at[each][1] for each in placed], on=asked.on)
    wards = dict(zip(placed, names, strict=True))
    hits = {each.id: _hit(each, at.get(each.id), wards.get(each.id, "")) for each in shown}
    together = [_group_hit(kind, each, [hits.pop(id_) for id_ in each.thing_ids[:TOGETHER]]) for kind, each in gathered]
    return [*together, *hits.values()]


def _gather(actor: Actor, found: Sequence[ThingLabel], kind: str) -> list[Gathered]:
    """Gather those of a kind by what its package says that they belong to."""
    known = find_kind(kind)
    group = known.group if known and actor.may(known.permission) else None
    ids = [each.id for each in found if each.kind == kind]
    if group is None or len(ids) <= TOGETHER:
        return []
    return labels.gather(actor, ids, kind=kind, by=group.property, title=group.title, most=TOGETHER)


def _group_hit(kind: str, gathered: Gathered, members: list[Hit]) -> Hit:
    """Give the street that some lamps stand for, with the first of them."""
    known = find_kind(kind)
    if known is None or known.group is None:
        raise LookupError(kind)
    return Hit(
        name=gathered.title,
        address=f"/{known.group.path.format(value=quote(gathered.value))}",
        where=members[0].where,
        note=known.group.names.of(get_language() or ""),
        lon=members[0].lon,
        lat=members[0].lat,
        members=tuple(members),
        more=gathered.count - len(members),
    )


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
        "things": [_told(actor, each) for each in service.list_by_id(actor, [id_ for id_, _ in found[:DESCRIBED]])],
        "count": len(found),
        "more": max(len(found) - DESCRIBED, 0),
        "kinds": Counter(_kind_name(kind) for _, kind in found).most_common(),
        "is_limited": service.reach_of(actor) is not None,
    }


class Told(NamedTuple):
    """A Thing with its page ("" for none) and its readings by their names for people, the one that tells most first."""

    thing: ThingReading
    kind: str
    address: str
    readings: list[tuple[str, Reading]]


def _told(actor: Actor, thing: ThingReading) -> Told:
    """Put a Thing into words, as its kind's package names what it measures."""
    kind = find_kind(thing.kind)
    language = get_language() or ""
    names = {each.datastream: each.names.of(language) for each in kind.quantities} if kind else {}
    order = [*names, *(name for name in thing.readings if name not in names)]
    readings = [(names.get(name, name), thing.readings[name]) for name in order if name in thing.readings]
    address = f"/{kind.path.format(thing=thing.id)}" if kind and actor.may(kind.permission) else ""
    return Told(thing, kind.names.of(language) if kind else thing.kind, address, readings)


def _kind_name(kind: str) -> str:
    """Give what Things of a kind are called, else the layer that shows them, else the kind itself."""
    language = get_language() or ""
    if known := find_kind(kind):
        return known.names.of(language)
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
