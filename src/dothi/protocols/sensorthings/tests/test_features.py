"""The feature of an Observation that names none: its Thing's place at that time (OGC 18-088, 8.2.7)."""

from typing import Any

import httpx

from dothi.protocols.sensorthings.tests.city import datastream, get, ids, lamp, location, make

DAY = "2026-01-01T"


async def _send(client: httpx.AsyncClient, stream: int, hour: int, **more: Any) -> int:
    sent = {"phenomenonTime": f"{DAY}{hour:02}:00:00Z", "result": hour} | more
    return await make(client, f"Datastreams({stream})/Observations", sent)


async def _feature_of(client: httpx.AsyncClient, observation: int) -> dict[str, Any] | None:
    answer = await client.get(f"Observations({observation})/FeatureOfInterest")
    assert answer.status_code in (200, 204, 404), answer.text
    return answer.json() if answer.status_code == 200 else None


async def test_an_observation_is_about_its_things_place(client: httpx.AsyncClient) -> None:
    thing, power = await lamp(client, 1, results=[])
    first, second = await _send(client, power, 1), await _send(client, power, 2)
    one, other = await _feature_of(client, first), await _feature_of(client, second)
    place = (await get(client, f"Things({thing})/Locations"))["value"][0]
    assert one is not None
    assert one == other
    assert (one["name"], one["encodingType"], one["feature"]) == (
        place["name"],
        place["encodingType"],
        place["location"],
    )
    assert await ids(client, f"FeaturesOfInterest({one['@iot.id']})/Observations") == [first, second]
    latest = await get(client, f"Datastreams({power})", expand="Observations($top=1;$expand=FeatureOfInterest)")
    assert latest["Observations"][0]["FeatureOfInterest"]["@iot.id"] == one["@iot.id"]


async def test_a_given_feature_stays(client: httpx.AsyncClient) -> None:
    _, power = await lamp(client, 1, results=[])
    shape = location("")["location"]
    given = await make(
        client, "FeaturesOfInterest", {"name": "room", "encodingType": "application/geo+json", "feature": shape}
    )
    found = await _feature_of(client, await _send(client, power, 1, FeatureOfInterest={"@iot.id": given}))
    assert found is not None
    assert found["@iot.id"] == given


async def test_a_thing_that_moved_has_another_feature_and_a_resend_is_still_a_duplicate(
    client: httpx.AsyncClient,
) -> None:
    thing, power = await lamp(client, 1, results=[])
    before = await _send(client, power, 1)
    await make(client, f"Things({thing})/Locations", location("elsewhere", 106.9))
    after = await _send(client, power, 2)
    assert await _send(client, power, 1) == before
    old, new = await _feature_of(client, before), await _feature_of(client, after)
    assert old is not None
    assert new is not None
    assert (old["name"], new["name"]) == ("pole 1", "elsewhere")
    past = {"time": f"{DAY}00:00:00Z", "Thing": {"@iot.id": thing}, "Locations": [location("yard")]}
    await make(client, "HistoricalLocations", past)  # it was there before: it still is where it moved to
    here = await _feature_of(client, await _send(client, power, 3))
    assert here == new


async def test_a_thing_without_a_place_gets_one(client: httpx.AsyncClient) -> None:
    thing = await make(client, "Things", {"name": "t", "Datastreams": [datastream("power")]})
    (power,) = await ids(client, f"Things({thing})/Datastreams")
    assert (await client.post(f"Datastreams({power})/Observations", json={"result": 1})).status_code == 400
    rows = [[f"{DAY}{hour:02}:00:00Z", hour] for hour in (1, 2)]
    group = {"Datastream": {"@iot.id": power}, "components": ["phenomenonTime", "result"], "dataArray": rows}
    await client.post("CreateObservations", json=[group])
    for made in await ids(client, f"Datastreams({power})/Observations"):
        assert await _feature_of(client, made) is None
    await make(client, "Locations", location("found") | {"Things": [{"@iot.id": thing}]})
    found = await _feature_of(client, await _send(client, power, 3))
    assert found is not None
    assert found["name"] == "found"


async def test_things_at_one_place_share_its_feature(client: httpx.AsyncClient, record: Any) -> None:
    place = await make(client, "Locations", location("shared"))
    streams = []
    for name in ("a", "b", "c"):
        where = {"Locations": [{"@iot.id": place}]} if name != "c" else {}
        thing = await make(client, "Things", {"name": name, "Datastreams": [datastream(name)]} | where)
        streams += await ids(client, f"Things({thing})/Datastreams")
    groups = [
        {"Datastream": {"@iot.id": stream}, "components": ["result", "parameters"], "dataArray": [[1, parameters]]}
        for stream, parameters in zip(streams, [None, {"x": 1}, None], strict=True)
    ]
    for _ in range(2):
        assert (await client.post("CreateObservations", json=groups)).status_code == 201
    assert len(await ids(client, "FeaturesOfInterest")) == 1
    async with record.pool.connection() as connection:
        cursor = await connection.execute(
            "SELECT o.feature_id = f.id, l.feature_id = f.id, l.default_feature_id = f.id, l.default_feature_id = 0"
            " FROM observations_latest l JOIN observations_observation o ON o.id = l.observation_id"
            " CROSS JOIN observations_featureofinterest f ORDER BY l.datastream_id"
        )
        assert await cursor.fetchall() == [(True, True, True, False)] * 2 + [(None, None, False, True)]
