"""A second city in a real browser: what scripts write, maps, charts and figures, is in its words too."""

import httpx
import pytest
from playwright.async_api import Browser, BrowserContext, Page

from tests.cities.test_second_city import OFFICIALS, PAGES, VIETNAMESE
from tests.e2e.site import Site
from tests.e2e.visitor import PATIENCE_MS

pytestmark = pytest.mark.browser
SAID = """() => [...document.querySelectorAll("*")].flatMap(one => ["aria-label", "title", "placeholder", "alt"]
  .map(name => one.getAttribute(name) ?? "")).concat(document.title, document.body.innerText).join("\\n")"""
"""All that a person sees, and what is read out to who does not."""
FOREIGN = ("Hồ Chí Minh", "Bình Dương", "GMT+7", "UTC+7", "+07:00", "Asia/Ho_Chi_Minh", "QCVN", "VN_AQI", "₫", "VND")


async def open_drawn(context: BrowserContext, address: str) -> Page:
    """Open a page and wait until its maps and charts are drawn."""
    page = await context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    await page.goto(address)
    if await page.locator("[data-island=map], [data-island=wall]").count():
        await page.wait_for_selector("[data-map=ready]")
    if await page.locator(".chart").count():
        await page.wait_for_selector(".chart canvas, .chart .blank")
    return page


async def foreign_words(page: Page) -> list[str]:
    """Give what another city left on a page."""
    said = await page.evaluate(SAID)
    return VIETNAMESE.findall(said) + [word for word in FOREIGN if word in said]


@pytest.mark.parametrize("address", PAGES)
async def test_nothing_on_the_screen_is_vietnamese(
    chromium: Browser, second_city: Site, things: dict[str, int], address: str
) -> None:
    context = await chromium.new_context(locale="en-IE", timezone_id="Europe/Dublin")
    page = await open_drawn(context, second_city.url + address.format(**things))
    assert await foreign_words(page) == []
    await context.close()


@pytest.mark.parametrize("address", OFFICIALS)
async def test_nothing_on_officials_screens_is_vietnamese(
    chromium: Browser, second_city: Site, official: httpx.Client, address: str
) -> None:
    context = await chromium.new_context(locale="en-IE", timezone_id="Europe/Dublin")
    session = official.cookies["sessionid"]
    await context.add_cookies([{"name": "sessionid", "value": session, "url": second_city.url}])
    page = await open_drawn(context, second_city.url + address)
    assert await foreign_words(page) == []
    await context.close()
