"""A Task's life on the database is the one a model in plain Python says, whatever happens in whatever order."""

import asyncio
from datetime import datetime, timedelta
from typing import Any

import msgspec
import psycopg
import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dothi.core.accounts.types import SYSTEM
from dothi.core.observations.models import Task as Row
from dothi.core.observations.models import TaskingCapability
from dothi.core.observations.service import Record
from dothi.core.observations.tasking import service, store
from dothi.core.observations.tasking.outbox import Outbox
from dothi.core.observations.tasking.types import Answer, NewTask, TaskStatus, Verdict
from dothi.core.observations.tests.standing_clock import standing_clock
from dothi.core.observations.tests.things import RegisterThing
from dothi.kernel import clock
from dothi.kernel.errors import Unavailable
from dothi.kernel.events import Event, TasksChanged

SPEED = 5.0
slow = settings(max_examples=40, suppress_health_check=[HealthCheck.function_scoped_fixture])
STEPS = st.lists(
    st.one_of(
        st.tuples(st.just("create"), st.sampled_from([0, 1]), st.sampled_from([1.0, 8.0, 400.0]), st.booleans()),
        st.tuples(st.just("advance"), st.sampled_from([0.5, 4.9, 5.0, 10.0, 39.0, 1000.0])),
        st.tuples(st.just("take"), st.booleans()),
        st.tuples(st.just("answer"), st.integers(0, 3), st.sampled_from(["done", "refused"]), st.booleans()),
        st.tuples(st.just("cancel"), st.integers(0, 3)),
    ),
    max_size=25,
)


@pytest_asyncio.fixture
async def capabilities(record: Record, register_thing: RegisterThing) -> list[int]:
    """Two capabilities that take anything."""

    def register() -> list[int]:
        register_thing("lamp", kind="Streetlight", capabilities={"light": {}, "program": {}})
        return list(TaskingCapability.objects.order_by("id").values_list("id", flat=True))

    return await sync_to_async(register)()


class Known(msgspec.Struct):
    """What the model says of one Task."""

    id: int
    capability_id: int
    group: int
    deadline: datetime
    next_at: datetime | None
    status: str = "pending"
    attempts: int = 0
    sent_at: datetime | None = None
    answered_at: datetime | None = None

    def close(self, status: str) -> None:
        self.status, self.next_at = status, None


class Life:
    """Does each step with the record and with the model."""

    def __init__(self, record: Record, capabilities: list[int], hands: Any) -> None:
        self.record, self.capabilities, self.hands = record, capabilities, hands
        self.outbox = Outbox(record)
        self.tasks: list[Known] = []

    async def create(self, number: int, left_s: float, supersede: bool) -> None:
        now = clock.now()
        deadline = now + timedelta(seconds=left_s)
        capability_id = self.capabilities[number]
        new = NewTask(capability_id, {"level": 1})
        (made,) = await sync_to_async(service.create_tasks)(SYSTEM, [new], deadline=deadline, supersede=supersede)
        for task in self.tasks:
            if supersede and task.capability_id == capability_id and task.next_at is not None:
                task.close("cancelled")
        self.tasks.append(Known(made.id, capability_id, made.group, deadline, now))

    async def advance(self, city_s: float) -> None:
        self.hands.advance(city_s)

    async def take(self, can_send: bool) -> None:
        now = clock.now()
        expected = []
        for task in self.tasks:
            if task.next_at is None or task.next_at > now:
                continue
            if task.deadline <= now:
                task.close("unanswered")
            elif can_send:
                task.status, task.attempts, task.sent_at = "sent", task.attempts + 1, task.sent_at or now
                pause = timedelta(seconds=min(2 ** (task.attempts - 1), 60) * SPEED)
                task.next_at = min(now + pause, task.deadline)
                expected.append((task.id, (task.next_at - now).total_seconds() / SPEED))
        taken = await self.outbox.take(can_send=can_send)
        assert sorted((each.task.id, each.expires_s) for each in taken) == expected

    async def answer(self, number: int, status: str, is_own: bool) -> None:
        if number >= len(self.tasks):
            assert await self.outbox.answer(Answer(0, 1, TaskStatus(status))) is Verdict.UNKNOWN
            return
        task = self.tasks[number]
        capability = task.capability_id if is_own else task.capability_id + 1000
        verdict = await self.outbox.answer(Answer(task.id, capability, TaskStatus(status)))
        expected = Verdict.UNKNOWN if not is_own else Verdict.OVER if task.next_at is None else Verdict.TAKEN
        assert verdict is expected
        if verdict is Verdict.TAKEN:
            task.close(status)
            task.answered_at = clock.now()

    async def cancel(self, number: int) -> None:
        if number >= len(self.tasks):
            return
        task = self.tasks[number]
        closed = await sync_to_async(service.cancel_tasks)(SYSTEM, group=task.group)
        assert closed == ([task.id] if task.next_at is not None else [])
        if closed:
            task.close("cancelled")

    async def check(self) -> None:
        fields = ("id", "status", "attempts", "next_attempt_at", "sent_at", "answered_at")
        stored = [row async for row in Row.objects.order_by("id").values_list(*fields)]
        said = [(t.id, t.status, t.attempts, t.next_at, t.sent_at, t.answered_at) for t in self.tasks]
        assert stored == said


@slow
@given(steps=STEPS)
async def test_a_task_lives_as_the_model_says(record: Record, capabilities: list[int], steps: list[Any]) -> None:
    await Row.objects.all().adelete()
    with standing_clock(speed=SPEED) as hands:
        life = Life(record, capabilities, hands)
        for name, *arguments in steps:
            await getattr(life, name)(*arguments)
            await life.check()


async def test_answers_that_come_together_share_a_commit(
    record: Record, capabilities: list[int], events: list[Event]
) -> None:
    deadline = clock.now() + timedelta(minutes=1)
    new = [NewTask(capabilities[0], {}) for _ in range(300)]
    made = await sync_to_async(service.create_tasks)(SYSTEM, new, deadline=deadline)
    outbox = Outbox(record)
    answers = [Answer(task.id, task.capability_id, TaskStatus.DONE) for task in made]
    verdicts = await asyncio.gather(*(outbox.answer(answer) for answer in [*answers, *answers[:5]]))
    assert verdicts == [Verdict.TAKEN] * 300 + [Verdict.OVER] * 5
    assert events == [TasksChanged([task.id for task in made])]


async def test_two_outboxes_never_send_the_same_attempt(record: Record, capabilities: list[int]) -> None:
    new = [NewTask(capabilities[0], {}) for _ in range(50)]
    made = await sync_to_async(service.create_tasks)(SYSTEM, new, deadline=clock.now() + timedelta(minutes=1))
    with standing_clock() as hands:
        hands.show(made[0].creation_time)
        taken = await asyncio.gather(*(Outbox(record).take(can_send=True) for _ in range(4)))
    assert sorted(each.task.id for one in taken for each in one) == [task.id for task in made]


async def test_while_the_database_is_away_an_answer_is_not_taken(
    record: Record, capabilities: list[int], monkeypatch: pytest.MonkeyPatch
) -> None:
    deadline = clock.now() + timedelta(minutes=1)
    made = await record.desk.give(SYSTEM, NewTask(capabilities[0], {}), deadline=deadline)
    outbox, answer = Outbox(record), Answer(made.id, made.capability_id, TaskStatus.REFUSED, "too hot")

    async def fail(*_arguments: object, **_named: object) -> None:
        raise psycopg.OperationalError("gone")

    with monkeypatch.context() as patch:
        patch.setattr(store, "write_answers", fail)
        with pytest.raises(Unavailable):
            await outbox.answer(answer)
    assert await outbox.answer(answer) is Verdict.TAKEN
    (found,) = await sync_to_async(service.list_tasks)(SYSTEM, group=made.group)
    assert (found.status, found.reason) == (TaskStatus.REFUSED, "too hot")
