"""Makes every station known to the platform once, however often this is begun, and learns the ids of its series."""

from typing import Any, Final
from urllib.parse import quote

from simulators.air.air import POLLUTANTS, Station
from simulators.outsider.entities import API, MEASUREMENT, ensure_shared
from simulators.outsider.web import Json, Web

KIND: Final = "AirStation"
ILLUSTRATIVE: Final = "Simulated; its place is illustrative."
NAMES: Final = {
    "PM2.5": "Particles up to 2.5 µm",
    "PM10": "Particles up to 10 µm",
    "O3": "Ozone",
    "NO2": "Nitrogen dioxide",
    "SO2": "Sulphur dioxide",
    "CO": "Carbon monoxide",
}
Streams = dict[str, dict[str, int]]
"""The Datastreams by the station's serial and the pollutant."""


def register(web: Web, stations: list[Station], *, is_public: bool = True) -> tuple[Streams, bool]:
    """Find the stations, and make what is missing; tells also whether any was new. Raises NotYet."""
    found = _find(web)
    missing = [station for station in stations if station.serial not in found]
    if missing:
        sensor = ensure_shared(web, "Sensors", _sensor())
        properties = {name: ensure_shared(web, "ObservedProperties", _property(name)) for name in POLLUTANTS}
        for station in missing:
            web.post(f"{API}/Things", _thing(station, sensor, properties, is_public=is_public))
        found = _find(web)
    return {station.serial: found[station.serial] for station in stations}, bool(missing)


def _find(web: Web) -> Streams:
    condition = f"properties/simulated eq true and properties/kind eq '{KIND}'"
    path = (
        f"{API}/Things?$top=100&$select=id,properties&$expand=Datastreams($select=id,name)"
        f"&$filter={quote(condition, safe='')}"
    )
    return {
        str(thing["properties"].get("serial", "")): {
            each["name"]: int(each["@iot.id"]) for each in thing["Datastreams"] if each["name"] in POLLUTANTS
        }
        for thing in web.get(path)["value"]
    }


def _sensor() -> Json:
    return {
        "name": "air station",
        "description": "A simulated air station.",
        "encodingType": "text/html",
        "metadata": "https://docs.ogc.org/is/18-088/18-088.html",
    }


def _property(name: str) -> Json:
    key = name.replace(".", "").lower()
    return {"name": name, "description": NAMES[name], "definition": f"urn:dothi:property:{key}"}


def _thing(station: Station, sensor: int, properties: dict[str, int], *, is_public: bool) -> dict[str, Any]:
    return {
        "name": station.name,
        "description": ILLUSTRATIVE,
        "properties": {
            "kind": KIND, "serial": station.serial, "simulated": True, "public": is_public, "illustrative": True,
        },
        "Locations": [
            {
                "name": station.name,
                "description": ILLUSTRATIVE,
                "encodingType": "application/geo+json",
                "location": {"type": "Point", "coordinates": [station.lon, station.lat]},
            }
        ],
        "Datastreams": [
            {
                "name": name,
                "description": f"{NAMES[name]}, hourly mean",
                "observationType": MEASUREMENT,
                "unitOfMeasurement": {
                    "name": "microgram per cubic metre",
                    "symbol": "µg/m³",
                    "definition": "http://unitsofmeasure.org/ucum#ug/m3",
                },
                "Sensor": {"@iot.id": sensor},
                "ObservedProperty": {"@iot.id": properties[name]},
            }
            for name in POLLUTANTS
        ],
    }  # fmt: skip
