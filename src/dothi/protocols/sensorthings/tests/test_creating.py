"""Making entities by HTTP: deep, linked, at a path, or not at all."""

import itertools
from datetime import timedelta
from typing import Any

import httpx
import pytest

from dothi.kernel import clock
from dothi.kernel.events import Event, ThingsChanged
from dothi.protocols.sensorthings.tests.city import datastream, get, ids, lamp, location, make


async def _counts(client: httpx.AsyncClient) -> dict[str, str]:
    sets = [entry["name"] for entry in (await get(client, "")).get("value")]
    return {name: (await client.get(f"{name}/$count")).text for name in sets}


async def test_links_at_paths_and_in_bodies(client: httpx.AsyncClient, events: list[Event]) -> None:
    thing = await make(client, "Things", {"name": "mast", "properties": {}})
    sensor = await make(client, "Sensors", {"name": "s", "encodingType": "text/plain", "metadata": {"maker": "x"}})
    observed = await make(client, "ObservedProperties", {"name": "p", "definition": "urn:p"})
    links = {"Sensor": {"@iot.id": sensor}, "ObservedProperty": {"@iot.id": observed}}
    first = await make(client, f"Things({thing})/Datastreams", datastream("one") | links)
    second = await make(client, "Datastreams", datastream("two") | links | {"Thing": {"@iot.id": thing}})
    third = await make(client, f"Sensors({sensor})/Datastreams", datastream("three", Sensor=None) | {
        "Thing": {"@iot.id": thing}, "ObservedProperty": {"@iot.id": observed},
    })  # fmt: skip
    assert await ids(client, f"Sensors({sensor})/Datastreams") == [first, second, third]
    assert await ids(client, f"ObservedProperties({observed})/Datastreams") == [first, second, third]
    assert (await get(client, f"Sensors({sensor})"))["metadata"] == {"maker": "x"}
    assert ThingsChanged(thing_ids=[thing]) in events


async def test_a_thing_that_moves_has_a_history(client: httpx.AsyncClient) -> None:
    thing = await make(client, "Things", {"name": "bus", "Locations": [location("depot")]})
    stop = await make(client, f"Things({thing})/Locations", location("stop"))
    assert await ids(client, f"Things({thing})/Locations") == [stop]
    past = await get(client, f"Things({thing})/HistoricalLocations", expand="Locations($select=name)", orderby="time")
    assert [[place["name"] for place in one["Locations"]] for one in past["value"]] == [["depot"], ["stop"]]


async def test_a_place_that_is_told_late_moves_no_thing(client: httpx.AsyncClient) -> None:
    """A HistoricalLocation says where its Thing is, unless a newer one says so."""
    thing = await make(client, "Things", {"name": "bus", "Locations": [location("depot")]})
    (depot,) = await ids(client, f"Things({thing})/Locations")
    old = {"time": "2020-01-01T00:00:00Z", "Locations": [location("yard")]}
    made = await make(client, f"Things({thing})/HistoricalLocations", old)
    assert await ids(client, f"Things({thing})/Locations") == [depot]
    assert (await get(client, f"HistoricalLocations({made})/Thing"))["@iot.id"] == thing
    soon = (clock.now() + timedelta(hours=1)).isoformat()
    new = {"time": soon, "Locations": [location("stop")], "Thing": {"@iot.id": thing}}
    newest = await make(client, "HistoricalLocations", new)
    (stop,) = await ids(client, f"HistoricalLocations({newest})/Locations")
    assert await ids(client, f"Things({thing})/Locations") == [stop]


async def test_observations_that_come_with_their_datastream(client: httpx.AsyncClient) -> None:
    stream = datastream(
        "power", Observations=[{"result": 1, "phenomenonTime": "2026-01-01T00:00:00Z"}, {"result": "on"}]
    )
    thing = await make(client, "Things", {"name": "t", "Datastreams": [stream]})
    (found,) = (await get(client, f"Things({thing})/Datastreams", expand="Observations"))["value"]
    assert sorted(map(str, (one["result"] for one in found["Observations"]))) == ["1", "on"]


async def test_observations_bring_features_with_their_datastream_or_nothing_is_made(client: httpx.AsyncClient) -> None:
    feature: dict[str, Any] = {
        "name": "room",
        "encodingType": "application/geo+json",
        "feature": location("")["location"],
    }
    plain = {"result": 1, "phenomenonTime": "2026-01-01T00:00:00Z"}
    brought = {"result": 2, "phenomenonTime": "2026-01-01T01:00:00Z", "FeatureOfInterest": feature}
    thing: dict[str, Any] = {"name": "t", "Locations": [location("pole")]}
    await make(client, "Things", thing | {"Datastreams": [datastream("power", Observations=[plain, brought])]})
    found = await get(client, "Observations", expand="FeatureOfInterest($select=name)", orderby="result")
    assert [one["FeatureOfInterest"]["name"] for one in found["value"]] == ["pole", "room"]
    before = await _counts(client)
    for wrong in (
        feature | {"feature": {"type": "Point", "coordinates": ["x", 1]}},
        {"name": "room"},
        {"@iot.id": 999},
    ):
        stream = datastream("power", Observations=[plain, brought | {"FeatureOfInterest": wrong}])
        answer = await client.post("Things", json=thing | {"Datastreams": [stream]})
        assert answer.status_code == 400, answer.text
        assert await _counts(client) == before


async def test_an_observation_names_a_feature_that_is_there(client: httpx.AsyncClient) -> None:
    _, power = await lamp(client, 1, results=[1])
    (place,) = await ids(client, "FeaturesOfInterest")
    for number, status in ((place, 201), (999, 400)):
        body = {"result": 2, "FeatureOfInterest": {"@iot.id": number}, "phenomenonTime": "2026-01-02T00:00:00Z"}
        answer = await client.post(f"Datastreams({power})/Observations", json=body)
        assert answer.status_code == status, answer.text
    assert answer.json()["place"] == "FeatureOfInterest"
    rows = [["2026-01-03T00:00:00Z", 1, place], ["2026-01-03T01:00:00Z", 2, 999], ["2026-01-03T02:00:00Z", 3, None]]
    group = {"Datastream": {"@iot.id": power}, "components": ["phenomenonTime", "result", "FeatureOfInterest/id"]}
    first, second, third = (await client.post("CreateObservations", json=[group | {"dataArray": rows}])).json()
    assert second == "error: there is no FeatureOfInterest 999"
    assert all(each.startswith("http://city.test/v1.1/Observations(") for each in (first, third))
    assert (await client.get("Observations/$count")).text == "4"


async def test_an_observation_with_its_feature(client: httpx.AsyncClient) -> None:
    _, power = await lamp(client, 1, results=[])
    feature = {"name": "room", "encodingType": "application/geo+json", "feature": location("")["location"]}
    made = await make(client, f"Datastreams({power})/Observations", {"result": 1, "FeatureOfInterest": feature})
    found = await get(client, f"Observations({made})", expand="FeatureOfInterest")
    assert found["FeatureOfInterest"]["feature"] == feature["feature"]
    number = found["FeatureOfInterest"]["@iot.id"]
    body = {"result": 2, "Datastream": {"@iot.id": power}}
    again = await make(client, f"FeaturesOfInterest({number})/Observations", body)
    assert await ids(client, f"FeaturesOfInterest({number})/Observations") == [made, again]


async def test_an_observation_brings_all_it_needs_or_nothing(client: httpx.AsyncClient) -> None:
    thing = await make(client, "Things", {"name": "t", "Locations": [location("here")]})
    before = await _counts(client)
    stream = datastream("new") | {"Thing": {"@iot.id": thing}}
    feature = {"name": "room", "encodingType": "application/geo+json", "feature": {"type": "Point"}}
    sent = {"result": 1, "Datastream": stream, "FeatureOfInterest": feature}
    assert (await client.post("Observations", json=sent)).status_code == 400
    assert await _counts(client) == before
    made = await make(client, "Observations", sent | {"FeatureOfInterest": None})
    assert (await get(client, f"Observations({made})/Datastream"))["name"] == "new"


async def test_an_observation_needs_a_feature_or_a_place(client: httpx.AsyncClient) -> None:
    thing = await make(client, "Things", {"name": "t"})
    before = await _counts(client)
    sent = {"result": 1, "Datastream": datastream("new") | {"Thing": {"@iot.id": thing}}}
    refused = await client.post("Observations", json=sent)
    assert (refused.status_code, refused.json()["place"]) == (400, "FeatureOfInterest")
    assert await _counts(client) == before
    stream = await make(client, f"Things({thing})/Datastreams", datastream("new"))
    path = f"Datastreams({stream})/Observations"
    assert (await client.post(path, json={"result": 1})).status_code == 400
    await make(client, f"Things({thing})/Locations", location("here"))
    await make(client, path, {"result": 1})


async def test_rows_are_stored_and_each_is_answered(client: httpx.AsyncClient) -> None:
    _, power = await lamp(client, 1, results=[])
    rows = [
        ["2026-01-01T00:00:00Z", 1.5], ["2026-01-01T01:00:00+07:00", "on"], ["no time", 1], ["2026-01-01T03:00:00Z"],
        ["2026-01-01T00:00:00Z", 1.5],
    ]  # fmt: skip
    groups = [
        {"Datastream": {"@iot.id": power}, "components": ["phenomenonTime", "result"], "dataArray": rows},
        {"Datastream": {"@iot.id": 999999}, "components": ["result"], "dataArray": [[1]]},
    ]
    answer = await client.post("CreateObservations", json=groups)
    assert answer.status_code == 201, answer.text
    first, second, *wrong, again, unknown = answer.json()
    assert all(text.startswith("error") for text in [*wrong, unknown])
    assert first == again
    assert (await client.get(first)).json()["result"] == 1.5
    assert (await client.get(second)).json()["result"] == "on"
    assert (await client.get(f"Datastreams({power})/Observations/$count")).text == "2"


POINT = location("x")
TOO_OLD = datastream("d", Observations=[{"result": 1, "phenomenonTime": "0001-01-01T00:00:00Z"}])
BAD: list[tuple[str, Any, str]] = [
    ("Things", {}, "name"),
    ("Things", {"name": "x", "nome": 1}, "body"),
    ("Things", {"name": 5}, "$.name"),
    ("Things", {"name": "x", "properties": [1]}, "properties"),
    ("Things", {"name": "x", "properties": {"public": "yes"}}, "properties/public"),
    (
        "Locations",
        location("x") | {"Things": [{"name": "x", "properties": {"public": 1}}]},
        "Things[0]/properties/public",
    ),
    ("Things", {"@iot.id": 5, "name": "x"}, "@iot.id"),
    ("Things", {"name": "x", "Locations": [{"@iot.id": 999}]}, "Locations[0]"),
    (
        "Things",
        {"name": "x", "Locations": [{"name": "y", "encodingType": "application/geo+json"}]},
        "Locations[0]/location",
    ),
    ("Things", {"name": "x", "Locations": [POINT | {"location": {"type": "Point"}}]}, "Locations[0]/location"),
    ("Things", {"name": "x", "Locations": [location("y", 400)]}, "Locations[0]/location"),
    ("Things", {"name": "x", "Datastreams": [{"name": "d"}]}, "Datastreams[0]/Sensor"),
    (
        "Things",
        {"name": "x", "Datastreams": [datastream("d", unitOfMeasurement="W")]},
        "Datastreams[0]/unitOfMeasurement",
    ),
    ("Things", {"name": "x", "Datastreams": [datastream("d", Observations=[{}])]}, "result"),
    ("Things", {"name": "x", "Datastreams": [TOO_OLD]}, "phenomenonTime"),
    ("Locations", POINT | {"Things": [{"name": "x", "Datastreams": [TOO_OLD]}]}, "phenomenonTime"),
    ("Things", {"name": "x", "properties": {"a": "\0"}}, ""),
    ("Things", {"name": "x\0"}, ""),
    ("Datastreams", datastream("d"), "Thing"),
    ("HistoricalLocations", {"time": "2020-01-01T00:00:00", "Thing": {"@iot.id": 1}}, "time"),
    ("MultiDatastreams", datastream("d"), "body"),
    ("Observations", {"result": 1}, "Datastream"),
    ("Observations", {"result": 1, "Datastream": {"@iot.id": 999}}, "Datastream"),
    ("CreateObservations", [{"components": ["result"], "dataArray": [[1]]}], "$[0].Datastream"),
    (
        "CreateObservations",
        [{"Datastream": {"@iot.id": 1}, "components": ["x"], "dataArray": [[1]]}],
        "$[0].components",
    ),
    ("CreateObservations", {}, "body"),
]


async def test_what_is_refused_leaves_nothing(client: httpx.AsyncClient, subtests: pytest.Subtests) -> None:
    before = await _counts(client)
    for path, body, place in BAD:
        with subtests.test(f"{path}: {body}"):
            answer = await client.post(path, json=body)
            assert answer.status_code == 400, answer.text
            assert answer.json().get("place", "") == place, answer.text
    assert await _counts(client) == before


NO_JSON = [b"", b"{", b"\xff", b"[" * 100_000, b'{"name": NaN}', b"null", b'{"name": "\\ud800"}']


async def test_what_is_no_json_is_refused(client: httpx.AsyncClient) -> None:
    for path, body in itertools.product(["Things", "Observations", "CreateObservations"], NO_JSON):
        answer = await client.post(path, content=body)
        assert answer.status_code == 400, (path, body[:20], answer.text)


async def test_too_large_a_body_is_refused_unread(client: httpx.AsyncClient) -> None:
    read = 0

    async def body() -> Any:
        nonlocal read
        for _ in range(1000):
            read += 1
            yield b" " * 100_000

    assert (await client.post("Things", content=body())).status_code == 413
    assert read < 100
    answer = await client.post("Things", content=b"{}", headers={"Content-Length": "100000000"})
    assert (answer.status_code, answer.json()["place"]) == (413, "body")


async def test_other_methods_are_refused_in_the_same_form(client: httpx.AsyncClient) -> None:
    for method, path, allowed in (
        ("TRACE", "Things(1)", "GET, HEAD, PUT, PATCH, DELETE"),
        ("OPTIONS", "Things(1)/name", "GET, HEAD"),
        ("OPTIONS", "Datastreams(1)/Thing", "GET, HEAD, PUT, PATCH, DELETE"),
        ("GET", "CreateObservations", "POST"),
        ("PUT", "$batch", "POST"),
        ("DELETE", "CreateObservations", "POST"),
        ("DELETE", "", "GET, HEAD"),
        ("POST", "http://city.test/sensorthings/v1.1", "GET, HEAD"),
        ("POST", "http://city.test/sensorthings/v1.1/", "GET, HEAD"),
        ("OPTIONS", "Things", "GET, HEAD, POST, DELETE"),
        ("OPTIONS", "Things(1)", "GET, HEAD, PUT, PATCH, DELETE"),
        ("OPTIONS", "Things/$ref", "GET, HEAD"),
        ("OPTIONS", "Things/$count", "GET, HEAD"),
        ("OPTIONS", "Tasks", "GET, HEAD, POST"),
        ("OPTIONS", "Tasks(1)", "GET, HEAD"),
        ("OPTIONS", "Things(1)/Locations/$ref", "GET, HEAD, POST, PUT, DELETE"),
    ):
        answer = await client.request(method, path)
        assert (answer.status_code, answer.headers["Allow"]) == (405, allowed), (method, path)
        assert answer.json() == {"code": 405, "type": "error", "message": f"{method} is not known here"}
    assert (await client.request("TRACE", "Nothings")).status_code == 404


async def test_nothing_is_made_where_nothing_can_be(client: httpx.AsyncClient) -> None:
    for path in ("Nothings", "Things(1)", "Things(999)/Datastreams", "Datastreams(1)/Sensor"):
        assert (await client.post(path, json=datastream("d"))).status_code == 404, path
    assert (await client.post("Datastreams(999)/Observations", json={"result": 1})).status_code == 404


async def test_the_front_page_says_what_is_true(client: httpx.AsyncClient) -> None:
    page = await get(client, "")
    assert {entry["name"] for entry in page["value"]} >= {"Things", "Observations", "FeaturesOfInterest"}
    for entry in page["value"]:
        assert (await client.get(entry["url"])).json() == {"value": []}
    names = {name.partition("/req/")[2] for name in page["serverSettings"]["conformance"]}
    assert {"create-update-delete/update-entity-jsonpatch", "batch-request/batch-request"} <= names
    assert {name for name in names if "mqtt" in name} == {
        "create-observations-via-mqtt/observations-creation",
        "receive-updates-via-mqtt/receive-updates",
    }


def test_every_address_names_its_permission() -> None:
    from dothi.protocols.door import MARK  # noqa: PLC0415 (needs Django to be set up)
    from dothi.protocols.sensorthings.routes import routes  # noqa: PLC0415

    named = {getattr(route.endpoint, MARK) for route in routes()}
    assert named == {
        "public",
        "observations.thing.view",
        "observations.thing.create",
        "observations.thing.change",
        "observations.thing.delete",
        "observations.observation.create",
        "observations.observation.change",
        "observations.observation.delete",
        "observations.task.create",
    }
