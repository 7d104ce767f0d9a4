"""What work orders add to the pages of others."""

from typing import Any, Final

from dothi.core.accounts.types import Actor
from dothi.core.alarms.types import Alarm
from dothi.core.alarms.types import State as AlarmState
from dothi.core.incidents import service
from dothi.core.incidents.types import Listed
from dothi.core.incidents.views import words
from dothi.core.observations.labels import service as labels
from dothi.core.places.types import Site
from dothi.kernel.errors import Forbidden, Unauthenticated

LISTED: Final = 10


def alarm_panel(actor: Actor, subject: Alarm) -> dict[str, Any]:
    """Give the orders for an alarm, and whether one can be issued for it."""
    orders = service.list_orders_for(actor, subject)
    names = words.department_names() if orders else {}
    is_hidden = subject.state in (AlarmState.SUPPRESSED, AlarmState.NORMAL)
    return {
        "rows": [words.order_row(Listed(order, 0, 0), None, {}, names) for order in orders],
        "can_issue": actor.may(service.CREATE) and not is_hidden and not any(order.is_open for order in orders),
        "alarm_id": subject.id,
    }


def dossier_panel(actor: Actor, subject: Site) -> dict[str, Any] | None:
    """Give the orders for Things at a place, open ones first; None for a visitor, who sees no orders."""
    try:
        things = [thing_id for thing_id, _ in labels.list_at(actor, subject)]
        orders = service.list_orders_at(actor, things, limit=LISTED + 1)
    except (Forbidden, Unauthenticated):
        return None
    return {
        "rows": [words.order_row(Listed(order, 0, 0), None, {}, words.department_names()) for order in orders[:LISTED]],
        "has_more": len(orders) > LISTED,
        "is_limited": actor.within(service.VIEW).is_limited,
    }
