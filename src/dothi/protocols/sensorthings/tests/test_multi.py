"""MultiDatastreams (OGC 18-088, clause 11): units, data types, properties and the values of results are as many."""

from typing import Any

import httpx
import pytest

from dothi.protocols.sensorthings.tests.city import datastream, get, location, make

BAD: list[Any] = [3.5, [], [1], [1, 2, 3], "text", None, {"a": 1}, [[1, 2]]]


def wind(units: int = 2, kinds: int = 2, properties: int = 2) -> dict[str, Any]:
    """Give a MultiDatastream as it is sent."""
    body = datastream("wind") | {
        "unitOfMeasurements": [{"symbol": "m/s"}] * units,
        "multiObservationDataTypes": ["Measurement"] * kinds,
        "ObservedProperties": [{"name": f"p{number}", "definition": ""} for number in range(properties)],
    }
    del body["unitOfMeasurement"], body["ObservedProperty"]
    return body


async def mast(client: httpx.AsyncClient) -> int:
    thing = await make(client, "Things", {"name": "mast", "Locations": [location("hill")]})
    return await make(client, f"Things({thing})/MultiDatastreams", wind())


async def test_a_result_has_a_value_for_each_property(client: httpx.AsyncClient) -> None:
    """multi-datastream/constraints."""
    stream = await mast(client)
    path = f"MultiDatastreams({stream})/Observations"
    for result in BAD:
        answer = await client.post(path, json={"result": result})
        assert (answer.status_code, answer.json()["place"]) == (400, "result"), (result, answer.text)
    assert (await client.get("Observations/$count")).text == "0"
    number = await make(client, path, {"result": [3.5, None], "phenomenonTime": "2026-01-01T00:00:00Z"})
    for result in BAD:
        answer = await client.patch(f"Observations({number})", json={"result": result})
        assert answer.status_code == 400, (result, answer.text)
    assert (await client.patch(f"Observations({number})", json={"result": [1, 2]})).status_code == 200
    assert (await get(client, f"Observations({number})"))["result"] == [1, 2]


async def test_of_rows_each_is_looked_at(client: httpx.AsyncClient) -> None:
    """multi-datastream/constraints, data-array/data-array."""
    stream = await mast(client)
    rows = [[f"2026-01-01T{hour:02}:00:00Z", result] for hour, result in enumerate([[1, 2], *BAD, [3, 4]])]
    body = {"components": ["phenomenonTime", "result"], "dataArray": rows}
    answer = await client.post("CreateObservations", json=[body | {"MultiDatastream": {"@iot.id": stream}}])
    refused = [text.startswith("error: ") for text in answer.json()]
    assert refused == [False, *[True] * len(BAD), False], answer.text
    numbers = {"components": ["phenomenonTime", "result"], "dataArray": [["2026-01-02T00:00:00Z", 5]]}
    answer = await client.post("CreateObservations", json=[numbers | {"Datastream": {"@iot.id": stream}}])
    assert answer.json()[0].startswith("error: ")
    assert (await client.get("Observations/$count")).text == "2"


@pytest.mark.parametrize(("units", "kinds", "properties"), [(1, 2, 2), (2, 1, 2), (2, 2, 1), (0, 0, 0), (2, 2, 3)])
async def test_units_types_and_properties_are_as_many(
    client: httpx.AsyncClient, units: int, kinds: int, properties: int
) -> None:
    """multi-datastream/constraints."""
    thing = await make(client, "Things", {"name": "mast"})
    answer = await client.post(f"Things({thing})/MultiDatastreams", json=wind(units, kinds, properties))
    assert answer.status_code == 400, answer.text
    assert (await client.get("MultiDatastreams/$count")).text == "0"
    assert (await client.get("ObservedProperties/$count")).text == "0"


async def test_what_an_observation_brings_must_fit_too(client: httpx.AsyncClient) -> None:
    thing = await make(client, "Things", {"name": "mast", "Locations": [location("hill")]})
    body = {"result": [1], "MultiDatastream": wind() | {"Thing": {"@iot.id": thing}}}
    assert (await client.post("Observations", json=body)).status_code == 400
    assert (await client.get("MultiDatastreams/$count")).text == "0"
    nested = wind() | {"Observations": [{"result": [1, 2, 3], "phenomenonTime": "2026-01-01T00:00:00Z"}]}
    assert (await client.post(f"Things({thing})/MultiDatastreams", json=nested)).status_code == 400
    assert (await client.get("MultiDatastreams/$count")).text == "0"
