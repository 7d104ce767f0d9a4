"""The door of commands: who may give them, to which devices, and what became of them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Final

import msgspec
from django.db import transaction

from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import Actor
from dothi.core.audit import service as audit
from dothi.core.observations.labels import service as labels
from dothi.core.observations.service import VIEW as VIEW_THING
from dothi.core.observations.service import VIEW_TASK as VIEW
from dothi.core.observations.tasking import rules, store
from dothi.core.observations.tasking.desk import CREATE
from dothi.core.observations.tasking.types import Capability, NewTask, Task, TaskStatus
from dothi.kernel import clock, events
from dothi.kernel.errors import NotFound
from dothi.kernel.events import TasksChanged

ANSWER: Final = "observations.task.answer"
"""For keys of devices: to be sent the Tasks of their Things, and to answer them."""
SUPERSEDED: Final = "superseded"
"""The reason of a command that was taken back because a newer one of the same capability was given."""
CANCELLED: Final = "cancelled"
NEWEST: Final = 1_000
"""How many Tasks a list of Things' gives at most."""


def find_capabilities(actor: Actor, thing_ids: Sequence[int], *, name: str | None = None) -> list[Capability]:
    """Find what Things can be told to do, by a name where one is given, in the order of the Things' ids.

    What lies beyond the actor's limits is left out. Raises Forbidden or Unauthenticated.
    """
    actor = labels.placed(accounts.require(actor, VIEW_THING))
    return [each for each in store.list_capabilities(thing_ids, name=name) if _may_see(actor, each)]


def create_tasks(
    actor: Actor, new: Sequence[NewTask], *, deadline: datetime, group: int | None = None, supersede: bool = False
) -> list[Task]:
    """Give commands, all or none; they go out as soon as this commits. Audited, once for all of them.

    Those given together have one group: a new one, or that of commands before. `deadline` is city time; without an
    answer until then a Task is UNANSWERED. With `supersede`, older commands of the same capabilities that still wait
    for their answers are taken back, so that none of them goes out after these.

    Raises Forbidden or Unauthenticated; InvalidInput for a capability that is not there or not within the actor's
    limits, for parameters that it does not take, and for a deadline that has passed.
    """
    actor = labels.placed(accounts.require(actor, CREATE))
    now = clock.now()
    rules.check_deadline(deadline, now=now)
    ids = [each.capability_id for each in new]
    with transaction.atomic():
        known = rules.within_limits(actor, store.lock_capabilities(ids))
        planned = rules.plan(new, known, who=actor.reference, now=now, deadline=deadline, group=group or 0)
        if group is None:
            common = store.next_group()
            planned = [msgspec.structs.replace(task, group=common) for task in planned]
        older = store.close_older(ids, reason=SUPERSEDED) if supersede else []
        numbers = store.insert(planned)
        made = [msgspec.structs.replace(task, id=number) for task, number in zip(planned, numbers, strict=True)]
        audit.record(actor.reference, CREATE, subject=f"tasks:{made[0].group}", after=rules.audited(made))
        transaction.on_commit(lambda: events.publish(TasksChanged([*older, *numbers])))
    return made


def list_tasks(actor: Actor, *, group: int | None = None, thing_ids: Sequence[int] = ()) -> list[Task]:
    """List the Tasks of a group in their order, or the newest Tasks of Things, at most NEWEST, the newest first.

    What lies beyond the actor's limits is left out. Raises Forbidden or Unauthenticated.
    """
    actor = labels.placed(accounts.require(actor, VIEW))
    found = store.list_of_things(thing_ids, limit=NEWEST) if group is None else store.list_of_group(group)
    return _visible(actor, found)


def count_by_status(actor: Actor, groups: Sequence[int]) -> Mapping[int, Mapping[TaskStatus, int]]:
    """Count the Tasks of groups by their status, as far as the actor's limits reach, in one query, or two.

    Raises Forbidden or Unauthenticated.
    """
    within = labels.ids_within(accounts.require(actor, VIEW))
    return store.count_by_status(groups, thing_ids=None if within is None else sorted(within))


def list_newest_tasks(actor: Actor, *, name: str, since: datetime) -> list[Task]:
    """List the newest Task of each capability of a name, of those given since a time (the city's).

    What lies beyond the actor's limits is left out. Raises Forbidden or Unauthenticated.
    """
    actor = labels.placed(accounts.require(actor, VIEW))
    return _visible(actor, store.list_newest_of_each(name, since=since))


def list_tasks_by_ids(actor: Actor, ids: Sequence[int]) -> list[Task]:
    """List the Tasks that a TasksChanged names. Raises Forbidden or Unauthenticated."""
    actor = labels.placed(accounts.require(actor, VIEW))
    return _visible(actor, store.list_by_ids(ids))


def cancel_tasks(actor: Actor, *, group: int, reason: str = CANCELLED) -> list[int]:
    """Take back the commands of a group that still wait for their answers; gives their ids. Audited.

    A device that was sent one may have obeyed already. Raises Forbidden or Unauthenticated; NotFound for a group that
    is not there or not wholly within the actor's limits.
    """
    actor = labels.placed(accounts.require(actor, CREATE))
    with transaction.atomic():
        found = store.list_of_group(group)
        if not found or not all(actor.may_touch(task.thing_id, department=department) for task, department in found):
            raise NotFound(f"there is no group {group} of commands")
        closed = store.close_group(group, reason=reason)
        if closed:
            after = {"status": TaskStatus.CANCELLED.value, "tasks": closed}
            audit.record(actor.reference, CREATE, subject=f"tasks:{group}", after=after)
            transaction.on_commit(lambda: events.publish(TasksChanged(closed)))
    return closed


def list_commandable_ids(actor: Actor) -> list[int]:
    """List the TaskingCapabilities of the Things within an actor's limits."""
    return sorted(rules.within_limits(labels.placed(actor), store.list_all_capabilities()))


def _may_see(actor: Actor, capability: Capability) -> bool:
    return actor.may_see(capability.thing_id, department=capability.department, is_public=capability.is_public)


def _visible(actor: Actor, found: Sequence[tuple[Task, str]]) -> list[Task]:
    return [task for task, department in found if actor.may_touch(task.thing_id, department=department)]
