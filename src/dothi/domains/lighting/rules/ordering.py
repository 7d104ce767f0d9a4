"""What an order to light may be, and how devices are told it."""

from datetime import datetime, timedelta
from typing import Final

from dothi.domains.lighting.types.command import Order
from dothi.kernel.errors import InvalidInput

LONGEST: Final = timedelta(days=7)
"""How long an override may last: whoever wants more changes the schedule."""


def check(order: Order, *, now: datetime) -> None:
    """See that an order can be given. Raises InvalidInput with the place that is wrong."""
    if order.level is not None and not 0 <= order.level <= 100:
        raise InvalidInput("a level is between 0 and 100 %", place="level")
    if order.until is None:
        return
    if order.level is None:
        raise InvalidInput("what goes back to its schedule has no end", place="until")
    if order.until.tzinfo is None:
        raise InvalidInput("the end needs a time zone", place="until")
    if not now < order.until <= now + LONGEST:
        raise InvalidInput("an override ends after now, and within seven days", place="until")


def parameters(order: Order) -> dict[str, object]:
    """Give an order as the parameters of a Task of a lamp's capability `light`."""
    if order.level is None:
        return {"resume": True}
    if order.until is None:
        return {"level": order.level}
    return {"level": order.level, "until": order.until.isoformat().replace("+00:00", "Z")}
