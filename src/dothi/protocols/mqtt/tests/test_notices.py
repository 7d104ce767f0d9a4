"""What subscribers hear (OGC 18-088, 14.2): over a real broker, from a real record, each topic of the standard."""

import asyncio
import secrets
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack
from typing import Any

import httpx
import msgspec
import pytest
import pytest_asyncio
from starlette.applications import Starlette

from dothi.config.servers.mosquitto import PrivateMosquitto
from dothi.core.accounts.types import SYSTEM, Actor
from dothi.core.observations.service import Record
from dothi.kernel.errors import DothiError, InvalidInput, NotFound
from dothi.kernel.events import Event
from dothi.protocols.door import on_error
from dothi.protocols.mqtt import rights
from dothi.protocols.mqtt.notices import Notices
from dothi.protocols.mqtt.rights import Rights
from dothi.protocols.mqtt.tests.device import Device
from dothi.protocols.mqtt.topics import read_topic, subscribed
from dothi.protocols.sensorthings.routes import routes
from dothi.protocols.sensorthings.tests.city import datastream, get, ids, lamp, location, make

BASE = "http://city.test/v1.1"
SECRET = "a-subscriber's-own-secret"
Hear = Callable[..., Any]


class Ear:
    """A subscriber: its topics, and what it hears on each."""

    def __init__(self, device: Device, notices: Notices) -> None:
        self._device, self._notices = device, notices

    async def listen(self, *topics: str) -> None:
        """Subscribe, and wait until the broker has told of it and the present state is known."""
        answered = self._device.subscriptions_answered
        for topic in topics:
            self._device.client.subscribe(topic, qos=1)
        await until(lambda: self._device.subscriptions_answered == answered + len(topics))
        await until(lambda: all(self._is_known(topic) for topic in topics))

    def _is_known(self, topic: str) -> bool:
        found = self._notices.topics.get(topic)
        return found is not None and (found.is_list or topic in self._notices._known)

    async def next(self) -> tuple[str, Any]:
        """Wait for a message; give its topic and what its JSON says."""
        async with asyncio.timeout(20):
            topic, payload, _ = await self._device.heard.get()
        return topic, msgspec.json.decode(payload)

    async def heard(self, number: int) -> dict[str, Any]:
        """Wait for so many messages, each on another topic."""
        found = dict([await self.next() for _ in range(number)])
        assert len(found) == number
        return found

    @property
    def is_silent(self) -> bool:
        """Whether nothing more came."""
        return self._device.heard.empty()


async def until(condition: Callable[[], bool]) -> None:
    """Wait for a condition, which another task makes true."""
    async with asyncio.timeout(20):
        while not condition():
            await asyncio.sleep(0.01)


@pytest_asyncio.fixture
async def told() -> list[Callable[[Event], None]]:
    """Who hears the record's events besides the test."""
    return []


@pytest_asyncio.fixture
async def city(database_url: str, told: list[Callable[[Event], None]]) -> AsyncIterator[Record]:
    """A record whose events reach the notices."""

    def publish(event: Event) -> None:
        for hear in told:
            hear(event)

    made = Record(database_url, publish=publish, pool_size=4)
    await made.start()
    yield made
    await made.stop()


@pytest_asyncio.fixture
async def client(city: Record) -> AsyncIterator[httpx.AsyncClient]:
    """An HTTP client that may do anything."""

    async def authenticate(_request: object) -> Actor:
        return SYSTEM

    app = Starlette(routes=routes(), exception_handlers={DothiError: on_error})
    app.state.record, app.state.authenticate = city, authenticate
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app=app), base_url=BASE + "/") as found:
        yield found


@pytest_asyncio.fixture
async def notices(
    city: Record, told: list[Callable[[Event], None]], brokers: tuple[PrivateMosquitto, PrivateMosquitto]
) -> AsyncIterator[Notices]:
    made = Notices(brokers[1].url, record=city, base=BASE, client_id=f"notices-{secrets.token_hex(4)}")
    told.append(made.hear)
    made.start()
    await until(lambda: made.connected)
    yield made
    for text in list(made.topics):
        made._forget(text)
    await made.stop()


@pytest_asyncio.fixture
async def subscriber(
    notices: Notices, brokers: tuple[PrivateMosquitto, PrivateMosquitto]
) -> AsyncIterator[Callable[[Rights], Any]]:
    """Makes subscribers, each with the rights of a key of its own."""
    url = brokers[1].url
    async with AsyncExitStack() as stack:

        async def admit(given: Rights) -> Ear:
            key_id = secrets.token_hex(8)
            await rights.admit(url, key_id=key_id, secret=SECRET, rights=given)
            stack.push_async_callback(rights.expel, url, key_id=key_id)
            return Ear(await stack.enter_async_context(Device(url, username=key_id, password=SECRET)), notices)

        yield admit


@pytest_asyncio.fixture
async def ear(subscriber: Callable[[Rights], Any]) -> Ear:
    """Somebody who may hear everything."""
    found: Ear = await subscriber(rights.listening(None, sees_tasks=True))
    return found


async def observe(client: httpx.AsyncClient, stream: int, hour: int, result: float) -> dict[str, Any]:
    body = {"phenomenonTime": f"2026-02-01T{hour:02}:00:00Z", "resultTime": "2026-02-01T09:00:00Z", "result": result}
    number = await make(client, f"Datastreams({stream})/Observations", body)
    found: dict[str, Any] = await get(client, f"Observations({number})")
    return found


async def test_receive_updates_a_set_is_told_each_new_entity_whole(client: httpx.AsyncClient, ear: Ear) -> None:
    """receive-updates-via-mqtt/receive-updates, 14.2.1."""
    thing, power = await lamp(client, 1, results=[])
    _, other = await lamp(client, 2, results=[])
    (feature,) = await ids(client, "FeaturesOfInterest") or [0]
    topics = [
        f"v1.1/Datastreams({power})/Observations", "v1.1/Observations",
        f"v1.1/Things({thing})/Datastreams({power})/Observations", f"v1.1/MultiDatastreams({power})/Observations",
        f"v1.1/Datastreams({other})/Observations",
    ]  # fmt: skip
    await ear.listen(*topics)
    made = await observe(client, power, 10, 98.5)
    assert feature == 0
    assert await ear.heard(3) == dict.fromkeys(topics[:3], made)
    after = await observe(client, other, 10, 1)
    assert await ear.heard(2) == dict.fromkeys((topics[1], topics[4]), after)
    assert ear.is_silent


async def test_receive_updates_of_selected_properties(client: httpx.AsyncClient, ear: Ear) -> None:
    """receive-updates-via-mqtt/receive-updates, 14.2.4."""
    _, power = await lamp(client, 1, results=[])
    topic = f"v1.1/Datastreams({power})/Observations?$select=result,phenomenonTime"
    linked = "v1.1/Observations?$select=id, Datastream"
    await ear.listen(topic, linked)
    made = await observe(client, power, 10, 98.5)
    assert await ear.heard(2) == {
        topic: {"phenomenonTime": made["phenomenonTime"], "result": 98.5},
        linked: {name: made[name] for name in ("@iot.id", "Datastream@iot.navigationLink")},
    }


async def test_receive_updates_of_an_entity_and_of_a_property(client: httpx.AsyncClient, ear: Ear) -> None:
    """receive-updates-via-mqtt/receive-updates, 14.2.2 and 14.2.3."""
    thing, power = await lamp(client, 1, results=[])
    whole, name, kind = f"v1.1/Things({thing})", f"v1.1/Things({thing})/name", f"v1.1/Things({thing})/properties/kind"
    of_stream = f"v1.1/Datastreams({power})/Thing/name"
    await ear.listen(whole, name, kind, of_stream)
    await client.patch(f"Things({thing})", json={"description": "new"})
    assert await ear.heard(1) == {whole: await get(client, f"Things({thing})")}
    await client.patch(f"Things({thing})", json={"name": "renamed", "properties": {"kind": "Gauge"}})
    now = await get(client, f"Things({thing})")
    renamed = {"name": "renamed"}
    assert await ear.heard(4) == {whole: now, name: renamed, of_stream: renamed, kind: {"kind": "Gauge"}}
    await client.patch(f"Things({thing})", json={"properties": {}})
    assert (await ear.heard(2))[kind] == {"kind": None}


async def test_an_observation_changes_what_its_datastream_shows(client: httpx.AsyncClient, ear: Ear) -> None:
    _, power = await lamp(client, 1, results=[])
    topic = f"v1.1/Datastreams({power})/phenomenonTime"
    await ear.listen(topic, f"v1.1/Datastreams({power})/name")
    made = await observe(client, power, 10, 98.5)
    time = made["phenomenonTime"]
    assert await ear.next() == (topic, {"phenomenonTime": f"{time}/{time}"})
    assert ear.is_silent


async def test_new_and_changed_entities_of_each_kind_are_told(client: httpx.AsyncClient, ear: Ear) -> None:
    thing, power = await lamp(client, 1, results=[])
    sensor = (await get(client, f"Datastreams({power})/Sensor"))["@iot.id"]
    sets = ["Things", "Locations", "HistoricalLocations", "Datastreams", "Sensors", "ObservedProperties", "Actuators",
            "TaskingCapabilities", "MultiDatastreams", f"Things({thing})/Datastreams"]  # fmt: skip
    await ear.listen(*(f"v1.1/{name}" for name in sets))
    capability = {"name": "c", "taskingParameters": {}, "Actuator": {"name": "a", "encodingType": "t", "metadata": "m"}}
    body = {"name": "two", "Locations": [location("here")], "Datastreams": [datastream("x")]}
    await make(client, "Things", body | {"TaskingCapabilities": [capability]})
    found = await ear.heard(8)
    assert {topic.removeprefix("v1.1/") for topic in found} == set(sets[:8])
    assert found["v1.1/Locations"]["name"] == "here"
    await client.patch(f"Sensors({sensor})", json={"description": "d"})
    assert await ear.next() == ("v1.1/Sensors", await get(client, f"Sensors({sensor})"))
    await make(client, f"Things({thing})/Datastreams", datastream("y"))
    topics = {"v1.1/Datastreams", f"v1.1/Things({thing})/Datastreams", "v1.1/Sensors", "v1.1/ObservedProperties"}
    assert (await ear.heard(4)).keys() == topics


async def test_a_thing_that_moves_is_told(client: httpx.AsyncClient, ear: Ear) -> None:
    thing, _ = await lamp(client, 1, results=[])
    place = await make(client, "Locations", location("elsewhere"))
    await ear.listen(f"v1.1/Things({thing})/Locations", f"v1.1/Things({thing})/HistoricalLocations")
    await client.patch(f"Things({thing})", json={"Locations": [{"@iot.id": place}]})
    found = await ear.heard(2)
    assert found[f"v1.1/Things({thing})/Locations"]["name"] == "elsewhere"


async def test_an_observation_that_is_changed_is_told_again(client: httpx.AsyncClient, ear: Ear) -> None:
    _, power = await lamp(client, 1, results=[])
    made = await observe(client, power, 10, 98.5)
    number = made["@iot.id"]
    topics = [f"v1.1/Datastreams({power})/Observations", f"v1.1/Observations({number})/result"]
    await ear.listen(*topics)
    await client.patch(f"Observations({number})", json={"result": 5})
    assert await ear.heard(2) == {topics[0]: made | {"result": 5}, topics[1]: {"result": 5}}


async def test_commands_are_told_to_those_who_may_see_them(
    client: httpx.AsyncClient, ear: Ear, subscriber: Callable[[Rights], Any]
) -> None:
    """receive-updates-via-mqtt of 17-079r1; without `observations.task.view` nothing is delivered."""
    capability = {"name": "c", "taskingParameters": {}, "Actuator": {"name": "a", "encodingType": "t", "metadata": "m"}}
    thing = await make(client, "Things", {"name": "x", "TaskingCapabilities": [capability]})
    (light,) = await ids(client, f"Things({thing})/TaskingCapabilities")
    other = await subscriber(rights.listening(None, sees_tasks=False))
    topics = [f"v1.1/TaskingCapabilities({light})/Tasks", "v1.1/Tasks",
              f"v1.1/Things({thing})/TaskingCapabilities({light})/Tasks"]  # fmt: skip
    await ear.listen(*topics)
    await other.listen(*topics, f"v1.1/Things({thing})/name")
    other._device.client.subscribe("v1.1/#", qos=1)
    await until(lambda: other._device.subscriptions_answered == len(topics) + 2)
    await make(client, f"TaskingCapabilities({light})/Tasks", {"taskingParameters": {}})
    found = await ear.heard(3)
    assert {each["status"] for each in found.values()} == {"pending"}
    await client.patch(f"Things({thing})", json={"name": "y"})
    heard = [(await other.next())[0]]
    while heard[-1] != f"v1.1/Things({thing})/name":
        heard.append((await other.next())[0])
    assert not [topic for topic in heard if topic.endswith("Tasks")]


async def test_a_limited_key_hears_its_own_things_alone(
    client: httpx.AsyncClient, ear: Ear, subscriber: Callable[[Rights], Any], notices: Notices
) -> None:
    own, power = await lamp(client, 1, results=[])
    other, hidden = await lamp(client, 2, results=[])
    sensor = (await get(client, f"Datastreams({power})/Sensor"))["@iot.id"]
    await client.patch(f"Datastreams({hidden})", json={"Sensor": {"@iot.id": sensor}})
    limited = await subscriber(rights.listening([f"Things({own})", f"Datastreams({power})"], sees_tasks=False))
    shared = f"v1.1/Datastreams({power})/Sensor/Datastreams"
    mine = [f"v1.1/Datastreams({power})/Observations", f"v1.1/Things({own})", shared]
    refused = ["v1.1/Observations", f"v1.1/Datastreams({hidden})/Observations", f"v1.1/Things({other})/name", "v1.1/#"]
    await ear.listen(*refused[:3])
    for topic in refused:
        limited._device.client.subscribe(topic, qos=1)
    await until(lambda: limited._device.subscriptions_answered == len(refused))
    await limited.listen(*mine)
    await observe(client, hidden, 10, 666)
    await client.patch(f"Datastreams({hidden})", json={"description": "hidden"})
    await client.patch(f"Things({other})", json={"name": "hidden"})
    await ear.heard(3)
    made = await observe(client, power, 10, 1)
    assert await limited.next() == (mine[0], made)
    await client.patch(f"Datastreams({power})", json={"description": "seen"})
    topic, found = await limited.next()
    assert (topic, found["description"]) == (shared, "seen")
    assert limited.is_silent


async def test_a_key_whose_rights_became_less_hears_no_more_of_what_it_subscribed(
    client: httpx.AsyncClient, notices: Notices, brokers: tuple[PrivateMosquitto, PrivateMosquitto], ear: Ear
) -> None:
    """Its session may live on at the broker, with its subscriptions."""
    _, power = await lamp(client, 1, results=[])
    topic, key_id, url = f"v1.1/Datastreams({power})/Observations", secrets.token_hex(8), brokers[1].url
    await rights.admit(
        url, key_id=key_id, secret=SECRET, rights=rights.listening([f"Datastreams({power})"], sees_tasks=False)
    )
    device = Device(url, username=key_id, password=SECRET, session_expiry_s=600)
    async with device:
        await Ear(device, notices).listen(topic)
        await observe(client, power, 10, 1)
        await Ear(device, notices).next()
        await rights.change(url, {key_id: rights.listening([f"Datastreams({power + 10**6})"], sees_tasks=False)})
    await ear.listen(topic)
    back = Device(url, username=key_id, password=SECRET, session_expiry_s=0, client_id=device.client_id)
    async with back:
        made = await observe(client, power, 11, 2)
        assert await ear.next() == (topic, made)
        assert back.heard.empty()
    await rights.expel(url, key_id=key_id)


async def test_where_nobody_is_left_nothing_is_published(client: httpx.AsyncClient, ear: Ear, notices: Notices) -> None:
    _, power = await lamp(client, 1, results=[])
    topic = f"v1.1/Datastreams({power})/Observations"
    await ear.listen(topic)
    await observe(client, power, 10, 1)
    await ear.next()
    ear._device.client.unsubscribe(topic)
    for hour in (11, 12):
        await observe(client, power, hour, 2)
    await until(lambda: topic not in notices.topics)


async def test_who_publishes_next_knows_where_somebody_listens(
    client: httpx.AsyncClient, ear: Ear, notices: Notices, city: Record,
    told: list[Callable[[Event], None]], brokers: tuple[PrivateMosquitto, PrivateMosquitto],
) -> None:  # fmt: skip
    _, power = await lamp(client, 1, results=[])
    topic = f"v1.1/Datastreams({power})/Observations"
    await ear.listen(topic)
    told.clear()
    after = Notices(brokers[1].url, record=city, base=BASE, client_id=f"notices-{secrets.token_hex(4)}")
    told.append(after.hear)
    after.start()
    await until(lambda: topic in after.topics)
    made = await observe(client, power, 10, 1)
    assert await ear.next() == (topic, made)
    await after.stop()


@pytest.mark.parametrize(
    "text",
    ["", "v1.1", "v1.1/", "v1.1/Nothing", "v1.1/Things/name", "v1.1/Things(1)/nothing", "v1.1/+/Observations", "v1.1/#",
     "v1.1/Things?$filter=name eq 'x'", "v1.1/Things?$select=nothing", "v1.1/Things(1)?$select=name", "v1.1/Things?",
     "v1.1/Things?$top=1", "v1.1/Things/$count", "v1.1/Tasks(1)", "v1.1/Tasks?$select=status", "v1.1/Tasks(1)/status",
     "v1.1/Things?$resultFormat=CSV", "v1.1/" + "Things(1)/" * 17, "v1.1/Things(1)/name/" + "x" * 900, "other/Things"],
)  # fmt: skip
def test_nothing_is_published_on_other_topics(text: str) -> None:
    with pytest.raises((InvalidInput, NotFound)):
        read_topic(text)


def test_what_the_broker_says_of_a_subscription_is_read_whatever_the_client_is_called() -> None:
    for client_id in ("one", "a b 1 c", "x 1 v1.1/Things"):
        line = f"1795640510: {client_id} 1 v1.1/Things?$select=id, name"
        assert "v1.1/Things?$select=id, name" in {topic.text for topic in subscribed(line)}
    assert not list(subscribed("1795640510: one 1 $SYS/broker/log/#"))
