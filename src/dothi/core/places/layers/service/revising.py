"""The revisions of a layer: draft, reviewed, published at once; compared, discarded, restored."""

import msgspec
from django.db import transaction

from dothi.core.accounts.types import Actor
from dothi.core.audit import service as audit
from dothi.core.places.layers.service.permissions import (
    EDIT,
    PUBLISH,
    layer_for,
    may_edit,
    may_publish,
    seen,
)
from dothi.core.places.layers.store import features, shown
from dothi.core.places.layers.store import layers as store
from dothi.core.places.layers.types import (
    Counts,
    Layer,
    Revision,
    RevisionKind,
    RevisionState,
)
from dothi.core.places.serving import store as cells
from dothi.kernel import clock, events
from dothi.kernel.errors import Conflict, NotFound
from dothi.kernel.events import LayersChanged, Publish


def list_revisions(actor: Actor, slug: str) -> list[Revision]:
    """List the revisions of a layer, the newest first; who may not edit it sees the published ones.

    Raises Forbidden, NotFound.
    """
    layer = seen(actor, slug)
    return [each for each in store.list_revisions(layer.id) if _may_see(actor, layer, each)]


def get_revision(actor: Actor, slug: str, number: int) -> Revision:
    """Give a revision. Raises Forbidden, NotFound."""
    layer = seen(actor, slug)
    return revision_for(actor, layer, number)


def revision_for(actor: Actor, layer: Layer, number: int) -> Revision:
    """Give a revision of a layer that the actor sees. Raises NotFound."""
    found = store.find_revision(layer.id, number)
    if found is None or not _may_see(actor, layer, found) or found.state is RevisionState.DISCARDED:
        raise NotFound(f"layer {layer.slug} has no revision {number}")
    return found


def _may_see(actor: Actor, layer: Layer, revision: Revision) -> bool:
    return revision.state is RevisionState.PUBLISHED or may_edit(actor, layer) or may_publish(actor, layer)


def review(actor: Actor, slug: str, number: int, *, note: str = "") -> Revision:
    """Note that a draft was looked at and is right. Audited. Raises Forbidden, NotFound, Conflict for no draft."""
    layer = layer_for(actor, slug, PUBLISH)
    with transaction.atomic():
        store.lock_layer(layer.id)
        revision = _open(actor, layer, number)
        values = {"state": RevisionState.REVIEWED.value, "reviewed_at": clock.now(), "reviewed_by": actor.reference}
        changed = store.change_revision(revision.id, **values, **({"note": note} if note else {}))
        note_down(actor, layer, changed)
    return changed


def publish_revision(actor: Actor, slug: str, number: int, *, publish: Publish = events.publish) -> Revision:
    """Show a reviewed revision to all, at once, in place of the one before; its view is made anew. Audited.

    Raises Forbidden, NotFound, Conflict for one that is not reviewed.
    """
    layer = layer_for(actor, slug, PUBLISH)
    with transaction.atomic():
        store.lock_layer(layer.id)
        revision = _open(actor, layer, number)
        if revision.state is not RevisionState.REVIEWED:
            raise Conflict("a draft is reviewed before it is published")
        bounds = features.find_bounds(layer.id, number)
        values = {"state": RevisionState.PUBLISHED.value, "published_at": clock.now(), "bounds": bounds}
        changed = store.change_revision(revision.id, **values, published_by=actor.reference)
        cells.count_cells(layer.id, number)
        # The view comes last: whoever reads it waits from here to the end, and to count takes seconds.
        fields = msgspec.to_builtins(revision.fields)
        shown.put_view(store.change_layer(layer.id, published=number, fields=fields))
        note_down(actor, layer, changed)
    publish(LayersChanged([layer.id]))
    return changed


def discard(actor: Actor, slug: str, number: int) -> Revision:
    """Drop a draft; what is shown stays as it is, and the number is not given again. Audited.

    Raises Forbidden, NotFound, Conflict for a revision that is published or discarded.
    """
    layer = layer_for(actor, slug, EDIT)
    with transaction.atomic():
        store.lock_layer(layer.id)
        revision = _open(actor, layer, number)
        features.discard(layer.id, number)
        changed = store.change_revision(revision.id, state=RevisionState.DISCARDED.value)
        note_down(actor, layer, changed)
    return changed


def restore(actor: Actor, slug: str, number: int) -> Revision:
    """Make a draft of what an earlier published revision held; it is reviewed and published as any other. Audited.

    Raises Forbidden, NotFound, Conflict where another draft is open.
    """
    layer = layer_for(actor, slug, EDIT)
    with transaction.atomic():
        layer = store.lock_layer(layer.id)
        old = revision_for(actor, layer, number)
        refuse_open(layer)
        if old.state is not RevisionState.PUBLISHED or number == layer.published:
            raise Conflict("what was published earlier can be restored")
        new = store.next_number(layer.id)
        moved = features.restore(layer.id, new, number)
        counts = Counts(features.count(layer.id, new), *moved)
        names = ("source", "format", "digest", "crs", "accuracy_m", "licence")
        told = {name: getattr(old, name) for name in names}
        revision = store.add_revision(
            layer,
            new,
            RevisionKind.RESTORE,
            fields=old.fields,
            counts=counts,
            at=clock.now(),
            who=actor.reference,
            restored=number,
            **told,
        )
        note_down(actor, layer, revision)
    return revision


def refuse_open(layer: Layer) -> None:
    """Raise Conflict where a layer has an open draft: it is published or discarded before the next begins."""
    draft = store.find_open(layer.id)
    if draft is not None:
        raise Conflict(f"revision {draft.number} is still open: publish or discard it first")


def _open(actor: Actor, layer: Layer, number: int) -> Revision:
    revision = revision_for(actor, layer, number)
    if not revision.is_open:
        raise Conflict(f"revision {number} is {revision.state.value} already")
    return revision


def note_down(actor: Actor, layer: Layer, revision: Revision) -> None:
    """Keep in the audit log what became of a revision."""
    permission = EDIT if revision.state in {RevisionState.DRAFT, RevisionState.DISCARDED} else PUBLISH
    told = {"revision": revision.number, "state": revision.state, "counts": msgspec.to_builtins(revision.counts)}
    audit.record(actor.reference, permission, subject=f"layer:{layer.slug}", after=told)
