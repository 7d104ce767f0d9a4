"""Which work orders lie within an actor's limits."""

from collections.abc import Iterable

from msgspec.structs import replace

from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import Actor
from dothi.core.incidents.store import reading
from dothi.core.incidents.store.reading import Reach
from dothi.core.incidents.types import Order
from dothi.core.observations.labels import service as labels
from dothi.kernel.errors import NotFound, Unauthenticated


def reach(actor: Actor, permission: str) -> Reach:
    """Give the departments and the Things whose orders an actor may reach.

    Raises Forbidden, and Unauthenticated for every visitor: orders name people.
    """
    actor = accounts.require(actor, permission)
    if actor.kind == "visitor":
        raise Unauthenticated("work orders are for those who are signed in")
    if not actor.is_limited:
        return reading.EVERYWHERE
    there = labels.placed(replace(actor, thing_ids=None)).areas
    return Reach(
        departments=departments_within(actor, reading.list_departments()),
        thing_ids=actor.thing_ids,
        areas=tuple((each.thing_ids, each.departments) for each in there),
    )


def departments_within(actor: Actor, departments: Iterable[str]) -> frozenset[str]:
    """Give those of some departments that lie within an actor's limits."""
    anywhere = replace(actor, thing_ids=None)
    return frozenset(each for each in departments if anywhere.may_touch(0, department=each))


def check_within(actor: Actor, order: Order | None, order_id: int) -> Order:
    """Give an order that lies within the limits of an actor who is `labels.placed`. Raises NotFound."""
    if order is None or not actor.may_touch(order.thing_id, department=order.department):
        raise NotFound(f"no work order {order_id}")
    return order
