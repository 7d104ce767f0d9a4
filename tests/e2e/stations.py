"""An air station as a device registers it, with weeks of hours behind it."""

from datetime import UTC, datetime, timedelta
from typing import Any, Final

import httpx
import numpy as np

from tests.e2e.site import NOON_CLOCK, Site

API: Final = "/sensorthings/v1.1"
HOUR: Final = timedelta(hours=1)
DAYS: Final = 21
LEVELS: Final = {"PM2.5": 38.0, "PM10": 70.0, "O3": 60.0, "NO2": 55.0, "SO2": 25.0, "CO": 900.0}
LAST: Final = datetime.fromisoformat(NOON_CLOCK).astimezone(UTC).replace(minute=0, second=0) - HOUR
"""When the last hour began that is over."""


def add_station(site: Site, name: str, *, level: float = 1.0) -> int:
    """Register a public station with each hour of three weeks and the newest index; gives its id."""
    key_id, secret = site.create_key()
    headers = {"Authorization": f"Bearer {key_id}.{secret}"}
    with httpx.Client(base_url=site.url, headers=headers, trust_env=False, timeout=120) as device:
        made = device.post(f"{API}/Things", json=_thing(name))
        assert made.is_success, made.text
        where = f"{API}/Things?$filter=name eq '{name}'&$expand=Datastreams($select=id,name)"
        [thing] = device.get(where).json()["value"]
        streams = {each["name"]: each["@iot.id"] for each in thing["Datastreams"]}
        body = [_series(streams[each], usual * level, place) for place, (each, usual) in enumerate(LEVELS.items())]
        body += [_newest(streams["air quality index"], 112.0), _newest(streams["air quality level"], 1.0)]
        assert device.post(f"{API}/CreateObservations", json=body).is_success
    return int(thing["@iot.id"])


def _series(stream: int, level: float, seed: int) -> Any:
    chance = np.random.default_rng(seed)
    hours = np.arange(DAYS * 24)
    values = level * np.exp(0.25 * chance.standard_normal(len(hours)) + 0.4 * np.cos((hours - 9) * np.pi / 12))
    rows = [
        [(LAST - HOUR * int(back)).isoformat(), round(float(value), 1)]
        for back, value in zip(hours[::-1], values, strict=True)
    ]
    return {"Datastream": {"@iot.id": stream}, "components": ["phenomenonTime", "result"], "dataArray": rows}


def _newest(stream: int, value: float) -> Any:
    return {
        "Datastream": {"@iot.id": stream},
        "components": ["phenomenonTime", "result"],
        "dataArray": [[LAST.isoformat(), value]],
    }


def _thing(name: str) -> Any:
    units = dict.fromkeys(LEVELS, "µg/m³") | {"air quality index": "", "air quality level": ""}
    sensor = {"name": "sensor", "description": "", "encodingType": "text/html", "metadata": ""}
    place = {"type": "Point", "coordinates": [106.66, 10.98]}
    return {
        "name": name,
        "description": "",
        "properties": {"kind": "AirStation", "public": True, "simulated": True},
        "Locations": [
            {"name": name, "description": "", "encodingType": "application/geo+json", "location": place}
        ],
        "Datastreams": [
            {
                "name": each,
                "description": "",
                "observationType": "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement",
                "unitOfMeasurement": {"name": unit, "symbol": unit, "definition": ""},
                "Sensor": sensor,
                "ObservedProperty": {"name": each, "description": "", "definition": f"urn:test:{each}"},
            }
            for each, unit in units.items()
        ],
    }  # fmt: skip
