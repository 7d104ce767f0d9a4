"""The door for whoever keeps ids of Things: their names, and which of them lie within an actor's limits."""

from collections.abc import Iterable, Mapping
from datetime import date
from typing import Final

from django.utils import timezone
from msgspec.structs import replace
from psycopg import AsyncConnection

from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import Actor, AreaReach
from dothi.core.observations.labels import store
from dothi.core.observations.labels.types import Gathered, ThingLabel
from dothi.core.places.types import Site
from dothi.kernel import clock
from dothi.kernel.search import Asked

VIEW: Final = "observations.thing.view"


def name_things(thing_ids: Iterable[int]) -> Mapping[int, ThingLabel]:
    """Name Things by id, in one query; one that no longer exists is left out.

    It asks for no permission: what each viewer may see is the caller's to say.
    """
    wanted = frozenset(thing_ids)
    return {label.id: label for label in store.list_labels(wanted)} if wanted else {}


def locate_things(thing_ids: Iterable[int]) -> Mapping[int, tuple[float, float]]:
    """Give the places of Things that have one, as (longitude, latitude) in degrees of WGS 84, in one query.

    It asks for no permission, as above.
    """
    wanted = frozenset(thing_ids)
    return store.list_places(wanted) if wanted else {}


def list_departments() -> list[str]:
    """List the departments that have Things, in one query. It asks for no permission."""
    return store.list_departments()


def placed(actor: Actor) -> Actor:
    """Give an actor whose grants for areas know the Things that stand there now, in one query where there are any.

    Whoever asks `may_touch` or `may_see` of an actor asks the one that comes from here; to others such grants reach
    nothing.
    """
    return _with_places(actor, store.list_things_within(_codes(actor), day=today())) if actor.areas else actor


async def placed_on(connection: AsyncConnection, actor: Actor) -> Actor:
    """Do what `placed` does, on a connection of the machines' door."""
    if not actor.areas:
        return actor
    return _with_places(actor, await store.list_things_within_on(connection, _codes(actor), day=today()))


def today() -> date:
    """Give the city's day, as of which areas are asked."""
    return timezone.localdate(clock.now())


def _codes(actor: Actor) -> list[str]:
    return sorted({each.area for each in actor.areas})


def _with_places(actor: Actor, found: Mapping[str, frozenset[int]]) -> Actor:
    areas = tuple(replace(each, thing_ids=found.get(each.area, frozenset())) for each in actor.areas)
    return replace(actor, areas=areas)


def ids_within(actor: Actor) -> frozenset[int] | None:
    """Give the ids of the Things that an actor's limits leave, None for one without limits."""
    if actor.departments is None:
        return actor.thing_ids
    of_department = frozenset(store.list_ids_of(actor.departments)) if actor.departments else frozenset()
    found = of_department.union(*(_ids_of(each) for each in placed(actor).areas))
    return found if actor.thing_ids is None else found & actor.thing_ids


def _ids_of(reach: AreaReach) -> frozenset[int]:
    if reach.departments is None:
        return reach.thing_ids
    return reach.thing_ids & frozenset(store.list_ids_of(reach.departments))


def find_things(actor: Actor, asked: Asked) -> list[ThingLabel]:
    """Find Things that an actor may see by name, without regard to marks; misspelt ones if none is called so.

    A name that very many Things begin with is looked at in part. Raises Forbidden.
    """
    actor = placed(accounts.require(actor, VIEW))
    return store.list_called(asked.folded, actor, asked.spelling) if asked.folded else []


def gather(
    actor: Actor, thing_ids: Iterable[int], *, kind: str, by: str, title: str, most: int
) -> list[Gathered]:  # fmt: skip
    """Gather those Things of a kind that share the value of a property with more than `most` of the others given.

    They keep their order. One query, and a second where some are gathered. Raises Forbidden.
    """
    actor = placed(accounts.require(actor, VIEW))
    given = list(thing_ids)
    of_value: dict[str, list[int]] = {}
    titles: dict[str, str] = {}
    known = {each: (value, name) for each, value, name in store.list_values(given, by=by, title=title)}
    for each in given:
        if each in known:
            value, titles[value] = known[each][0], known[each][1]
            of_value.setdefault(value, []).append(each)
    many = {value: ids for value, ids in of_value.items() if len(ids) > most}
    counts = store.count_with(actor, kind=kind, by=by, values=many) if many else {}
    return [Gathered(value, titles[value], tuple(ids), counts.get(value, len(ids))) for value, ids in many.items()]


def list_at(actor: Actor, site: Site) -> list[tuple[int, str]]:
    """List the Things, as (id, kind), that are at a place and that an actor may see, the nearest first.

    One query, and one for an actor whose grants are for areas. Raises Forbidden.
    """
    return store.list_at(site, placed(accounts.require(actor, VIEW)))
