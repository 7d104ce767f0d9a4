"""The queries of layers and of their revisions."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import msgspec
from django.db import IntegrityError, OperationalError, transaction
from django.db.models import F

from dothi.core.places import models
from dothi.core.places.layers.store.rows import layer_of, revision_of
from dothi.core.places.layers.types import (
    Bounds,
    Counts,
    Field,
    Layer,
    LayerDraft,
    Remark,
    Revision,
    RevisionKind,
    RevisionState,
)
from dothi.kernel.errors import Conflict

OPEN = (RevisionState.DRAFT.value, RevisionState.REVIEWED.value)


def list_layers() -> list[Layer]:
    """List all layers, by slug."""
    return [layer_of(row) for row in models.Layer.objects.order_by("slug")]


def find_layer(slug: str) -> Layer | None:
    """Find a layer by its slug."""
    row = models.Layer.objects.filter(slug=slug).first()
    return None if row is None else layer_of(row)


def lock_layer(layer_id: int) -> Layer:
    """Keep others from changing a layer until the transaction ends. Raises Conflict where somebody is at it."""
    try:
        row = models.Layer.objects.select_for_update(nowait=True, no_key=True).get(pk=layer_id)
    except OperationalError as error:
        raise Conflict("something is being taken into this layer just now: try again when that has ended") from error
    return layer_of(row)


def add_layer(draft: LayerDraft, *, at: datetime, who: str) -> Layer:
    """Keep a new layer. Raises Conflict where the slug is taken."""
    try:
        with transaction.atomic():
            row = models.Layer.objects.create(
                slug=draft.slug,
                name_vi=draft.names.vi,
                name_en=draft.names.en,
                role=draft.role.value,
                owner=draft.owner,
                licence=draft.licence,
                visibility=draft.visibility.value,
                description=draft.description,
                created_at=at,
                created_by=who,
            )
    except IntegrityError as error:
        raise Conflict(f"there is a layer {draft.slug} already") from error
    return layer_of(row)


def change_layer(layer_id: int, **values: Any) -> Layer:
    """Set columns of a layer."""
    models.Layer.objects.filter(pk=layer_id).update(**values)
    return layer_of(models.Layer.objects.get(pk=layer_id))


def list_revisions(layer_id: int) -> list[Revision]:
    """List the revisions of a layer, the newest first."""
    return [revision_of(row) for row in models.Revision.objects.filter(layer_id=layer_id).order_by("-number")]


def list_revisions_shown() -> list[Revision]:
    """List the revisions that are shown, one of each published layer."""
    return [revision_of(row) for row in models.Revision.objects.filter(number=F("layer__published"))]


def list_bounds(layer_ids: Sequence[int]) -> dict[int, Bounds]:
    """Give the bounds of what is shown of layers, by the layers' ids; one that shows no feature is left out."""
    rows = models.Revision.objects.filter(layer_id__in=layer_ids, number=F("layer__published"))
    found = {}
    for layer_id, bounds in rows.values_list("layer_id", "bounds"):
        if bounds is not None:
            west, south, east, north = bounds
            found[layer_id] = (west, south, east, north)
    return found


def find_revision(layer_id: int, number: int) -> Revision | None:
    """Find a revision by its number."""
    row = models.Revision.objects.filter(layer_id=layer_id, number=number).first()
    return None if row is None else revision_of(row)


def find_open(layer_id: int) -> Revision | None:
    """Find the revision of a layer that is neither published nor discarded; there is at most one."""
    row = models.Revision.objects.filter(layer_id=layer_id, state__in=OPEN).first()
    return None if row is None else revision_of(row)


def next_number(layer_id: int) -> int:
    """Give the number of a layer's next revision; the layer is locked."""
    last = models.Revision.objects.filter(layer_id=layer_id).order_by("-number").first()
    return 1 if last is None else last.number + 1


def add_revision(
    layer: Layer,
    number: int,
    kind: RevisionKind,
    *,
    fields: Sequence[Field],
    counts: Counts,
    remarks: Sequence[Remark] = (),
    at: datetime,
    who: str,
    **told: Any,
) -> Revision:
    """Keep a new draft, based on what is published."""
    row = models.Revision.objects.create(
        layer_id=layer.id,
        number=number,
        kind=kind.value,
        state=RevisionState.DRAFT.value,
        base=layer.published,
        fields=msgspec.to_builtins(fields),
        counts=msgspec.to_builtins(counts),
        remarks=msgspec.to_builtins(remarks),
        made_at=at,
        made_by=who,
        **told,
    )
    return revision_of(row)


def change_revision(revision_id: int, **values: Any) -> Revision:
    """Set columns of a revision."""
    models.Revision.objects.filter(pk=revision_id).update(**values)
    return revision_of(models.Revision.objects.get(pk=revision_id))
