"""Links are written at their own addresses, and no entity loses one that it needs."""

from typing import Any

import httpx
import pytest

from dothi.protocols.sensorthings.tests.city import datastream, get, ids, lamp, location, make


def to(number: int) -> dict[str, Any]:
    return {"@iot.id": number}


async def test_a_link_to_one_leads_to_another(client: httpx.AsyncClient) -> None:
    (one, power), (other, _) = [await lamp(client, number, results=[]) for number in (1, 2)]
    assert (await client.put(f"Datastreams({power})/Thing/$ref", json=to(other))).status_code == 204
    assert (await get(client, f"Datastreams({power})/Thing"))["@iot.id"] == other
    assert (await client.post(f"Things({one})/Datastreams/$ref", json=to(power))).status_code == 204
    assert power in await ids(client, f"Things({one})/Datastreams")


async def test_a_thing_has_one_place_more_or_less_and_a_history_of_it(client: httpx.AsyncClient) -> None:
    thing, _ = await lamp(client, 1, results=[])
    (first,) = await ids(client, f"Things({thing})/Locations")
    second = await make(client, "Locations", location("roof"))
    for _ in range(2):
        assert (await client.post(f"Locations({second})/Things/$ref", json=to(thing))).status_code == 204
    assert await ids(client, f"Things({thing})/Locations") == [first, second]
    assert (await client.delete(f"Things({thing})/Locations({first})/$ref")).status_code == 204
    assert await ids(client, f"Things({thing})/Locations") == [second]
    history = await get(client, f"Things({thing})/HistoricalLocations", expand="Locations($select=id)")
    assert [[place["@iot.id"] for place in each["Locations"]] for each in history["value"]] == [
        [first],
        [first, second],
        [second],
    ]


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("DELETE", "Things({thing})/Locations({place})/$ref", 400),
        ("DELETE", "Things({thing})/Locations(999999)/$ref", 404),
        ("DELETE", "Things({thing})/Locations/$ref", 400),
        ("DELETE", "Datastreams({power})/Thing/$ref", 400),
        ("DELETE", "Things({thing})/Datastreams({power})/$ref", 400),
        ("PUT", "Things({thing})/Locations/$ref", 405),
        ("PUT", "Datastreams(999999)/Thing/$ref", 404),
        ("PUT", "Datastreams({power})/Thing({thing})/$ref", 404),
        ("PUT", "Datastreams({power})/name/$ref", 404),
        ("POST", "Datastreams({power})/Thing/$ref", 405),
        ("POST", "Datastreams({power})/Observations/$ref", 405),
        ("POST", "Things/$ref", 405),
        ("POST", "Things({thing})/$ref", 405),
        ("POST", "Things({thing})/HistoricalLocations/$ref", 405),
    ],
)
async def test_what_can_not_be_linked_so_stays(client: httpx.AsyncClient, method: str, path: str, status: int) -> None:
    thing, power = await lamp(client, 1, results=[])
    (place,) = await ids(client, f"Things({thing})/Locations")
    before = await get(client, f"Things({thing})", expand="Datastreams,Locations,HistoricalLocations")
    address = path.format(thing=thing, power=power, place=place)
    answer = await client.request(method, address, json=None if method == "DELETE" else to(1))
    assert answer.status_code == status, answer.text
    assert await get(client, f"Things({thing})", expand="Datastreams,Locations,HistoricalLocations") == before


@pytest.mark.parametrize("body", ["", "{}", "[]", '{"@iot.id": "1"}', '{"@iot.id": 0}', '{"@iot.id": 999999}'])
async def test_a_body_that_links_nothing_is_refused(client: httpx.AsyncClient, body: str) -> None:
    thing, power = await lamp(client, 1, results=[])
    for answer in (
        await client.put(f"Datastreams({power})/Thing/$ref", content=body),
        await client.post(f"Things({thing})/Locations/$ref", content=body),
    ):
        assert answer.status_code == 400, answer.text


async def test_a_stream_that_is_not_there_is_not_found(client: httpx.AsyncClient) -> None:
    thing, _ = await lamp(client, 1, results=[])
    assert (await client.post(f"Things({thing})/Datastreams/$ref", json=to(999999))).status_code == 404
    made = await make(client, f"Things({thing})/Datastreams", datastream("more"))
    assert (await client.post("Things(999999)/Datastreams/$ref", json=to(made))).status_code == 404
