"""Which work orders lie within an actor's limits."""

from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import Actor
from dothi.core.incidents.store.reading import Reach
from dothi.core.incidents.types import Order
from dothi.kernel.errors import NotFound, Unauthenticated


def reach(actor: Actor, permission: str) -> Reach:
    """Give the department and the Things whose orders an actor may reach.

    Raises Forbidden, and Unauthenticated for every visitor: orders name people.
    """
    accounts.require(actor, permission)
    if actor.kind == "visitor":
        raise Unauthenticated("work orders are for those who are signed in")
    return actor.department, actor.thing_ids


def check_within(actor: Actor, order: Order | None, order_id: int) -> Order:
    """Give an order that lies within an actor's limits. Raises NotFound."""
    if order is None or not actor.may_touch(order.thing_id, department=order.department):
        raise NotFound(f"no work order {order_id}")
    return order
