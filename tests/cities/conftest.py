"""A second city of another country, zone, language and index, in a folder outside of the package; it runs."""

import json
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest

from dothi.config.tests.private_servers import choose_servers, find_free_port
from tests.e2e.site import Site

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
