"""Fixtures of the browser's tests: a running Dothi, a real Chromium, and a street lamp that speaks."""

from collections.abc import AsyncIterator, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from playwright.async_api import Browser

from dothi.config.tests.private_servers import PrivateServers, find_free_port
from tests.e2e.browser import chromium, playwright
from tests.e2e.lamp import Lamp
from tests.e2e.site import NOON_CLOCK, SPEED, Site
from tests.e2e.visitor import Visitor

__all__ = ["chromium", "playwright"]
BUILT = Path(__file__).parents[2] / "src/dothi/web/static/build/manifest.json"


@pytest.fixture(scope="session")
def site(private_servers: PrivateServers) -> Iterator[Site]:
    """A Dothi of its own database, whose visitors may look; its clock runs faster than the wall's."""
    assert BUILT.exists(), "the front end is not built: npm run build"
    private_servers.start_postgres()
    private_servers.start_mosquittos()
    wall = datetime.now(UTC).isoformat()  # noqa: TID251 # the anchor of a clock is wall time
    clock = f"{datetime.fromisoformat(NOON_CLOCK).isoformat()}@{wall}x{SPEED}"
    settings = private_servers.settings() | {"DOTHI_VISITOR_ROLE": "viewer", "DOTHI_CLOCK": clock}
    running = Site(settings, find_free_port())
    running.run("migrate")
    running.start("ingest")
    running.start_web()
    yield running
    running.stop()


@pytest.fixture
async def visitor(chromium: Browser, site: Site) -> AsyncIterator[Visitor]:
    """Someone at a screen who has not signed in."""
    person = Visitor(chromium, site.url)
    yield person
    await person.leave()


@pytest.fixture(scope="session")
async def lamp(site: Site) -> AsyncIterator[Lamp]:
    """One registered street lamp that can publish."""
    key_id, secret = site.create_key()
    device = Lamp(site.url, site.settings["DOTHI_MQTT_URL"], key_id=key_id, secret=secret)
    await device.open()
    yield device
    await device.close()
