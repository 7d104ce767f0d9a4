"""How a work order begins."""

from typing import Final

from django.db import IntegrityError, transaction
from msgspec.structs import replace

from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import Actor
from dothi.core.alarms import service as alarms
from dothi.core.alarms.types import Filter as AlarmFilter
from dothi.core.alarms.types import State as AlarmState
from dothi.core.incidents.service.deeds import WORK
from dothi.core.incidents.service.reach import reach
from dothi.core.incidents.service.reading import CREATE
from dothi.core.incidents.service.telling import LONGEST_KEY, check_text, note
from dothi.core.incidents.store import writing
from dothi.core.incidents.types import Deed, NewOrder, Order, State, Step
from dothi.core.observations.labels import service as labels
from dothi.kernel import clock, events
from dothi.kernel.errors import InvalidInput, NotFound
from dothi.kernel.events import Publish

LONGEST_TITLE: Final = 200
LONGEST_DEPARTMENT: Final = 200


def issue(actor: Actor, new: NewOrder, *, key: str = "", publish: Publish = events.publish) -> Order:
    """Issue a work order. Audited; other processes are told by WorkOrdersChanged after the commit.

    Asked for again under the same key, the order that was issued then is given. Raises Unauthenticated, Forbidden,
    InvalidInput that names the place, NotFound for a Thing or an alarm beyond the actor's limits.
    """
    reach(actor, CREATE)
    check_text(key, place="key", most=LONGEST_KEY)
    sound = _sound(actor, new)
    try:
        with transaction.atomic():
            return writing.find_issued(key) or _issue(actor, sound, key, publish)
    except IntegrityError:  # the same request twice at once: the other one was faster
        found = writing.find_issued(key)
        if found is None:
            raise
        return found


def _sound(actor: Actor, new: NewOrder) -> NewOrder:
    title = check_text(new.title, place="title", most=LONGEST_TITLE)
    department = check_text(new.department, place="department", most=LONGEST_DEPARTMENT)
    if not title or not department:
        raise InvalidInput("a work order has a title and a department", place="department" if title else "title")
    if new.priority not in (1, 2, 3, 4):
        raise InvalidInput("a priority is 1, 2, 3 or 4", place="priority")
    if new.deadline.tzinfo is None or new.deadline <= clock.now():
        raise InvalidInput("a deadline lies ahead", place="deadline")
    if new.assignee and new.assignee not in accounts.list_holders(WORK):
        raise InvalidInput("nobody of that name carries out work orders", place="assignee")
    _check_subject(actor, new, department)
    return replace(new, title=title, department=department, task=check_text(new.task, place="task"))


def _check_subject(actor: Actor, new: NewOrder, department: str) -> None:
    if new.thing_id not in labels.name_things([new.thing_id]) and not new.alarm_ids:
        raise NotFound(f"no Thing {new.thing_id}")
    if not labels.placed(actor.within(CREATE)).may_touch(new.thing_id, department=department):
        raise InvalidInput("orders go to your own department", place="department")
    check_alarms(actor, new.alarm_ids)


def check_alarms(actor: Actor, alarm_ids: tuple[int, ...]) -> None:
    """See that alarms exist within an actor's limits. Raises NotFound."""
    if alarm_ids:
        asked = AlarmFilter(states=tuple(AlarmState), ids=alarm_ids)
        found = {alarm.id for alarm in alarms.list_alarms(actor, asked, limit=len(alarm_ids)).alarms}
        if missing := sorted(set(alarm_ids) - found):
            raise NotFound(f"no alarm {missing[0]}")


def _issue(actor: Actor, new: NewOrder, key: str, publish: Publish) -> Order:
    now = clock.now()
    order = writing.insert_order(new, who=actor.reference, now=now, key=key)
    writing.attach(order.id, new.alarm_ids)
    step = Step(
        id=0,
        deed=Deed.ISSUE,
        at=now,
        recorded_at=now,
        who=actor.reference,
        state=State.ISSUED,
        assignee=new.assignee,
    )
    after = {
        "title": new.title,
        "department": new.department,
        "priority": new.priority,
        "deadline": new.deadline.isoformat(),
        "thing": new.thing_id,
        "alarms": list(new.alarm_ids),
        "assignee": new.assignee,
    }
    note(actor, CREATE, order.id, step, key="", before=None, after=after, publish=publish)
    return order
