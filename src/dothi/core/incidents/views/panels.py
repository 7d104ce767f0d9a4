"""What work orders add to the pages of others."""

from typing import Any

from dothi.core.accounts.types import Actor
from dothi.core.alarms.types import Alarm
from dothi.core.alarms.types import State as AlarmState
from dothi.core.incidents import service
from dothi.core.incidents.types import Listed
from dothi.core.incidents.views import words


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
