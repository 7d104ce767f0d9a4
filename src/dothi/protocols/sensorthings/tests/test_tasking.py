"""Commands over HTTP (OGC 17-079r1): what devices can be told is registered, told, and read."""

from typing import Any

import httpx
import msgspec
import pytest

from dothi.core.accounts.types import Actor
from dothi.kernel.events import Event, TasksChanged, ThingsChanged
from dothi.protocols.sensorthings.tests.city import get, ids, location, make

LEVEL: dict[str, Any] = {
    "type": "DataRecord",
    "field": [{"name": "level", "type": "Quantity", "constraint": {"type": "AllowedValues", "interval": [[0, 100]]}}],
}


def capability(name: str, **more: Any) -> dict[str, Any]:
    """Give what a device can be told, as it is sent."""
    actuator = {"name": f"driver of {name}", "encodingType": "text/plain", "metadata": "none"}
    return {"name": name, "description": "d", "taskingParameters": LEVEL, "Actuator": actuator} | more


async def lamp(client: httpx.AsyncClient, name: str = "lamp") -> tuple[int, int]:
    """Make a lamp that can be dimmed; give its id and its capability's."""
    body = {"name": name, "Locations": [location(name)], "TaskingCapabilities": [capability(f"light of {name}")]}
    thing = await make(client, "Things", body)
    (made,) = await ids(client, f"Things({thing})/TaskingCapabilities")
    return thing, made


def become(client: httpx.AsyncClient, actor: Actor) -> None:
    """Let the client ask as somebody else."""

    async def authenticate(_request: object) -> Actor:
        return actor

    client._transport.app.state.authenticate = authenticate  # type: ignore[attr-defined]


async def test_a_thing_brings_what_it_can_be_told(client: httpx.AsyncClient, events: list[Event]) -> None:
    thing, made = await lamp(client)
    found = await get(client, f"Things({thing})", expand="TaskingCapabilities/Actuator")
    (told,) = found["TaskingCapabilities"]
    assert (told["@iot.id"], told["taskingParameters"]) == (made, LEVEL)
    assert told["Actuator"]["metadata"] == "none"
    assert ThingsChanged(thing_ids=[thing]) in events


async def test_capabilities_at_paths_and_by_links(client: httpx.AsyncClient, events: list[Event]) -> None:
    thing = await make(client, "Things", {"name": "x"})
    actuator = await make(client, "Actuators", {"name": "a", "encodingType": "t", "metadata": {"maker": "m"}})
    link = {"Actuator": {"@iot.id": actuator}}
    first = await make(client, f"Things({thing})/TaskingCapabilities", capability("one") | link)
    events.clear()
    second = await make(client, "TaskingCapabilities", capability("two") | link | {"Thing": {"@iot.id": thing}})
    third = await make(client, f"Actuators({actuator})/TaskingCapabilities", capability("three", Actuator=None) | {
        "Thing": {"@iot.id": thing},
    })  # fmt: skip
    assert events == [ThingsChanged(thing_ids=[thing])] * 2
    assert await ids(client, f"Actuators({actuator})/TaskingCapabilities") == [first, second, third]
    assert (await get(client, f"TaskingCapabilities({third})/Thing"))["@iot.id"] == thing
    assert (await get(client, f"TaskingCapabilities({third})/Actuator"))["metadata"] == {"maker": "m"}
    assert await ids(client, "Things", filter="TaskingCapabilities/name eq 'two'") == [thing]


async def test_a_command_is_given_and_read(client: httpx.AsyncClient, events: list[Event]) -> None:
    _, light = await lamp(client)
    sent = {"taskingParameters": {"level": 50}, "creationTime": "2000-01-01T00:00:00Z"}
    answer = await client.post(f"TaskingCapabilities({light})/Tasks", json=sent)
    assert answer.status_code == 201, answer.text
    made = answer.json()
    assert answer.headers["Location"] == made["@iot.selfLink"]
    assert (made["taskingParameters"], made["status"], made["attempts"]) == ({"level": 50}, "pending", 0)
    assert events[-1] == TasksChanged([made["@iot.id"]])
    at = msgspec.convert([made["creationTime"], made["deadline"]], list[Any])
    assert at[0] > "2020"
    assert at[0] < at[1]
    assert "sentTime" not in made
    link = {"TaskingCapability": {"@iot.id": light}, "deadline": "2100-01-01T00:00:00Z"}
    refused = await client.post("Tasks", json=sent | link)
    assert (refused.status_code, refused.json()["place"]) == (400, "deadline")
    other = await make(client, "Tasks", sent | link | {"deadline": None})
    assert await ids(client, f"TaskingCapabilities({light})/Tasks") == [made["@iot.id"], other]
    found = await get(client, f"Tasks({other})", expand="TaskingCapability/Thing", select="status")
    assert (found["status"], found["TaskingCapability"]["Thing"]["name"]) == ("pending", "lamp")
    assert await ids(client, "Tasks", filter="status eq 'pending'", orderby="creationTime desc", top=1) == [other]
    assert (await client.get(f"Tasks({other})/status")).json() == {"status": "pending"}
    assert (await client.get(f"Tasks({other})/taskingParameters/level")).json() == {"level": 50}


BAD: list[tuple[str, Any, int, str]] = [
    ("Tasks", {}, 400, "body"),
    ("Tasks", {"taskingParameters": {"level": 1}}, 400, "TaskingCapability"),
    ("Tasks", {"taskingParameters": {"level": 1}, "TaskingCapability": {"@iot.id": 10**9}}, 400, "TaskingCapability"),
    ("Tasks", {"taskingParameters": {"level": 1}, "TaskingCapability": {"name": "new"}}, 400, "$.TaskingCapability"),
    ("TaskingCapabilities(1000000)/Tasks", {"taskingParameters": {}}, 404, ""),
    ("TaskingCapabilities({light})/Tasks", {"taskingParameters": {"level": 101}}, 400, "taskingParameters/level"),
    ("TaskingCapabilities({light})/Tasks", {"taskingParameters": {"colour": 1}}, 400, "taskingParameters/colour"),
    ("TaskingCapabilities({light})/Tasks", {"taskingParameters": [1]}, 400, "$.taskingParameters"),
    ("TaskingCapabilities({light})/Tasks", {"taskingParameters": {"level": 1}, "status": "done"}, 400, "body"),
    (
        "TaskingCapabilities({light})/Tasks",
        {"taskingParameters": {"level": 1}, "deadline": "2000-01-01T00:00:00Z"},
        400,
        "deadline",
    ),
    ("TaskingCapabilities({light})/Tasks", {"taskingParameters": {"level": 1}, "deadline": "soon"}, 400, "$.deadline"),
    (
        "TaskingCapabilities({light})/Tasks",
        {"taskingParameters": {"level": 1}, "TaskingCapability": {"@iot.id": 10**9}},
        400,
        "TaskingCapability",
    ),
    ("Things({thing})/Tasks", {"taskingParameters": {"level": 1}}, 404, ""),
    ("TaskingCapabilities", {"name": "x", "taskingParameters": {}}, 400, "Thing"),
    ("TaskingCapabilities", {"name": "x", "Thing": {"@iot.id": 1}}, 400, "taskingParameters"),
    ("Actuators", {"name": "x", "encodingType": "t"}, 400, "metadata"),
    (
        "Things",
        {"name": "x", "TaskingCapabilities": [{"name": "y", "taskingParameters": {}}]},
        400,
        "TaskingCapabilities[0]/Actuator",
    ),
    ("Things", {"name": "x", "TaskingCapabilities": [{"@iot.id": 1}]}, 400, "TaskingCapabilities[0]"),
    ("Things", {"name": "x", "TaskingCapabilities": [capability("y", Tasks=[])]}, 400, "$.TaskingCapabilities[0]"),
]


@pytest.mark.parametrize(("path", "body", "status", "place"), BAD)
async def test_what_is_wrong_is_named_and_nothing_is_made(
    client: httpx.AsyncClient, path: str, body: Any, status: int, place: str
) -> None:
    thing, light = await lamp(client)
    sets = [entry["name"] for entry in (await get(client, ""))["value"]]
    before = [(await client.get(f"{name}/$count")).text for name in sets]
    answer = await client.post(path.format(light=light, thing=thing), json=body)
    assert (answer.status_code, answer.json().get("place", "")) == (status, place), answer.text
    assert [(await client.get(f"{name}/$count")).text for name in sets] == before


WAYS = [
    "Tasks", "Tasks({task})", "Tasks({task})/status", "Tasks/$count", "TaskingCapabilities({light})/Tasks",
    "TaskingCapabilities?$expand=Tasks", "Things?$expand=TaskingCapabilities/Tasks",
    "Things?$filter=TaskingCapabilities/Tasks/status eq 'pending'", "Tasks({task})/TaskingCapability",
    "TaskingCapabilities?$filter=Tasks/attempts eq 0", "Things({thing})/TaskingCapabilities({light})/Tasks/$ref",
]  # fmt: skip


async def test_commands_are_seen_by_whoever_may(client: httpx.AsyncClient) -> None:
    thing, light = await lamp(client)
    task = await make(client, f"TaskingCapabilities({light})/Tasks", {"taskingParameters": {"level": 5}})
    ways = [way.format(thing=thing, light=light, task=task) for way in WAYS]
    allowed = frozenset({"observations.thing.view"})
    for kind, refusal in (("visitor", 401), ("user", 403)):
        become(client, Actor(kind=kind, reference="x", permissions=allowed))  # type: ignore[arg-type]
        for way in ways:
            assert (await client.get(way)).status_code == refusal, way
        assert (await client.get("TaskingCapabilities?$expand=Actuator")).status_code == 200
    become(client, Actor(kind="user", reference="x", permissions=allowed | {"observations.task.view"}))
    for way in ways:
        assert (await client.get(way)).status_code == 200, way


async def test_limits_hide_capabilities_actuators_and_tasks(client: httpx.AsyncClient, record: Any) -> None:
    own, mine = await lamp(client, "seen")
    other, light = await lamp(client, "hidden")
    sent = {"taskingParameters": {"level": 5}}
    actuator = (await get(client, f"TaskingCapabilities({mine})/Actuator"))["@iot.id"]
    seen = await make(client, f"TaskingCapabilities({mine})/Tasks", sent)
    task = await make(client, f"TaskingCapabilities({light})/Tasks", sent)
    async with record.pool.connection() as connection:
        await connection.execute(
            "UPDATE observations_thing SET department = 'lighting', is_public = true WHERE id = %s", [own]
        )
    allowed = frozenset({"observations.thing.view", "observations.task.view", "observations.task.create"})
    for limits in ({"department": "lighting"}, {"thing_ids": frozenset({own})}):
        become(client, Actor(kind="key", reference="key:1", permissions=allowed, **limits))
        for way in (
            "Tasks", f"Tasks({task})", "TaskingCapabilities", f"TaskingCapabilities({light})/Tasks", "Actuators",
            "Actuators?$expand=TaskingCapabilities/Tasks,TaskingCapabilities/Thing", f"Tasks({task})/TaskingCapability",
            f"Things({other})/TaskingCapabilities", "Tasks?$expand=TaskingCapability/Thing/TaskingCapabilities",
        ):  # fmt: skip
            answer = await client.get(way)
            assert answer.status_code in (200, 404), answer.text
            assert "hidden" not in answer.text
        assert await ids(client, "Tasks") == [seen]
        assert await ids(client, "Actuators", filter="TaskingCapabilities/Tasks/attempts eq 0") == [actuator]
        assert (await client.post(f"TaskingCapabilities({light})/Tasks", json=sent)).status_code == 404
        linked = await client.post("Tasks", json=sent | {"TaskingCapability": {"@iot.id": light}})
        assert linked.status_code == 400, linked.text
        made = await client.post(f"TaskingCapabilities({mine})/Tasks", json=sent)
        assert made.status_code == 201, made.text
        async with record.pool.connection() as connection:
            await connection.execute("DELETE FROM observations_task WHERE id = %s", [made.json()["@iot.id"]])


async def test_who_may_command_need_not_be_one_who_may_read(client: httpx.AsyncClient) -> None:
    _, light = await lamp(client)
    become(client, Actor(kind="key", reference="key:1", permissions=frozenset({"observations.task.create"})))
    made = await client.post(f"TaskingCapabilities({light})/Tasks", json={"taskingParameters": {"level": 5}})
    assert (made.status_code, made.json()["status"]) == (201, "pending")
    assert (await client.get("Tasks")).status_code == 403
    become(client, Actor(kind="key", reference="key:1", permissions=frozenset({"observations.thing.create"})))
    refused = await client.post(f"TaskingCapabilities({light})/Tasks", json={"taskingParameters": {"level": 5}})
    assert refused.status_code == 403


async def test_the_front_page_names_what_is_kept_of_tasking(client: httpx.AsyncClient) -> None:
    page = await get(client, "")
    names = {each.partition("iot_tasking/1.0/req/")[2] for each in page["serverSettings"]["conformance"]}
    assert "create-tasks/task-creation" in names
    assert "create-tasks-via-mqtt/task-creation" not in names
    assert {entry["name"] for entry in page["value"]} >= {"Actuators", "TaskingCapabilities", "Tasks"}
