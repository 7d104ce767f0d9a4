"""Addresses of brokers, and topics, are read strictly; no more is taken from a broker than can be worked on."""

import asyncio
from collections.abc import Callable, Sequence
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dothi.config.servers.mosquitto import PrivateMosquitto
from dothi.kernel.errors import InvalidInput
from dothi.protocols.mqtt.connection import BrokerUrl, Connection, Done, Message, parse_url
from dothi.protocols.mqtt.ingest import parent_of


def test_an_address_is_read() -> None:
    assert parse_url("mqtt://dothi:p%40ss@broker:1884") == BrokerUrl("broker", 1884, "dothi", "p@ss", False)
    assert parse_url("mqtts://broker") == BrokerUrl("broker", 8883, "", "", True)


@pytest.mark.parametrize("url", ["", "http://broker", "mqtt://", "broker:1883"])
def test_another_form_is_refused(url: str) -> None:
    with pytest.raises(ValueError, match="broker's address"):
        parse_url(url)


@pytest.mark.parametrize(
    ("topic", "parent"),
    [
        ("v1.1/Datastreams(12)/Observations", (12, None)),
        ("v1.1/MultiDatastreams(3)/Observations", (3, None)),
        ("v1.1/FeaturesOfInterest(4)/Observations", (None, 4)),
        ("v1.1/Observations", (None, None)),
    ],
)
def test_a_topic_says_whose_the_observation_is(topic: str, parent: tuple[int | None, int | None]) -> None:
    assert parent_of(topic) == parent


@given(
    st.text(max_size=40).filter(lambda text: not text.startswith("v1.1/")) | st.just("v1.1/Datastreams(x)/Observations")
)
def test_another_topic_is_refused(topic: str) -> None:
    with pytest.raises(InvalidInput):
        parent_of(topic)


MESSAGES, SIZE, ROOM = 400, 8192, 20
ONE_TURN = 64
"""How many messages of this size half a MiB has, which is what one turn of reading brings at most."""


@pytest.mark.parametrize("bounds", [{"in_flight": ROOM}, {"in_flight_bytes": ROOM * SIZE}])
async def test_no_more_is_worked_on_than_there_is_room_for(
    brokers: tuple[PrivateMosquitto, PrivateMosquitto], bounds: dict[str, Any]
) -> None:
    under_way, most, done, turns = 0, 0, set[bytes](), asyncio.Semaphore(0)

    async def work(messages: Sequence[Message], _done: Done) -> None:
        nonlocal under_way, most
        under_way += len(messages)
        most = max(most, under_way)
        await turns.acquire()
        under_way -= len(messages)
        done.update(message.payload[:8] for message in messages)

    heard, up = asyncio.Event(), asyncio.Event()
    topic = "v1.1/Datastreams(1)/Observations"
    receiver = Connection(
        brokers[0].url, client_id="slow", topics=(topic,), on_messages=work, on_connect=lambda _: heard.set(), **bounds
    )
    sender = Connection(brokers[0].url, client_id="quick", on_connect=lambda _: up.set())
    async with asyncio.timeout(60):
        receiver.start()
        await heard.wait()
        sender.start()
        await up.wait()
        for number in range(MESSAGES):
            sender.publish(topic, b"%08d" % number + bytes(SIZE - 8), qos=1)
        while under_way < ROOM:
            await asyncio.sleep(0)
        while len(done) < MESSAGES:
            if under_way:
                turns.release()
            await asyncio.sleep(0)
    await sender.stop()
    await receiver.stop()
    assert ROOM <= most <= ROOM + ONE_TURN


async def test_a_turn_is_acknowledged_as_a_whole_or_not_at_all(
    brokers: tuple[PrivateMosquitto, PrivateMosquitto],
) -> None:
    topic, names = "v1.1/Datastreams(2)/Observations", [b"%d" % number for number in range(50)]
    tried, done, can_work = set[bytes](), list[bytes](), False

    async def work(messages: Sequence[Message], _done: Done) -> None:
        tried.update(each.payload for each in messages)
        if not can_work:
            raise ZeroDivisionError
        done.extend(each.payload for each in messages)

    async def receive(wanted: Callable[[], bool], *, last: bytes = b"") -> None:
        kept: dict[str, Any] = {"client_id": "whole", "session_expiry_s": 60, "on_connect": lambda _: heard.set()}
        receiver = Connection(brokers[0].url, topics=(topic,), on_messages=work, **kept)
        receiver.start()
        await heard.wait()
        if not tried:
            for name in names:
                sender.publish(topic, name, qos=1)
        while not wanted():
            await asyncio.sleep(0)
        if last:  # it comes by a later turn: those before are acknowledged by then
            sender.publish(topic, last, qos=1)
        while last and last not in done:
            await asyncio.sleep(0)
        await receiver.stop()

    heard, up = asyncio.Event(), asyncio.Event()
    sender = Connection(brokers[0].url, client_id="quick", on_connect=lambda _: up.set())
    sender.start()
    async with asyncio.timeout(60):
        await up.wait()
        await receive(lambda: len(tried) == len(names))
        can_work = True
        await receive(lambda: len(done) == len(names), last=b"the next")
        await receive(lambda: True, last=b"the last")
        await sender.stop()
    assert [each for each in done if each in names] == names
