"""The door to commands: orders to lamps, streets and cabinets, how far they are, and the alarm for who is silent."""

from collections import Counter
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

from django.db import transaction

from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import SYSTEM, Actor
from dothi.core.alarms import service as alarms
from dothi.core.alarms.types import Change, Clear, Condition, Raise
from dothi.core.observations import service as observations
from dothi.core.observations.labels import service as labels
from dothi.core.observations.tasking import service as tasking
from dothi.core.observations.tasking.types import NewTask, Task, TaskStatus
from dothi.core.observations.types import ThingReading
from dothi.domains.lighting import store
from dothi.domains.lighting.rules import ordering
from dothi.domains.lighting.service.lamps import LAMPS
from dothi.domains.lighting.service.schedules import CABINET_KIND
from dothi.domains.lighting.types.command import Account, Aim, Command, Order, Progress, Target
from dothi.kernel import clock
from dothi.kernel.errors import InvalidInput, NotFound

COMMAND: Final = "lighting.lamp.command"
DETECTOR: Final = "lighting.commands"
UNANSWERED: Final = "lighting.command.unanswered"
LIGHT: Final = "light"
"""The name of what lamps can be told, among their TaskingCapabilities."""
ANSWER_WITHIN: Final = timedelta(seconds=60)
LEAST_WALL_S: Final = 15.0
"""However fast the city's time runs, lamps have so many wall seconds to answer."""
LISTED: Final = 50


def give(actor: Actor, target: Target, order: Order) -> Command:
    """Give an order to all lamps of a target that can be told one, in the place of any that still waits. Audited.

    It goes out at once, and again until a lamp answers or the deadline comes. Raises Unauthenticated or Forbidden,
    NotFound where the target has no lamp within the actor's reach, InvalidInput with the place that is wrong.
    """
    accounts.require(actor, COMMAND)
    now = clock.now()
    ordering.check(order, now=now)
    lamps = _lamps_of(actor, target)
    known = tasking.find_capabilities(actor, [lamp.id for lamp in lamps], name=LIGHT)
    if not known:
        raise InvalidInput("none of these lamps can be commanded", place="target")
    parameters = ordering.parameters(order)
    deadline = now + max(ANSWER_WITHIN, timedelta(seconds=LEAST_WALL_S * clock.installed().speed))
    with transaction.atomic():
        new = [NewTask(capability_id=each.id, parameters=parameters) for each in known]
        tasks = tasking.create_tasks(actor, new, deadline=deadline, supersede=True)
        command = Command(
            group=tasks[0].group,
            at=now,
            who=actor.reference,
            target=target,
            label=_label(target, lamps),
            thing_id=_thing_of(target, lamps),
            order=order,
            deadline=deadline,
        )
        store.insert_command(command)
    return command


def list_commands(actor: Actor) -> list[Progress]:
    """List the newest orders with how far they are, the newest first. Raises Unauthenticated or Forbidden."""
    accounts.require(actor, COMMAND)
    commands = store.list_commands(limit=LISTED)
    counts = tasking.count_by_status(actor, [command.group for command in commands])
    return [Progress(command, counts.get(command.group, {})) for command in commands if command.group in counts]


def get_command(actor: Actor, group: int) -> Account:
    """Give an order with what became of it at each lamp. Raises Unauthenticated or Forbidden, NotFound."""
    accounts.require(actor, COMMAND)
    command, tasks = store.find_command(group), tasking.list_tasks(actor, group=group)
    if command is None or not tasks:
        raise NotFound(f"no command {group}")
    names = {number: label.name for number, label in labels.name_things(task.thing_id for task in tasks).items()}
    progress = Progress(command, Counter(task.status for task in tasks))
    return Account(progress, tuple(tasks), names, accounts.name_people([command.who]).get(command.who, ""))


def settle() -> None:
    """See who answered: raise one alarm for all lamps of an order that did not, and clear it when they obey another.

    What is decided and the alarm stand or fall together, so it may be killed and repeated.
    """
    commands = store.list_open_commands()
    if not commands:
        return
    newest = _newest_since(min(command.at for command in commands))
    for command in commands:
        if command.unanswered is None:
            _settle(command, tasking.list_tasks(SYSTEM, group=command.group))
        elif all(_is_over(newest.get(lamp), command) for lamp in command.unanswered):
            _decide(command, command.unanswered, is_alarm=False)


def _settle(command: Command, tasks: Sequence[Task]) -> None:
    if any(task.is_open for task in tasks):
        return
    silent = tuple(task.thing_id for task in tasks if task.status is TaskStatus.UNANSWERED)
    if silent:
        _decide(command, silent, is_alarm=True)
    else:
        store.settle_command(command.group, unanswered=(), is_alarm=False)


def _decide(command: Command, silent: tuple[int, ...], *, is_alarm: bool) -> None:
    key = str(command.group)
    change: Change = Clear(rule=UNANSWERED, thing_id=command.thing_id, key=key, at=clock.now())
    if is_alarm:
        detail = {"lamps": len(silent), "target": command.label}
        change = Raise(
            Condition(
                rule=UNANSWERED,
                thing_id=command.thing_id,
                key=key,
                since=command.deadline,
                members=silent if silent != (command.thing_id,) else (),
                detail=detail,
            )
        )
    with transaction.atomic():
        store.settle_command(command.group, unanswered=silent, is_alarm=is_alarm)
        alarms.apply(DETECTOR, [change], watermark=clock.now())


def _newest_since(moment: datetime) -> Mapping[int, Task]:
    return {task.thing_id: task for task in tasking.list_newest_tasks(SYSTEM, name=LIGHT, since=moment)}


def _is_over(newest: Task | None, command: Command) -> bool:
    """Tell whether a lamp was commanded again, and that came to an end: whatever it did, this order is history."""
    return newest is None or (newest.group != command.group and not newest.is_open)


def _lamps_of(actor: Actor, target: Target) -> list[ThingReading]:
    """Give the lamps that a target means, as far as the actor may see them. Raises NotFound for none."""
    lamps = observations.list_things(actor, kind=LAMPS.kind, readings=False)
    name = {Aim.STREET: "street", Aim.CABINET: "cabinet"}.get(target.aim)
    found = [lamp for lamp in lamps if str(lamp.properties.get(name) if name else lamp.id) == target.key]
    if not found:
        raise NotFound(f"no lamp of {target.aim.value} {target.key}")
    return found


def _label(target: Target, lamps: Sequence[ThingReading]) -> str:
    if target.aim is Aim.LAMP:
        return lamps[0].name
    if target.aim is Aim.STREET:
        return str(lamps[0].properties.get("street_name") or target.key)
    return next((cabinet.name for cabinet in _cabinets() if _serial(cabinet) == target.key), target.key)


def _thing_of(target: Target, lamps: Sequence[ThingReading]) -> int:
    """Give the Thing that stands for a target: the lamp, or the cabinet that feeds most of its lamps."""
    if target.aim is Aim.LAMP:
        return lamps[0].id
    serials = Counter(str(lamp.properties.get("cabinet")) for lamp in lamps)
    known = {_serial(cabinet): cabinet.id for cabinet in _cabinets()}
    return next((known[serial] for serial, _ in serials.most_common() if serial in known), lamps[0].id)


def _cabinets() -> list[ThingReading]:
    return observations.list_things(SYSTEM, kind=CABINET_KIND, readings=False)


def _serial(cabinet: ThingReading) -> str:
    return str(cabinet.properties.get("serial"))
