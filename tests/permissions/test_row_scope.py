"""Keys that reach differing Things, by every way there is: no row beyond is seen, counted, changed or heard of."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from typing import Any

import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async

from dothi.config.keys import hearing_for, rights_for
from dothi.config.servers.mosquitto import PrivateMosquitto
from dothi.protocols.mqtt import rights
from dothi.protocols.mqtt.ingest import Ingest
from dothi.protocols.mqtt.notices import Notices
from dothi.protocols.mqtt.tests.device import Device
from dothi.protocols.sensorthings.tests.city import datastream
from tests.permissions.city import HOURS, RESULTS, SCOPES, City, until

SETS = ["Things", "Locations", "HistoricalLocations", "Datastreams", "Sensors", "ObservedProperties", "Observations",
        "FeaturesOfInterest", "TaskingCapabilities", "Actuators", "Tasks"]  # fmt: skip
READS = [
    *(f"{name}?{how}" for name in SETS for how in ("$top=10", "$resultFormat=CSV", "$resultFormat=GeoJSON")),
    *(f"{name}/$ref" for name in SETS), "Observations?$resultFormat=dataArray",
    "Things?$expand=Datastreams($expand=Observations,Sensor,ObservedProperty),Locations,TaskingCapabilities/Tasks",
    "Things?$expand=Datastreams($expand=Observations($top=1;$orderby=phenomenonTime desc))",
    "Things?$expand=Locations/Things/Datastreams/Observations", "Observations?$expand=Datastream/Thing/Locations",
    "Locations?$expand=Things/Datastreams/Observations", "Sensors?$expand=Datastreams/Thing/Locations/Things",
    "ObservedProperties?$expand=Datastreams/Observations/FeatureOfInterest/Observations/Datastream/Thing",
    "Datastreams?$expand=Observations($aggregate=P1D)", "Datastreams?$expand=Observations($count=true;$top=0)",
    "Actuators?$expand=TaskingCapabilities/Tasks,TaskingCapabilities/Thing", "Datastreams?$orderby=Thing/name desc",
    "Observations?$orderby=Datastream/Thing/name desc&$top=2", "Things?$filter=Datastreams/Observations/result gt 0",
    "Observations?$filter=result gt 0&$select=result&$resultFormat=CSV",
    "Things?$expand=Datastreams/Observations&$resultFormat=CSV", "Things?$expand=Locations&$resultFormat=GeoJSON",
]  # fmt: skip
"""Ways to read, each of which leads somewhere; what is seen is known by the names and results in the answer."""


NAMELESS = ("/$ref", "$top=2", "HistoricalLocations?", "HistoricalLocations/")
"""Parts of those ways whose answers do not name all that they show."""


def seen_in(text: str) -> set[str]:
    """Give the Things that a text tells anything of."""
    return {name for name, result in RESULTS.items() if name in text or str(result) in text}


async def test_every_way_of_reading_shows_what_the_key_reaches_and_no_more(city: City) -> None:
    for scope, reached in SCOPES.items():
        async with city.client(scope) as client:
            for way in READS:
                answer = await client.get(way)
                assert answer.status_code == 200, (scope, way, answer.text)
                seen = seen_in(answer.text)
                assert seen <= reached, (scope, way, answer.text)
                if not any(part in way for part in NAMELESS):
                    assert seen == reached, (scope, way, answer.text)


async def test_every_count_is_of_what_the_key_reaches(city: City) -> None:
    for scope, reached in SCOPES.items():
        async with city.client(scope) as client:
            for name in SETS:
                number = len(reached) * (len(HOURS) if name == "Observations" else 1)
                if name == "HistoricalLocations":
                    number = len(reached)
                assert (await client.get(f"{name}/$count")).text == str(number), (scope, name)
                for how in ("true", "exact", "estimated"):
                    answer = (await client.get(f"{name}?$count={how}&$top=0")).json()
                    assert answer["@iot.count"] == number, (scope, name, how)
                assert len((await client.get(f"{name}/$ref")).json()["value"]) == number, (scope, name)
            for other in RESULTS.keys() - reached:
                found = await client.get(f"Things/$count?$filter=Locations/Things/name eq '{other}'")
                assert found.text == "0", (scope, other)


async def test_what_lies_beyond_is_not_there_at_its_own_address(city: City) -> None:
    for scope, reached in SCOPES.items():
        async with city.client(scope) as client:
            for name, at in city.ids.items():
                expected = 200 if name in reached else 404
                ways = [
                    f"Things({at['thing']})", f"Datastreams({at['stream']})",
                    f"Datastreams({at['stream']})/Observations",
                    f"Datastreams({at['stream']})/Observations?$aggregate=PT1H", f"Things({at['thing']})/name/$value",
                    f"Datastreams({at['stream']})/Thing", f"TaskingCapabilities({at['light']})/Tasks",
                    f"Datastreams({at['stream']})/Observations?$resultFormat=dataArray",
                    f"Datastreams({at['stream']})/Observations?$resultFormat=CSV",
                ]  # fmt: skip
                for way in ways:
                    assert (await client.get(way)).status_code == expected, (scope, name, way)
                requests = [{"id": str(number), "method": "get", "url": way} for number, way in enumerate(ways)]
                batch = (await client.post("$batch", json={"requests": requests})).json()["responses"]
                assert {each["status"] for each in batch} == {expected}, (scope, name)


async def test_nothing_beyond_is_written_or_changed(city: City) -> None:
    for scope in ("department", "below", "things", "both", "nothing"):
        before = await city.count()
        async with city.client(scope) as client:
            for name in RESULTS.keys() - SCOPES[scope]:
                at = city.ids[name]
                row = {"phenomenonTime": "2026-01-02T00:00:00Z", "result": 5}
                rows = [{"Datastream": {"@iot.id": at["stream"]}, "components": ["phenomenonTime", "result"],
                         "dataArray": [["2026-01-02T00:00:00Z", 5]]}]  # fmt: skip
                link = {"Datastream": {"@iot.id": at["stream"]}}
                for method, path, body, statuses in (
                    ("POST", f"Datastreams({at['stream']})/Observations", row, {404}),
                    ("POST", "Observations", row | link, {400}),
                    ("POST", "CreateObservations", rows, {201}),
                    ("POST", f"TaskingCapabilities({at['light']})/Tasks", {"taskingParameters": {}}, {404}),
                    ("POST", f"Things({at['thing']})/Datastreams", datastream("new"), {404}),
                    ("PATCH", f"Things({at['thing']})", {"name": "changed"}, {404}),
                    ("PATCH", f"Datastreams({at['stream']})", {"name": "changed"}, {404}),
                    ("DELETE", f"Things({at['thing']})", None, {404}),
                    ("DELETE", f"Datastreams({at['stream']})", None, {404}),
                ):
                    answer = await client.request(method, path, json=body)
                    assert answer.status_code in statuses, (scope, name, method, path, answer.text)
                    inner: list[dict[str, Any]] = [{"id": "1", "method": method, "url": path, "body": body}]
                    (batch,) = (await client.post("$batch", json={"requests": inner})).json()["responses"]
                    assert batch["status"] in statuses, (scope, name, method, path, batch)
        assert await city.count() == before


@pytest.mark.parametrize("scope", [scope for scope in SCOPES if scope != "everything"])
async def test_a_deletion_by_filter_takes_what_the_key_reaches_alone(city: City, scope: str) -> None:
    whole = dict.fromkeys(RESULTS, len(HOURS))
    async with city.client(scope) as client:
        assert (await client.delete("Observations", params={"$filter": "result gt 0"})).status_code == 200
        assert await city.count() == whole | dict.fromkeys(SCOPES[scope], 0)
        assert (await client.delete("Things", params={"$filter": "name ne 'x'"})).status_code == 200
    left = {name: number for name, number in whole.items() if name not in SCOPES[scope]}
    assert await city.count() == left


@pytest_asyncio.fixture
async def notices(city: City, brokers: tuple[PrivateMosquitto, PrivateMosquitto]) -> AsyncIterator[Notices]:
    url = brokers[1].url
    made = Notices(url, record=city.app.state.record, base="http://test/v1.1", client_id=f"n-{secrets.token_hex(4)}")
    city.told.append(made.hear)
    made.start()
    await until(lambda: made.connected)
    yield made
    for text in list(made.topics):
        made._forget(text)
    await made.stop()


async def test_a_subscriber_hears_of_what_the_key_reaches_alone(
    city: City, notices: Notices, brokers: tuple[PrivateMosquitto, PrivateMosquitto]
) -> None:
    topics = ["v1.1/#"]
    for at in city.ids.values():
        topics += [f"v1.1/Things({at['thing']})", f"v1.1/Things({at['thing']})/Datastreams",
                   f"v1.1/Datastreams({at['stream']})/Observations", f"v1.1/TaskingCapabilities({at['light']})/Tasks",
                   f"v1.1/Datastreams({at['stream']})/Observations?$select=result"]  # fmt: skip
    topics += ["v1.1/Things", "v1.1/Observations", "v1.1/Tasks", "v1.1/Datastreams?$select=name"]
    ears: dict[str, Device] = {}
    url = brokers[1].url
    for scope, key in city.keys.items():
        given = await sync_to_async(hearing_for)(city.actors[scope])
        assert given is not None
        await rights.admit(url, key_id=key.id, secret=key.secret, rights=given)
        ears[scope] = await Device(url, username=key.id, password=key.secret).__aenter__()
        for topic in topics:
            ears[scope].client.subscribe(topic, qos=1)
    await until(lambda: all(ear.subscriptions_answered == len(topics) for ear in ears.values()))
    await until(lambda: set(topics[1:]) <= notices.topics.keys())
    await until(lambda: all(each.is_list or each.text in notices._known for each in notices.topics.values()))
    async with city.client("everything") as client:
        for name, at in city.ids.items():
            body = {"phenomenonTime": "2026-01-03T00:00:00Z", "result": RESULTS[name]}
            await client.post(f"Datastreams({at['stream']})/Observations", json=body)
            await client.post(f"TaskingCapabilities({at['light']})/Tasks", json={"taskingParameters": {"for": name}})
            await client.patch(f"Datastreams({at['stream']})", json={"description": f"{name} changed"})
            await client.patch(f"Things({at['thing']})", json={"description": "last"})
    heard = {scope: [await _all_of(ear, SCOPES[scope], city)] for scope, ear in ears.items()}
    assert {scope: seen_in("".join(texts)) for scope, texts in heard.items()} == dict(SCOPES)
    for scope, ear in ears.items():
        assert ear.client.is_connected, scope
        await ear.__aexit__()
        await rights.expel(url, key_id=city.keys[scope].id)


async def _all_of(ear: Device, reached: frozenset[str], city: City) -> str:
    """Wait for what is told last of each Thing that is reached; give all that was heard."""
    texts: list[str] = []
    waiting = {f"v1.1/Things({city.ids[name]['thing']})" for name in reached}
    async with asyncio.timeout(60):
        while waiting:
            topic, payload, _ = await ear.heard.get()
            texts.append(payload.decode())
            if b'"last"' in payload:
                waiting.discard(topic)
    while not ear.heard.empty():
        texts.append(ear.heard.get_nowait()[1].decode())
    return "".join(texts)


async def test_a_device_publishes_for_what_its_key_reaches_alone(
    city: City, brokers: tuple[PrivateMosquitto, PrivateMosquitto]
) -> None:
    url = brokers[0].url
    ingest = Ingest(url, record=city.app.state.record, client_id=f"i-{secrets.token_hex(4)}")
    ingest.start()
    await until(lambda: ingest.connected)
    before = await city.count()
    expected: dict[str, int] = {}
    for number, scope in enumerate(SCOPES):
        key = city.keys[scope]
        given = await sync_to_async(rights_for)(city.actors[scope])
        await rights.admit(url, key_id=key.id, secret=key.secret, rights=given)
        for name, at in city.ids.items():
            async with Device(url, username=key.id, password=key.secret) as device:
                device.observe(at["stream"], {"phenomenonTime": f"2026-01-04T0{number}:00:00Z", "result": 1})
                if name in SCOPES[scope]:
                    expected[name] = expected.get(name, 0) + 1
                    await until(lambda: ingest.counters["received"] == sum(expected.values()))
                else:
                    await until(lambda: not device.client.is_connected)
        await rights.expel(url, key_id=key.id)
    await until(lambda: ingest.lag_s() == 0)
    assert await city.count() == {name: number + expected[name] for name, number in before.items()}
    await ingest.stop()
