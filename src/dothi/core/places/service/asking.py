"""What is asked of units: those of a day, one with all that is known of it, and those that are called something."""

from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import date

import shapely

from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import Actor
from dothi.core.places.service import permissions
from dothi.core.places.store import reading
from dothi.core.places.types import Account, Area, AsOf, Relation, Succession
from dothi.kernel.errors import NotFound
from dothi.kernel.search import Asked, Fit, Spelling, asked_for, fit, likeness
from dothi.kernel.text import fold_words


def list_areas(
    actor: Actor, as_of: AsOf | None = None, *, level: int | None = None, parent_id: int | None = None
) -> list[Area]:
    """List the units in force on a day (today, as is known now, if not given), by level and code. Raises Forbidden."""
    accounts.require(actor, permissions.VIEW)
    return reading.list_areas(as_of or permissions.as_of(None), level=level, parent_id=parent_id)


def list_by_id(actor: Actor, area_ids: Collection[int]) -> list[Area]:
    """List units by id, each as it was last, as is known now. Raises Forbidden."""
    accounts.require(actor, permissions.VIEW)
    return reading.list_by_id(area_ids) if area_ids else []


def list_limits(actor: Actor) -> list[date]:
    """List the days on which units begin or end: between two of them nothing changes. Raises Forbidden."""
    accounts.require(actor, permissions.VIEW)
    return reading.list_limits()


def get_area(actor: Actor, area_id: int, as_of: AsOf | None = None) -> Account:
    """Give all that is known of a unit on a day; one that is not in force then, as it was last.

    A constant number of queries. Raises Forbidden, NotFound.
    """
    accounts.require(actor, permissions.VIEW)
    asked = as_of or permissions.as_of(None)
    history = reading.list_history(area_id)
    if not history:
        raise NotFound(f"no area {area_id}")
    found = [area for area in history if area.valid.holds(asked.day) and _is_known(area, asked)]
    area = (found or [each for each in history if each.known_to is None] or history)[0]
    there = AsOf(_day_within(area, asked.day), asked.known_at)
    successions = reading.list_successions([area_id])
    others = {each for one in successions for each in (one.predecessor_id, one.successor_id)} - {area_id}
    named = {each.id: each for each in reading.list_by_id(others)}
    all_then = {each.id: each for each in reading.list_areas(there)}
    return Account(
        area=area,
        parents=tuple(_above(area, all_then)),
        children=tuple(each for each in all_then.values() if each.parent_id == area_id),
        predecessors=tuple(_relations(successions, named, to=area_id)),
        successors=tuple(_relations(successions, named, of=area_id)),
        history=tuple(history),
    )


def _is_known(area: Area, as_of: AsOf) -> bool:
    if as_of.known_at is None:
        return area.known_to is None
    return area.known_from <= as_of.known_at and (area.known_to is None or as_of.known_at < area.known_to)


def _day_within(area: Area, day: date) -> date:
    """Give the day, or the nearest one on which the unit is in force."""
    if area.valid.holds(day):
        return day
    if area.valid.begin is not None and day < area.valid.begin:
        return area.valid.begin
    end = area.valid.end or day
    return date.fromordinal(end.toordinal() - 1)


def _above(area: Area, others: Mapping[int, Area]) -> Iterable[Area]:
    """Give what a unit belongs to, the nearest first."""
    seen = {area.id}
    parent_id = area.parent_id
    while parent_id is not None and parent_id in others and parent_id not in seen:
        seen.add(parent_id)
        yield others[parent_id]
        parent_id = others[parent_id].parent_id


def _relations(
    successions: Iterable[Succession], named: Mapping[int, Area], *, to: int | None = None, of: int | None = None
) -> Iterable[Relation]:
    for each in successions:
        other = each.predecessor_id if each.successor_id == to else each.successor_id
        if (each.successor_id == to or each.predecessor_id == of) and other in named:
            yield Relation(named[other], each)


def search(
    actor: Actor,
    text: str,
    *,
    on: date | None = None,
    limit: int = 20,
    spelling: Spelling = Spelling.EITHER,
) -> list[Area]:
    """Find units of whatever time by name, without regard to marks, or by code; misspelt ones if nothing is called so.

    The very name comes first, then what is spelt so without marks, then beginnings; of equals the one in force on the
    day (today if not given), then the larger unit. Raises Forbidden.
    """
    accounts.require(actor, permissions.VIEW)
    asked = asked_for(text)
    if not asked.folded:
        return []
    day = on or permissions.today()
    ranked: dict[int, tuple[tuple[int, bool, float, int, str], Area]] = {}
    coded = [] if spelling is Spelling.ALIKE else reading.list_coded([asked.text])
    for area in [*coded, *reading.list_named(asked.folded, spelling)]:
        fits, like = _fit(asked, area)
        key = (fits, not area.valid.holds(day), -like, area.level, fold_words(area.names.vi))
        if area.id not in ranked or key < ranked[area.id][0]:
            ranked[area.id] = (key, area)
    in_order = sorted(ranked.values(), key=lambda each: (each[0], each[1].id))
    # What only looks like it is of use where nothing is called so; a kind alone ("Phường") fits each of them.
    best = Fit.SIMILAR if not in_order or in_order[0][0][0] == Fit.SIMILAR else Fit.INSIDE
    return [area for key, area in in_order if key[0] <= best][:limit]


def _fit(asked: Asked, area: Area) -> tuple[Fit, float]:
    """Say how well a unit fits what was asked, and how alike it is.

    Its kind counts only where it is asked with it: "phu" is not meant to find each Phường.
    """
    if asked.text == area.code:
        return Fit.SAME, 1.0
    names = [area.names.vi]
    for language in ("vi", "en"):
        if fold_words(area.kind.of(language)) in asked.folded:
            names.append(area.full_name(language))
    best = min(fit(asked.text, name) for name in names)
    return best, max(likeness(asked.folded, fold_words(name)) for name in names)


def shapes_of(actor: Actor, areas: Sequence[Area]) -> list[shapely.Geometry]:
    """Give the shapes, WGS 84, of those units that have one, in order, by one query. Raises Forbidden."""
    accounts.require(actor, permissions.VIEW)
    return reading.list_shapes([area.version_id for area in areas if area.has_shape])
