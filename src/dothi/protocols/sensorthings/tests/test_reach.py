"""Who may see only some Things sees nothing of the others, by whatever way leads to them."""

from typing import Any

import httpx
import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async

from dothi.core.accounts import policy
from dothi.core.accounts.types import Actor, Held
from dothi.core.places.tests.wards import WARD, make_ward
from dothi.protocols.sensorthings.tests.city import datastream, get, ids, location, make

HIDDEN = "hidden"
WAYS = [
    "Things", "Locations", "HistoricalLocations", "Datastreams", "Sensors", "ObservedProperties", "Observations",
    "FeaturesOfInterest", "Things({other})", "Things({other})/Datastreams", "Things({other})/name", "Things/$ref",
    "Datastreams({stream})", "Datastreams({stream})/Thing", "Datastreams({stream})/Observations",
    "Locations({place})/Things", "Locations({place})/HistoricalLocations", "Sensors({sensor})/Datastreams",
    "Sensors({sensor})/Datastreams({stream})", "Sensors({sensor})/Datastreams({stream})/name/$value",
    "ObservedProperties({observed})/Datastreams", "Observations({observation})",
    "Observations({observation})/Datastream",
    "FeaturesOfInterest({feature})", "FeaturesOfInterest({feature})/Observations",
    "Things?$expand=Locations/Things", "Things?$expand=Datastreams/Sensor/Datastreams/Thing",
    "Sensors?$expand=Datastreams/Observations", "Locations?$expand=Things,HistoricalLocations/Thing",
    "ObservedProperties?$expand=Datastreams($expand=Observations($top=1;$orderby=phenomenonTime desc))",
    "Observations?$expand=FeatureOfInterest/Observations/Datastream", "Observations?$resultFormat=dataArray",
    "Datastreams?$orderby=Thing/name", "Observations({observation})/FeatureOfInterest/Observations",
]  # fmt: skip


@pytest_asyncio.fixture
async def two(client: httpx.AsyncClient, record: Any) -> dict[str, int]:
    """Two Things that share a place, a Sensor, an ObservedProperty and a feature; all of the other is named hidden."""
    place = await make(client, "Locations", location("shared"))
    sensor = await make(client, "Sensors", {"name": "shared", "encodingType": "t", "metadata": "m"})
    observed = await make(client, "ObservedProperties", {"name": "shared", "definition": "d"})
    shape = location("shared")["location"]
    await sync_to_async(make_ward)(*shape["coordinates"])
    feature = await make(
        client, "FeaturesOfInterest", {"name": "shared", "encodingType": "application/geo+json", "feature": shape}
    )
    links = {"Sensor": {"@iot.id": sensor}, "ObservedProperty": {"@iot.id": observed}}
    found = {"place": place, "sensor": sensor, "observed": observed, "feature": feature}
    for name, thing, stream, observation in (
        ("seen", "own", "seen", "first"),
        (HIDDEN, "other", "stream", "observation"),
    ):
        body = {"name": name, "Locations": [{"@iot.id": place}], "Datastreams": [datastream(name) | links]}
        found[thing] = await make(client, "Things", body)
        (found[stream],) = await ids(client, f"Things({found[thing]})/Datastreams")
        sent = {"result": name, "FeatureOfInterest": {"@iot.id": feature}}
        found[observation] = await make(client, f"Datastreams({found[stream]})/Observations", sent)
    async with record.pool.connection() as connection:
        await connection.execute(
            "UPDATE observations_thing SET department = 'lighting', is_public = true WHERE id = %s", [found["own"]]
        )
    return found


def _limited(two: dict[str, int], kind: str) -> Actor:
    names = [
        "thing.view",
        *(f"{of}.{what}" for of in ("thing", "observation") for what in ("create", "change", "delete")),
    ]
    allowed = frozenset(f"observations.{name}" for name in names)
    if kind == "visitor":
        return Actor(kind="visitor", reference="visitor", permissions=allowed)
    if kind == "area":
        held = Held(permissions=allowed, departments=frozenset({"works", "lighting"}), area=WARD)
        return policy.person("user:1", label="x", grants=[held])
    if kind == "person":
        held = Held(permissions=allowed, departments=frozenset({"works", "lighting"}))
        elsewhere = Held(permissions=frozenset({"alarms.alarm.view"}))
        return policy.person("user:1", label="x", grants=[held, elsewhere])
    limits: dict[str, Any] = (
        {"department": "lighting"} if kind == "department" else {"thing_ids": frozenset({two["own"]})}
    )
    return Actor(kind="key", reference="key:1", permissions=allowed, **limits)


@pytest.fixture(params=["visitor", "department", "things", "person", "area"])
def limited(request: pytest.FixtureRequest, client: Any, two: dict[str, int]) -> str:
    """Let the client ask as somebody who may see the Thing named seen alone."""
    actor = _limited(two, request.param)

    async def authenticate(_request: object) -> object:
        return actor

    client._transport.app.state.authenticate = authenticate
    return str(request.param)


async def test_no_way_leads_to_what_is_hidden(client: httpx.AsyncClient, two: dict[str, int], limited: str) -> None:
    for way in WAYS:
        answer = await client.get(way.format(**two))
        assert answer.status_code in (200, 404), answer.text
        assert HIDDEN not in answer.text, (way, answer.text)
    assert "seen" in (await client.get("Things?$expand=Locations/Things")).text


async def test_counts_and_filters_tell_nothing(client: httpx.AsyncClient, two: dict[str, int], limited: str) -> None:
    for name in ("Things", "Datastreams", "Observations", "Locations", "Sensors"):
        assert (await get(client, name, count="true", top=0))["@iot.count"] == 1
    for filtered in (
        f"Locations/Things/name eq '{HIDDEN}'",
        f"Datastreams/Sensor/Datastreams/Thing/name eq '{HIDDEN}'",
        f"Datastreams/ObservedProperty/Datastreams/name eq '{HIDDEN}'",
        f"Datastreams/Observations/FeatureOfInterest/Observations/result eq '{HIDDEN}'",
    ):
        assert await ids(client, "Things", filter=filtered) == []
        assert await ids(client, "Things", filter=filtered.replace(HIDDEN, "seen")) == [two["own"]]


async def test_nothing_is_changed_beyond_the_reach(
    client: httpx.AsyncClient, two: dict[str, int], limited: str
) -> None:
    links = {"Sensor": {"@iot.id": two["sensor"]}, "ObservedProperty": {"@iot.id": two["observed"]}}
    own, other = two["own"], two["other"]
    assert (await client.post(f"Things({own})/Datastreams", json=datastream("more") | links)).status_code == 201
    body = datastream("more") | links | {"Thing": {"@iot.id": other}}
    assert (await client.post("Datastreams", json=body)).status_code == 400, "to them it is not there"
    assert (await client.post(f"Things({other})/Datastreams", json=datastream("more") | links)).status_code == 404
    past = {"time": "2000-01-01T00:00:00Z", "Thing": {"@iot.id": other}}
    assert (await client.post("HistoricalLocations", json=past)).status_code == 400
    assert (await client.post("Locations", json=location("x") | {"Things": [{"@iot.id": other}]})).status_code == 400
    made = await client.post("Things", json={"name": "new"})
    assert made.status_code == (201 if limited == "department" else 403)


UNSEEN = [
    "Things({other})", "Datastreams({stream})", "Observations({observation})", "Things({other})/Datastreams({stream})",
    "Datastreams({stream})/Thing", "FeaturesOfInterest({feature})", "Observations({first})/FeatureOfInterest",
    "Sensors({sensor})/Datastreams({stream})", "Datastreams({stream})/Observations({observation})",
]  # fmt: skip
SHARED = ["Sensors({sensor})", "ObservedProperties({observed})", "Locations({place})", "Datastreams({seen})/Sensor"]


async def _all(record: Any) -> list[Any]:
    """Give all that either Thing has, however it is reached."""
    async with record.pool.connection() as connection:
        cursor = await connection.execute(
            "SELECT t.name, d.name, o.result_json FROM observations_thing t JOIN observations_datastream d"
            " ON d.thing_id = t.id JOIN observations_observation o ON o.datastream_id = d.id ORDER BY 1, 2, 3::text"
        )
        return list(await cursor.fetchall())


async def test_what_is_hidden_or_shared_is_neither_changed_nor_deleted(
    client: httpx.AsyncClient, two: dict[str, int], limited: str, record: Any
) -> None:
    before = await _all(record)
    for path, status in [*((path, 404) for path in UNSEEN), *((path, 403) for path in SHARED)]:
        for method, body in (("PATCH", {"description": "x", "result": 1}), ("DELETE", None)):
            if method == "PATCH" and "Observation" not in path:
                body = {"description": "x"}
            answer = await client.request(method, path.format(**two), json=body)
            assert answer.status_code == status, (method, path, answer.text)
            batch = {"requests": [{"id": "1", "method": method, "url": path.format(**two), "body": body}]}
            (inner,) = (await client.post("$batch", json=batch)).json()["responses"]
            assert inner["status"] == status, (method, path, inner)
    for name in ("Things", "Datastreams", "Observations"):
        answer = await client.delete(
            name, params={"$filter": f"{'result' if name[0] == 'O' else 'name'} eq '{HIDDEN}'"}
        )
        assert answer.status_code == 200
    moved = await client.patch(f"Datastreams({two['seen']})", json={"Thing": {"@iot.id": two["other"]}})
    assert moved.status_code == 400, "to them it is not there"
    given = await client.patch(f"Observations({two['first']})", json={"Datastream": {"@iot.id": two["stream"]}})
    assert given.status_code == 400, "to them it is not there"
    assert await _all(record) == before


async def test_what_is_its_own_is_changed_and_deleted(
    client: httpx.AsyncClient, two: dict[str, int], limited: str, record: Any
) -> None:
    own, seen, first = (two[name] for name in ("own", "seen", "first"))
    public = {"description": "x", "properties": {"public": True}}
    assert (await client.patch(f"Things({own})", json=public)).status_code == 200
    assert (await client.patch(f"Observations({first})", json={"result": "y"})).status_code == 200
    assert (await client.delete("Observations", params={"$filter": "result ne 'z'"})).status_code == 200
    assert (await client.delete(f"Datastreams({seen})")).status_code == 200
    assert (await client.delete(f"Things({own})")).status_code == 200
    assert await _all(record) == [(HIDDEN, HIDDEN, HIDDEN)]


async def test_who_may_make_need_not_be_one_who_may_read(client: httpx.AsyncClient, two: dict[str, int]) -> None:
    allowed = frozenset({"observations.thing.create", "observations.observation.create"})
    maker = Actor(kind="key", reference="key:2", permissions=allowed, department="lighting")

    async def authenticate(_request: object) -> Actor:
        return maker

    client._transport.app.state.authenticate = authenticate  # type: ignore[attr-defined]
    made = await client.post("Things", json={"name": "new", "Datastreams": [datastream("power")]})
    assert (made.status_code, made.json()["name"]) == (201, "new"), made.text
    number = made.json()["@iot.id"]
    assert made.headers["Location"].endswith(f"/Things({number})")
    place = await client.post(f"Things({number})/Locations", json=location("here"))
    assert (place.status_code, place.json()["name"]) == (201, "here"), place.text
    alone = await client.post("Sensors", json={"name": "of no Thing", "encodingType": "t", "metadata": "m"})
    assert (alone.status_code, alone.json()["name"]) == (201, "of no Thing"), alone.text
    sent = await client.post(f"Things({two['own']})/Datastreams({two['seen']})/Observations", json={"result": 1})
    assert sent.status_code == 201, sent.text
    other = await client.post(f"Things({two['other']})/Datastreams({two['stream']})/Observations", json={"result": 1})
    assert other.status_code == 404, other.text
    assert (await client.get(f"Things({number})")).status_code == 403


async def test_a_thing_is_public_where_its_properties_say_so(client: httpx.AsyncClient) -> None:
    public = await make(client, "Things", {"name": "a", "properties": {"public": True, "x": {"public": False}}})
    for properties in ({"public": False}, {}, None, {"properties": {"public": True}}):
        await make(client, "Things", {"name": "b", "properties": properties})
    visitor = Actor(kind="visitor", reference="visitor", permissions=frozenset({"observations.thing.view"}))

    async def authenticate(_request: object) -> Actor:
        return visitor

    client._transport.app.state.authenticate = authenticate  # type: ignore[attr-defined]
    assert await ids(client, "Things") == [public]


async def test_a_person_of_a_department_sees_what_is_public_of_others_and_changes_none_of_it(
    client: httpx.AsyncClient, two: dict[str, int], record: Any
) -> None:
    async with record.pool.connection() as connection:
        await connection.execute("UPDATE observations_thing SET is_public = true WHERE id = %s", [two["other"]])
        await connection.execute("UPDATE observations_thing SET is_public = false WHERE id = %s", [two["own"]])
    actor = _limited(two, "person")

    async def authenticate(_request: object) -> Actor:
        return actor

    client._transport.app.state.authenticate = authenticate  # type: ignore[attr-defined]
    assert await ids(client, "Things") == [two["own"], two["other"]]
    assert (await client.get(f"Things({two['other']})/Datastreams")).status_code == 200
    links = {"Sensor": {"@iot.id": two["sensor"]}, "ObservedProperty": {"@iot.id": two["observed"]}}
    for thing, status in ((two["own"], 201), (two["other"], 403)):
        answer = await client.post(f"Things({thing})/Datastreams", json=datastream("more") | links)
        assert answer.status_code == status, answer.text
    sent = await client.post(f"Datastreams({two['stream']})/Observations", json={"result": 1})
    assert sent.status_code >= 400, "what is seen is not what may be written to"
