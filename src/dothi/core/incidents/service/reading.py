"""What there is of work orders, for whoever may see it."""

from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Final

from django.conf import settings

from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import SYSTEM, Actor, Department
from dothi.core.alarms import service as alarms
from dothi.core.alarms.types import Alarm
from dothi.core.alarms.types import Filter as AlarmFilter
from dothi.core.alarms.types import State as AlarmState
from dothi.core.incidents import photos
from dothi.core.incidents.service.reach import check_within, departments_within, reach
from dothi.core.incidents.store import reading
from dothi.core.incidents.types import Account, Filter, Listed, Order, Page, State, Step
from dothi.core.observations.labels import service as labels
from dothi.kernel.errors import NotFound

VIEW: Final = "incidents.order.view"
CREATE: Final = "incidents.order.create"
ROWS: Final = 50
REPAIRS: Final = 3
MOST_PLACES: Final = 500
"""How many Things of a group are drawn on an order's sketch at most."""


def list_orders(actor: Actor, asked: Filter, *, number: int = 1, limit: int = ROWS) -> Page:
    """List the orders of one page (from 1) that an actor may see: open ones by priority and deadline.

    Others come by their last change, the newest first. Seven queries at most. Raises Unauthenticated (visitors see
    none) or Forbidden.
    """
    limits = reach(actor, VIEW)
    counts = reading.count_orders(asked, limits)
    begin = (max(number, 1) - 1) * limit
    orders = reading.list_orders(asked, limits, begin=begin, limit=limit)
    return Page(
        rows=_with_alarms(orders),
        things=labels.name_things(order.thing_id for order in orders),
        people=accounts.name_people(order.standing.assignee for order in orders),
        count=sum(counts.get(state, 0) for state in asked.states),
    )


def _with_alarms(orders: Sequence[Order]) -> list[Listed]:
    ids = reading.list_alarm_ids([order.id for order in orders]) if orders else {}
    standing = {alarm.id for alarm in list_alarms(each for some in ids.values() for each in some) if _holds(alarm)}
    return [
        Listed(order, len(ids.get(order.id, ())), sum(each in standing for each in ids.get(order.id, ())))
        for order in orders
    ]


def _holds(alarm: Alarm) -> bool:
    return alarm.standing.is_active


def list_alarms(alarm_ids: Iterable[int]) -> list[Alarm]:
    """Give alarms by their ids, whatever their state; who may see the order may see how its alarms stand."""
    ids = tuple(sorted(set(alarm_ids)))
    if not ids:
        return []
    asked = AlarmFilter(states=tuple(AlarmState), ids=ids)
    return alarms.list_alarms(SYSTEM, asked, limit=alarms.MOST_AT_ONCE).alarms


def count_orders(actor: Actor, asked: Filter) -> Mapping[State, int]:
    """Count the orders an actor may see by state; `asked.states` does not matter. Raises as above."""
    return reading.count_orders(asked, reach(actor, VIEW))


def list_orders_for(actor: Actor, alarm: Alarm) -> list[Order]:
    """List the orders for an alarm, or for the group that speaks for it, the newest first. Raises as above."""
    group = alarm.standing.suppressed_by
    return reading.list_orders_for([alarm.id, *([group] if group else [])], reach(actor, VIEW))


def list_orders_at(actor: Actor, thing_ids: Sequence[int], *, limit: int) -> list[Order]:
    """List the orders for some Things that an actor may see, open ones first, then the newest. Raises as above."""
    limits = reach(actor, VIEW)
    return reading.list_orders_at(thing_ids, limits, limit=limit) if thing_ids else []


def list_departments(actor: Actor) -> list[str]:
    """List the departments that an actor may see orders of: whose Things there are, and who had orders before.

    Raises as above.
    """
    reach(actor, VIEW)
    return sorted(departments_within(actor.within(VIEW), {*labels.list_departments(), *reading.list_departments()}))


def list_receivers(actor: Actor, thing_id: int, *, offered: str = "") -> list[Department]:
    """List the departments that an order for a Thing can be given to: as the tree has them, then others by code.

    The others are those whose Things there are or who had orders before, and the one that is offered first. Raises as
    above.
    """
    reach(actor, CREATE)
    able = labels.placed(actor.within(CREATE))
    tree = accounts.list_tree()
    others = {*labels.list_departments(), *reading.list_departments(), offered} - {each.code for each in tree} - {""}
    every = [*tree, *(Department(code, code, code, (code,)) for code in sorted(others))]
    return [each for each in every if able.may_touch(thing_id, department=each.code)]


def get_order(actor: Actor, order_id: int) -> Account:
    """Give all that is known of an order. Raises Unauthenticated, Forbidden, NotFound beyond the actor's limits."""
    limits = reach(actor, VIEW)
    order = check_within(labels.placed(actor.within(VIEW)), reading.find_order(order_id), order_id)
    steps = reading.list_steps(order_id)
    found = list_alarms(reading.list_alarm_ids([order_id]).get(order_id, ()))
    members = _members_of(found)
    repairs = reading.list_repairs(order.thing_id, limits, but=order_id, limit=REPAIRS)
    shown = [order.thing_id, *members[:MOST_PLACES]]
    return Account(
        order=order,
        thing=labels.name_things([order.thing_id]).get(order.thing_id),
        steps=tuple(steps),
        alarms=tuple(found),
        members=tuple(members),
        places=labels.locate_things(shown),
        repairs=tuple(repairs),
        people=accounts.name_people(_people_in(order, steps)),
    )


def _members_of(found: Sequence[Alarm]) -> list[int]:
    groups = [alarm.id for alarm in found if alarm.member_count]
    return sorted({thing for _, thing in alarms.list_members(SYSTEM, groups)}) if groups else []


def _people_in(order: Order, steps: Sequence[Step]) -> set[str]:
    return {order.issued_by, order.standing.assignee, *(each.who for each in steps), *(each.assignee for each in steps)}


def find_photo(actor: Actor, order_id: int, digest: str, *, small: bool = False) -> Path:
    """Give the file of a photo of an order. Raises Unauthenticated, Forbidden, NotFound."""
    reach(actor, VIEW)
    check_within(labels.placed(actor.within(VIEW)), reading.find_order(order_id), order_id)
    file = photos.file_of(settings.MEDIA_FOLDER, digest, small=small)
    if not reading.has_photo(order_id, digest) or not file.exists():
        raise NotFound(f"no photo {digest}")
    return file
