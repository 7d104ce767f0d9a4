"""Changing entities by HTTP: PATCH, PUT, JSON Patch and JSON Merge Patch (OGC 18-088, 10.3)."""

from typing import Any

import httpx
import pytest

from dothi.kernel.events import Event, ThingsChanged
from dothi.protocols.sensorthings.tests.city import datastream, get, ids, lamp, location, make

PATCH = {"content-type": "application/json-patch+json"}
MERGE = {"content-type": "application/merge-patch+json"}


async def _change(client: httpx.AsyncClient, path: str, body: Any, method: str = "PATCH", **headers: str) -> Any:
    answer = await client.request(method, path, json=body, headers=headers)
    assert answer.status_code == 200, answer.text
    assert answer.json() == await get(client, path)
    return answer.json()


async def test_patch_changes_what_it_names_alone(client: httpx.AsyncClient, events: list[Event]) -> None:
    thing, _ = await lamp(client, 1, results=[1])
    before = await get(client, f"Things({thing})")
    events.clear()
    after = await _change(client, f"Things({thing})", {"description": "new"})
    assert after == before | {"description": "new"}
    assert events == [ThingsChanged(thing_ids=[thing])]
    after = await _change(client, f"Things({thing})", {"properties": {"other": 1}})
    assert after["properties"] == {"other": 1}
    assert "properties" not in await _change(client, f"Things({thing})", {"properties": None})


CHANGES: list[tuple[str, dict[str, Any], dict[str, Any]]] = [
    ("Locations", location("a"), {"description": "moved", "location": location("", 100.0)["location"]}),
    ("Sensors", {"name": "a", "encodingType": "t", "metadata": "m"}, {"metadata": {"b": [1]}}),
    ("ObservedProperties", {"name": "a", "definition": "d"}, {"definition": "e", "name": "b"}),
    (
        "FeaturesOfInterest",
        {"name": "a", "encodingType": "text/plain", "feature": "x"},
        {"feature": location("", 100.0)["location"], "encodingType": "application/geo+json"},
    ),
    ("Actuators", {"name": "a", "encodingType": "t", "metadata": "m"}, {"metadata": "n"}),
]


@pytest.mark.parametrize(("name", "made", "change"), CHANGES)
async def test_each_kind_is_changed(
    client: httpx.AsyncClient, name: str, made: dict[str, Any], change: dict[str, Any]
) -> None:
    number = await make(client, name, made)
    before = await get(client, f"{name}({number})")
    assert await _change(client, f"{name}({number})", change) == before | change


async def test_a_datastream_keeps_its_observations_and_may_go_to_another_thing(client: httpx.AsyncClient) -> None:
    thing, power = await lamp(client, 1, results=[1, 2])
    other = await make(client, "Things", {"name": "other", "Locations": [location("there", 100.0)]})
    path = f"Datastreams({power})"
    unit = {"name": "kilowatt", "symbol": "kW", "definition": "kW"}
    after = await _change(client, path, {"unitOfMeasurement": unit, "Thing": {"@iot.id": other}})
    assert after["unitOfMeasurement"] == unit
    assert await ids(client, f"Things({other})/Datastreams") == [power]
    assert power not in await ids(client, f"Things({thing})/Datastreams")
    assert len(await ids(client, f"{path}/Observations")) == 2
    made = await make(client, f"{path}/Observations", {"result": 3})
    feature = await get(client, f"Observations({made})/FeatureOfInterest")
    assert feature["name"] == "there"


async def test_put_sets_all_that_it_does_not_name_to_its_default(client: httpx.AsyncClient) -> None:
    thing, power = await lamp(client, 1, results=[])
    body = await get(client, f"Datastreams({power})")
    sensor = (await get(client, f"Datastreams({power})/Sensor"))["@iot.id"]
    await _change(client, f"Datastreams({power})", body | {"name": "changed", "description": "d"}, "PUT")
    assert (await get(client, f"Datastreams({power})/Sensor"))["@iot.id"] == sensor
    after = await _change(client, f"Things({thing})", {"name": "bare"}, "PUT")
    assert (after["name"], after["description"], after.get("properties")) == ("bare", "", None)
    refused = await client.put(f"Things({thing})", json={"description": "no name"})
    assert (refused.status_code, refused.json()["place"]) == (400, "name")


async def test_json_patch_and_merge_patch(client: httpx.AsyncClient) -> None:
    thing = await make(client, "Things", {"name": "t", "properties": {"a": 1, "b": {"c": [1, 2]}}})
    path = f"Things({thing})"
    operations = [
        {"op": "test", "path": "/properties/a", "value": 1},
        {"op": "add", "path": "/properties/b/c/-", "value": 3},
        {"op": "move", "from": "/properties/a", "path": "/properties/d"},
        {"op": "replace", "path": "/name", "value": "u"},
    ]
    after = await _change(client, path, operations, **PATCH)
    assert (after["name"], after["properties"]) == ("u", {"b": {"c": [1, 2, 3]}, "d": 1})
    after = await _change(client, path, {"properties": {"b": {"x": 1, "c": None}, "d": None}}, **MERGE)
    assert after["properties"] == {"b": {"x": 1}}
    failed = await client.patch(path, json=[{"op": "test", "path": "/name", "value": "x"}], headers=PATCH)
    assert failed.status_code == 409
    assert await get(client, path) == after


@pytest.mark.parametrize(
    "operations",
    [
        {"op": "add"},
        [{"op": "add"}],
        [{"op": "remove", "path": "/nothing"}],
        [{"op": "nonsense", "path": "/name"}],
        [1],
        [{"op": "replace", "path": "", "value": 1}],
        [{"op": "replace", "path": "/name", "value": 1}],
        [{"op": "copy", "from": "", "path": "/x"}],
        [{"op": "copy", "from": "/properties", "path": f"/properties/{number}"} for number in range(100)],
        [{"op": "test", "path": "/name", "value": "t"}] * 101,
    ],
)
async def test_a_json_patch_that_can_not_be_done(client: httpx.AsyncClient, operations: Any) -> None:
    thing = await make(client, "Things", {"name": "t", "properties": {"a": "x" * 100}})
    answer = await client.patch(f"Things({thing})", json=operations, headers=PATCH)
    assert answer.status_code == 400, answer.text
    assert answer.json()["place"]
    assert (await get(client, f"Things({thing})"))["properties"] == {"a": "x" * 100}


BAD: list[tuple[str, Any]] = [
    ("Things({thing})", {"Locations": [location("x")]}),
    ("Things({thing})", {"Datastreams": [datastream("x")]}),
    ("Things({thing})", {"nome": 1}),
    ("Things({thing})", {"@iot.id": 999_999}),
    ("Things({thing})", [1]),
    ("Things({thing})", {"name": None}),
    ("Datastreams({stream})", {"Sensor": {"name": "x", "encodingType": "t", "metadata": "m"}}),
    ("Datastreams({stream})", {"Thing": {"name": "x"}}),
    ("Datastreams({stream})", {"Thing": {"@iot.id": 999_999}}),
    ("Datastreams({stream})", {"Observations": [{"result": 1}]}),
    ("Observations({observation})", {"Datastream": {"@iot.id": 999_999}}),
    ("Observations({observation})", {"FeatureOfInterest": {"@iot.id": 999_999}}),
    ("Observations({observation})", {"phenomenonTime": "yesterday"}),
    ("Observations({observation})", {"result": None}),
]


@pytest.mark.parametrize(("path", "body"), BAD)
async def test_a_change_that_is_refused_changes_nothing(client: httpx.AsyncClient, path: str, body: Any) -> None:
    thing, stream = await lamp(client, 1, results=[1])
    (observation,) = await ids(client, f"Datastreams({stream})/Observations")
    path = path.format(thing=thing, stream=stream, observation=observation)
    before = await get(client, path)
    answer = await client.patch(path, json=body)
    assert answer.status_code == 400, answer.text
    assert answer.json()["place"]
    assert await get(client, path) == before


async def test_a_thing_moves_by_a_change_and_has_a_history(client: httpx.AsyncClient) -> None:
    thing = await make(client, "Things", {"name": "bus", "Locations": [location("depot")]})
    stop = await make(client, "Locations", location("stop"))
    await _change(client, f"Things({thing})", {"Locations": [{"@iot.id": stop}]})
    assert await ids(client, f"Things({thing})/Locations") == [stop]
    past = await get(client, f"Things({thing})/HistoricalLocations", expand="Locations", orderby="time")
    assert [[place["name"] for place in one["Locations"]] for one in past["value"]] == [["depot"], ["stop"]]
    first = past["value"][0]["@iot.id"]
    after = await _change(client, f"HistoricalLocations({first})", {"time": "2020-01-01T00:00:00Z"})
    assert after["time"] == "2020-01-01T00:00:00Z"
    assert [one["name"] for one in (await get(client, f"HistoricalLocations({first})/Locations"))["value"]] == ["depot"]
    assert await ids(client, f"Things({thing})/Locations") == [stop]


async def test_a_place_that_is_corrected_leaves_what_observations_were_about(client: httpx.AsyncClient) -> None:
    thing, power = await lamp(client, 1, results=[1])
    (place,) = await ids(client, f"Things({thing})/Locations")
    shape = location("", 100.0)["location"]
    await _change(client, f"Locations({place})", {"location": shape})
    made = await make(client, f"Datastreams({power})/Observations", {"result": 2})
    assert (await get(client, f"Observations({made})/FeatureOfInterest"))["feature"] == shape
    (first, _) = await ids(client, f"Datastreams({power})/Observations")
    assert (await get(client, f"Observations({first})/FeatureOfInterest"))["feature"] != shape


async def test_a_multidatastream_gets_other_properties(client: httpx.AsyncClient) -> None:
    thing = await make(client, "Things", {"name": "t"})
    observed = [await make(client, "ObservedProperties", {"name": name, "definition": name}) for name in "abc"]
    sensor = await make(client, "Sensors", {"name": "s", "encodingType": "t", "metadata": "m"})
    body = {
        "name": "m",
        "observationType": "complex",
        "multiObservationDataTypes": ["n", "n"],
        "unitOfMeasurements": [{"symbol": "a"}, {"symbol": "b"}],
        "Thing": {"@iot.id": thing},
        "Sensor": {"@iot.id": sensor},
        "ObservedProperties": [{"@iot.id": number} for number in observed[:2]],
    }
    path = f"MultiDatastreams({await make(client, 'MultiDatastreams', body)})"
    await _change(client, path, {"name": "n"})
    assert await ids(client, f"{path}/ObservedProperties") == observed[:2]
    await _change(client, path, {"ObservedProperties": [{"@iot.id": observed[2]}, {"@iot.id": observed[0]}]})
    assert await ids(client, f"{path}/ObservedProperties") == [observed[2], observed[0]]
    refused = await client.patch(path, json={"ObservedProperties": [{"@iot.id": observed[0]}]})
    assert refused.status_code == 400


async def test_an_observation_is_changed_and_the_newest_and_the_spans_follow(client: httpx.AsyncClient) -> None:
    _, power = await lamp(client, 1, results=[1, 2, 3])
    path = f"Datastreams({power})"
    first, second, third = await ids(client, f"{path}/Observations")
    after = await _change(client, f"Observations({second})", {"phenomenonTime": "2026-02-01T00:00:00Z", "result": "on"})
    assert (after["phenomenonTime"], after["result"]) == ("2026-02-01T00:00:00Z", "on")
    newest = await get(client, path, expand="Observations($top=1;$orderby=phenomenonTime desc)")
    assert newest["Observations"][0]["@iot.id"] == second
    assert newest["phenomenonTime"] == "2026-01-01T00:00:00Z/2026-02-01T00:00:00Z"
    again = {"phenomenonTime": "2026-01-01T02:00:00Z", "result": 3}
    assert (await client.patch(f"Observations({first})", json=again)).status_code == 409
    assert await ids(client, f"{path}/Observations") == [first, third, second]


async def test_an_entity_tag_guards_against_lost_changes(client: httpx.AsyncClient) -> None:
    thing = await make(client, "Things", {"name": "t"})
    path = f"Things({thing})"
    tag = (await client.get(path)).headers["ETag"]
    assert (await client.get(path, headers={"If-None-Match": tag})).status_code == 304
    assert (await client.patch(path, json={"name": "u"}, headers={"If-Match": tag})).status_code == 200
    assert (await client.get(path, headers={"If-None-Match": tag})).status_code == 200
    for method in ("PATCH", "PUT", "DELETE"):
        answer = await client.request(method, path, json={"name": "v"}, headers={"If-Match": tag})
        assert answer.status_code == 412, answer.text
    assert (await get(client, path))["name"] == "u"
    assert (await client.delete(path, headers={"If-Match": "*"})).status_code == 200


async def test_what_is_preferred_comes_back(client: httpx.AsyncClient) -> None:
    minimal = {"Prefer": "return=minimal"}
    made = await client.post("Things", json={"name": "t"}, headers=minimal)
    assert (made.status_code, made.content) == (204, b"")
    assert (await client.get(made.headers["Location"])).json()["name"] == "t"
    changed = await client.patch(made.headers["Location"], json={"name": "u"}, headers=minimal)
    assert (changed.status_code, changed.headers["Preference-Applied"]) == (204, "return=minimal")
