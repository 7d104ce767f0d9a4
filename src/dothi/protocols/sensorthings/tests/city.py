"""A small city for the tests: three lamps and a gauge, with known Observations."""

from typing import Any

import httpx

POINT: dict[str, Any] = {"type": "Point", "coordinates": [106.67, 11.05]}
UNIT: dict[str, Any] = {"name": "watt", "symbol": "W", "definition": "W"}


def location(name: str, longitude: float = 106.67) -> dict[str, Any]:
    """Give a place as it is sent."""
    point = POINT | {"coordinates": [longitude, 11.05]}
    return {"name": name, "encodingType": "application/geo+json", "location": point}


def datastream(name: str, **more: Any) -> dict[str, Any]:
    """Give a Datastream as it is sent."""
    return {
        "name": name,
        "observationType": "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement",
        "unitOfMeasurement": UNIT,
        "Sensor": {"name": f"{name} meter", "encodingType": "text/plain", "metadata": "none"},
        "ObservedProperty": {"name": name, "definition": f"urn:{name}"},
    } | more


async def make(client: httpx.AsyncClient, path: str, body: Any) -> int:
    """Make an entity and give its id."""
    answer = await client.post(path, json=body)
    assert answer.status_code == 201, answer.text
    return int(answer.json()["@iot.id"])


async def get(client: httpx.AsyncClient, path: str, **options: str | int) -> Any:
    """Read, with options named without their dollar."""
    answer = await client.get(path, params={f"${name}": str(value) for name, value in options.items()})
    assert answer.status_code == 200, answer.text
    return answer.json()


async def ids(client: httpx.AsyncClient, path: str, **options: str | int) -> list[int]:
    """Give the ids of a list's first page."""
    return [entity["@iot.id"] for entity in (await get(client, path, **options))["value"]]


async def lamp(client: httpx.AsyncClient, number: int, *, results: list[float]) -> tuple[int, int]:
    """Make a lamp with its power, an Observation an hour from 2026-01-01 on; gives the ids of Thing and Datastream."""
    body = {
        "name": f"lamp {number}",
        "properties": {"kind": "Streetlight", "number": number},
        "Locations": [location(f"pole {number}", 106.6 + number / 100)],
        "Datastreams": [datastream("power"), datastream("dim")],
    }
    thing = await make(client, "Things", body)
    (power, _) = await ids(client, f"Things({thing})/Datastreams")
    for hour, result in enumerate(results):
        time = f"2026-01-01T{hour:02}:00:00Z"
        await make(client, f"Datastreams({power})/Observations", {"phenomenonTime": time, "result": result})
    return thing, power
