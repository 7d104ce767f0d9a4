"""Single features changed by hand: gathered in a draft of their own, which is reviewed and published as any other."""

from collections.abc import Mapping
from typing import Any

import shapely
from django.db import transaction
from msgspec.structs import replace

from dothi.core.accounts.types import Actor
from dothi.core.places.layers.rules import content, shaping
from dothi.core.places.layers.rules.content import key_of
from dothi.core.places.layers.service.permissions import EDIT, layer_for
from dothi.core.places.layers.service.revising import note_down
from dothi.core.places.layers.store import differences, features
from dothi.core.places.layers.store import layers as store
from dothi.core.places.layers.types import Counts, Feature, Layer, Revision, RevisionKind, RevisionState
from dothi.core.places.rules.naming import fold
from dothi.kernel import clock
from dothi.kernel.errors import Conflict, InvalidInput, NotFound


def find_newest(actor: Actor, slug: str, fid: int) -> Feature:
    """Give a feature as the open draft has it, else as it is shown: what an edit begins with.

    Raises Forbidden, NotFound.
    """
    layer = layer_for(actor, slug, EDIT)
    return _newest(layer, fid, store.find_open(layer.id))


def change_feature(
    actor: Actor,
    slug: str,
    fid: int,
    *,
    attributes: Mapping[str, Any],
    shape: shapely.Geometry | None = None,
) -> Revision:
    """Say a feature's attributes, and its shape (WGS 84) where one is given, anew in the draft of edits. Audited.

    The draft is made where there is none; one that was reviewed is to be reviewed again. Raises Forbidden, NotFound,
    InvalidInput for an attribute that the layer has not or a shape that is invalid or of another kind, Conflict where
    the draft of an import is open.
    """
    layer = layer_for(actor, slug, EDIT)
    if unknown := sorted(set(attributes) - {field.name for field in layer.fields}):
        raise InvalidInput(f"the layer has no attribute {unknown[0]}", place=unknown[0])
    with transaction.atomic():
        layer, draft = _draft(actor, layer)
        old = _newest(layer, fid, draft)
        shape = None if shape is None else shapely.force_2d(shape)
        if shape is not None and (problem := shaping.problem_of(shape, old.shape)):
            raise InvalidInput(f"the shape can't be taken: {problem.code} {problem.what}".rstrip(), place="geom")
        label = key_of(attributes.get(layer.label_field)) if layer.label_field else old.label
        told = replace(old, attributes=attributes, shape=shape or old.shape, label=label, since=draft.number)
        document = content.document(attributes)
        digest = content.digest_of(document, shapely.to_wkb(told.shape))
        features.put_feature(told, folded=fold(label), digest=digest, attributes=document)
        return _recount(actor, layer, draft)


def remove_feature(actor: Actor, slug: str, fid: int) -> Revision:
    """Take a feature out in the draft of edits. Audited. Raises Forbidden, NotFound, Conflict as above."""
    layer = layer_for(actor, slug, EDIT)
    with transaction.atomic():
        layer, draft = _draft(actor, layer)
        _newest(layer, fid, draft)
        features.end_feature(layer.id, fid, draft.number)
        return _recount(actor, layer, draft)


def _newest(layer: Layer, fid: int, draft: Revision | None) -> Feature:
    at = draft.number if draft is not None else layer.published
    found = features.find_feature(layer.id, fid, at) if at else None
    if found is None:
        raise NotFound(f"layer {layer.slug} has no feature {fid}")
    return found


def _draft(actor: Actor, layer: Layer) -> tuple[Layer, Revision]:
    layer = store.lock_layer(layer.id)
    draft = store.find_open(layer.id)
    if draft is not None and draft.kind is not RevisionKind.EDITS:
        raise Conflict(f"revision {draft.number} is still open: publish or discard it first")
    if draft is not None:
        return layer, draft
    if not layer.published:
        raise NotFound(f"layer {layer.slug} has nothing to edit yet")
    before = store.find_revision(layer.id, layer.published)
    told: dict[str, Any] = {
        "crs": "EPSG:4326",
        "accuracy_m": before.accuracy_m if before else None,
        "licence": layer.licence,
    }
    return layer, store.add_revision(
        layer,
        store.next_number(layer.id),
        RevisionKind.EDITS,
        fields=layer.fields,
        counts=Counts(),
        at=clock.now(),
        who=actor.reference,
        **told,
    )


def _recount(actor: Actor, layer: Layer, draft: Revision) -> Revision:
    counts = differences.moved(layer.id, draft.base, draft.number)
    values = {"counts": {name: getattr(counts, name) for name in counts.__struct_fields__}}
    changed = store.change_revision(draft.id, state=RevisionState.DRAFT.value, **values)
    note_down(actor, layer, changed)
    return changed
