"""A city of three departments with both doors on a running record, and keys that reach differing Things of it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any

import httpx
import msgspec
import pytest_asyncio
from asgiref.sync import sync_to_async
from pytest_django import Settings
from starlette.applications import Starlette

from dothi.config import environment
from dothi.config.asgi import application
from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import SYSTEM, Actor, NewKey
from dothi.kernel.events import Event
from dothi.protocols.sensorthings.tests.city import POINT, datastream

BASE = "/sensorthings/v1.1/"
RESULTS = {"alpha": 1001.25, "beta": 2002.25, "gamma": 4004.25}
"""The Things by their names, which stand in all that is theirs, and the result of each of their Observations.

No id reads like one of these, whatever was stored before.
"""
DEPARTMENTS = {"alpha": "lighting", "beta": "lighting-north", "gamma": "water"}
HOURS = range(3)
SCOPES: Mapping[str, frozenset[str]] = {
    "everything": frozenset(RESULTS),
    "department": frozenset({"alpha", "beta"}),
    "below": frozenset({"beta"}),
    "things": frozenset({"alpha"}),
    "both": frozenset(),
    "nothing": frozenset(),
}
"""What each key reaches: `both` is limited to a department and to a Thing of another one."""
PERMISSIONS = [
    f"observations.{name}"
    for name in ("thing.view", "thing.create", "thing.change", "thing.delete", "task.view", "task.create",
                 "observation.create", "observation.change", "observation.delete")
]  # fmt: skip


class City:
    """Both doors on a running record, three Things of three departments, and a key for each scope."""

    def __init__(self, app: Starlette, told: list[Callable[[Event], None]]) -> None:
        self.app, self.told = app, told
        self.ids: dict[str, dict[str, int]] = {}
        self.keys: dict[str, NewKey] = {}
        self.actors: dict[str, Actor] = {}

    def client(self, scope: str) -> httpx.AsyncClient:
        """Give a client with the key of a scope."""
        transport = httpx.ASGITransport(self.app)
        headers = {"Authorization": f"Bearer {self.keys[scope].token}"}
        return httpx.AsyncClient(transport=transport, base_url=f"http://test{BASE}", headers=headers)

    async def count(self) -> dict[str, int]:
        """Count, past all rights, the Observations of each Thing that is there."""
        async with self.app.state.record.pool.connection() as connection:
            cursor = await connection.execute(
                "SELECT t.name, count(o.id) FROM observations_thing t LEFT JOIN observations_datastream d"
                " ON d.thing_id = t.id LEFT JOIN observations_observation o ON o.datastream_id = d.id GROUP BY t.name"
            )
            return dict(await cursor.fetchall())


def _body(name: str) -> dict[str, Any]:
    stream = datastream(f"{name} power", Observations=[
        {"phenomenonTime": f"2026-01-01T{hour:02}:00:00Z", "result": RESULTS[name]} for hour in HOURS
    ])  # fmt: skip
    actuator = {"name": f"{name} driver", "encodingType": "t", "metadata": "m"}
    return {
        "name": name,
        "Locations": [{"name": f"{name} pole", "encodingType": "application/geo+json", "location": POINT}],
        "Datastreams": [stream],
        "TaskingCapabilities": [{"name": f"{name} light", "taskingParameters": {}, "Actuator": actuator}],
    }


def _make_departments() -> None:
    from dothi.core.accounts.models import Department  # noqa: PLC0415 (needs Django to be set up)

    for code, path in (
        ("lighting", ["lighting"]),
        ("lighting-north", ["lighting", "lighting-north"]),
        ("water", ["water"]),
    ):
        Department.objects.create(code=code, name_vi=code, name_en=code, path=path)


@pytest_asyncio.fixture
async def city(database_url: str, settings: Settings) -> AsyncIterator[City]:
    settings.VISITOR_ROLE = ""
    told: list[Callable[[Event], None]] = []
    app = application(msgspec.structs.replace(environment.read(), database_url=database_url))
    record, publish = app.state.record, app.state.record.publish

    def tell(event: Event) -> None:
        publish(event)
        for hear in told:
            hear(event)

    for part in (record, record.writer, record.desk):
        setattr(part, "publish" if part is record else "_publish", tell)
    for part in (record._registration, record._revision):
        part._publish = tell
    app.state.hub.close()
    await record.start()
    made = City(app, told)
    await sync_to_async(_make_departments)()
    await _add_keys(made, {"everything": {}})
    async with made.client("everything") as client:
        for name in RESULTS:
            await _add_thing(made, client, name)
    limits: dict[str, dict[str, Any]] = {
        "department": {"department": "lighting"},
        "below": {"department": "lighting-north"},
        "things": {"thing_ids": [made.ids["alpha"]["thing"]]},
        "both": {"department": "water", "thing_ids": [made.ids["alpha"]["thing"]]},
        "nothing": {"thing_ids": [10**9]},
    }
    await _add_keys(made, limits)
    yield made
    await record.stop()


async def _add_keys(city: City, limits: Mapping[str, Mapping[str, Any]]) -> None:
    for scope, limited in limits.items():
        key = await sync_to_async(accounts.create_key)(SYSTEM, name=scope, permissions=PERMISSIONS, **limited)
        (found,) = [each for each in await sync_to_async(accounts.list_keys)(SYSTEM) if each.id == key.id]
        city.keys[scope], city.actors[scope] = key, found.actor


async def _add_thing(city: City, client: httpx.AsyncClient, name: str) -> None:
    made = await client.post("Things", json=_body(name))
    assert made.status_code == 201, made.text
    thing = made.json()["@iot.id"]
    stream = (await client.get(f"Things({thing})/Datastreams")).json()["value"][0]["@iot.id"]
    light = (await client.get(f"Things({thing})/TaskingCapabilities")).json()["value"][0]["@iot.id"]
    task = await client.post(f"TaskingCapabilities({light})/Tasks", json={"taskingParameters": {"for": name}})
    assert task.status_code == 201, task.text
    async with city.app.state.record.pool.connection() as connection:
        await connection.execute(
            "UPDATE observations_thing SET department = %s WHERE id = %s", [DEPARTMENTS[name], thing]
        )
    city.ids[name] = {"thing": thing, "stream": stream, "light": light}


async def until(condition: Callable[[], bool]) -> None:
    """Wait for something to become so."""
    async with asyncio.timeout(60):
        while not condition():
            await asyncio.sleep(0.01)
