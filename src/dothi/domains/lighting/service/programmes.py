"""Brings cabinets the programme of the night: sends what is due, notes who has it, raises alarms for the silent."""

from collections.abc import Iterator, Mapping
from datetime import datetime, timedelta
from typing import Final

import msgspec

from dothi.core.accounts.types import SYSTEM
from dothi.core.alarms import service as alarms
from dothi.core.alarms.types import Alarm, Change, Clear, Condition, Filter, Raise, State
from dothi.core.observations.tasking import service as tasking
from dothi.core.observations.tasking.types import NewTask, Task, TaskStatus
from dothi.domains.lighting import store
from dothi.domains.lighting.rules import schedule
from dothi.domains.lighting.service import schedules
from dothi.domains.lighting.service.commands import UNANSWERED
from dothi.domains.lighting.types.schedule import Due, Programme
from dothi.kernel import clock

PROGRAM: Final = "program"
"""The name of what cabinets can be told, among their TaskingCapabilities."""
DETECTOR: Final = "lighting.programmes"
KEY: Final = "programme"
ANSWER_WITHIN: Final = timedelta(minutes=10)
"""A controller may be off the network for a while; lamps go on by the programme they have."""
AGAIN_AFTER: Final = timedelta(minutes=30)
_BACK: Final = timedelta(days=7)


def bring() -> None:
    """Bring every cabinet the programme of the night that runs or comes next, where it has another."""
    now = clock.now()
    newest = {task.thing_id: task for task in tasking.list_newest_tasks(SYSTEM, name=PROGRAM, since=now - _BACK)}
    _note(newest)
    night = schedule.current_night(now, schedules.device_programme().zone)
    due = schedules.programmes_due(SYSTEM, night)
    _send([each for each in due if _is_to_send(each, newest.get(each.cabinet_id), now)], now)
    changes = list(_changes(newest, {each.cabinet_id for each in due}, now))
    if changes:
        alarms.apply(DETECTOR, changes, watermark=now)


def _note(newest: Mapping[int, Task]) -> None:
    """Keep what cabinets have acknowledged since."""
    known = store.acknowledged()
    for task in newest.values():
        if task.status is TaskStatus.DONE:
            programme = msgspec.convert(task.parameters, Programme)
            if known.get(task.thing_id) != programme:
                schedules.note_acknowledged(SYSTEM, task.thing_id, programme)


def _is_to_send(due: Due, newest: Task | None, now: datetime) -> bool:
    """Tell whether a programme goes out now: it isn't on its way, nor was it in vain just now."""
    if newest is None or msgspec.convert(newest.parameters, Programme) != due.programme:
        return True
    return not newest.is_open and now - newest.deadline > AGAIN_AFTER


def _send(due: list[Due], now: datetime) -> None:
    by_cabinet = {each.cabinet_id: msgspec.to_builtins(each.programme) for each in due}
    known = tasking.find_capabilities(SYSTEM, list(by_cabinet), name=PROGRAM) if by_cabinet else []
    new = [NewTask(capability_id=each.id, parameters=by_cabinet[each.thing_id]) for each in known]
    if new:
        tasking.create_tasks(SYSTEM, new, deadline=now + ANSWER_WITHIN, supersede=True)


def _changes(newest: Mapping[int, Task], due: set[int], now: datetime) -> Iterator[Change]:
    """Give the alarms that come and go: of a cabinet that is due and was told in vain."""
    standing = {alarm.point.thing_id for alarm in _standing()}
    for cabinet_id, task in newest.items():
        if task.status is TaskStatus.UNANSWERED and cabinet_id in due and cabinet_id not in standing:
            yield Raise(Condition(rule=UNANSWERED, thing_id=cabinet_id, key=KEY, since=task.deadline))
    for cabinet_id in standing:
        answered = newest.get(cabinet_id)
        if cabinet_id not in due or (answered is not None and answered.status is TaskStatus.DONE):
            yield Clear(rule=UNANSWERED, thing_id=cabinet_id, key=KEY, at=now)


def _standing() -> list[Alarm]:
    """List the alarms of cabinets that have not taken a programme, whatever people have made of them."""
    states = tuple(state for state in State if state not in (State.NORMAL, State.CLEARED))
    found = alarms.list_alarms(SYSTEM, Filter(rules=(UNANSWERED,), states=states), limit=alarms.MOST_AT_ONCE)
    return [alarm for alarm in found.alarms if alarm.point.key == KEY and alarm.cleared_at is None]
