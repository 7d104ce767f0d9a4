"""Lists as CSV and GeoJSON, and counts that may be estimates."""

import csv
import io
from typing import Any

import httpx
import pytest

from dothi.protocols.sensorthings.formats import to_csv, to_geojson
from dothi.protocols.sensorthings.tests.city import get, ids, lamp


def _table(content: bytes) -> list[dict[str, str]]:
    return list(csv.DictReader(io.StringIO(content.decode())))


async def test_a_table_of_observations_page_by_page(client: httpx.AsyncClient) -> None:
    _, power = await lamp(client, 1, results=[1, 2.5, 3])
    path: str | None = f"Datastreams({power})/Observations?$resultFormat=CSV&$top=2&$expand=Datastream($select=name)"
    rows: list[dict[str, str]] = []
    while path:
        answer = await client.get(path)
        assert answer.headers["Content-Type"].startswith("text/csv")
        rows += _table(answer.content)
        path = answer.links.get("next", {}).get("url")
    assert [row["result"] for row in rows] == ["1", "2.5", "3"]
    assert rows[0]["phenomenonTime"] == "2026-01-01T00:00:00Z"
    assert rows[0]["Datastream/name"] == "power"
    assert [int(row["id"]) for row in rows] == await ids(client, f"Datastreams({power})/Observations")


async def test_features_are_where_their_things_are(client: httpx.AsyncClient) -> None:
    thing, power = await lamp(client, 1, results=[1])
    shape = {"type": "Point", "coordinates": [106.61, 11.05]}
    for path in ("Locations", "Things?$expand=Locations", "Observations?$expand=FeatureOfInterest"):
        answer = await client.get(path, params={"$resultFormat": "GeoJSON"} if "?" not in path else None)
        if "?" in path:
            answer = await client.get(f"{path}&$resultFormat=GeoJSON")
        assert answer.headers["Content-Type"] == "application/geo+json"
        (feature,) = answer.json()["features"]
        assert feature["geometry"] == shape, path
    found = (await client.get(f"Things({thing})?$resultFormat=geojson")).json()["features"]
    assert (found[0]["geometry"], found[0]["properties"]["properties/number"]) == (None, 1)
    refused = await client.get(f"Datastreams({power})?$resultFormat=PDF")
    assert (refused.status_code, refused.json()["place"]) == (400, "$resultFormat")


@pytest.mark.parametrize("text", ["=1+1", "+1", "-1", "@SUM(A1)", "\t=1"])
def test_no_cell_is_a_formula(text: str) -> None:
    (row,) = _table(to_csv([{"name": text}]))
    assert row["name"] == f"'{text}"


def test_values_of_any_kind_are_cells() -> None:
    entity: dict[str, Any] = {
        "@iot.id": 1, "@iot.selfLink": "x", "result": None, "properties": {"a": {"b": True}, "c": [1, {"d": 2}]},
        "Datastreams": [{"name": "x"}], "Datastreams@iot.nextLink": "y", "description": 'a,"b"\nđ',
    }  # fmt: skip
    assert _table(to_csv([entity, {"other": 2}])) == [
        {"id": "1", "result": "", "properties/a/b": "true", "properties/c": '[1,{"d":2}]',
         "Datastreams": '[{"name":"x"}]', "description": 'a,"b"\nđ', "other": ""},
        {"id": "", "result": "", "properties/a/b": "", "properties/c": "", "Datastreams": "", "description": "",
         "other": "2"},
    ]  # fmt: skip
    assert b'"geometry":null' in to_geojson([entity])


async def test_a_count_of_many_is_an_estimate_that_says_so(client: httpx.AsyncClient, record: Any) -> None:
    _, power = await lamp(client, 1, results=[1])
    async with record.pool.connection() as connection:
        await connection.execute(
            "INSERT INTO observations_observation (id, datastream_id, phenomenon_time, fingerprint, result)"
            " SELECT -n, %s, '2026-01-01T01:00:00Z'::timestamptz + n * interval '0.1 s', n, n %% 10"
            " FROM generate_series(1, 150000) AS n",
            [power],
        )
        await connection.execute("ANALYZE observations_observation")
    path = f"Datastreams({power})/Observations"
    found = await get(client, path, count="true", top=1)
    assert found["@iot.countIsEstimate"] is True
    assert abs(found["@iot.count"] - 150_001) < 30_000
    exact = await get(client, path, count="exact", top=1)
    assert (exact["@iot.count"], "@iot.countIsEstimate" in exact) == (150_001, False)
    assert "$count=exact" in exact["@iot.nextLink"]
    few = await get(client, path, count="estimated", top=1, filter="result eq 3")
    assert (few["@iot.count"], "@iot.countIsEstimate" in few) == (15_000, False)
    assert "@iot.count" not in await get(client, path, count="none", top=1)
    assert (await client.get(f"{path}?$count=maybe")).json()["place"] == "$count"
