"""The addresses of version 1.0: the same record, that version's entity sets, and `ne` that leaves out what is null."""

from typing import Any

import httpx
import pytest
import pytest_asyncio

from dothi.core.observations.query.types import Comparator, Comparison, Literal, Options, Path
from dothi.protocols.sensorthings.address import parse_options, parse_query
from dothi.protocols.sensorthings.tests.city import get, ids, lamp, make
from dothi.protocols.sensorthings.versions import as_first

ROOT = "http://city.test/v1.0"
TIMES = [None, "2026-01-01T05:00:00Z", "2026-01-01T06:00:00Z", None]
AT = "2026-01-01T05:00:00Z"
CASES: list[tuple[str, list[int], list[int]]] = [
    (f"resultTime ne {AT}", [2], [0, 2, 3]),
    (f"{AT} ne resultTime", [2], [0, 2, 3]),
    (f"resultTime ne {AT} and result lt 2.5", [2], [0, 2]),
    (f"(resultTime ne {AT}) eq true or result eq 0", [0, 2], [0, 2, 3]),
    (f"not resultTime eq {AT}", [0, 2, 3], [0, 2, 3]),
    ("resultTime ne null", [1, 2], [1, 2]),
    ("resultTime eq null", [0, 3], [0, 3]),
    (f"resultTime eq {AT}", [1], [1]),
    ("result ne '2'", [0, 1, 3], [0, 1, 3]),
    ("Datastream/properties/missing ne 'x'", [], [0, 1, 2, 3]),
    ("resultTime ne phenomenonTime", [1, 2], [0, 1, 2, 3]),
]
"""Filters, with the results that version 1.0 finds by them, and version 1.1."""


@pytest_asyncio.fixture
async def power(client: httpx.AsyncClient) -> int:
    """A Datastream with the results 0 to 3, of which 1 and 2 have a resultTime."""
    _, stream = await lamp(client, 1, results=[])
    for number, time in enumerate(TIMES):
        body: dict[str, Any] = {"result": number, "phenomenonTime": f"2026-01-01T0{number}:00:00Z"}
        await make(client, f"Datastreams({stream})/Observations", body | ({"resultTime": time} if time else {}))
    return stream


async def test_the_front_page_has_the_sets_of_version_1_0(client: httpx.AsyncClient) -> None:
    page = await get(client, ROOT)
    assert page.keys() == {"value"}
    assert {entry["name"] for entry in page["value"]} == {
        "Things", "Locations", "HistoricalLocations", "Datastreams", "MultiDatastreams", "Sensors", "Observations",
        "ObservedProperties", "FeaturesOfInterest",
    }  # fmt: skip
    for entry in page["value"]:
        assert entry["url"] == f"{ROOT}/{entry['name']}"
        assert await get(client, entry["url"]) == {"value": []}
    assert (await get(client, f"{ROOT}/api"))["servers"] == [{"url": ROOT}]


async def test_unequal_speaks_of_values(client: httpx.AsyncClient, power: int, subtests: pytest.Subtests) -> None:
    for filtered, first, current in CASES:
        for root, expected in ((f"{ROOT}/", first), ("", current)):
            with subtests.test(f"{root}{filtered}"):
                found = await get(client, f"{root}Datastreams({power})/Observations", filter=filtered, count="true")
                assert [one["result"] for one in found["value"]] == expected
                assert found["@iot.count"] == len(expected)


async def test_it_does_so_within_expansions(client: httpx.AsyncClient, power: int) -> None:
    inner = f"Observations($filter=resultTime ne {AT};$select=result)"
    found = await get(client, f"{ROOT}/Datastreams({power})", expand=inner)
    assert found["Observations"] == [{"result": 2}]
    nested = await get(client, f"{ROOT}/Things", expand=f"Datastreams($filter=name eq 'power';$expand={inner})")
    assert nested["value"][0]["Datastreams"][0]["Observations"] == [{"result": 2}]


async def test_links_stay_within_the_version(client: httpx.AsyncClient, power: int) -> None:
    page = await get(client, f"{ROOT}/Datastreams({power})/Observations", filter="resultTime ne null", top=1)
    assert page["value"][0]["@iot.selfLink"].startswith(f"{ROOT}/Observations(")
    words = page["@iot.nextLink"].partition("&$skiptoken=")[0]
    assert words.startswith(f"{ROOT}/Datastreams({power})/Observations?$filter=resultTime")
    unequal: dict[str, str | int] = {"filter": f"resultTime ne {AT}", "top": 1, "orderby": "result"}
    page = await get(client, f"{ROOT}/Observations", **unequal)
    assert "@iot.nextLink" not in page
    assert [one["result"] for one in page["value"]] == [2]
    page = await get(client, f"{ROOT}/Observations", filter="result ne 9", top=1)
    lengths = set()
    for _ in range(3):
        lengths.add(len(page["@iot.nextLink"].partition("$skiptoken=")[0]))
        page = (await client.get(page["@iot.nextLink"])).json()
    assert (len(lengths), [one["result"] for one in page["value"]]) == (1, [3])


async def test_it_is_written_to_and_deleted_from(client: httpx.AsyncClient, power: int) -> None:
    made = await client.post(f"{ROOT}/Datastreams({power})/Observations", json={"result": 7, "resultTime": AT})
    assert made.headers["location"] == f"{ROOT}/Observations({made.json()['@iot.id']})"
    batch = {"requests": [{"id": "a", "method": "get", "url": f"Observations?$filter=resultTime ne {AT}"}]}
    (answer,) = (await client.post(f"{ROOT}/$batch", json=batch)).json()["responses"]
    assert [one["result"] for one in answer["body"]["value"]] == [2]
    deleted = await client.delete(f"{ROOT}/Observations", params={"$filter": f"resultTime ne {AT}"})
    assert deleted.status_code == 200, deleted.text
    assert len(await ids(client, "Observations")) == 4
    twice = await client.delete(f"{ROOT}/Observations", params={"$filter": f"resultTime ne {AT}", "$top": "1"})
    assert (twice.status_code, twice.json()["place"]) == (400, "query")


def test_only_the_meaning_changes() -> None:
    unequal = Comparison(Comparator.NE, Path(("name",)), Literal("x"))
    options, _ = parse_options("$filter=name ne 'x'&$orderby=name&$top=3&$count=true")
    assert options.filter == unequal
    asked = parse_query("Things", "$filter=name ne 'x'&$orderby=name&$top=3&$count=true", base=ROOT)
    assert asked.options.filter != unequal
    assert asked.options.link == options.link
    assert as_first(Options(top=3)) == Options(top=3)
