"""Commands as the machines' door gives them: one by one, committed together."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final

import msgspec
from psycopg import AsyncConnection
from psycopg_pool import AsyncConnectionPool

from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import Actor
from dothi.core.audit import service as audit
from dothi.core.observations import undivided
from dothi.core.observations.labels import service as labels
from dothi.core.observations.pools import transaction
from dothi.core.observations.tasking import rules, store
from dothi.core.observations.tasking.types import Capability, NewTask, Task
from dothi.core.observations.together import Together
from dothi.kernel import clock
from dothi.kernel.errors import InvalidInput
from dothi.kernel.events import Publish, TasksChanged

CREATE: Final = "observations.task.create"


class _Order(msgspec.Struct, frozen=True):
    actor: Actor
    new: NewTask
    deadline: datetime


class Desk:
    """Takes commands. Those that come at once share a commit, for the audit log lets one writer in after the other."""

    def __init__(self, pool: AsyncConnectionPool[AsyncConnection], *, publish: Publish) -> None:
        self._pool = pool
        self._publish = publish
        self._together: Together[_Order, Task] = Together(self._give, name="commands of machines")

    async def give(self, actor: Actor, new: NewTask, *, deadline: datetime) -> Task:
        """Give one command; it is committed and on its way when this returns. Audited.

        Raises Forbidden or Unauthenticated, Unavailable; InvalidInput for a capability that is not there or not within
        the actor's limits, for parameters that it does not take, and for a deadline that has passed.
        """
        accounts.require(actor, CREATE)
        order = _Order(actor, new, deadline)
        if undivided.current() is None:
            return await self._together.ask(order)
        (given,) = await self._give([order])
        if isinstance(given, Exception):
            raise given
        return given

    async def _give(self, orders: list[_Order]) -> list[Task | Exception]:
        now = clock.now()
        async with transaction(self._pool) as connection:
            ids = sorted({order.new.capability_id for order in orders})
            known = {each.id: each for each in await store.lock_capabilities_on(connection, ids)}
            checked = [await self._check(connection, order, known, now=now) for order in orders]
            good = [task for task in checked if isinstance(task, Task)]
            made = iter(await self._store(connection, good) if good else [])
        results = [next(made) if isinstance(task, Task) else task for task in checked]
        if good:
            self._publish(TasksChanged([task.id for task in results if isinstance(task, Task)]))
        return results

    async def _store(self, connection: AsyncConnection, tasks: Sequence[Task]) -> list[Task]:
        groups = await store.next_groups_on(connection, len(tasks))
        grouped = [msgspec.structs.replace(task, group=group) for task, group in zip(tasks, groups, strict=True)]
        ids = await store.insert_on(connection, grouped)
        for task in grouped:
            after = rules.audited([task])
            await audit.record_on(connection, task.created_by, CREATE, subject=f"tasks:{task.group}", after=after)
        return [msgspec.structs.replace(task, id=number) for task, number in zip(grouped, ids, strict=True)]

    @staticmethod
    async def _check(
        connection: AsyncConnection, order: _Order, known: dict[int, Capability], *, now: datetime
    ) -> Task | Exception:
        who, deadline = order.actor, order.deadline
        try:
            rules.check_deadline(deadline, now=now)
            placed = await labels.placed_on(connection, who.within(CREATE))
            within = rules.within_limits(placed, known.values())
            (task,) = rules.plan([order.new], within, who=who.reference, now=now, deadline=deadline, group=0)
        except InvalidInput as error:
            return error
        return task
