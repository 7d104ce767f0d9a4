"""What befalls a work order after it was issued."""

from collections.abc import Mapping
from typing import Final

from django.conf import settings
from django.db import transaction

from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import Actor
from dothi.core.alarms import service as alarms
from dothi.core.alarms.types import Filter as AlarmFilter
from dothi.core.alarms.types import State as AlarmState
from dothi.core.incidents import photos
from dothi.core.incidents.rules import deadlines, states
from dothi.core.incidents.service.reach import check_within, reach
from dothi.core.incidents.service.reading import list_alarms
from dothi.core.incidents.service.telling import LONGEST_KEY, check_text, note
from dothi.core.incidents.store import reading, writing
from dothi.core.incidents.types import Act, Deed, Order, Photo, Step
from dothi.core.observations.labels import service as labels
from dothi.kernel import clock, events
from dothi.kernel.errors import InvalidInput, NotFound
from dothi.kernel.events import Publish

WORK: Final = "incidents.order.work"
PERMISSIONS: Final[Mapping[Deed, str]] = {
    Deed.ASSIGN: "incidents.order.assign",
    Deed.ATTACH: "incidents.order.create",
    Deed.ACCEPT: WORK,
    Deed.START: WORK,
    Deed.NOTE: "incidents.order.note",
    Deed.FINISH: WORK,
    Deed.APPROVE: "incidents.order.approve",
    Deed.RETURN: "incidents.order.approve",
    Deed.CANCEL: "incidents.order.cancel",
}
"""What each deed needs."""
MOST_PHOTOS: Final = 8
"""How many photos come with one step at most."""


def carry_out(actor: Actor, order_id: int, act: Act, *, publish: Publish = events.publish) -> Order:
    """Let a deed befall an order; gives it as it stands then. Audited, told after the commit.

    A deed whose key this order knows already is not done again, and nothing is said of it. Raises Unauthenticated,
    Forbidden, NotFound beyond the actor's limits, Conflict where the deed can't befall the order as it stands,
    InvalidInput for words that lack or a photo that can't be opened.
    """
    permission = PERMISSIONS[act.deed]
    reach(actor, permission)
    within = labels.placed(actor.within(permission))
    order = check_within(within, reading.find_order(order_id), order_id)
    words = _check(actor, act)
    if writing.has_step(order_id, act.key):
        return order
    # What can be refused is refused before photos are opened, and again under the lock.
    states.act(order.standing, act.deed, who=actor.reference, note=words, is_normal=True)
    kept = [photos.take_in(each, folder=settings.MEDIA_FOLDER) for each in act.pictures]
    with transaction.atomic():
        locked = check_within(within, writing.lock_order(order_id), order_id)
        if not writing.has_step(order_id, act.key):
            _do(actor, locked, act, words, kept, publish)
        return check_within(within, reading.find_order(order_id), order_id)


def _check(actor: Actor, act: Act) -> str:
    """See that a deed makes sense by itself; gives its words."""
    check_text(act.key, place="key", most=LONGEST_KEY)
    if len(act.pictures) > MOST_PHOTOS:
        raise InvalidInput(f"at most {MOST_PHOTOS} photos come at once", place="photo")
    words = check_text(act.note, place="note")
    if act.deed is Deed.NOTE and not words and not act.pictures:
        raise InvalidInput("there is nothing to note", place="note")
    if act.deed is Deed.ASSIGN and act.assignee and act.assignee not in accounts.list_holders(WORK):
        raise InvalidInput("nobody of that name carries out work orders", place="assignee")
    if act.deed is Deed.ATTACH:
        asked = AlarmFilter(states=tuple(AlarmState), ids=(act.alarm_id,))
        if not act.alarm_id or not alarms.list_alarms(actor, asked, limit=1).alarms:
            raise NotFound(f"no alarm {act.alarm_id}")
    return words


def _do(actor: Actor, order: Order, act: Act, words: str, kept: list[Photo], publish: Publish) -> None:
    now = clock.now()
    is_normal = act.deed is not Deed.APPROVE or not any(
        alarm.standing.is_active for alarm in list_alarms(reading.list_alarm_ids([order.id]).get(order.id, ()))
    )
    after = states.act(
        order.standing, act.deed, who=actor.reference, note=words, assignee=act.assignee, is_normal=is_normal
    )
    at = deadlines.happened_at(now, ago_s=act.ago_s, speed=clock.installed().speed, not_before=order.changed_at)
    if act.deed is Deed.ATTACH:
        writing.attach(order.id, [act.alarm_id])
    writing.save_standing(order, after, at=at, is_done=act.deed is Deed.FINISH)
    step = Step(
        id=0,
        deed=act.deed,
        at=at,
        recorded_at=now,
        who=actor.reference,
        state=after.state,
        note=words,
        assignee=after.assignee,
    )
    told: dict[str, object] = {"state": after.state.value, "assignee": after.assignee, "note": words}
    told |= {"photos": [photo.digest for photo in kept]} if kept else {}
    told |= {"alarm": act.alarm_id} if act.alarm_id else {}
    permission = PERMISSIONS[act.deed]
    note(
        actor, permission, order.id, step, key=act.key, photos=kept, before=order.standing, after=told, publish=publish
    )
