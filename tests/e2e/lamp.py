"""A street lamp as its vendor would build it: registered over SensorThings, speaking over MQTT."""

import json
from datetime import datetime
from typing import Final
from urllib.parse import urlsplit

import gmqtt
import httpx

NAME: Final = "Đèn Lê Hoàn 07"
PLACE: Final = (106.6790, 11.0577)
API: Final = "/sensorthings/v1.1"
MEASUREMENT: Final = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement"


class Lamp:
    """One lamp with one Datastream, its power."""

    def __init__(self, url: str, mqtt_url: str, *, key_id: str, secret: str) -> None:
        self._web = httpx.AsyncClient(
            base_url=url, headers={"Authorization": f"Bearer {key_id}.{secret}"}, trust_env=False
        )
        self._broker = urlsplit(mqtt_url)
        self._client = gmqtt.Client(f"lamp-{key_id}")
        self._client.set_auth_credentials(key_id, secret)
        self.thing_id = 0
        self._datastream_id = 0

    async def open(self) -> None:
        """Register the lamp and connect to the devices' broker."""
        (await self._web.post(f"{API}/Things", json=thing())).raise_for_status()
        query = {"$filter": f"name eq '{NAME}'", "$expand": "Datastreams"}
        found = (await self._web.get(f"{API}/Things", params=query)).raise_for_status().json()["value"][0]
        self.thing_id = found["@iot.id"]
        self._datastream_id = found["Datastreams"][0]["@iot.id"]
        await self._client.connect(self._broker.hostname or "", self._broker.port or 1883)

    async def city_time(self) -> datetime:
        """Ask the platform for the city's time, as devices set their clocks."""
        answer = await self._web.get("/health/ready")
        return datetime.fromisoformat(answer.json()["city_time"])

    async def publish(self, power_w: float) -> None:
        """Send one measurement, now."""
        at = await self.city_time()
        payload = json.dumps({"phenomenonTime": at.isoformat(), "result": power_w})
        self._client.publish(f"v1.1/Datastreams({self._datastream_id})/Observations", payload, qos=1)

    async def close(self) -> None:
        """Leave."""
        await self._client.disconnect()
        await self._web.aclose()


def thing() -> dict[str, object]:
    """Write the lamp with all that belongs to it, for one deep insert."""
    text = {"encodingType": "text/html", "description": ""}
    return {
        "name": NAME,
        "description": "A lamp of the browser's tests",
        "properties": {"kind": "Streetlight", "simulated": True, "public": True},
        "Locations": [
            {
                "name": NAME,
                "description": "",
                "encodingType": "application/geo+json",
                "location": {"type": "Point", "coordinates": list(PLACE)},
            }
        ],
        "Datastreams": [
            {
                "name": "power",
                "description": "",
                "observationType": MEASUREMENT,
                "unitOfMeasurement": {"name": "watt", "symbol": "W", "definition": "http://unitsofmeasure.org/ucum#W"},
                "Sensor": {"name": "controller", "metadata": "", **text},
                "ObservedProperty": {"name": "active power", "description": "", "definition": "urn:dothi:test:power"},
            }
        ],
    }
