"""Air in a real browser: no barrier on any page, and a page for residents that is light and needs no script."""

import pytest
from playwright.async_api import Browser, expect

from tests.e2e.lamp import Lamp
from tests.e2e.site import Site
from tests.e2e.stations import add_station
from tests.e2e.visitor import Visitor, barriers

pytestmark = pytest.mark.browser
PAGES = ("/air/", "/air/today/", "/air/stations/{0}/", "/air/stations/{0}/?span=month", "/air/stations/{0}/year/")
SIZES = ((1440, 900), (390, 844))
NAME = "Trạm Phú Lợi"
WEIGHT = 150_000
"""Bytes over the wire, all that the page asks for."""


@pytest.fixture(scope="session")
async def station(site: Site, lamp: Lamp) -> int:
    """A station with three weeks behind it; the street lamp is registered before, as alarms are raised of Thing 1."""
    return add_station(site, NAME)


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("path", PAGES)
async def test_airs_pages_have_no_barrier(
    visitor: Visitor, station: int, path: str, language: str, size: tuple[int, int]
) -> None:
    page = await visitor.open(path.format(station), language=language, size=size)
    if "stations/" in path and "year" not in path:
        await page.wait_for_selector(".chart canvas")
    assert await barriers(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert visitor.complaints == []


async def test_residents_need_no_script_and_little_of_a_line(chromium: Browser, site: Site, station: int) -> None:
    context = await chromium.new_context(viewport={"width": 390, "height": 844}, java_script_enabled=False)
    page = await context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    answer = await page.goto(f"{site.url}/air/today/")
    assert answer is not None
    sizes = await answer.request.sizes()
    assert sizes["responseBodySize"] + sizes["responseHeadersSize"] < WEIGHT
    assert asked == [f"{site.url}/air/today/"]
    await expect(page.get_by_role("heading", name=NAME, exact=True)).to_be_visible()
    await expect(page.get_by_text("Mọi người:").first).to_be_visible()
    await page.get_by_role("button", name="English").click()
    await expect(page.get_by_text("Everyone:").first).to_be_visible()
    await page.locator("summary").first.click()
    await expect(page.locator("details p").first).to_be_visible()
    await context.close()
