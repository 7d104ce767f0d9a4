"""The devices' way in, over a real broker: stored before it is answered, refused into the dead letters."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async
from gmqtt.mqtt.handler import MQTTConnectError

from dothi.config.servers.mosquitto import PrivateMosquitto
from dothi.core.accounts.types import SYSTEM
from dothi.core.observations.entities.types import NewFeatureOfInterest
from dothi.core.observations.models import Datastream, DeadLetter, FeatureOfInterest
from dothi.core.observations.service import Record
from dothi.core.observations.tasking import service
from dothi.core.observations.tests.things import RegisterThing
from dothi.core.observations.types import Stored
from dothi.kernel.errors import Unavailable
from dothi.protocols.mqtt import rights
from dothi.protocols.mqtt.connection import Message, UnfinishedError
from dothi.protocols.mqtt.ingest import Ingest
from dothi.protocols.mqtt.rights import Rights
from dothi.protocols.mqtt.tests.device import Device

KEY, SECRET = "0123456789abcdef", "a-device's-own-secret"
ANSWERS = f"devices/{KEY}/answers"


@pytest_asyncio.fixture
async def broker(brokers: tuple[PrivateMosquitto, PrivateMosquitto]) -> AsyncIterator[str]:
    """The devices' broker, which knows one key that may observe."""
    url = brokers[0].url
    allowed = rights.observing(None) | rights.commanding(is_limited=False)
    await rights.admit(url, key_id=KEY, secret=SECRET, rights=allowed)
    yield url
    await rights.expel(url, key_id=KEY)


@pytest_asyncio.fixture
async def ingest(record: Record, broker: str) -> AsyncIterator[Ingest]:
    made = Ingest(broker, record=record, client_id="dothi-ingest-test")
    made.start()
    yield made
    await made.stop()


@pytest_asyncio.fixture
async def stream(record: Record, register_thing: RegisterThing) -> int:
    thing = await sync_to_async(register_thing)("lamp", kind="Streetlight", readings={"power": (0, "W")})
    found = await Datastream.objects.aget(thing_id=thing)
    return int(found.pk)


@pytest_asyncio.fixture
async def device(broker: str, ingest: Ingest) -> AsyncIterator[Device]:
    async with Device(broker, username=KEY, password=SECRET) as made:
        made.client.subscribe(ANSWERS, qos=1)
        yield made


async def count_stored(record: Record) -> int:
    async with record.pool.connection() as connection:
        row = await (await connection.execute("SELECT count(*) FROM observations_observation")).fetchone()
        assert row is not None
        return int(row[0])


async def test_a_device_that_asks_is_answered_after_the_commit(record: Record, device: Device, stream: int) -> None:
    answer = await device.ask(stream, {"result": 98.5}, topic=ANSWERS, correlation=b"1")
    assert answer["outcome"] == "stored"
    assert await count_stored(record) == 1


async def test_a_message_sent_twice_is_one_observation(record: Record, device: Device, stream: int) -> None:
    body = {"result": 98.5, "phenomenonTime": "2026-11-22T10:00:00Z"}
    first = await device.ask(stream, body, topic=ANSWERS, correlation=b"1")
    again = await device.ask(stream, body, topic=ANSWERS, correlation=b"2")
    assert (again["outcome"], again["id"]) == ("duplicate", first["id"])
    assert await count_stored(record) == 1


@pytest.mark.parametrize("payload", [b"\xff\xfe", b"{", b'{"result": NaN}', b'{"result": "\\u0000"}', b""])
async def test_what_cannot_be_used_is_a_dead_letter_with_its_reason(
    record: Record, device: Device, stream: int, payload: bytes
) -> None:
    answer = await device.ask(stream, payload, topic=ANSWERS, correlation=b"1")
    assert answer["outcome"] == "refused"
    letter = await DeadLetter.objects.aget()
    assert (bytes(letter.payload), letter.reason) == (payload, answer["reason"])
    assert await count_stored(record) == 0


async def test_an_unknown_datastream_is_a_dead_letter(record: Record, device: Device, stream: int) -> None:
    answer = await device.ask(stream + 1, {"result": 1}, topic=ANSWERS, correlation=b"1")
    assert answer["outcome"] == "refused"
    assert f"no Datastream {stream + 1}" in (await DeadLetter.objects.aget()).reason


async def test_an_answer_is_never_sent_where_the_device_may_not_listen(
    record: Record, device: Device, stream: int
) -> None:
    device.observe(stream, {"result": 5}, response_topic=f"v1.1/Datastreams({stream})/Observations")
    answer = await device.ask(stream, {"result": 6}, topic=ANSWERS, correlation=b"2")
    assert answer["outcome"] == "stored"
    async with asyncio.timeout(20):  # the first may be in a batch that is committed after that of the second
        while await count_stored(record) < 2:
            await asyncio.sleep(0)
    assert await DeadLetter.objects.acount() == 0


async def test_while_the_record_is_away_nothing_is_acknowledged_and_nothing_lost(
    record: Record, ingest: Ingest, device: Device, stream: int
) -> None:
    await device.ask(stream, {"result": 0}, topic=ANSWERS, correlation=b"0")
    await record.writer.stop()
    device.observe(stream, {"result": 1}, response_topic=ANSWERS, correlation_data=b"1")
    async with asyncio.timeout(20):
        while ingest.lag_s() == 0:
            await asyncio.sleep(0)
    assert await count_stored(record) == 1
    record.writer.start()
    async with asyncio.timeout(20):
        await device.heard.get()
    assert await count_stored(record) == 2


async def test_a_key_that_is_gone_is_refused(broker: str, ingest: Ingest) -> None:
    await rights.expel(broker, key_id=KEY)
    with pytest.raises(MQTTConnectError):
        await Device(broker, username=KEY, password=SECRET).__aenter__()
    await rights.expel(broker, key_id=KEY)


async def test_a_key_without_the_right_to_observe_changes_nothing(
    broker: str, ingest: Ingest, record: Record, device: Device, stream: int
) -> None:
    await rights.admit(broker, key_id="reader", secret=SECRET, rights=Rights())
    async with Device(broker, username="reader", password=SECRET) as reader:
        reader.observe(stream, {"result": 666})
        await device.ask(stream, {"result": 1}, topic=ANSWERS, correlation=b"1")
    await rights.expel(broker, key_id="reader")
    assert await count_stored(record) == 1


async def test_a_key_limited_to_some_datastreams_may_publish_to_these_alone(
    broker: str, ingest: Ingest, record: Record, device: Device, stream: int
) -> None:
    await rights.admit(broker, key_id="limited", secret=SECRET, rights=rights.observing([stream + 1]))
    async with Device(broker, username="limited", password=SECRET) as limited:
        limited.observe(stream, {"result": 666})
        await device.ask(stream, {"result": 1}, topic=ANSWERS, correlation=b"1")
        assert await count_stored(record) == 1
    await rights.change(broker, {"limited": rights.observing([stream]), "not-there": Rights()})
    async with Device(broker, username="limited", password=SECRET) as limited:
        await rights.change(broker, {"limited": rights.observing([stream])})  # the same: nobody is cut off
        limited.observe(stream, {"result": 2})
        async with asyncio.timeout(20):
            while await count_stored(record) < 2:
                await asyncio.sleep(0)
    await rights.expel(broker, key_id="limited")


async def test_a_message_that_shows_a_fault_of_dothi_is_set_aside_and_not_tried_for_ever(
    record: Record, device: Device, stream: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def fail(*_arguments: object) -> None:
        raise ZeroDivisionError("division by zero")

    def fail_at_once(*_arguments: object, **_named: object) -> None:
        raise ZeroDivisionError("division by zero")

    with monkeypatch.context() as broken:
        broken.setattr(record.writer, "write", fail)
        answer = await device.ask(stream, {"result": 1}, topic=ANSWERS, correlation=b"1")
    assert answer["outcome"] == "refused"
    assert "division by zero" in (await DeadLetter.objects.aget()).reason
    assert (await device.ask(stream, {"result": 1}, topic=ANSWERS, correlation=b"2"))["outcome"] == "stored"
    with monkeypatch.context() as broken:
        broken.setattr("dothi.protocols.sensorthings.observation.decode", fail_at_once)
        assert (await device.ask(stream, {"result": 3}, topic=ANSWERS, correlation=b"3"))["outcome"] == "refused"
    assert await DeadLetter.objects.acount() == 2


FEATURE = {
    "name": "the square", "encodingType": "application/geo+json",
    "feature": {"type": "Point", "coordinates": [106.67, 11.05]},
}  # fmt: skip


async def ask_at(device: Device, topic: str, body: object) -> dict[str, object]:
    """Publish to a topic and wait for the application's own answer."""
    device.client.publish(topic, msgspec.json.encode(body), qos=1, response_topic=ANSWERS)
    async with asyncio.timeout(20):
        return msgspec.json.decode((await device.heard.get())[1], type=dict[str, object])


async def test_observations_are_made_at_each_set(record: Record, device: Device, stream: int) -> None:
    link = {"Datastream": {"@iot.id": stream}}
    features = await record.create(SYSTEM, msgspec.json.decode(msgspec.json.encode(FEATURE), type=NewFeatureOfInterest))
    feature = features[0].id
    for number, (topic, body) in enumerate((
        ("v1.1/Observations", link), (f"v1.1/Datastreams({stream})/Observations", {}),
        (f"v1.1/FeaturesOfInterest({feature})/Observations", link),
    ), start=1):  # fmt: skip
        answer = await ask_at(device, topic, body | {"result": number})
        assert answer["outcome"] == "stored", answer
        assert await count_stored(record) == number
    async with record.pool.connection() as connection:
        cursor = await connection.execute("SELECT feature_id FROM observations_observation WHERE result = 3")
        assert await cursor.fetchone() == (feature,)
    refused = await ask_at(device, f"v1.1/FeaturesOfInterest({feature})/Observations", {"result": 4})
    assert (refused["outcome"], refused["reason"]) == ("refused", "the Observation names no Datastream")


async def test_an_observation_brings_its_feature(record: Record, device: Device, stream: int) -> None:
    answer = await device.ask(stream, {"result": 1, "FeatureOfInterest": FEATURE}, topic=ANSWERS, correlation=b"1")
    assert answer["outcome"] == "stored", answer
    squares = FeatureOfInterest.objects.filter(name="the square")
    assert await squares.acount() == 1
    for bad in (
        {"result": 1, "FeatureOfInterest": {"name": "x"}},
        {"result": 1, "FeatureOfInterest": FEATURE, "Datastream": {"name": "x"}},
        {"FeatureOfInterest": FEATURE},
    ):
        assert (await device.ask(stream, bad, topic=ANSWERS, correlation=b"2"))["outcome"] == "refused"
    unknown = await device.ask(stream + 1, {"result": 1, "FeatureOfInterest": FEATURE}, topic=ANSWERS, correlation=b"3")
    assert unknown["outcome"] == "refused"
    assert await squares.acount() == 1
    assert await count_stored(record) == 1


async def test_a_command_is_given_at_tasks(record: Record, device: Device, register_thing: RegisterThing) -> None:
    thing = await sync_to_async(register_thing)("lamp", kind="Streetlight", capabilities={"light": {}})
    (light,) = [each.id for each in await sync_to_async(service.find_capabilities)(SYSTEM, [thing])]
    link = {"TaskingCapability": {"@iot.id": light}}
    answer = await ask_at(device, "v1.1/Tasks", link | {"taskingParameters": {"level": 5}})
    (task,) = await sync_to_async(service.list_tasks)(SYSTEM, thing_ids=[thing])
    assert answer == {"outcome": "stored", "id": task.id}
    assert task.parameters == {"level": 5}
    unknown = {"TaskingCapability": {"@iot.id": 10**9}}
    refused: list[dict[str, Any]] = [{"taskingParameters": {}}, link, unknown | {"taskingParameters": {}}]
    for bad in refused:
        assert (await ask_at(device, "v1.1/Tasks", bad))["outcome"] == "refused"
    assert await DeadLetter.objects.acount() == 3


async def test_a_limited_key_gives_no_commands(
    broker: str, record: Record, device: Device, register_thing: RegisterThing
) -> None:
    given = rights.observing([1]) | rights.commanding(is_limited=True)
    await rights.admit(broker, key_id="limited", secret=SECRET, rights=given)
    async with Device(broker, username="limited", password=SECRET) as limited:
        limited.client.publish("v1.1/Tasks", b"{}", qos=1)
        async with asyncio.timeout(20):
            while limited.client.is_connected:
                await asyncio.sleep(0.01)
    await rights.expel(broker, key_id="limited")
    assert await DeadLetter.objects.acount() == 0


FAR = "0031-01-01T00:00:00Z"
TURNS = {
    "all are plain": [({"result": 1}, "stored"), ({"result": "open"}, "stored"), ({"result": 3}, "stored")],
    "one is twice": [
        ({"result": 1, "phenomenonTime": "2026-11-26T08:00:00Z"}, "stored"),
        ({"result": 1, "phenomenonTime": "2026-11-26T08:00:00Z"}, "duplicate"),
    ],
    "some can't be read": [({"result": 1}, "stored"), (b"{", "refused"), ({}, "refused"), ({"result": 4}, "stored")],
    "one is out of time": [({"result": 1}, "stored"), ({"result": 2, "phenomenonTime": FAR}, "refused")],
    "one brings its feature": [({"result": 1, "FeatureOfInterest": FEATURE}, "stored"), ({"result": 2}, "stored")],
    "one is refused by the database": [({"result": 1}, "stored"), (b'{"result": [1e999999]}', "refused")],
}


@pytest.mark.parametrize("turn", TURNS.values(), ids=TURNS.keys())
@pytest.mark.parametrize("with_unknown", [False, True])
async def test_each_message_of_a_turn_has_its_own_answer(
    record: Record, ingest: Ingest, device: Device, stream: int, turn: list[tuple[Any, str]], with_unknown: bool
) -> None:
    await device.ask(stream, {"result": 0}, topic=ANSWERS, correlation=b"here")
    sent = [(stream, *each) for each in turn]
    if with_unknown:
        sent.insert(1, (10**9, {"result": 5}, "refused"))
    messages = [
        Message(
            f"v1.1/Datastreams({number})/Observations",
            body if isinstance(body, bytes) else msgspec.json.encode(body),
            {"response_topic": [ANSWERS], "correlation_data": [b"%d" % place]},
        )
        for place, (number, body, _) in enumerate(sent)
    ]
    before = dict(ingest.counters)
    done: list[Message] = []
    await ingest._received(messages, done.extend)
    assert sorted(map(id, done)) == sorted(map(id, messages))
    answers: dict[bytes, str] = {}
    async with asyncio.timeout(20):
        while len(answers) < len(sent):
            _, answer, properties = await device.heard.get()
            answers[properties["correlation_data"][0]] = msgspec.json.decode(answer)["outcome"]
    expected = [outcome for _, _, outcome in sent]
    assert [answers[b"%d" % place] for place in range(len(sent))] == expected
    assert await count_stored(record) == 1 + expected.count("stored")
    assert await DeadLetter.objects.acount() == expected.count("refused")
    assert ingest.counters["dead_letters"] - before["dead_letters"] == expected.count("refused")
    assert record.writer.counters["unknown_datastream"] <= 1


async def test_a_command_is_not_given_again_because_an_observation_beside_it_waits(
    record: Record, ingest: Ingest, register_thing: RegisterThing, stream: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dothi.protocols.mqtt.ingest.RETRY_S", 0)
    thing = await sync_to_async(register_thing)("post", kind="Streetlight", capabilities={"light": {}})
    (light,) = [each.id for each in await sync_to_async(service.find_capabilities)(SYSTEM, [thing])]
    command = msgspec.json.encode({"TaskingCapability": {"@iot.id": light}, "taskingParameters": {}})
    turn = [
        Message("v1.1/Tasks", command, {}, 1),
        Message(f"v1.1/Datastreams({stream})/Observations", b'{"result": 98.5}', {}, 2),
    ]
    done: list[Message] = []

    async def away(*_: object) -> list[Stored]:
        raise Unavailable("the database is away")

    monkeypatch.setattr(record, "write", away)
    async with asyncio.timeout(20):
        working = asyncio.create_task(ingest._received(turn, done.extend))
        while not done:
            await asyncio.sleep(0)
        ingest._connection.generation += 1  # it has gone, and has come back
        with pytest.raises(UnfinishedError):
            await working
    assert done == turn[:1]
    assert len(await sync_to_async(service.list_tasks)(SYSTEM, thing_ids=[thing])) == 1


async def test_a_message_waits_no_longer_than_its_connection(
    record: Record, ingest: Ingest, device: Device, stream: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("dothi.protocols.mqtt.ingest.RETRY_S", 0)
    asked = asyncio.Event()

    async def away(*_: object) -> list[Stored]:
        asked.set()
        raise Unavailable("the database is away")

    monkeypatch.setattr(record, "write", away)
    async with asyncio.timeout(20):
        device.observe(stream, {"result": 98.5})
        await asked.wait()
        assert ingest.lag_s() > 0
        ingest._connection.generation += 1  # it has gone, and has come back
        while ingest.lag_s() > 0:
            await asyncio.sleep(0)
    assert await count_stored(record) == 0
