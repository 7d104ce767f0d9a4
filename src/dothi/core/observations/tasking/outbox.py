"""What goes out to devices and what they answer, as whoever carries messages to them uses it."""

from dothi.core.observations.pools import transaction
from dothi.core.observations.service import Record
from dothi.core.observations.tasking import rules, store
from dothi.core.observations.tasking.types import Answer, Outgoing, TaskStatus, Verdict
from dothi.core.observations.together import BATCH, Together
from dothi.kernel import clock
from dothi.kernel.events import TasksChanged


class Outbox:
    """Gives what must be sent and takes answers. A Task leaves it at least once, and again until it is answered.

    What is given out is committed as sent before: a process that is killed in between sends it with the next attempt.
    """

    def __init__(self, record: Record) -> None:
        self._record = record
        self._together: Together[Answer, Verdict] = Together(self._store, name="answers of devices")

    async def take(self, *, can_send: bool) -> list[Outgoing]:
        """Give the Tasks to send now, at most BATCH; those whose deadline has passed are given up.

        While nothing can be sent, Tasks wait without counting attempts. Raises Unavailable.
        """
        city, now = clock.installed(), clock.now()
        async with transaction(self._record.pool) as connection:
            due = await store.lock_due(connection, now=now, can_send=can_send, limit=BATCH)
            looks = [rules.look(task, now=now, speed=city.speed) for task in due]
            if looks:
                await store.write_looks(connection, looks, now=now)
        changed = [look.task_id for task, look in zip(due, looks, strict=True) if look.status is not task.status]
        if changed:
            self._record.publish(TasksChanged(changed))
        return [
            Outgoing(task, city.wall_seconds((look.next_attempt_at - now).total_seconds()))
            for task, look in zip(due, looks, strict=True)
            if look.next_attempt_at is not None
        ]

    async def answer(self, answer: Answer) -> Verdict:
        """Take what a device answered; returns after the commit. Answers that come together share one.

        Raises Unavailable: the answer is then not taken, or was taken unnoticed, and to give it again is safe.
        """
        return await self._together.ask(answer)

    async def _store(self, answers: list[Answer]) -> list[Verdict | Exception]:
        verdicts: list[Verdict | Exception] = []
        taken: list[Answer] = []
        async with transaction(self._record.pool) as connection:
            known: dict[int, tuple[int, TaskStatus]]
            known = await store.lock_tasks(connection, sorted({answer.task_id for answer in answers}))
            for answer in answers:
                capability_id, status = known.get(answer.task_id, (None, None))
                verdicts.append(rules.judge(answer, capability_id=capability_id, status=status))
                if verdicts[-1] is Verdict.TAKEN:
                    known[answer.task_id] = answer.capability_id, answer.status
                    taken.append(answer)
            if taken:
                await store.write_answers(connection, taken, now=clock.now())
        if taken:
            self._record.publish(TasksChanged([answer.task_id for answer in taken]))
        return verdicts
