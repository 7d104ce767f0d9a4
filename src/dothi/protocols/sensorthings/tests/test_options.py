"""The query options by HTTP, each on a small city whose answers are known."""

from datetime import UTC, datetime, timedelta
from typing import Any

import httpx
import pytest
import pytest_asyncio

from dothi.protocols.sensorthings.tests.city import datastream, get, ids, lamp, location, make

Lamps = list[tuple[int, int]]


@pytest_asyncio.fixture
async def lamps(client: httpx.AsyncClient) -> list[tuple[int, int]]:
    """Three lamps; lamp n has the powers 10 n, 10 n + 1 and 10 n + 2, an hour apart."""
    return [await lamp(client, n, results=[n * 10, n * 10 + 1, n * 10 + 2]) for n in (1, 2, 3)]


THINGS: list[tuple[str, set[int]]] = [
    ("name eq 'lamp 1'", {1}),
    ("properties/kind eq 'Streetlight' and properties/number gt 1", {2, 3}),
    ("properties/number in (1,3)", {1, 3}),
    ("Datastreams/name eq 'power' and Datastreams/Observations/result gt 22", {3}),
    ("Datastreams/name eq 'dim' and Datastreams/Observations/result gt 0", set()),
    ("Datastreams/name eq 'dim' and (properties/number eq 1 or Datastreams/Observations/result gt 30)", {1}),
    ("not Datastreams/Observations/result eq 11", {2, 3}),
    ("not Datastreams/name eq 'none'", {1, 2, 3}),
    ("properties/missing eq null and not properties/number lt 3", {3}),
    ("geo.intersects(Locations/location,geography'POINT(106.61 11.05)')", {1}),
    ("st_within(Locations/location,geography'POLYGON((106.615 11,107 11,107 12,106.615 12,106.615 11))')", {2, 3}),
    ("geo.distance(Locations/location,geography'POINT(106.62 11.05)') lt 0.001", {2}),
    ("Datastreams/phenomenonTime gt 2025-12-31T00:00:00+07:00 and substringof('amp',name)", {1, 2, 3}),
    ("Datastreams/unitOfMeasurement/symbol eq 'W' and endswith(name,'2')", {2}),
    ("HistoricalLocations/Locations/name eq 'pole 3'", {3}),
    ("(name eq 'lamp 1') eq true or toupper(name) eq 'LAMP 3'", {1, 3}),
]


async def test_things_filtered(client: httpx.AsyncClient, lamps: Lamps, subtests: pytest.Subtests) -> None:
    for filtered, numbers in THINGS:
        with subtests.test(filtered):
            found = await get(client, "Things", filter=filtered, count="true")
            assert {thing["properties"]["number"] for thing in found["value"]} == numbers
            assert found["@iot.count"] == len(numbers)


OBSERVATIONS: list[tuple[str, list[float]]] = [
    ("result ge 30", [30, 31, 32]),
    ("result eq '30' or '31' eq result", [30, 31]),
    ("result gt '4' or result lt '11'", [10]),
    ("result ne '30' and result ge 30", [31, 32]),
    ("Datastream/Thing/name eq 'lamp 1' and result mod 2 eq 0", [10, 12]),
    ("phenomenonTime eq 2026-01-01T01:00:00Z", [11, 21, 31]),
    ("phenomenonTime gt 2026-01-01T08:00:00+07:00 and result lt 20", [12]),
    ("phenomenonTime ge 2026-01-01T01:00:00Z and phenomenonTime lt 2026-01-01T02:00:00Z", [11, 21, 31]),
    ("during(phenomenonTime,2026-01-01T01:00:00Z/2026-01-01T02:00:00Z) and result lt 20", [11, 12]),
    ("before(phenomenonTime,2026-01-01T01:00:00Z)", [10, 20, 30]),
    ("year(phenomenonTime) eq 2026 and hour(phenomenonTime) eq 2", [12, 22, 32]),
    ("date(phenomenonTime) eq 2026-01-01 and time(phenomenonTime) gt 01:30:00", [12, 22, 32]),
    ("phenomenonTime sub duration'PT2H' eq 2026-01-01T00:00:00Z", [12, 22, 32]),
    ("phenomenonTime lt mindatetime()", []),
    ("resultTime eq null and result div 0 eq null and result eq 10", [10]),
    ("floor(result div 10) eq 2 and round(result div 20) eq 1", [20, 21, 22]),
]


async def test_observations_filtered(client: httpx.AsyncClient, lamps: Lamps, subtests: pytest.Subtests) -> None:
    for filtered, results in OBSERVATIONS:
        with subtests.test(filtered):
            found = await get(client, "Observations", filter=filtered, orderby="result")
            assert [observation["result"] for observation in found["value"]] == results


REFUSED: list[tuple[str, dict[str, str], str]] = [
    ("Things", {"filter": "nome eq 'x'"}, "nome"),
    ("Things", {"filter": "Datastreams/nome eq 'x'"}, "Datastreams/nome"),
    ("Things", {"filter": "name gt 5"}, "gt"),
    ("Things", {"filter": "name"}, "name"),
    ("Things", {"filter": "nosuch(name)"}, "nosuch"),
    ("Things", {"filter": "length(name,name) eq 1"}, "length"),
    ("Things", {"filter": "Locations/location eq 5 and geo.length(geography'LINE(1') gt 1"}, "geography"),
    ("Things", {"orderby": "Datastreams/name"}, "Datastreams/name"),
    ("Things", {"select": "nome"}, "$select"),
    ("Things", {"expand": "Nothing"}, "$expand"),
    ("Things", {"expand": "Datastreams($expand=Nothing)"}, "$expand"),
    ("Things", {"skiptoken": b'["a", "b"]'.hex()}, "$skiptoken"),
    ("Things", {"resultFormat": "dataArray"}, "$resultFormat"),
    ("Observations", {"filter": "result mul 1e308 mul 1e308 gt 1"}, "$filter"),
    ("Things", {"skiptoken": b'["a"]'.hex()}, "$filter"),
]


async def test_a_refusal_is_400_and_names_the_place(
    client: httpx.AsyncClient, lamps: Lamps, subtests: pytest.Subtests
) -> None:
    for path, options, place in REFUSED:
        with subtests.test(str(options)):
            answer = await client.get(path, params={f"${name}": text for name, text in options.items()})
            assert (answer.status_code, answer.json()["place"]) == (400, place), answer.text


async def test_newest_observations_of_all(client: httpx.AsyncClient, lamps: Lamps) -> None:
    newest = "Observations($top=1;$orderby=phenomenonTime desc"
    for select in (";$select=result,phenomenonTime)", ";$select=result,parameters)", ")"):
        found = await get(client, "Things", expand=f"Datastreams($filter=name eq 'power';$expand={newest}{select})")
        streams = [thing["Datastreams"][0] for thing in found["value"]]
        assert [stream["Observations"][0]["result"] for stream in streams] == [12, 22, 32]
        second = await client.get(streams[0]["Observations@iot.nextLink"])
        assert second.json()["value"][0]["result"] == 11
    found = await get(client, "Things", expand=f"Datastreams($filter=name eq 'dim';$expand={newest}))")
    assert [thing["Datastreams"][0]["Observations"] for thing in found["value"]] == [[], [], []]


async def test_every_list_is_paged_the_nested_too(client: httpx.AsyncClient, lamps: Lamps) -> None:
    options = {
        "$top": "1",
        "$count": "true",
        "$expand": "Datastreams($top=1;$count=true;$select=name)",
        "$filter": "id gt 0",
    }
    answer, things, streams = await client.get("Things", params=options), [], []
    while True:
        (thing,) = answer.json()["value"]
        assert (answer.json()["@iot.count"], thing["Datastreams@iot.count"]) == (3, 2)
        things.append(thing["@iot.id"])
        rest = (await client.get(thing["Datastreams@iot.nextLink"])).json()
        assert "@iot.nextLink" not in rest
        streams += [stream["name"] for stream in thing["Datastreams"] + rest["value"]]
        if "@iot.nextLink" not in answer.json():
            break
        answer = await client.get(answer.json()["@iot.nextLink"])
    assert things == [thing for thing, _ in lamps]
    assert streams == ["power", "dim"] * 3


@pytest.mark.parametrize("way", ["", " desc"])
@pytest.mark.parametrize("select", ["result", "result,phenomenonTime"])
async def test_a_series_that_goes_on_later_is_read_to_its_end(
    client: httpx.AsyncClient, lamps: Lamps, way: str, select: str
) -> None:
    """A page is looked for where it would lie if the series went on as before: past a gap it lies further on."""
    _, stream = lamps[2]
    await client.delete(f"Datastreams({stream})/Observations", params={"$filter": "result ge 0"})
    days = [1, 1, 1, 1, 9, 9, 40, 40, 40, 41, 300, 301]
    for number, day in enumerate(days):
        moment = datetime(2026, 1, 1, number, tzinfo=UTC) + timedelta(days=day)
        await make(client, f"Datastreams({stream})/Observations", {"phenomenonTime": str(moment), "result": number})
    page = await get(
        client, f"Datastreams({stream})/Observations", top=2, select=select, orderby=f"phenomenonTime{way}"
    )
    found = [row["result"] for row in page["value"]]
    for _ in days:
        if "@iot.nextLink" not in page:
            break
        page = (await client.get(page["@iot.nextLink"])).json()
        found += [row["result"] for row in page["value"]]
    assert found == sorted(range(len(days)), reverse=bool(way))


async def test_a_bound_that_is_no_lists_own_changes_nothing(client: httpx.AsyncClient, lamps: Lamps) -> None:
    _, stream = lamps[0]
    first = (await client.get(f"Datastreams({stream})/Observations?$top=1")).json()
    link, _, until = first["@iot.nextLink"].partition("$skiptoken=")
    keys = until.partition("-")[0]
    rest = [row["@iot.id"] for row in (await client.get(f"{link}$skiptoken={keys}")).json()["value"]]
    for bound in ("0", "-5", str(2**62), str(-(2**50))):
        answer = await client.get(f"{link}$skiptoken={keys}-{bound}")
        if bound == str(2**62):
            assert answer.status_code == 400
        else:
            assert [row["@iot.id"] for row in answer.json()["value"]] == rest
    for bound in ("x", "1" * 5000, "1.5"):
        assert (await client.get(f"{link}$skiptoken={keys}-{bound}")).status_code == 400


async def test_skip_top_and_order(client: httpx.AsyncClient, lamps: Lamps) -> None:
    every = [thing for thing, _ in lamps]
    assert await ids(client, "Things", top=1, skip=1) == every[1:2]
    assert await ids(client, "Things", orderby="properties/number desc") == every[::-1]
    assert await get(client, "Things", top=0, count="true") == {"@iot.count": 3, "value": []}
    assert await ids(client, "Datastreams", orderby="Thing/name desc,name", top=2) == [lamps[2][1] + 1, lamps[2][1]]


async def test_options_are_taken_in_the_standards_order(client: httpx.AsyncClient, lamps: Lamps) -> None:
    """Filtered, counted, ordered, skipped, cut off, and only then expanded and selected (OGC 18-088, 9.3.1)."""
    asked: dict[str, str | int] = {
        "select": "result", "expand": "Datastream($select=name)", "top": 2, "skip": 1, "orderby": "result desc",
        "count": "true", "filter": "result ge 12 and result lt 32",
    }  # fmt: skip
    found = await get(client, "Observations", **asked)
    assert found["@iot.count"] == 6
    assert [one["result"] for one in found["value"]] == [30, 22]
    assert all(one == {"result": one["result"], "Datastream": {"name": "power"}} for one in found["value"])


async def test_select_gives_what_is_named_alone(client: httpx.AsyncClient, lamps: Lamps) -> None:
    thing = lamps[0][0]
    assert await get(client, f"Things({thing})", select="id,name") == {"@iot.id": thing, "name": "lamp 1"}
    found = await get(client, f"Things({thing})", select="Datastreams", expand="Locations($select=name)")
    link = f"http://city.test/v1.1/Things({thing})/Datastreams"
    assert found == {"Datastreams@iot.navigationLink": link, "Locations": [{"name": "pole 1"}]}


async def test_parts_of_entities(client: httpx.AsyncClient, lamps: Lamps) -> None:
    thing, power = lamps[0]
    assert await get(client, f"Things({thing})/name") == {"name": "lamp 1"}
    assert await get(client, f"Things({thing})/properties/number") == {"number": 1}
    assert (await client.get(f"Things({thing})/properties/kind/$value")).text == "Streetlight"
    assert (await client.get("Things/$count")).text == "3"
    assert (await client.get(f"Observations/$count?$filter=Datastream/id eq {power}")).text == "3"
    assert await get(client, f"Datastreams({power})/Thing/$ref") == {
        "@iot.selfLink": f"http://city.test/v1.1/Things({thing})"
    }
    assert (await client.get(f"Datastreams({power})/resultTime")).status_code == 204
    assert await get(client, f"Datastreams({power})/phenomenonTime") == {
        "phenomenonTime": "2026-01-01T00:00:00Z/2026-01-01T02:00:00Z"
    }


MISSING = [
        "Nothings", "Things(999)", "Things(x)", "Things(1)/Nothings", "Things(999)/Datastreams", "Things/name",
        "Things(99", "Datastreams(999)/Thing", "MultiDatastreams(1)", "Things(999)/name",
        "Things(99999999999999999999)",
]  # fmt: skip


async def test_what_is_not_there_is_404(client: httpx.AsyncClient) -> None:
    for path in MISSING:
        answer = await client.get(path)
        assert (answer.status_code, answer.json()["code"]) == (404, 404), path


async def test_a_path_must_be_true_at_each_step(client: httpx.AsyncClient, lamps: Lamps) -> None:
    (first, power), (_, other) = lamps[0], lamps[1]
    assert (await client.get(f"Things({first})/Datastreams({other})")).status_code == 404
    assert (await client.get(f"Things({first})/Datastreams({other})/Observations")).status_code == 404
    assert len(await ids(client, f"Things({first})/Datastreams({power})/Observations")) == 3
    assert await ids(client, f"Datastreams({power})/Thing/Locations/") == await ids(
        client, f"Things({first})/Locations"
    )


async def test_rows_of_values(client: httpx.AsyncClient, lamps: Lamps) -> None:
    found = await get(
        client, "Observations", resultFormat="dataArray", select="result,phenomenonTime", filter="result gt 11"
    )
    assert [group["dataArray@iot.count"] for group in found["value"]] == [1, 3, 3]
    assert found["value"][0] == {
        "Datastream@iot.navigationLink": f"http://city.test/v1.1/Datastreams({lamps[0][1]})",
        "components": ["result", "phenomenonTime"],
        "dataArray@iot.count": 1,
        "dataArray": [[12, "2026-01-01T02:00:00Z"]],
    }
    page = await get(client, f"Datastreams({lamps[0][1]})/Observations", resultFormat="dataArray", top=2)
    last = (await client.get(page["@iot.nextLink"])).json()["value"][0]
    assert last["components"][:4] == ["id", "phenomenonTime", "resultTime", "result"]
    assert last["dataArray"][0][1:4] == ["2026-01-01T02:00:00Z", None, 12]


async def test_a_multi_datastream(client: httpx.AsyncClient) -> None:
    body: dict[str, Any] = datastream("wind") | {
        "unitOfMeasurements": [{"symbol": "m/s"}, {"symbol": "deg"}],
        "multiObservationDataTypes": ["Measurement", "Measurement"],
        "ObservedProperties": [{"name": name, "definition": ""} for name in ("speed", "direction")],
    }
    del body["unitOfMeasurement"], body["ObservedProperty"]
    thing = await make(client, "Things", {"name": "mast", "Locations": [location("hill")]})
    wind = await make(client, f"Things({thing})/MultiDatastreams", body)
    sent = await client.post(f"MultiDatastreams({wind})/Observations", json={"result": [3.5, 270]})
    assert sent.status_code == 201, sent.text
    found = await get(client, f"MultiDatastreams({wind})", expand="ObservedProperties,Observations")
    assert [part["name"] for part in found["ObservedProperties"]] == ["speed", "direction"]
    assert found["Observations"][0]["result"] == [3.5, 270]
    assert "Datastream@iot.navigationLink" not in found["Observations"][0]
    (alone,) = (await get(client, "Observations", filter="result eq null or not result eq 3"))["value"]
    assert "MultiDatastream@iot.navigationLink" in alone
    assert (await client.get(f"Datastreams({wind})")).status_code == 404
    assert await ids(client, "ObservedProperties", filter="MultiDatastreams/name eq 'wind' and name eq 'speed'") != []
