"""The door for whoever keeps ids of Things: their names, and which of them lie within an actor's limits."""

from collections.abc import Iterable, Mapping
from typing import Final

from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import Actor
from dothi.core.observations.labels import store
from dothi.core.observations.labels.types import ThingLabel
from dothi.core.places.types import Site
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


def ids_within(actor: Actor) -> frozenset[int] | None:
    """Give the ids of the Things that an actor's limits leave, None for one without limits."""
    if actor.departments is None:
        return actor.thing_ids
    of_department = frozenset(store.list_ids_of(actor.departments)) if actor.departments else frozenset()
    return of_department if actor.thing_ids is None else of_department & actor.thing_ids


def find_things(actor: Actor, asked: Asked) -> list[ThingLabel]:
    """Find Things that an actor may see by name, without regard to marks; misspelt ones if none is called so.

    A name that very many Things begin with is looked at in part. Raises Forbidden.
    """
    actor = accounts.require(actor, VIEW)
    return store.list_called(asked.folded, actor) if asked.folded else []


def list_at(actor: Actor, site: Site) -> list[tuple[int, str]]:
    """List the Things, as (id, kind), that are at a place and that an actor may see, the nearest first; one query.

    Raises Forbidden.
    """
    return store.list_at(site, accounts.require(actor, VIEW))
