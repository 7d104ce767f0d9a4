"""The door for whoever keeps ids of Things: their names, and which of them lie within an actor's limits."""

from collections.abc import Iterable, Mapping

from dothi.core.accounts.types import Actor
from dothi.core.observations.labels import store
from dothi.core.observations.labels.types import ThingLabel


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
