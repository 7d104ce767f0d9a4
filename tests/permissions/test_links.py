"""What a limited key can't see it can't link either: by every way the answer is that it is not there."""

import re
import secrets
from collections.abc import Callable, Sequence
from typing import Any

import httpx
import pytest
from asgiref.sync import sync_to_async

from dothi.config.keys import rights_for
from dothi.config.servers.mosquitto import PrivateMosquitto
from dothi.protocols.mqtt import rights
from dothi.protocols.mqtt.ingest import Ingest
from dothi.protocols.mqtt.tests.device import Device
from dothi.protocols.sensorthings.tests.city import datastream, get, location, make
from tests.permissions.city import City, until

ABSENT = 987_654_321_987
"""The id of nothing at all."""
AT = "2026-01-05T00:00:00Z"
KINDS = ("Location", "Sensor", "ObservedProperty", "Actuator", "FeatureOfInterest")
"""What Things share."""
NEW: dict[str, tuple[str, dict[str, Any]]] = {
    "Location": ("Locations", location("own pole")),
    "Sensor": ("Sensors", {"name": "own meter", "encodingType": "text/plain", "metadata": "none"}),
    "ObservedProperty": ("ObservedProperties", {"name": "own", "definition": "urn:own"}),
    "Actuator": ("Actuators", {"name": "own driver", "encodingType": "t", "metadata": "m"}),
    "FeatureOfInterest": (
        "FeaturesOfInterest",
        {"name": "own feature", "encodingType": "application/geo+json", "feature": location("")["location"]},
    ),
}
Way = tuple[str, str, Any]
Link = dict[str, int]


async def all_of(city: City, name: str) -> dict[str, int]:
    """Give the ids of a Thing of the city and of all that is its own, by kind."""
    at = city.ids[name]
    async with city.client("everything") as client:
        streams = f"Datastreams({at['stream']})"
        first = await get(client, f"{streams}/Observations", top=1, expand="FeatureOfInterest($select=id)")
        found = {
            "Thing": at["thing"],
            "Datastream": at["stream"],
            "TaskingCapability": at["light"],
            "Observation": first["value"][0]["@iot.id"],
            "FeatureOfInterest": first["value"][0]["FeatureOfInterest"]["@iot.id"],
            "Location": (await get(client, f"Things({at['thing']})/Locations"))["value"][0]["@iot.id"],
        }
        for kind, path in (("Sensor", streams), ("ObservedProperty", streams)):
            found[kind] = (await get(client, f"{path}/{kind}"))["@iot.id"]
        found["Actuator"] = (await get(client, f"TaskingCapabilities({at['light']})/Actuator"))["@iot.id"]
        return found


def ways(kind: str, number: int, own: dict[str, int]) -> list[Way]:
    """Give the requests that link an entity to something of one's own."""
    return _WAYS[kind](kind, {"@iot.id": number}, own)


def _of_series(kind: str, link: Link, own: dict[str, int]) -> list[Way]:
    series, stream = datastream("new series"), own["Datastream"]
    bare = {name: value for name, value in series.items() if name not in ("Sensor", "ObservedProperty")}
    return [
        ("POST", f"Things({own['Thing']})/Datastreams", series | {kind: link}),
        ("POST", "Things", {"name": "new", "Datastreams": [series | {kind: link}]}),
        ("PATCH", f"Datastreams({stream})", {kind: link}),
        ("PUT", f"Datastreams({stream})", bare | {kind: link}),
        ("PUT", f"Datastreams({stream})/{kind}/$ref", link),
    ]


def _of_location(_kind: str, link: Link, own: dict[str, int]) -> list[Way]:
    thing = own["Thing"]
    past = {"time": AT, "Thing": {"@iot.id": thing}, "Locations": [link]}
    return [
        ("POST", "Things", {"name": "new", "Locations": [link]}),
        ("PATCH", f"Things({thing})", {"Locations": [link]}),
        ("PUT", f"Things({thing})", {"name": "alpha", "Locations": [link]}),
        ("POST", f"Things({thing})/Locations/$ref", link),
        ("POST", "HistoricalLocations", past),
    ]


def _of_feature(kind: str, link: Link, own: dict[str, int]) -> list[Way]:
    stream, seen, number = {"@iot.id": own["Datastream"]}, own["Observation"], link["@iot.id"]
    rows = {"Datastream": stream, "components": ["result", "FeatureOfInterest/id"], "dataArray": [[1, number]]}
    series = datastream("new series", Observations=[{"result": 1, kind: link}])
    return [
        ("POST", f"Datastreams({own['Datastream']})/Observations", {"phenomenonTime": AT, "result": 1, kind: link}),
        ("POST", "Observations", {"result": 1, kind: link, "Datastream": stream}),
        ("POST", f"FeaturesOfInterest({number})/Observations", {"result": 1, "Datastream": stream}),
        ("PATCH", f"Observations({seen})", {kind: link}),
        ("PUT", f"Observations({seen})", {"result": 1, kind: link}),
        ("POST", f"Things({own['Thing']})/Datastreams", series),
        ("POST", "CreateObservations", [rows]),
    ]


def _of_thing(kind: str, link: Link, own: dict[str, int]) -> list[Way]:
    stream = own["Datastream"]
    return [
        ("POST", "Datastreams", datastream("new series") | {kind: link}),
        ("PATCH", f"Datastreams({stream})", {kind: link}),
        ("PUT", f"Datastreams({stream})/Thing/$ref", link),
        ("POST", "Locations", location("new pole") | {"Things": [link]}),
        ("POST", "HistoricalLocations", {"time": AT, "Thing": link}),
        ("POST", f"Locations({own['Location']})/Things/$ref", link),
    ]


def _of_datastream(kind: str, link: Link, own: dict[str, int]) -> list[Way]:
    return [
        ("POST", "Observations", {"result": 1, kind: link}),
        ("PATCH", f"Observations({own['Observation']})", {kind: link}),
        ("POST", f"Sensors({own['Sensor']})/Datastreams/$ref", link),
    ]


def _of_actuator(kind: str, link: Link, own: dict[str, int]) -> list[Way]:
    new = {"name": "new", "taskingParameters": {}, "Thing": {"@iot.id": own["Thing"]}, kind: link}
    return [
        ("POST", "TaskingCapabilities", new),
        ("PATCH", f"TaskingCapabilities({own['TaskingCapability']})", {kind: link}),
    ]


def _of_capability(kind: str, link: Link, _own: dict[str, int]) -> list[Way]:
    return [("POST", "Tasks", {"taskingParameters": {}, kind: link})]


_WAYS: dict[str, Callable[[str, Link, dict[str, int]], list[Way]]] = {
    "Sensor": _of_series, "ObservedProperty": _of_series, "Location": _of_location, "FeatureOfInterest": _of_feature,
    "Thing": _of_thing, "Datastream": _of_datastream, "Actuator": _of_actuator, "TaskingCapability": _of_capability,
}  # fmt: skip


async def _answer(client: httpx.AsyncClient, way: Way, number: int) -> tuple[int, str]:
    """Give the status and the body of an answer, without the id that was asked for."""
    method, path, body = way
    answer = await client.request(method, path, json=body)
    return answer.status_code, re.sub(rf"\b{number}\b", "N", answer.text)


async def _answer_in_batch(client: httpx.AsyncClient, way: Way, number: int) -> tuple[int, str]:
    method, path, body = way
    requests: list[dict[str, Any]] = [{"id": "one", "method": method.lower(), "url": path, "body": body}]
    answer = await client.post("$batch", json={"requests": requests})
    (inner,) = answer.json()["responses"]
    return inner["status"], re.sub(rf"\b{number}\b", "N", answer.text)


async def _orphans(client: httpx.AsyncClient) -> dict[str, int]:
    """Make one of each kind, to which no Thing leads yet."""
    return {kind: await make(client, path, body) for kind, (path, body) in NEW.items()}


@pytest.mark.parametrize("scope", ["department", "things"])
async def test_what_a_key_cannot_see_is_linked_as_little_as_what_is_not_there(city: City, scope: str) -> None:
    own, beyond, before = await all_of(city, "alpha"), await all_of(city, "gamma"), await city.count()
    async with city.client("everything") as client:
        hidden = [*((kind, beyond[kind]) for kind in _WAYS), *(await _orphans(client)).items()]
        shown = [(await get(client, f"{name}({own[name[:-1]]})")) for name in ("Things", "Datastreams", "Observations")]
    async with city.client(scope) as client:
        for kind, number in hidden:
            for place, way in enumerate(ways(kind, number, own)):
                missing = ways(kind, ABSENT, own)[place]
                for ask in (_answer, _answer_in_batch):
                    expected = await ask(client, missing, ABSENT)
                    assert await ask(client, way, number) == expected, (kind, way)
                    assert expected[0] in (400, 404) or way[1] == "CreateObservations", (way, expected)
                    assert "there is no" in expected[1], (way, expected)
    assert await city.count() == before
    async with city.client("everything") as client:
        names = ("Things", "Datastreams", "Observations")
        assert shown == [(await get(client, f"{name}({own[name[:-1]]})")) for name in names]
        (orphan,) = (await get(client, "Sensors", filter="name eq 'own meter'", expand="Datastreams"))["value"]
        assert orphan["Datastreams"] == []


async def _link_all(client: httpx.AsyncClient, links: Sequence[tuple[str, int]], own: dict[str, int]) -> None:
    """Link each in every way there is; each must be taken."""
    for kind, number in links:
        for method, path, body in ways(kind, number, own):
            answer = await client.request(method, path, json=body)
            assert answer.is_success, (kind, path, answer.text)
            assert "there is no" not in answer.text, (kind, path, answer.text)


async def test_what_a_key_sees_and_what_it_made_itself_it_links(city: City) -> None:
    own, near = await all_of(city, "alpha"), await all_of(city, "beta")
    async with city.client("department") as client:
        made = await _orphans(client)
        await _link_all(client, [*((kind, near[kind]) for kind in KINDS), *made.items()], own)
    async with city.client("things") as client:
        # By now a Thing that this key sees leads to them.
        assert (await client.get(f"Sensors({made['Sensor']})")).status_code == 200
        assert (await client.get(f"Locations({made['Location']})")).status_code == 200


async def test_a_key_without_limits_links_what_there_is(city: City) -> None:
    own, other = await all_of(city, "alpha"), await all_of(city, "gamma")
    async with city.client("everything") as client:
        orphans = await _orphans(client)
        await _link_all(client, [*((kind, other[kind]) for kind in KINDS), *orphans.items()], own)


async def test_an_observation_keeps_the_feature_that_another_gave_it(city: City) -> None:
    own, other = await all_of(city, "alpha"), await all_of(city, "gamma")
    link = {"FeatureOfInterest": {"@iot.id": other["FeatureOfInterest"]}}
    async with city.client("everything") as client:
        body = {"phenomenonTime": "2025-12-01T00:00:00Z", "result": 1} | link
        seen = await make(client, f"Datastreams({own['Datastream']})/Observations", body)
    async with city.client("things") as client:
        answer = await client.patch(f"Observations({seen})", json={"result": 2})
        assert answer.status_code == 200, answer.text
        found = await get(client, f"Observations({seen})/FeatureOfInterest")
        assert found["@iot.id"] == other["FeatureOfInterest"]
        # Nor is it given to any other Observation for that: the newest is not about it.
        row = {"phenomenonTime": AT, "result": 3} | link
        assert (await client.post(f"Datastreams({own['Datastream']})/Observations", json=row)).status_code == 400


async def test_a_device_links_no_feature_that_its_key_cannot_see(
    city: City, brokers: tuple[PrivateMosquitto, PrivateMosquitto]
) -> None:
    url = brokers[0].url
    alpha, gamma, before = await all_of(city, "alpha"), await all_of(city, "gamma"), await city.count()
    ingest = Ingest(url, record=city.app.state.record, client_id=f"i-{secrets.token_hex(4)}")
    ingest.start()
    await until(lambda: ingest.connected)
    messages = (
        # Who sends what, and whether it is stored; the last has no limited key that may send to its Datastream.
        ("things", alpha["Datastream"], gamma["FeatureOfInterest"], False),
        ("department", alpha["Datastream"], gamma["FeatureOfInterest"], False),
        ("things", alpha["Datastream"], ABSENT, False),
        ("things", alpha["Datastream"], alpha["FeatureOfInterest"], True),
        ("everything", gamma["Datastream"], alpha["FeatureOfInterest"], True),
    )
    refused = 0
    for hour, (scope, stream, feature, is_stored) in enumerate(messages):
        key = city.keys[scope]
        given = await sync_to_async(rights_for)(city.actors[scope])
        await rights.admit(url, key_id=key.id, secret=key.secret, rights=given)
        async with Device(url, username=key.id, password=key.secret) as device:
            row = {"phenomenonTime": f"2026-01-06T0{hour}:00:00Z", "result": 1}
            device.observe(stream, row | {"FeatureOfInterest": {"@iot.id": feature}})
            received = hour + 1
            await until(lambda received=received: ingest.counters["received"] == received and ingest.lag_s() == 0)  # type: ignore[misc]
        refused += not is_stored
        assert ingest.counters["dead_letters"] == refused, (scope, feature)
        await rights.expel(url, key_id=key.id)
    await ingest.stop()
    assert await city.count() == before | {name: before[name] + 1 for name in ("alpha", "gamma")}
    async with city.app.state.record.pool.connection() as connection:
        cursor = await connection.execute("SELECT reason FROM observations_deadletter")
        reasons = {re.sub("[0-9]+", "N", reason) for (reason,) in await cursor.fetchall()}
    assert reasons == {"there is no FeatureOfInterest N"}
