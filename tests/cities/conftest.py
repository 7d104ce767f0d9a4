"""A second city of another country, zone, language and index, in a folder outside of the package; it runs."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import httpx
import pytest

from dothi.config.tests.private_servers import choose_servers, find_free_port
from tests.e2e.browser import chromium, playwright
from tests.e2e.site import Site

__all__ = ["chromium", "playwright"]
API: Final = "/sensorthings/v1.1"
MEASUREMENT: Final = "http://www.opengis.net/def/observationType/OGC-OM/2.0/OM_Measurement"
PASSWORD: Final = "a long enough phrase 31"
CLOCK = "2026-07-02T15:20:00+01:00"
CITY = """
id = "galway"
names = { vi = "Galway", en = "Galway" }
within = { vi = "Ireland", en = "Ireland" }
zone = "Europe/Dublin"
country = "IE"
languages = ["en"]
center = [-9.05, 53.27]
bounds = [-9.20, 53.20, -8.90, 53.35]
zoom = 12.0
base_map = "base.geojson"
"""
AIR = """
unit = "µg/m³"
units = { O3 = "ppb" }

[index]
names = { vi = "Index of the test", en = "Index of the test" }
basis = { vi = "The test's own rule", en = "The test's own rule" }
steps = [0, 3, 6, 10]
hourly = [
  { pollutant = "PM2.5", average = "hour", at = [0, 35, 53, 70] },
  { pollutant = "O3", average = "8h", at = [0, 50, 80, 120] },
]
daily = [{ pollutant = "PM2.5", average = "day", at = [0, 35, 53, 70] }]

[[index.bands]]
id = "low"
names = { vi = "Low", en = "Low" }
up_to = 3
colour = "#1a7f37"
everyone = { vi = "Enjoy being outside.", en = "Enjoy being outside." }
sensitive = { vi = "Enjoy being outside.", en = "Enjoy being outside." }

[[index.bands]]
id = "high"
names = { vi = "High", en = "High" }
colour = "#c62828"
alarm = "bad"
everyone = { vi = "Do less outside.", en = "Do less outside." }
sensitive = { vi = "Stay in.", en = "Stay in." }

[[limits]]
pollutant = "PM2.5"
average = "year"
value = 25
since = 2015-01-01
basis = "Directive 2008/50/EC"
"""


@pytest.fixture(scope="session")
def second_city(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """A Dothi of another city with servers of its own, whose visitors may look; web, ingest and worker run."""
    folder: Path = tmp_path_factory.mktemp("galway")
    (folder / "city.toml").write_text(CITY, "utf-8")
    (folder / "air.toml").write_text(AIR, "utf-8")
    (folder / "base.geojson").write_text(json.dumps({"type": "FeatureCollection", "features": []}), "utf-8")
    servers = choose_servers()
    servers.start_postgres()
    servers.start_mosquittos()
    wall = datetime.now(UTC).isoformat()  # noqa: TID251 # the anchor of a clock is wall time
    own = {"DOTHI_CITY": str(folder), "DOTHI_VISITOR_ROLE": "viewer", "DOTHI_CLOCK": f"{CLOCK}@{wall}x1"}
    running = Site(servers.settings() | own, find_free_port())
    try:
        running.run("migrate")
        running.start("ingest")
        running.start("worker")
        running.start_web()
        yield running
    finally:
        running.stop()
        servers.close()


def thing(
    name: str, kind: str, place: tuple[float, float], streams: dict[str, tuple[str, list[dict[str, Any]]]]
) -> Any:
    """Write a Thing with Datastreams, by name their unit and Observations."""
    sensor = {"name": "sensor", "description": "", "encodingType": "text/html", "metadata": ""}
    return {
        "name": name,
        "description": "",
        "properties": {
            "kind": kind,
            "public": True,
            "serial": name,
            "street": "shop-street",
            "street_name": "Shop Street",
        },
        "Locations": [
            {
                "name": name,
                "description": "",
                "encodingType": "application/geo+json",
                "location": {"type": "Point", "coordinates": list(place)},
            }
        ],
        "Datastreams": [
            {
                "name": stream,
                "description": "",
                "observationType": MEASUREMENT,
                "unitOfMeasurement": {"name": unit, "symbol": unit, "definition": ""},
                "Sensor": sensor,
                "ObservedProperty": {"name": stream, "description": "", "definition": f"urn:test:{stream}"},
                "Observations": observations,
            }
            for stream, (unit, observations) in streams.items()
        ],
    }


def hours(value: float) -> list[dict[str, Any]]:
    """Write twelve hours up to 14:00 of the city's summer time, which is 13:00 UTC."""
    return [
        {"phenomenonTime": f"2026-07-02T{hour:02}:00:00Z/2026-07-02T{hour + 1:02}:00:00Z", "result": value}
        for hour in range(2, 14)
    ]


@pytest.fixture(scope="session")
def things(second_city: Site) -> dict[str, int]:
    """Register an air station and a lamp as devices do; gives their ids."""
    key_id, secret = second_city.create_key()
    station = {"PM2.5": ("µg/m³", hours(61.5)), "O3": ("µg/m³", hours(60.0))}
    lamp = {"power": ("W", [{"phenomenonTime": "2026-07-02T14:19:30Z", "result": 0.4}])}
    headers = {"Authorization": f"Bearer {key_id}.{secret}"}
    with httpx.Client(base_url=second_city.url, headers=headers, trust_env=False) as device:
        for body in (
            thing("Salthill station", "AirStation", (-9.08, 53.26), station),
            thing("Shop Street 1", "Streetlight", (-9.05, 53.27), lamp),
        ):
            assert device.post(f"{API}/Things", json=body).is_success
        found = device.get(f"{API}/Things", params={"$select": "id,properties"}).json()["value"]
    kinds = {"AirStation": "air", "Streetlight": "lamp"}
    return {kinds[each["properties"]["kind"]]: each["@iot.id"] for each in found}


@pytest.fixture(scope="session")
def official(second_city: Site) -> Iterator[httpx.Client]:
    """Whoever may see all, signed in: rules of alarms and those who answer for them stand on the pages besides."""
    second_city.run("users", "create", "head-of-city", "--role", "administrator", "--password", PASSWORD)
    with httpx.Client(base_url=second_city.url, trust_env=False, follow_redirects=True, timeout=30) as web:
        web.get("/sign-in/")
        form = {"login": "head-of-city", "password": PASSWORD, "csrfmiddlewaretoken": web.cookies["csrftoken"]}
        assert web.post("/sign-in/", data=form, headers={"Referer": second_city.url}).is_success
        yield web
