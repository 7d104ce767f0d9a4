"""One value for each stretch of time: ours, beyond the standard."""

import httpx
import pytest

from dothi.protocols.sensorthings.tests.city import get, ids, lamp, make


async def test_each_stretch_has_its_measures(client: httpx.AsyncClient) -> None:
    thing, power = await lamp(client, 1, results=[1, 2, 6, 10, 20])
    path = f"Datastreams({power})/Observations"
    for result in ("on", None):
        await make(client, path, {"phenomenonTime": "2026-01-01T02:30:00Z", "result": result})
    found = await get(client, path, aggregate="PT2H")
    assert found == {
        "value": [
            {"phenomenonTime": f"2026-01-01T{begin}:00:00Z/2026-01-01T{end}:00:00Z", "result": result}
            for begin, end, result in (
                ("00", "02", {"count": 2, "average": 1.5, "minimum": 1, "maximum": 2}),
                ("02", "04", {"count": 2, "average": 8, "minimum": 6, "maximum": 10}),
                ("04", "06", {"count": 1, "average": 20, "minimum": 20, "maximum": 20}),
            )
        ]
    }
    inner = f"Datastreams($filter=id eq {power};$expand=Observations($aggregate=P1D;$filter=result gt 1))"
    (stream,) = (await get(client, f"Things({thing})", expand=inner))["Datastreams"]
    assert [one["result"] for one in stream["Observations"]] == [
        {"count": 4, "average": 9.5, "minimum": 2, "maximum": 20}
    ]


async def test_stretches_come_in_pages(client: httpx.AsyncClient) -> None:
    _, power = await lamp(client, 1, results=[1, 2, 3, 4, 5])
    path: str | None = f"Datastreams({power})/Observations?$aggregate=PT1H&$top=2"
    averages: list[float] = []
    while path:
        found = (await client.get(path)).json()
        assert len(found["value"]) <= 2
        averages += [one["result"]["average"] for one in found["value"]]
        path = found.get("@iot.nextLink")
    assert averages == [1, 2, 3, 4, 5]


@pytest.mark.parametrize(
    "path",
    [
        "Observations?$aggregate=PT1H",
        "Things?$aggregate=PT1H",
        "Datastreams({})/Observations?$aggregate=PT0.1S",
        "Datastreams({})/Observations?$aggregate=P367D",
        "Datastreams({})/Observations?$aggregate=hour",
        "Datastreams({})/Observations?$aggregate=-PT1H",
        "Datastreams({})/Observations?$aggregate=PT1H&$select=result",
        "Datastreams({})/Observations?$aggregate=PT1H&$count=true",
        "Datastreams({})/Observations?$aggregate=PT1H&$orderby=result",
        "FeaturesOfInterest?$expand=Observations($aggregate=PT1H)",
    ],
)
async def test_what_does_not_go_with_it_is_refused(client: httpx.AsyncClient, path: str) -> None:
    _, power = await lamp(client, 1, results=[1])
    assert await ids(client, "Observations")
    answer = await client.get(path.format(power))
    assert (answer.status_code, answer.json()["place"]) == (400, "$aggregate"), answer.text
