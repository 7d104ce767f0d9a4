"""The door of what is served: the published layers for whoever asks, and the counts that keep tiles small."""

from django.db import transaction

from dothi.core.accounts.types import Actor
from dothi.core.places.layers import service as layers
from dothi.core.places.layers.store import features
from dothi.core.places.layers.store import layers as revisions
from dothi.core.places.layers.types import Role
from dothi.core.places.serving import store
from dothi.core.places.serving.types import Called, Ground, Shown, Touching
from dothi.core.places.types import Site
from dothi.kernel.search import Asked


def list_shown(actor: Actor) -> list[Shown]:
    """List the published layers for an actor's eyes, with their bounds. Raises Forbidden."""
    published = layers.list_layers(actor, is_published=True)
    bounds = revisions.list_bounds([layer.id for layer in published])
    return [Shown(layer, bounds.get(layer.id)) for layer in published]


def find_features(actor: Actor, asked: Asked) -> list[Called]:
    """Find features of published layers for an actor's eyes by label or key, without regard to marks.

    Misspelt ones if none is called so; up to three times as many as are wanted, to choose from. Raises Forbidden.
    """
    published = {layer.id: layer for layer in layers.list_layers(actor, is_published=True)}
    if not published or not asked.folded:
        return []
    shown = [(layer.id, layer.published) for layer in published.values()]
    rows = store.list_called(shown, asked.folded, asked.spelling, limit=asked.limit * 3)
    return [Called(published[layer], fid, label, key, lon, lat) for layer, fid, label, key, lon, lat in rows]


def ground_of(actor: Actor, site: Site, *, limit: int = 20) -> Ground:
    """Give what of the layers lies at a place, as of the revisions shown on its day, by what the layers are for.

    Of a point, areas count that hold it, and lines and points within its reach. Raises Forbidden.
    """
    seen = layers.list_layers(actor, is_published=True)
    numbers = {layer.id: layer.published for layer in seen} if site.is_now else store.shown_on(site.as_of.day)
    asked = [(layer.id, numbers[layer.id]) for layer in seen if layer.id in numbers]
    ground = site.shape if site.reach_m else None
    found = features.list_touching(asked, site.around, limit=limit + 1, ground=ground) if asked else []
    order = list(Role)
    touching = [
        Touching(layer, numbers[layer.id], tuple(here[:limit]), len(here) > limit)
        for layer in sorted(seen, key=lambda each: (order.index(each.role), each.slug))
        if (here := [each for each in found if each.layer_id == layer.id])
    ]
    return Ground(tuple(touching), tuple(layers.list_hidden_roles(actor)))


def count_cells(layer_id: int, revision: int) -> None:
    """Count the features of a revision that is published by cell: some seconds for a million. Asks no permission."""
    with transaction.atomic():
        store.count_cells(layer_id, revision)
