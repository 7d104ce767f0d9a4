"""What is asked of the features of a layer: one of them, some by name, those that meet a shape, what one has been."""

from collections.abc import Collection

import shapely

from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import Actor
from dothi.core.places.layers.rules import reaching
from dothi.core.places.layers.service.permissions import VIEW, seen
from dothi.core.places.layers.service.revising import revision_for
from dothi.core.places.layers.store import features
from dothi.core.places.layers.store import layers as store
from dothi.core.places.layers.types import Bounds, Feature, Layer, Revision
from dothi.core.places.rules.naming import fold
from dothi.kernel.errors import NotFound


def get_feature(actor: Actor, slug: str, fid: int, *, number: int | None = None) -> Feature:
    """Give a feature of a layer as of a revision, the published one if not given. Raises Forbidden, NotFound."""
    layer, at = _at(actor, slug, number)
    found = features.find_feature(layer.id, fid, at) if at else None
    if found is None:
        raise NotFound(f"layer {slug} has no feature {fid}")
    return found


def list_features(
    actor: Actor, slug: str, *, number: int | None = None, text: str = "", limit: int = 50, offset: int = 0
) -> list[Feature]:
    """List features of a revision, the published one if not given, by label; `text` limits them by label or key.

    Raises Forbidden, NotFound.
    """
    layer, at = _at(actor, slug, number)
    if not at:
        return []
    return features.list_features(layer.id, at, folded=fold(text), limit=limit, offset=offset)


def list_versions(actor: Actor, slug: str, fid: int) -> list[Feature]:
    """List what a feature has been in the published revisions, the newest first. Raises Forbidden, NotFound."""
    layer, at = _at(actor, slug, None)
    found = features.list_versions(layer.id, fid) if at else []
    seen_ones = [each for each in found if each.since <= at]
    if not seen_ones:
        raise NotFound(f"layer {slug} has no feature {fid}")
    return seen_ones


def list_revisions_shown(actor: Actor) -> dict[int, Revision]:
    """Give, by the id of its layer, the revision that is shown of each layer that the actor sees. Raises Forbidden."""
    accounts.require(actor, VIEW)
    seen_ones = {layer.id for layer in store.list_layers() if layer.published and reaching.may_see(actor, layer)}
    return {each.layer_id: each for each in store.list_revisions_shown() if each.layer_id in seen_ones}


def list_touching(
    actor: Actor, shape: shapely.Geometry, *, slugs: Collection[str] | None = None, limit: int = 50
) -> dict[str, list[Feature]]:
    """Give, by slug, the features of published layers that meet a shape (WGS 84): of those named, or of all.

    Layers that the actor does not see are left out. At most `limit` of each layer. Raises Forbidden.
    """
    accounts.require(actor, VIEW)
    layers = [
        layer
        for layer in store.list_layers()
        if layer.published and (slugs is None or layer.slug in slugs) and reaching.may_see(actor, layer)
    ]
    found = features.list_touching([(layer.id, layer.published) for layer in layers], shape, limit=limit)
    return {layer.slug: [each for each in found if each.layer_id == layer.id] for layer in layers}


def bounds_of(actor: Actor, slug: str) -> Bounds | None:
    """Give where the features of a layer that are shown lie, None where there are none. Raises Forbidden, NotFound."""
    layer = seen(actor, slug)
    return store.list_bounds([layer.id]).get(layer.id)


def _at(actor: Actor, slug: str, number: int | None) -> tuple[Layer, int]:
    """Give a layer and the number of the revision that is asked for, 0 where nothing is published yet."""
    layer = seen(actor, slug)
    if number is None:
        return layer, layer.published
    return layer, revision_for(actor, layer, number).number
