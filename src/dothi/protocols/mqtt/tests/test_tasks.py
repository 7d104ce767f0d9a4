"""Commands to devices over a real broker: each is answered, or given up at its deadline; whatever dies in between."""

import asyncio
import re
import secrets
from collections.abc import AsyncIterator, Awaitable, Callable, Iterator
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import Any

import msgspec
import psycopg
import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async
from hypothesis import given
from hypothesis import strategies as st

from dothi.config.servers.mosquitto import PrivateMosquitto
from dothi.core.accounts.types import SYSTEM
from dothi.core.observations.models import DeadLetter
from dothi.core.observations.service import Record
from dothi.core.observations.tasking import service, store
from dothi.core.observations.tasking.outbox import Outbox
from dothi.core.observations.tasking.types import NewTask, Task, TaskStatus
from dothi.core.observations.tests.standing_clock import Hands, standing_clock
from dothi.core.observations.tests.things import RegisterThing
from dothi.kernel import clock
from dothi.kernel.errors import InvalidInput
from dothi.kernel.events import Event, TasksChanged
from dothi.protocols.mqtt import rights
from dothi.protocols.mqtt.rights import Rights
from dothi.protocols.mqtt.tasks import Tasks, read_answer
from dothi.protocols.mqtt.tests.device import Device

SECRET = "a-device's-own-secret"
DEADLINE = timedelta(minutes=5)


@pytest.fixture
def hands() -> Iterator[Hands]:
    """The city's clock, which stands until the test moves it."""
    with standing_clock() as found:
        yield found


@pytest_asyncio.fixture
async def street(record: Record, register_thing: RegisterThing) -> list[int]:
    """What the lamps of a street can be told: 200 capabilities."""

    def register() -> list[int]:
        thing = register_thing("street", kind="Streetlight", capabilities={f"lamp {n}": {} for n in range(200)})
        return [each.id for each in service.find_capabilities(SYSTEM, [thing])]

    return await sync_to_async(register)()


Start = Callable[[], Awaitable[Tasks]]


@pytest_asyncio.fixture
async def start(record: Record, brokers: tuple[PrivateMosquitto, PrivateMosquitto]) -> AsyncIterator[Start]:
    """Starts a dispatcher, as often as asked, each with the session of the one before."""
    client_id, started = f"dothi-tasks-{secrets.token_hex(4)}", []

    async def begin() -> Tasks:
        made = Tasks(brokers[0].url, record=record, client_id=client_id)
        made.start()
        started.append(made)
        await until(lambda: made.connected)
        return made

    yield begin
    for each in started:
        await each.stop()


@asynccontextmanager
async def keyed(url: str, allowed: Rights) -> AsyncIterator[Device]:
    """A device whose key has some rights."""
    key_id = secrets.token_hex(8)
    await rights.admit(url, key_id=key_id, secret=SECRET, rights=allowed)
    async with Device(url, username=key_id, password=SECRET) as device:
        yield device
    await rights.expel(url, key_id=key_id)


@pytest_asyncio.fixture
async def device(brokers: tuple[PrivateMosquitto, PrivateMosquitto]) -> AsyncIterator[Device]:
    """A controller that is sent every Task."""
    async with keyed(brokers[0].url, rights.obeying(None)) as made:
        made.client.subscribe("v1.1/+/Tasks", qos=1)
        yield made


async def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition, which another task makes true."""
    async with asyncio.timeout(30):
        while not condition():
            await asyncio.sleep(0.01)


async def command(capabilities: list[int], *, deadline: timedelta = DEADLINE) -> list[Task]:
    new = [NewTask(each, {"level": 50}) for each in capabilities]
    return await sync_to_async(service.create_tasks)(SYSTEM, new, deadline=clock.now() + deadline)


async def now_known(made: list[Task]) -> list[Task]:
    return await sync_to_async(service.list_tasks)(SYSTEM, group=made[0].group)


async def settle(made: list[Task], *, left: int = 0) -> list[Task]:
    """Wait until so many Tasks are left open; give all of them."""
    async with asyncio.timeout(60):
        found = await now_known(made)
        while sum(task.is_open for task in found) > left:
            await asyncio.sleep(0.02)
            found = await now_known(made)
    return found


async def get(device: Device) -> tuple[str, dict[str, Any]]:
    """Wait for a Task; give its own address and its body."""
    async with asyncio.timeout(30):
        topic, payload, _ = await device.heard.get()
    body: dict[str, Any] = msgspec.json.decode(payload)
    return f"{topic}({body['@iot.id']})", body


def answer(device: Device, address: str, body: object) -> None:
    payload = body if isinstance(body, bytes) else msgspec.json.encode(body)
    device.client.publish(f"{address}/status", payload, qos=1)


async def obey(device: Device, *, deaf: frozenset[int] = frozenset()) -> None:
    """Do what every Task says, but for those of some capabilities."""
    while True:
        address, _ = await get(device)
        if int(re.findall(r"\d+", address)[2]) not in deaf:
            answer(device, address, {"status": "done"})


@asynccontextmanager
async def obeying(device: Device, *, deaf: frozenset[int] = frozenset()) -> AsyncIterator[None]:
    task = asyncio.create_task(obey(device, deaf=deaf))
    yield
    task.cancel()


async def test_a_street_obeys_and_five_dead_lamps_are_given_up_at_the_deadline(
    street: list[int], device: Device, start: Start, hands: Hands, events: list[Event]
) -> None:
    dispatcher = await start()
    deaf = frozenset(street[7:12])
    async with obeying(device, deaf=deaf):
        made = await command(street)
        dispatcher.hear(TasksChanged([task.id for task in made]))
        await settle(made, left=len(deaf))
        hands.advance(DEADLINE.total_seconds())
        found = await settle(made)
    assert {task.capability_id for task in found if task.status is TaskStatus.UNANSWERED} == deaf
    assert sum(task.status is TaskStatus.DONE for task in found) == 195
    told = [number for event in events if isinstance(event, TasksChanged) for number in event.task_ids]
    dead = [task.id for task in found if task.capability_id in deaf]
    await until(lambda: sorted(told[-5:]) == dead)
    assert len(told) == 200 + 200  # each was sent, and then answered or given up
    await until(lambda: dispatcher.counters["tasks_answered"] == 195)


async def test_a_device_is_told_all_it_needs(street: list[int], device: Device, start: Start) -> None:
    await start()
    (made,) = await command(street[:1])
    address, body = await get(device)
    assert address == f"v1.1/TaskingCapabilities({street[0]})/Tasks({made.id})"
    assert body == {
        "@iot.id": made.id,
        "creationTime": msgspec.to_builtins(made.creation_time),
        "taskingParameters": {"level": 50},
        "deadline": msgspec.to_builtins(made.deadline),
    }
    answer(device, address, {"status": "refused", "reason": "quá nóng", "more": 1})
    (found,) = await settle([made])
    assert (found.status, found.reason) == (TaskStatus.REFUSED, "quá nóng")
    assert found.sent_at is not None
    assert found.answered_at is not None


async def test_a_dispatcher_killed_before_it_published_sends_with_the_next_attempt(
    street: list[int], device: Device, start: Start, record: Record, hands: Hands
) -> None:
    made = await command(street[:3])
    assert len(await Outbox(record).take(can_send=True)) == 3  # committed as sent, and never published
    await start()
    hands.advance(1.0)
    async with obeying(device):
        found = await settle(made)
    assert [(task.status, task.attempts) for task in found] == [(TaskStatus.DONE, 2)] * 3


async def test_an_answer_given_while_the_dispatcher_is_away_is_taken_when_it_is_back(
    street: list[int], device: Device, start: Start
) -> None:
    killed = await start()
    made = await command(street[:1])
    address, _ = await get(device)
    await killed.stop()
    answer(device, address, {"status": "done"})
    back = await start()
    (found,) = await settle(made)
    assert found.status is TaskStatus.DONE
    await until(lambda: back.counters["tasks_answered"] == 1)


async def test_a_task_may_come_twice_and_be_answered_twice(
    street: list[int], device: Device, start: Start, hands: Hands
) -> None:
    dispatcher = await start()
    made = await command(street[:1])
    first = await get(device)
    hands.advance(1.0)
    assert await get(device) == first
    answer(device, first[0], {"status": "done"})
    answer(device, first[0], {"status": "refused"})
    await until(lambda: dispatcher.counters["tasks_answered_late"] == 1)
    (found,) = await now_known(made)
    assert (found.status, found.attempts) == (TaskStatus.DONE, 2)
    assert await DeadLetter.objects.acount() == 0


@pytest.mark.parametrize(
    "payload",
    [b"", b"{", b"\xff", b'"done"', b'{"status": "gone"}', b'{"status": "done", "reason": 1}', b"[" * 5000,
     b'{"status": "refused", "reason": "\\u0000"}', b'{"status": "refused", "reason": "' + b"x" * 1001 + b'"}'],
)  # fmt: skip
async def test_what_is_no_answer_is_a_dead_letter_and_the_task_waits_on(
    street: list[int], device: Device, start: Start, payload: bytes
) -> None:
    dispatcher = await start()
    made = await command(street[:1])
    address, _ = await get(device)
    answer(device, address, payload)
    await until(lambda: dispatcher.counters["tasks_misanswered"] == 1)
    letter = await DeadLetter.objects.aget()
    assert (letter.source, bytes(letter.payload)) == (f"mqtt:{address}/status", payload)
    assert (await now_known(made))[0].status is TaskStatus.SENT


async def test_an_answer_to_another_task_is_a_dead_letter(street: list[int], device: Device, start: Start) -> None:
    dispatcher = await start()
    made = await command(street[:2])
    for wrong in (
        f"v1.1/TaskingCapabilities({street[1]})/Tasks({made[0].id})",
        f"v1.1/TaskingCapabilities({street[0]})/Tasks({made[1].id + 1})",
        f"v1.1/Things({street[0]})/Tasks({made[0].id})",
    ):
        answer(device, wrong, {"status": "done"})
    await until(lambda: dispatcher.counters["tasks_misanswered"] == 3)
    assert all(task.is_open for task in await now_known(made))
    assert await DeadLetter.objects.acount() == 3


async def test_what_is_taken_back_is_sent_no_more(
    street: list[int], device: Device, start: Start, hands: Hands
) -> None:
    dispatcher = await start()
    made = await command(street[:1])
    address, _ = await get(device)
    assert await sync_to_async(service.cancel_tasks)(SYSTEM, group=made[0].group) == [made[0].id]
    hands.advance(1.0)
    other = await command(street[1:2])
    assert (await get(device))[1]["@iot.id"] == other[0].id
    answer(device, address, {"status": "done"})
    await until(lambda: dispatcher.counters["tasks_answered_late"] == 1)
    assert (await now_known(made))[0].status is TaskStatus.CANCELLED


async def test_while_the_database_is_away_an_answer_waits(
    street: list[int], device: Device, start: Start, monkeypatch: pytest.MonkeyPatch
) -> None:
    dispatcher = await start()
    made = await command(street[:1])
    address, _ = await get(device)
    real, failed = store.lock_tasks, asyncio.Event()

    async def fail_once(*arguments: Any) -> Any:
        if failed.is_set():
            return await real(*arguments)
        failed.set()
        raise psycopg.OperationalError("gone")

    monkeypatch.setattr(store, "lock_tasks", fail_once)
    answer(device, address, {"status": "done"})
    (found,) = await settle(made)
    assert found.status is TaskStatus.DONE
    assert failed.is_set()
    assert dispatcher.counters["tasks_misanswered"] == 0


async def test_a_limited_key_is_sent_and_answers_the_tasks_of_its_own_things_alone(
    street: list[int], start: Start, brokers: tuple[PrivateMosquitto, PrivateMosquitto], device: Device
) -> None:
    dispatcher = await start()
    own, other = street[:2]
    async with keyed(brokers[0].url, rights.obeying([own])) as limited:
        for topic in ("v1.1/+/Tasks", f"v1.1/TaskingCapabilities({other})/Tasks", "v1.1/#", "#"):
            limited.client.subscribe(topic, qos=1)  # refused, each
        limited.client.subscribe(f"v1.1/TaskingCapabilities({own})/Tasks", qos=1)
        made = await command([other, own])
        address, body = await get(limited)
        assert body["@iot.id"] == made[1].id
        answer(limited, address, {"status": "done"})
        await settle(made, left=1)
        answer(limited, f"v1.1/TaskingCapabilities({other})/Tasks({made[0].id})", {"status": "done"})
        await until(lambda: not limited.client.is_connected)  # the broker cuts off who publishes what it may not
    answer(device, address, {"status": "done"})
    await until(lambda: dispatcher.counters["tasks_answered_late"] == 1)
    found = await now_known(made)
    assert [task.status for task in found] == [TaskStatus.SENT, TaskStatus.DONE]
    assert limited.heard.empty()


async def test_no_key_can_command_another_keys_devices(
    street: list[int], brokers: tuple[PrivateMosquitto, PrivateMosquitto], device: Device, start: Start
) -> None:
    await start()
    async with keyed(brokers[0].url, rights.observing(None) | rights.obeying(None)) as other:
        other.client.publish(f"v1.1/TaskingCapabilities({street[0]})/Tasks", b'{"@iot.id": 1}', qos=1)
        await until(lambda: not other.client.is_connected)
        made = await command(street[:1])
        assert (await get(device))[1]["@iot.id"] == made[0].id


async def test_a_revoked_key_is_cut_off_and_its_task_is_given_up(
    street: list[int], start: Start, brokers: tuple[PrivateMosquitto, PrivateMosquitto], hands: Hands
) -> None:
    await start()
    async with keyed(brokers[0].url, rights.obeying(street[:1])) as revoked:
        revoked.client.subscribe(f"v1.1/TaskingCapabilities({street[0]})/Tasks", qos=1)
        made = await command(street[:1])
        address, _ = await get(revoked)
        key_id = revoked.client._username.decode()
        await rights.expel(brokers[0].url, key_id=key_id)
        await until(lambda: not revoked.client.is_connected)
        answer(revoked, address, {"status": "done"})
        hands.advance(DEADLINE.total_seconds())
        (found,) = await settle(made)
    assert found.status is TaskStatus.UNANSWERED


@given(st.text(max_size=60) | st.from_regex(r"v1\.1/TaskingCapabilities\(\d+\)/Tasks\(\d+\)/statu", fullmatch=True))
def test_another_topic_is_refused(topic: str) -> None:
    with pytest.raises(InvalidInput):
        read_answer(topic, b'{"status": "done"}')


@given(st.binary(max_size=60))
def test_any_bytes_are_an_answer_or_refused(payload: bytes) -> None:
    try:
        found = read_answer("v1.1/TaskingCapabilities(3)/Tasks(4)/status", payload)
    except InvalidInput:
        return
    assert (found.capability_id, found.task_id) == (3, 4)
