"""Takes a file into a layer: first what would come of it, then all of it as a draft, or nothing."""

from collections.abc import Callable
from pathlib import Path
from typing import Final

import msgspec
from django.conf import settings
from django.db import transaction

from dothi.core.accounts.types import Actor
from dothi.core.audit import service as audit
from dothi.core.places.layers.reading import process
from dothi.core.places.layers.reading.protocol import Portion, Wants
from dothi.core.places.layers.rules import columns, distance
from dothi.core.places.layers.service.permissions import EDIT, layer_for
from dothi.core.places.layers.service.revising import refuse_open
from dothi.core.places.layers.store import features
from dothi.core.places.layers.store import layers as store
from dothi.core.places.layers.store.features import Copying, Moved
from dothi.core.places.layers.types import Counts, Layer, Report, Revision, RevisionKind, Unfit, Wish
from dothi.kernel import clock
from dothi.kernel.errors import Conflict, InvalidInput

Told = Callable[[int, int], None]
"""Hears how many features are through, of how many (0: not known); what it raises ends the import."""
MOST_SAID: Final = 500


def examine(actor: Actor, slug: str, path: Path, wish: Wish, *, name: str = "", tell: Told | None = None) -> Report:
    """Say what an import of a file would do; nothing is changed.

    The file is read in a process of its own, with limits on memory and time. Raises Forbidden, NotFound, InvalidInput
    for a file that can't be read, or what `tell` raises.
    """
    layer = layer_for(actor, slug, EDIT)
    for frame in process.read(path, _whole(layer, wish), name=name, wants=Wants.NOTHING, city=settings.CITY.bounds):
        if not isinstance(frame, Portion):
            return _with_warnings(frame.report)
        if tell is not None:
            tell(frame.done, frame.total)
    raise InvalidInput("the file ended before its end", place="file")


def take(actor: Actor, slug: str, path: Path, wish: Wish, *, name: str = "", tell: Told | None = None) -> Revision:
    """Make a draft of what a file holds: all of it, or nothing. Audited.

    A feature is known again by its key. Raises Forbidden, NotFound, InvalidInput as above, Conflict where a draft is
    open or features can't be taken and were not to be left out, or what `tell` raises; then all is as it was.
    """
    layer_for(actor, slug, EDIT)
    with transaction.atomic():
        layer = store.lock_layer(layer_for(actor, slug, EDIT).id)
        refuse_open(layer)
        number = store.next_number(layer.id)
        report, moved = _fill(layer, number, path, _whole(layer, wish), name=name, tell=tell)
        revision = _keep(actor, layer, number, report, moved, wish, name or path.name)
        told = {"revision": number, "source": revision.source, "digest": report.digest}
        after = {**told, "counts": msgspec.to_builtins(revision.counts)}
        audit.record(actor.reference, EDIT, subject=f"layer:{slug}", after=after)
    return revision


def _whole(layer: Layer, wish: Wish) -> Wish:
    """Know features again by the same columns as before, where nothing else is asked."""
    fields = {name: getattr(layer, name) for name in ("key_field", "label_field") if not getattr(wish, name)}
    return msgspec.structs.replace(wish, **fields)


def _fill(layer: Layer, number: int, path: Path, wish: Wish, *, name: str, tell: Told | None) -> tuple[Report, Moved]:
    if features.has_table(layer.id):
        with features.copying(layer.id) as copy:
            report = _copy(copy, path, wish, name, tell)
        return report, features.merge(layer.id, number)
    with features.copying_first(layer.id, number) as copy:
        report = _copy(copy, path, wish, name, tell)
    return report, Moved(report.taken, 0, 0)


def _copy(copy: Copying, path: Path, wish: Wish, name: str, tell: Told | None) -> Report:
    for frame in process.read(path, wish, name=name, wants=Wants.ROWS, city=settings.CITY.bounds):
        if not isinstance(frame, Portion):
            if frame.report.unfit and wish.unfit is Unfit.REFUSE:
                raise Conflict(f"{frame.report.unfit} features can't be taken: mend the file, or leave them out")
            if not frame.report.taken:
                raise Conflict("the file holds no feature that can be taken")
            return frame.report
        copy.write(frame.rows)
        if tell is not None:
            tell(frame.done, frame.total)
    raise InvalidInput("the file ended before its end", place="file")


def _keep(actor: Actor, layer: Layer, number: int, report: Report, moved: Moved, wish: Wish, name: str) -> Revision:
    fields = columns.merge((), report.fields)
    if not layer.published:
        store.change_layer(layer.id, key_field=report.key_field, label_field=report.label_field)
    counts = Counts(report.taken, *moved, repaired=report.repaired, left_out=report.unfit)
    return store.add_revision(
        layer,
        number,
        RevisionKind.IMPORT,
        fields=fields,
        counts=counts,
        remarks=report.remarks[:MOST_SAID],
        at=clock.now(),
        who=actor.reference,
        source=wish.source or name,
        format=report.format,
        digest=report.digest,
        crs=report.crs,
        accuracy_m=wish.accuracy_m,
        licence=wish.licence or layer.licence,
        note=wish.note,
    )


def _with_warnings(report: Report) -> Report:
    if report.bounds is None:
        return report
    warnings = distance.warnings(report.bounds, settings.CITY.bounds)
    return msgspec.structs.replace(report, warnings=warnings)
