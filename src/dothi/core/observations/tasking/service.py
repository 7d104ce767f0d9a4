"""The door of commands: who may give them, to which devices, and what became of them."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec
from django.db import transaction
from psycopg import OperationalError
from psycopg_pool import PoolTimeout

from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import Actor
from dothi.core.audit import service as audit
from dothi.core.observations.service import VIEW as VIEW_THING
from dothi.core.observations.service import VIEW_TASK as VIEW
from dothi.core.observations.service import Record
from dothi.core.observations.tasking import rules, store
from dothi.core.observations.tasking.types import Capability, NewTask, Task, TaskStatus
from dothi.kernel import clock, events
from dothi.kernel.errors import NotFound, Unavailable
from dothi.kernel.events import TasksChanged

CREATE: Final = "observations.task.create"
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
    accounts.require(actor, VIEW_THING)
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
    accounts.require(actor, CREATE)
    now = clock.now()
    rules.check_deadline(deadline, now=now)
    ids = [each.capability_id for each in new]
    with transaction.atomic():
        known = _within_limits(actor, store.lock_capabilities(ids))
        texts = rules.check(new, known)
        older = store.close_older(ids, reason=SUPERSEDED) if supersede else []
        common = _common(actor, now=now, deadline=deadline, group=group or store.next_group())
        made = store.insert(common, ids, texts)
        after = _audited(ids, texts, deadline)
        audit.record(actor.reference, CREATE, subject=f"tasks:{common.group}", after=after)
        transaction.on_commit(lambda: events.tell(TasksChanged([*older, *made])))
    return _as_made(common, made, new, known)


async def create_task(
    record: Record, actor: Actor, new: NewTask, *, deadline: datetime, supersede: bool = False
) -> Task:
    """Give one command by the machines' door; it goes out as soon as this returns. Audited.

    Raises what `create_tasks` raises, and Unavailable.
    """
    accounts.require(actor, CREATE)
    now = clock.now()
    rules.check_deadline(deadline, now=now)
    ids = [new.capability_id]
    try:
        async with record.pool.connection() as connection, connection.transaction():
            known = _within_limits(actor, await store.lock_capabilities_on(connection, ids))
            texts = rules.check([new], known)
            older = await store.close_older_on(connection, ids, reason=SUPERSEDED) if supersede else []
            common = _common(actor, now=now, deadline=deadline, group=await store.next_group_on(connection))
            made = await store.insert_on(connection, common, ids, texts)
            after = _audited(ids, texts, deadline)
            await audit.record_on(connection, actor.reference, CREATE, subject=f"tasks:{common.group}", after=after)
    except (OperationalError, PoolTimeout) as error:
        raise Unavailable(f"the database is away: {error}") from error
    record.publish(TasksChanged([*older, *made]))
    return _as_made(common, made, [new], known)[0]


def list_tasks(actor: Actor, *, group: int | None = None, thing_ids: Sequence[int] = ()) -> list[Task]:
    """List the Tasks of a group in their order, or the newest Tasks of Things, at most NEWEST, the newest first.

    What lies beyond the actor's limits is left out. Raises Forbidden or Unauthenticated.
    """
    accounts.require(actor, VIEW)
    found = store.list_of_things(thing_ids, limit=NEWEST) if group is None else store.list_of_group(group)
    return _visible(actor, found)


def list_tasks_by_ids(actor: Actor, ids: Sequence[int]) -> list[Task]:
    """List the Tasks that a TasksChanged names. Raises Forbidden or Unauthenticated."""
    accounts.require(actor, VIEW)
    return _visible(actor, store.list_by_ids(ids))


def cancel_tasks(actor: Actor, *, group: int, reason: str = CANCELLED) -> list[int]:
    """Take back the commands of a group that still wait for their answers; gives their ids. Audited.

    A device that was sent one may have obeyed already. Raises Forbidden or Unauthenticated; NotFound for a group that
    is not there or not wholly within the actor's limits.
    """
    accounts.require(actor, CREATE)
    with transaction.atomic():
        found = store.list_of_group(group)
        if not found or not all(actor.may_touch(task.thing_id, department=department) for task, department in found):
            raise NotFound(f"there is no group {group} of commands")
        closed = store.close_group(group, reason=reason)
        if closed:
            after = {"status": TaskStatus.CANCELLED.value, "tasks": closed}
            audit.record(actor.reference, CREATE, subject=f"tasks:{group}", after=after)
            transaction.on_commit(lambda: events.tell(TasksChanged(closed)))
    return closed


def list_commandable_ids(actor: Actor) -> list[int]:
    """List the TaskingCapabilities of the Things within an actor's limits."""
    return sorted(_within_limits(actor, store.list_all_capabilities()))


def _may_see(actor: Actor, capability: Capability) -> bool:
    if actor.kind == "visitor" and not capability.is_public:
        return False
    return actor.may_touch(capability.thing_id, department=capability.department)


def _within_limits(actor: Actor, found: Sequence[Capability]) -> dict[int, Capability]:
    return {each.id: each for each in found if actor.may_touch(each.thing_id, department=each.department)}


def _visible(actor: Actor, found: Sequence[tuple[Task, str]]) -> list[Task]:
    return [task for task, department in found if actor.may_touch(task.thing_id, department=department)]


def _common(actor: Actor, *, now: datetime, deadline: datetime, group: int) -> Task:
    """Give what new Tasks of a group share; ids and parameters are still to come."""
    return Task(0, 0, 0, {}, now, deadline, TaskStatus.PENDING, group, actor.reference)


def _as_made(common: Task, ids: Sequence[int], new: Sequence[NewTask], known: dict[int, Capability]) -> list[Task]:
    return [
        msgspec.structs.replace(
            common,
            id=number,
            capability_id=task.capability_id,
            thing_id=known[task.capability_id].thing_id,
            parameters=task.parameters,
        )
        for number, task in zip(ids, new, strict=True)
    ]


def _audited(ids: Sequence[int], texts: Sequence[str], deadline: datetime) -> dict[str, object]:
    """Give what the audit log keeps of commands; parameters that all share, once."""
    shown = texts[:1] if len(set(texts)) == 1 else texts
    return {
        "capabilities": list(ids),
        "parameters": [msgspec.json.decode(text) for text in shown],
        "deadline": deadline.isoformat(),
    }
