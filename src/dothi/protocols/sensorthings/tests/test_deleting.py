"""Deleting by HTTP: one entity with all that can't be without it, or what a filter finds."""

from typing import Any

import httpx
import pytest

from dothi.kernel.events import Event, ThingsChanged
from dothi.protocols.sensorthings.tests.city import datastream, get, ids, lamp, location, make

SETS = (
    "Things", "Locations", "HistoricalLocations", "Datastreams", "Sensors", "ObservedProperties", "Observations",
    "FeaturesOfInterest", "Actuators", "TaskingCapabilities",
)  # fmt: skip
ALL = {
    "Things": 1, "Locations": 1, "HistoricalLocations": 1, "Datastreams": 2, "Sensors": 2, "ObservedProperties": 2,
    "Observations": 2, "FeaturesOfInterest": 1, "Actuators": 1, "TaskingCapabilities": 1,
}  # fmt: skip
CASCADES: list[tuple[str, dict[str, int]]] = [
    (
        "Things({thing})",
        {"Things": 0, "HistoricalLocations": 0, "Datastreams": 0, "Observations": 0, "TaskingCapabilities": 0},
    ),
    ("Things({thing})/Locations({place})", {"Locations": 0, "HistoricalLocations": 0}),
    ("HistoricalLocations({past})", {"HistoricalLocations": 0}),
    ("Datastreams({stream})", {"Datastreams": 1, "Observations": 0}),
    ("Datastreams({stream})/Sensor", {"Sensors": 1, "Datastreams": 1, "Observations": 0}),
    ("ObservedProperties({observed})", {"ObservedProperties": 1, "Datastreams": 1, "Observations": 0}),
    ("FeaturesOfInterest({feature})", {"FeaturesOfInterest": 0, "Observations": 0}),
    ("Observations({observation})", {"Observations": 1}),
    ("Actuators({actuator})", {"Actuators": 0, "TaskingCapabilities": 0}),
    ("TaskingCapabilities({capability})", {"TaskingCapabilities": 0}),
]


@pytest.fixture
async def made(client: httpx.AsyncClient) -> dict[str, int]:
    """A lamp with all that can hang on one."""
    thing, stream = await lamp(client, 1, results=[1, 2])
    light = {
        "name": "light",
        "taskingParameters": {"type": "DataRecord"},
        "Actuator": {"name": "driver", "encodingType": "t", "metadata": "m"},
        "Thing": {"@iot.id": thing},
    }
    capability = await make(client, "TaskingCapabilities", light)
    found = {"thing": thing, "stream": stream, "capability": capability}
    for name, path in (
        ("place", f"Things({thing})/Locations"), ("past", f"Things({thing})/HistoricalLocations"),
        ("feature", "FeaturesOfInterest"), ("actuator", "Actuators"),
    ):  # fmt: skip
        (found[name],) = await ids(client, path)
    found["observed"] = (await get(client, f"Datastreams({stream})/ObservedProperty"))["@iot.id"]
    found["observation"] = (await ids(client, f"Datastreams({stream})/Observations"))[0]
    return found


async def _counts(client: httpx.AsyncClient) -> dict[str, int]:
    return {name: int((await client.get(f"{name}/$count")).text) for name in SETS}


@pytest.mark.parametrize(("path", "left"), CASCADES)
async def test_what_can_not_be_without_it_goes_along(
    client: httpx.AsyncClient, made: dict[str, int], events: list[Event], path: str, left: dict[str, int]
) -> None:
    assert await _counts(client) == ALL
    events.clear()
    path = path.format(**made)
    answer = await client.delete(path)
    assert (answer.status_code, answer.content) == (200, b""), answer.text
    assert (await client.get(path)).status_code == 404
    assert await _counts(client) == ALL | left
    assert [each for each in events if isinstance(each, ThingsChanged)] == [ThingsChanged(thing_ids=[made["thing"]])]


async def test_what_is_not_there_is_not_deleted(client: httpx.AsyncClient) -> None:
    for name in SETS:
        assert (await client.delete(f"{name}({2**63 - 1})")).status_code == 404
    for path in ("Tasks(1)", "Tasks"):
        assert (await client.delete(path)).status_code == 405


async def test_the_newest_and_the_spans_follow(client: httpx.AsyncClient) -> None:
    _, power = await lamp(client, 1, results=[1, 2, 3])
    path = f"Datastreams({power})"
    _, second, third = await ids(client, f"{path}/Observations")
    await client.delete(f"Observations({third})")
    found = await get(client, path, expand="Observations($top=1;$orderby=phenomenonTime desc)")
    assert found["Observations"][0]["@iot.id"] == second
    assert found["phenomenonTime"] == "2026-01-01T00:00:00Z/2026-01-01T01:00:00Z"
    again = {"phenomenonTime": "2026-01-01T02:00:00Z", "result": 3}
    assert await make(client, f"{path}/Observations", again) != third
    assert (await client.get(f"{path}/Observations/$count")).text == "3"


async def test_a_deleted_feature_is_made_anew(client: httpx.AsyncClient) -> None:
    _, power = await lamp(client, 1, results=[1])
    (feature,) = await ids(client, "FeaturesOfInterest")
    await client.delete(f"FeaturesOfInterest({feature})")
    made = await make(client, f"Datastreams({power})/Observations", {"result": 1})
    assert (await get(client, f"Observations({made})/FeatureOfInterest"))["@iot.id"] != feature


async def test_a_filter_says_what_is_deleted(client: httpx.AsyncClient, events: list[Event]) -> None:
    first, power = await lamp(client, 1, results=[1, 2, 3])
    second, other = await lamp(client, 2, results=[2])
    events.clear()
    answer = await client.delete(f"Datastreams({power})/Observations", params={"$filter": "result ge 2"})
    assert answer.status_code == 200, answer.text
    # That the first results were stored may be told a little later.
    assert [each for each in events if isinstance(each, ThingsChanged)] == [ThingsChanged(thing_ids=[first])]
    found = (await get(client, f"Datastreams({power})/Observations"))["value"]
    assert [one["result"] for one in found] == [1]
    assert len(await ids(client, f"Datastreams({other})/Observations")) == 1
    assert (await client.delete("Things", params={"$filter": "properties/number eq 2"})).status_code == 200
    assert await ids(client, "Things") == [first]
    assert (await client.get(f"Things({second})")).status_code == 404
    assert (await client.delete("Things", params={"$filter": "properties/number eq 9"})).status_code == 200


@pytest.mark.parametrize(
    ("path", "place"),
    [
        ("Things", "$filter"),
        ("Observations", "$filter"),
        ("Things?$filter=name eq 'x'&$top=1", "query"),
        ("Things?$filter=nome eq 'x'", "nome"),
        ("Observations?$filter=result eq 1&$resultFormat=dataArray", "query"),
    ],
)
async def test_a_list_is_not_deleted_by_accident(client: httpx.AsyncClient, path: str, place: str) -> None:
    await lamp(client, 1, results=[1])
    answer = await client.delete(path)
    assert (answer.status_code, answer.json()["place"]) == (400, place), answer.text
    assert len(await ids(client, "Observations")) == 1


async def test_a_change_and_a_deletion_stand_in_the_log(client: httpx.AsyncClient, record: Any) -> None:
    stream = datastream("power", Observations=[{"result": 1}, {"result": 2}])
    thing = await make(client, "Things", {"name": "t", "Locations": [location("x")], "Datastreams": [stream]})
    await client.patch(f"Things({thing})", json={"name": "u"})
    await client.delete(f"Things({thing})")
    async with record.pool.connection() as connection:
        cursor = await connection.execute("SELECT body::json FROM audit_entry ORDER BY number DESC LIMIT 2")
        deleted, changed = [row[0] for row in await cursor.fetchall()]
    assert (changed["what"], changed["subject"]) == ("observations.thing.change", f"Thing:{thing}")
    assert (changed["before"]["name"], changed["after"]["name"]) == ("t", "u")
    assert (deleted["what"], deleted["before"]["name"]) == ("observations.thing.delete", "u")
    gone = {"Datastreams": 1, "HistoricalLocations": 1, "Observations": 2}
    assert deleted["after"] == {"deleted_with_it": gone}
