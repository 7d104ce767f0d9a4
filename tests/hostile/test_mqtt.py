"""What no honest device publishes, over a real broker: a dead letter that says why, and nothing else in any table."""

import asyncio
import contextlib
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async
from gmqtt.mqtt.handler import MQTTConnectError

from bench._devices import connect_packet, publish_packet
from dothi.config.servers.mosquitto import LARGEST_PACKET, PrivateMosquitto
from dothi.core.observations.models import Datastream, DeadLetter
from dothi.core.observations.service import Record
from dothi.core.observations.tests.things import RegisterThing
from dothi.protocols.mqtt import rights
from dothi.protocols.mqtt.ingest import Ingest
from dothi.protocols.mqtt.tests.device import Device
from tests.hostile.tables import count_all

KEY, SECRET = "fedcba9876543210", "another-device's-secret"
ANSWERS = f"devices/{KEY}/answers"
HUGE = "9" * 400
AT = "2026-01-01T00:00:00Z"

REFUSED: dict[str, bytes] = {
    "NaN": b'{"result": NaN}',
    "infinite": b'{"result": -Infinity}',
    "10^400": b'{"result": 1e400}',
    "400 digits": f'{{"result": {HUGE}}}'.encode(),
    "10^400 in an array": b'{"result": [1, 1e400]}',
    "no zone": b'{"result": 1, "phenomenonTime": "2026-01-01T00:00:00"}',
    "year 0": b'{"result": 1, "phenomenonTime": "0000-01-01T00:00:00Z"}',
    "year 1": b'{"result": 1, "phenomenonTime": "0001-01-01T00:00:00+14:00"}',
    "too far ahead": b'{"result": 1, "phenomenonTime": "2500-01-01T00:00:00Z"}',
    "no UTF-8": b'{"result": "\xff"}',
    "half a character": rb'{"result": "\ud800"}',
    "NUL": rb'{"result": "a\u0000"}',
    "nested deep": b'{"result": ' + b"[" * 100_000,
    "nested deep and closed": b'{"result": ' + b"[" * 500 + b"]" * 500 + b"}",
    "a million elements": b"[" + b",".join([b'{"result": 1}'] * 100_000) + b"]",
    "a result of a million elements": b'{"result": [' + b",".join([b"1"] * 1_000_000) + b"]}",
    "rows": b'[{"Datastream": {"@iot.id": 1}, "components": ["result"], "dataArray": [[1]]}]',
    "another Datastream": b'{"result": 1, "Datastream": {"@iot.id": 987654321}}',
    "a feature beyond int8": b'{"result": 1, "FeatureOfInterest": {"@iot.id": 9223372036854775808}}',
    "nothing": b"",
    "noise": bytes(range(256)),
}


@pytest_asyncio.fixture
async def broker(brokers: tuple[PrivateMosquitto, PrivateMosquitto]) -> AsyncIterator[str]:
    url = brokers[0].url
    await rights.admit(url, key_id=KEY, secret=SECRET, rights=rights.observing(None))
    yield url
    await rights.expel(url, key_id=KEY)


@pytest_asyncio.fixture
async def device(broker: str, record: Record) -> AsyncIterator[Device]:
    ingest = Ingest(broker, record=record, client_id="dothi-ingest-hostile")
    ingest.start()
    async with Device(broker, username=KEY, password=SECRET) as made:
        made.client.subscribe(ANSWERS, qos=1)
        yield made
    await ingest.stop()


@pytest_asyncio.fixture
async def stream(record: Record, register_thing: RegisterThing) -> int:
    thing = await sync_to_async(register_thing)("lamp", kind="Streetlight", readings={"power": (0, "W")})
    return int((await Datastream.objects.aget(thing_id=thing)).pk)


async def test_hostile_messages_are_dead_letters(device: Device, stream: int, subtests: pytest.Subtests) -> None:
    before = await count_all()
    for number, (name, payload) in enumerate(REFUSED.items(), start=1):
        with subtests.test(name):
            answer = await device.ask(stream, payload, topic=ANSWERS, correlation=b"%d" % number)
            assert answer["outcome"] == "refused"
            letter = await DeadLetter.objects.alatest("id")
            assert bytes(letter.payload) == payload[:65_536]
            assert letter.reason.startswith(str(answer["reason"])[:100])
            assert await count_all() == before | {"observations_deadletter": number}
    good = await device.ask(stream, {"result": 1, "phenomenonTime": AT}, topic=ANSWERS, correlation=b"good")
    assert good["outcome"] == "stored"


@pytest.mark.parametrize("number", [0, 10**17, "x", "9" * 19, "-1", "\u0661"])
async def test_a_topic_of_no_datastream_is_a_dead_letter(device: Device, stream: int, number: object) -> None:
    before = await count_all()
    answer = await device.ask(number, {"result": 1}, topic=ANSWERS, correlation=b"1")  # type: ignore[arg-type]
    assert answer["outcome"] == "refused"
    assert await count_all() == before | {"observations_deadletter": 1}


async def test_a_datastream_beyond_int8_in_a_body_is_a_dead_letter(device: Device, stream: int) -> None:
    body = b'{"result": 1, "Datastream": {"@iot.id": 1' + b"0" * 30 + b"}}"
    device.client.publish("v1.1/Observations", body, qos=1, response_topic=ANSWERS, correlation_data=b"1")
    _, answer, _ = await device.heard.get()
    assert b"refused" in answer
    assert await DeadLetter.objects.acount() == 1


async def test_a_message_of_100_megabytes_is_cut_off_and_others_go_on(
    device: Device, stream: int, brokers: tuple[PrivateMosquitto, PrivateMosquitto]
) -> None:
    before = await count_all()
    reader, writer = await asyncio.open_connection("127.0.0.1", brokers[0].port)
    writer.write(connect_packet("large", KEY, SECRET))
    assert (await reader.readexactly(4))[3] == 0
    packet = publish_packet(f"v1.1/Datastreams({stream})/Observations", b" " * 100_000_000, number=1)
    assert len(packet) > LARGEST_PACKET
    writer.write(packet)
    with contextlib.suppress(ConnectionError):
        assert await asyncio.wait_for(reader.read(), 30) == b""
    writer.transport.abort()
    with contextlib.suppress(ConnectionError):
        await writer.wait_closed()
    answer = await device.ask(stream, {"result": 1, "phenomenonTime": AT}, topic=ANSWERS, correlation=b"1")
    assert answer["outcome"] == "stored"
    assert await count_all() == before | {"observations_observation": 1, "observations_featureofinterest": 1}


async def test_answers_to_others_who_ask_for_rights_are_not_taken_for_ones_own(broker: str) -> None:
    granted = rights.observing(None)
    is_enough = asyncio.Event()

    async def ask_for_nobody() -> None:
        while not is_enough.is_set():
            await rights.change(broker, {"nobody": granted})

    async with asyncio.TaskGroup() as others:
        for _ in range(4):
            others.create_task(ask_for_nobody())
        try:
            for number in range(20):
                await rights.admit(broker, key_id=f"crowd-{number}", secret=SECRET, rights=granted)
        finally:
            is_enough.set()


async def test_a_revoked_key_is_cut_off_and_stays_out(broker: str, device: Device, stream: int) -> None:
    before = await count_all()
    await rights.admit(broker, key_id="revoked", secret=SECRET, rights=rights.observing(None))
    revoked = Device(broker, username="revoked", password=SECRET)
    gone = asyncio.Event()
    revoked.client.on_disconnect = lambda *_: gone.set()
    async with revoked:
        await rights.expel(broker, key_id="revoked")
        await asyncio.wait_for(gone.wait(), 20)
        revoked.observe(stream, {"result": 666})
    with pytest.raises(MQTTConnectError):
        await Device(broker, username="revoked", password=SECRET).__aenter__()
    answer = await device.ask(stream, b"{}", topic=ANSWERS, correlation=b"1")
    assert answer["outcome"] == "refused"
    assert await count_all() == before | {"observations_deadletter": 1}
