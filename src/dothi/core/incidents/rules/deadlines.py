"""By when work is to be done if nobody says otherwise, and whether it is late."""

from datetime import datetime, timedelta
from typing import Final

from dothi.core.incidents.types import AT_WORK, Order

USUAL: Final = {1: timedelta(hours=2), 2: timedelta(hours=4), 3: timedelta(hours=24), 4: timedelta(days=7)}
"""By the order's priority; an operator changes it for each order."""
LONGEST_AGO: Final = timedelta(days=7)
"""A deed that waited longer for a network counts from so long ago."""


def usual_deadline(priority: int, *, now: datetime) -> datetime:
    """Give the deadline to offer, on a full minute."""
    return (now + USUAL[priority]).replace(second=0, microsecond=0)


def is_overdue(order: Order, *, now: datetime) -> bool:
    """Tell whether the crew's time is over and the crew has not said that it is done."""
    return order.state in AT_WORK and order.deadline < now


def happened_at(now: datetime, *, ago_s: float, speed: float, not_before: datetime) -> datetime:
    """Give the city's time at which a deed was done that waited `ago_s` wall seconds, the clock running at `speed`.

    It lies behind the step before it, whatever the phone's clock says, and never in the future.
    """
    waited = min(max(ago_s, 0.0) * speed, LONGEST_AGO.total_seconds())
    return min(max(now - timedelta(seconds=waited), not_before), now)
