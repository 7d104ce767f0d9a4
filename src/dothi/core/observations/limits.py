"""How far an actor reaches, as a condition of queries."""

from datetime import date

from dothi.core.accounts.types import Actor
from dothi.core.observations.labels import service as labels
from dothi.core.observations.query.types import Reach


def reach_within(actor: Actor, *, or_public: bool) -> Reach | None:
    """Give an actor's limits, None for none; `or_public` lets what is public through besides."""
    if not actor.is_limited and actor.kind != "visitor":
        return None
    return Reach(
        department=actor.department,
        thing_ids=None if actor.thing_ids is None else tuple(sorted(actor.thing_ids)),
        public_only=actor.kind == "visitor",
        departments=_sorted(actor.departments),
        or_public=or_public,
        areas=tuple((each.area, _sorted(each.departments)) for each in actor.areas),
        day=labels.today() if actor.areas else date.min,
    )


def _sorted(departments: frozenset[str] | None) -> tuple[str, ...] | None:
    return None if departments is None else tuple(sorted(departments))
