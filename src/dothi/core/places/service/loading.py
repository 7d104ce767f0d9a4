"""Takes in what a source says of a city's units, once; what it says otherwise later is recorded beside it."""

from collections.abc import Iterable, Mapping
from datetime import datetime

import shapely
from django.db import transaction
from msgspec.structs import replace

from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import Actor
from dothi.core.audit import service as audit
from dothi.core.places.rules import history
from dothi.core.places.rules.history import Fact
from dothi.core.places.service import permissions
from dothi.core.places.store import reading, writing
from dothi.core.places.types import Area, AreaDraft, Gazetteer, Loaded, Period, Succession
from dothi.kernel import clock, events
from dothi.kernel.events import PlacesChanged, Publish


def is_loaded(digest: str) -> bool:
    """Tell whether a source that names itself so was taken in."""
    return writing.has_dataset(writing.GAZETTEER, digest)


def load(actor: Actor, gazetteer: Gazetteer, *, publish: Publish = events.publish) -> Loaded:
    """Take in a source's units and successions, all or nothing; the same source again changes nothing. Audited.

    A unit is known again by level and code where the days overlap. What the source says of it otherwise is recorded
    from now on, and what was known before stays; a shape that is no illustration stays as well. Raises Forbidden.
    """
    accounts.require(actor, permissions.IMPORT)
    with transaction.atomic():
        writing.serialise()
        if is_loaded(gazetteer.digest):
            return Loaded(0, 0)
        at = moment()
        writing.replace_datasets(writing.GAZETTEER, None, at=at)
        dataset_id = writing.add_dataset(
            writing.GAZETTEER,
            name=gazetteer.source,
            digest=gazetteer.digest,
            at=at,
            who=actor.reference,
            crs="EPSG:4326",
            counts={"areas": len(gazetteer.areas), "successions": len(gazetteer.successions)},
        )
        ids, areas = _take_areas(gazetteer.areas, dataset_id, at)
        successions = _take_successions(gazetteer, ids, dataset_id, at)
        writing.measure(dataset_id)
        told = {"source": gazetteer.source, "areas": areas, "successions": successions}
        audit.record(actor.reference, permissions.IMPORT, subject=f"dataset:{dataset_id}", after=told)
    publish(PlacesChanged(dataset_id))
    return Loaded(areas, successions)


def moment() -> datetime:
    """Give the moment from which something is known: now, and never before what is known already.

    The city's clock of a simulation may have been set back.
    """
    newest = writing.find_newest()
    now = clock.now()
    return now if newest is None or newest < now else newest


def _take_areas(drafts: Iterable[AreaDraft], dataset_id: int, at: datetime) -> tuple[Mapping[str, int], int]:
    """Record units; gives their ids by the source's keys, and how many say something new."""
    drafts = list(drafts)
    known = _known_by_code(drafts)
    ids = {draft.key: known[draft.key][0].id for draft in drafts if draft.key in known}
    new = [draft for draft in drafts if draft.key not in ids]
    ids.update(zip((draft.key for draft in new), writing.add_areas([draft.level for draft in new]), strict=True))
    said = [(draft, ids.get(draft.parent)) for draft in drafts]
    shapes = _shapes_of([area for areas in known.values() for area in areas])
    changed = [
        (draft, parent) for draft, parent in said if not _is_same(draft, parent, known.get(draft.key, []), shapes)
    ]
    _record([(ids[draft.key], draft, parent) for draft, parent in changed], known, dataset_id, at)
    return ids, len(changed)


def _record(
    said: list[tuple[int, AreaDraft, int | None]], known: Mapping[str, list[Area]], dataset_id: int, at: datetime
) -> None:
    """End what is contradicted, go on with what is left of it, and begin what is said."""
    ended: list[int] = []
    copies: list[tuple[int, Period]] = []
    for _, draft, _ in said:
        facts = [Fact(area.version_id, area.valid, area.known_from) for area in known.get(draft.key, [])]
        revision = history.revise(facts, 0, draft.valid, at=at)
        ended += [fact.what for fact in revision.ended]
        copies += [(fact.what, fact.valid) for fact in revision.begun if fact.what]
    kept = [(area_id, _with_real_shape(draft, known.get(draft.key, [])), parent) for area_id, draft, parent in said]
    writing.end_versions(ended, at=at)
    writing.copy_versions(copies, at=at)
    writing.add_versions(kept, dataset_id=dataset_id, at=at)


def _known_by_code(drafts: list[AreaDraft]) -> dict[str, list[Area]]:
    """Give what is known now of the units that drafts speak of, by the drafts' keys."""
    by_code: dict[tuple[int, str], list[Area]] = {}
    for area in reading.list_coded({draft.code for draft in drafts}):
        by_code.setdefault((area.level, area.code), []).append(area)
    found = {}
    for draft in drafts:
        same = [
            area for area in by_code.get((draft.level, draft.code), []) if history.overlaps(area.valid, draft.valid)
        ]
        if same:
            found[draft.key] = same
    return found


def _shapes_of(areas: list[Area]) -> dict[int, shapely.Geometry]:
    """Give the shapes of versions, by their ids."""
    ids = [area.version_id for area in areas if area.has_shape]
    return dict(zip(ids, reading.list_shapes(ids), strict=True))


def _is_same(
    draft: AreaDraft, parent_id: int | None, known: list[Area], shapes: Mapping[int, shapely.Geometry]
) -> bool:
    """Tell whether a draft says no more than what is known; its cell does not count beside a real shape."""
    said = (draft.names, draft.kind, draft.valid, parent_id, draft.legal_basis, draft.centre, draft.stated_km2)
    return any(
        said == (area.names, area.kind, area.valid, area.parent_id, area.legal_basis, area.centre, area.stated_km2)
        and _has_same_shape(draft, area, shapes.get(area.version_id))
        for area in known
    )


def _has_same_shape(draft: AreaDraft, area: Area, shape: shapely.Geometry | None) -> bool:
    if draft.shape is None or shape is None:
        return draft.shape is shape
    if draft.is_illustrative and not area.is_illustrative:
        return True
    return bool(shapely.equals_identical(shapely.normalize(draft.shape), shapely.normalize(shape)))


def _with_real_shape(draft: AreaDraft, known: list[Area]) -> AreaDraft:
    """Give a draft the real shape that its unit has, instead of an illustrative one."""
    real = [area for area in known if area.has_shape and not area.is_illustrative]
    if not draft.is_illustrative or not real:
        return draft
    [shape] = reading.list_shapes([real[0].version_id])
    return replace(draft, shape=shape, is_illustrative=False)


def _take_successions(gazetteer: Gazetteer, ids: Mapping[str, int], dataset_id: int, at: datetime) -> int:
    """Record what became of units, as far as that is not known; gives how many say something new.

    Estimates don't replace what was measured.
    """
    basis = {draft.key: draft.legal_basis for draft in gazetteer.areas}
    known = writing.list_recorded_successions()
    new, ended = [], []
    for each in gazetteer.successions:
        said = Succession(
            ids[each.predecessor], ids[each.successor], each.on, each.share, each.basis, basis[each.successor]
        )
        row = known.get((said.predecessor_id, said.successor_id, said.on.isoformat()))
        if row is None or (row.basis is said.basis and row.share != said.share):
            new.append(said)
            ended += [] if row is None else [row.id]
    writing.end_successions(ended, at=at)
    writing.add_successions(new, dataset_id=dataset_id, at=at)
    return len(new)
