"""The lamp as a SensorThings Thing (OGC 18-088), registered once however often the simulator starts."""

from typing import Final
from urllib.parse import quote

from simulators.lighting.web import Json, Web

NAME: Final = "Đèn Hùng Vương 01"
SERIAL: Final = "SIM-LAMP-0001"
LON: Final = 106.6723
LAT: Final = 11.0484
API: Final = "/sensorthings/v1.1"
MEASUREMENT: Final = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement"

# name, unit's name, symbol, UCUM code, observed property
DATASTREAMS: Final = (
    ("power", "watt", "W", "W", "active power"),
    ("light level", "percent", "%", "%", "light level"),
    ("voltage", "volt", "V", "V", "mains voltage"),
)


def register(web: Web) -> dict[str, int]:
    """Find the lamp or make it; gives the id of each of its Datastreams by name."""
    found = find(web)
    if found is None:
        web.post(f"{API}/Things", thing())
        found = find(web)
    if found is None:
        raise RuntimeError(f"{NAME} was registered and is not there")
    return datastream_ids(found)


def find(web: Web) -> Json | None:
    """Ask for the lamp by its name."""
    condition = quote(f"name eq '{NAME}'", safe="")
    things = web.get(f"{API}/Things?$filter={condition}&$expand=Datastreams")["value"]
    return next((each for each in things if (each.get("properties") or {}).get("serial") == SERIAL), None)


def datastream_ids(found: Json) -> dict[str, int]:
    """Read the ids of the Datastreams that came with a Thing."""
    return {each["name"]: each["@iot.id"] for each in found["Datastreams"]}


def thing() -> Json:
    """Write the lamp with all that belongs to it, for one deep insert."""
    return {
        "name": NAME,
        "description": "A simulated LED street lamp with its controller; its place is illustrative.",
        "properties": {"kind": "Streetlight", "simulated": True, "public": True, "serial": SERIAL},
        "Locations": [
            {
                "name": NAME,
                "description": "On Hùng Vương street, Bình Dương New City; illustrative.",
                "encodingType": "application/geo+json",
                "location": {"type": "Point", "coordinates": [LON, LAT]},
            }
        ],
        "Datastreams": [_datastream(*each) for each in DATASTREAMS],
    }


def _datastream(name: str, unit: str, symbol: str, ucum: str, observed: str) -> Json:
    return {
        "name": name,
        "description": f"{observed} of the lamp, each minute",
        "observationType": MEASUREMENT,
        "unitOfMeasurement": {"name": unit, "symbol": symbol, "definition": f"http://unitsofmeasure.org/ucum#{ucum}"},
        "Sensor": {
            "name": f"controller of {NAME}, {name}",
            "description": "The lamp's own controller.",
            "encodingType": "text/html",
            "metadata": "https://docs.ogc.org/is/18-088/18-088.html",
        },
        "ObservedProperty": {
            "name": observed,
            "description": observed,
            "definition": f"urn:dothi:simulated:{observed.replace(' ', '-')}",
        },
    }
