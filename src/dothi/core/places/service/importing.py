"""Takes in files of shapes: first what would come of it, then all of it or nothing."""

from datetime import datetime
from typing import Final, NamedTuple

import shapely
from django.db import transaction

from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import Actor
from dothi.core.audit import service as audit
from dothi.core.places.rules import matching, measuring, mending, naming
from dothi.core.places.rules.matching import Finder
from dothi.core.places.rules.measuring import Deviation, Measured
from dothi.core.places.service import permissions
from dothi.core.places.service.loading import moment
from dothi.core.places.store import reading, writing
from dothi.core.places.types import (
    Area,
    AreaDraft,
    AsOf,
    FileFeature,
    FileLayer,
    Period,
    Preview,
    Remark,
    ShareBasis,
    Taken,
    Unknown,
    Wish,
)
from dothi.kernel import events
from dothi.kernel.errors import Conflict, InvalidInput
from dothi.kernel.events import PlacesChanged, Publish
from dothi.kernel.manifest import Names

ALONE_BELOW: Final = 1e-5
"""Of the smaller of two shapes: where they share less, only their corners differ."""


class Measures(NamedTuple):
    """What the shapes of a file measure together, None where not all is stated; and those far off, farthest first."""

    together: Deviation | None
    deviations: list[Deviation]


def preview(actor: Actor, layer: FileLayer, wish: Wish) -> Preview:
    """Say what an import of a layer would do, feature by feature; nothing is changed.

    Raises Forbidden, or InvalidInput where no field holds a code or a name.
    """
    accounts.require(actor, permissions.IMPORT)
    columns = list(layer.features[0].attributes) if layer.features else []
    code_field = matching.choose_field(columns, wish.code_field, matching.CODE_FIELDS, what="code-field")
    name_field = matching.choose_field(columns, wish.name_field, matching.NAME_FIELDS, what="name-field")
    if not code_field and not name_field:
        raise InvalidInput(f"which field holds code or name? There are {', '.join(columns)}", place="code-field")
    areas = reading.list_areas(AsOf(wish.on), level=wish.level)
    parent_field = matching.choose_field(columns, wish.parent_field, (), what="parent-field")
    finder = Finder(areas, {area.id: area for area in reading.list_areas(AsOf(wish.on))})
    known = [area for area in areas if area.has_shape]
    shapes = dict(zip((area.id for area in known), reading.list_shapes([a.version_id for a in known]), strict=True))
    judge = _Judge(finder, shapes, (code_field, name_field, parent_field), wish.unknown)
    for feature in layer.features:
        judge.take(feature)
    judge.drop_repeated()
    met = {taken.area_id for taken in judge.taken}
    return Preview(
        layer=layer.name,
        crs=layer.crs,
        digest=layer.digest,
        taken=tuple(judge.taken),
        remarks=tuple(judge.remarks),
        left=tuple(area for area in areas if area.id not in met),
    )


class _Judge:
    """Judges features one by one: what is taken, and what is to be said of each."""

    def __init__(
        self, finder: Finder, shapes: dict[int, shapely.Geometry], fields: tuple[str, str, str], unknown: Unknown
    ) -> None:
        self.taken: list[Taken] = []
        self.remarks: list[Remark] = []
        self._finder = finder
        self._shapes = shapes
        self._code, self._name, self._parent = fields
        self._unknown = unknown

    def take(self, feature: FileFeature) -> None:
        """Judge one feature."""
        code, name = matching.values_of(feature.attributes, self._code, self._name)
        found = self._finder.find(code, name, feature.attributes.get(self._parent, ""))
        area, label = found.area, name or code
        if area is None and not self._may_take(feature.number, label, found.problem, has_both=bool(code and name)):
            return
        if area is not None and found.problem:
            self.remarks.append(Remark(feature.number, label, found.problem, found.remedy))
        mended = mending.mend(feature.shape, feature.vertices)
        if mended.problem:
            self.remarks.append(Remark(feature.number, label, mended.problem, mended.remedy))
        if mended.shape is None:
            return
        known = self._shapes.get(area.id) if area is not None else None
        is_same = area is not None and not area.is_illustrative and known is not None
        self.taken.append(
            Taken(
                number=feature.number,
                code=code if area is None else area.code,
                name=label if area is None else area.full_name("vi"),
                shape=mended.shape,
                area_id=None if area is None else area.id,
                stated_km2=None if area is None else area.stated_km2,
                is_same=is_same and shapely.equals_identical(shapely.normalize(known), shapely.normalize(mended.shape)),
            )
        )

    def _may_take(self, number: int, label: str, doubt: str, *, has_both: bool) -> bool:
        """Tell whether a feature that fits no known unit becomes a new one, and say what becomes of it if not."""
        problem = doubt or "no unit of that level and day has this code or name"
        if doubt or self._unknown is Unknown.REFUSE:
            self.remarks.append(Remark(number, label, problem))
        elif self._unknown is Unknown.SKIP:
            self.remarks.append(Remark(number, label, problem, "left out, as asked"))
        elif not has_both:
            self.remarks.append(Remark(number, label, "a new unit needs a code and a name"))
        else:
            self.remarks.append(Remark(number, label, problem, "added as a new unit, as asked"))
            return True
        return False

    def drop_repeated(self) -> None:
        """Take no unit's second feature: which is right is not ours to say."""
        pairs = [(each.number, each.area_id) for each in self.taken if each.area_id is not None]
        again = matching.repeated(pairs)
        self.taken = [each for each in self.taken if each.number not in again]
        self.remarks += [
            Remark(number, "", f"feature {first} is about the same unit already") for number, first in again.items()
        ]


def overlaps(found: Preview, *, most: int = 20) -> list[tuple[str, str, float]]:
    """Name shapes of a file that lie over each other, with the share of the smaller that is doubly told; the worst."""
    shapes = [each.shape for each in found.taken]
    tree = shapely.STRtree(shapes)
    one, other = tree.query(shapes, predicate="intersects")
    pairs = [(a, b) for a, b in zip(one.tolist(), other.tolist(), strict=True) if a < b]
    shared = [shapes[a].intersection(shapes[b]).area / min(shapes[a].area, shapes[b].area) for a, b in pairs]
    worst = sorted(zip(shared, pairs, strict=True), reverse=True)[:most]
    return [(found.taken[a].name, found.taken[b].name, share) for share, (a, b) in worst if share > ALONE_BELOW]


def measure(found: Preview) -> Measures:
    """Measure the shapes of a file beside what is stated of their units."""
    km2 = reading.measure([each.shape for each in found.taken])
    told = [Measured(each.name, own, each.stated_km2) for each, own in zip(found.taken, km2, strict=True)]
    return Measures(measuring.together(told), measuring.deviations(told))


def carry_out(
    actor: Actor, found: Preview, wish: Wish, *, licence: str = "", publish: Publish = events.publish
) -> int | None:
    """Record the shapes of a preview, all or none; gives the dataset's id, None where nothing is new. Audited.

    Each unit's version of that day is recorded anew with its shape, which is no illustration; where both ends of a
    division have real shapes then, its shares are measured. Raises Forbidden, or Conflict for a preview with features
    that can't be taken, and for one that no longer fits what is recorded.
    """
    accounts.require(actor, permissions.IMPORT)
    if not found.is_whole:
        raise Conflict("some features can't be taken: mend the file, or say what is to be done with them")
    new = [each for each in found.taken if not each.is_same]
    if not new:
        return None
    with transaction.atomic():
        writing.serialise()
        at = moment()
        dataset_id = writing.add_dataset(
            writing.SHAPES,
            name=wish.source,
            digest=found.digest,
            at=at,
            who=actor.reference,
            licence=licence,
            crs=found.crs,
            counts={"areas": len(new)},
        )
        _reshape(found, new, wish, dataset_id, at)
        writing.measure(dataset_id)
        measured = _measure_shares(dataset_id, at)
        told = {"source": wish.source, "areas": len(new), "shares": measured, "digest": found.digest}
        audit.record(actor.reference, permissions.IMPORT, subject=f"dataset:{dataset_id}", after=told)
    publish(PlacesChanged(dataset_id))
    return dataset_id


def _reshape(found: Preview, new: list[Taken], wish: Wish, dataset_id: int, at: datetime) -> None:
    areas = {area.id: area for area in reading.list_areas(AsOf(wish.on), level=wish.level)}
    told = [(areas.get(each.area_id), each) for each in new if each.area_id is not None]
    if any(area is None for area, _ in told):
        raise Conflict("units have changed since the preview: look at it again")
    versions = [(area.version_id, shapely.to_wkb(each.shape)) for area, each in told if area is not None]
    writing.end_versions([version_id for version_id, _ in versions], at=at)
    writing.reshape(versions, dataset_id=dataset_id, legal_basis=wish.legal_basis, at=at)
    added = [_draft(each, wish) for each in new if each.area_id is None]
    ids = writing.add_areas([wish.level] * len(added))
    writing.add_versions([(n, d, None) for n, d in zip(ids, added, strict=True)], dataset_id=dataset_id, at=at)


def _draft(taken: Taken, wish: Wish) -> AreaDraft:
    kind, name = naming.part(taken.name)
    return AreaDraft(
        key=taken.code,
        level=wish.level,
        code=taken.code,
        names=Names(vi=name, en=name),
        kind=kind or Names(vi="Đơn vị", en="Unit"),
        valid=Period(),
        legal_basis=wish.legal_basis,
        shape=taken.shape,
    )


def _measure_shares(dataset_id: int, at: datetime) -> int:
    """Record measured shares where estimates stood; of one unit they make up all of it. Gives how many are new."""
    rows = writing.list_measured()
    sums: dict[int, float] = {}
    for row in rows:
        sums[row.succession.predecessor_id] = sums.get(row.succession.predecessor_id, 0.0) + row.share
    new = [(row, min(row.share / sums[row.succession.predecessor_id], 1.0)) for row in rows if row.share > 0]
    changed = [(row, share) for row, share in new if abs(row.succession.share - share) > 1e-9]
    writing.end_successions([row.id for row, _ in changed], at=at)
    successions = [
        type(row.succession)(
            row.succession.predecessor_id,
            row.succession.successor_id,
            row.succession.on,
            share,
            ShareBasis.AREA,
            row.succession.legal_basis,
        )
        for row, share in changed
    ]
    writing.add_successions(successions, dataset_id=dataset_id, at=at)
    return len(changed)


def names_left(areas: tuple[Area, ...], *, most: int = 10) -> str:
    """Name units that a file says nothing of, for people to read."""
    named = ", ".join(area.full_name("vi") for area in areas[:most])
    return named + (f" … ({len(areas)})" if len(areas) > most else "")
