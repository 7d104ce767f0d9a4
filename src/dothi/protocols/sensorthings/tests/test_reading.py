"""Reading by HTTP: what is made comes back as it was given, by every way the standard names."""

from typing import Any

import httpx

LAMP: dict[str, Any] = {
    "name": 'Đèn "A" \\ 1',
    "description": "at the corner",
    "properties": {"kind": "Streetlight", "height_m": 9, "parts": [{"led": True}]},
    "Locations": [
        {
            "name": "corner",
            "description": "",
            "encodingType": "application/geo+json",
            "location": {"type": "Point", "coordinates": [106.67, 11.05]},
        }
    ],
    "Datastreams": [
        {
            "name": name,
            "description": "",
            "observationType": "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement",
            "unitOfMeasurement": {"name": "watt", "symbol": unit, "definition": unit},
            "Sensor": {"name": "meter", "description": "", "encodingType": "text/plain", "metadata": "m"},
            "ObservedProperty": {"name": name, "definition": f"urn:{name}", "description": ""},
        }
        for name, unit in (("power", "W"), ("dim", "%"))
    ],
}


async def test_a_lamp_is_made_and_read(client: httpx.AsyncClient) -> None:
    made = await client.post("Things", json=LAMP)
    assert made.status_code == 201, made.text
    thing = made.json()
    assert made.headers["location"] == thing["@iot.selfLink"] == f"http://city.test/v1.1/Things({thing['@iot.id']})"
    assert thing["name"] == LAMP["name"]
    assert thing["properties"] == LAMP["properties"]
    name = LAMP["name"].replace("'", "''")
    found = (
        await client.get("Things", params={"$filter": f"name eq '{name}'", "$expand": "Datastreams,Locations"})
    ).json()
    (again,) = found["value"]
    assert [stream["name"] for stream in again["Datastreams"]] == ["power", "dim"]
    assert again["Locations"][0]["location"] == LAMP["Locations"][0]["location"]
    power = again["Datastreams"][0]["@iot.id"]
    sent = await client.post(
        f"Datastreams({power})/Observations", json={"result": 98.5, "phenomenonTime": "2026-11-22T10:00:00.5+07:00"}
    )
    assert sent.status_code == 201, sent.text
    (newest,) = (
        await client.get(f"Datastreams({power})/Observations", params={"$top": 1, "$orderby": "phenomenonTime desc"})
    ).json()["value"]
    assert newest["result"] == 98.5
    assert newest["phenomenonTime"] == "2026-11-22T03:00:00.5Z"
    assert newest == (await client.get(sent.headers["location"])).json()
