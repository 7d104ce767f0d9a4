"""How two revisions of a layer differ: how many features, which, and where they lie."""

from typing import Final

import msgspec

from dothi.core.accounts.types import Actor
from dothi.core.places.layers.service.permissions import seen
from dothi.core.places.layers.service.revising import revision_for
from dothi.core.places.layers.store import differences, features
from dothi.core.places.layers.store.differences import Changed, Drawn
from dothi.core.places.layers.types import Change, ChangeKind, Difference, Layer, Outline

MOST_CORNERS: Final = 100_000
"""Of all shapes of a difference that are drawn together: some megabytes."""
_TURNED: Final = {ChangeKind.ADDED: ChangeKind.REMOVED, ChangeKind.REMOVED: ChangeKind.ADDED}


def compare(actor: Actor, slug: str, before: int, after: int, *, limit: int = 200, offset: int = 0) -> Difference:
    """Say how one revision differs from another, either way in time; `before` 0 is the empty layer.

    How many features of each kind, and `limit` of them from `offset` on. Raises Forbidden, NotFound.
    """
    layer = _layer_of(actor, slug, before, after)
    if not features.has_table(layer.id):
        return Difference(0, 0, 0, ())
    early, late = sorted((before, after))
    counts = differences.moved(layer.id, early, late)
    rows = differences.list_changes(layer.id, early, late, shown=layer.published, limit=limit, offset=offset)
    changes = [_change(row) for row in rows]
    if before > after:
        return Difference(counts.removed, counts.added, counts.changed, tuple(_turned(each) for each in changes))
    return Difference(counts.added, counts.removed, counts.changed, tuple(changes))


def list_outlines(actor: Actor, slug: str, before: int, after: int, *, limit: int = 2000) -> list[Outline]:
    """Say where the first `limit` changes from one revision to another lie, in the order in which `compare` lists them.

    Shapes of more than `MOST_CORNERS` corners in all are left out from where it is too many. Raises Forbidden,
    NotFound.
    """
    layer = _layer_of(actor, slug, before, after)
    if not features.has_table(layer.id):
        return []
    early, late = sorted((before, after))
    rows = differences.list_drawn(layer.id, early, late, limit=limit, corners=MOST_CORNERS)
    return [_outline(row, is_turned=before > after) for row in rows]


def _layer_of(actor: Actor, slug: str, before: int, after: int) -> Layer:
    """Give a layer of which the actor sees both revisions. Raises Forbidden, NotFound."""
    layer = seen(actor, slug)
    for number in (before, after):
        if number:
            revision_for(actor, layer, number)
    return layer


def _change(row: Changed) -> Change:
    kind = ChangeKind(row.kind)
    old, new = row.before or {}, row.after or {}
    names = sorted({*old, *new}) if kind is ChangeKind.CHANGED else []
    changed = [name for name in names if old.get(name) != new.get(name)]
    differing = (*changed, *(["geom"] if row.has_other_shape else []))
    return Change(kind, row.fid, row.key, row.label, row.before, row.after, differing, row.is_shown)


def _turned(change: Change) -> Change:
    kind = _TURNED.get(change.kind, change.kind)
    return msgspec.structs.replace(change, kind=kind, before=change.after, after=change.before)


def _outline(row: Drawn, *, is_turned: bool) -> Outline:
    kind, old, new = ChangeKind(row.kind), row.before, row.after
    if is_turned:
        kind, old, new = _TURNED.get(kind, kind), new, old
    if kind is ChangeKind.CHANGED and new is None:
        # It lies as it did: there is one shape only.
        old, new = None, old
    return Outline(kind, row.fid, row.label or row.key, old, new)
