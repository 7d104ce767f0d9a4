"""The queue of alarms in a real browser: what a worker finds is there without a reload, and a person deals with it."""

import os
import subprocess
import sys

import pytest
from playwright.async_api import Page, expect

from tests.e2e.lamp import Lamp
from tests.e2e.site import Site
from tests.e2e.visitor import Visitor, barriers

pytestmark = pytest.mark.browser

PASSWORD = "a long enough phrase 31"
SIZES = ((1440, 900), (390, 844))


def worker_finds(site: Site, word: str) -> None:
    """Let a process beside the web site raise or clear the alarm."""
    outside = {name: value for name, value in os.environ.items() if not name.startswith("DOTHI_")}
    command = [sys.executable, "-m", "tests.e2e.raise_alarm", word]
    done = subprocess.run(
        command, env=outside | site.settings, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr[-2000:]


@pytest.fixture(scope="module")
def operator(site: Site) -> str:
    """Someone who may acknowledge."""
    site.run("users", "create", "truc-ban-canh-bao", "--role", "operator", "--password", PASSWORD)
    return "truc-ban-canh-bao"


async def signed_in(visitor: Visitor, operator: str, *, language: str = "en", size: tuple[int, int] = SIZES[0]) -> Page:
    """Open the queue as someone who signs in on the way to it."""
    page = await visitor.open("/alarms/", language=language, size=size)
    await expect(page).to_have_url(f"{visitor.url}/sign-in/?next=%2Falarms%2F")
    await page.locator("#id_username").fill(operator)
    await page.locator("#id_password").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(f"{visitor.url}/alarms/")
    await expect(page.locator("[data-feed=live]")).to_be_visible()
    return page


async def test_an_alarm_goes_its_way_on_the_screen(visitor: Visitor, site: Site, lamp: Lamp, operator: str) -> None:
    page = await signed_in(visitor, operator)
    await expect(page.get_by_text("No alarm here.")).to_be_visible()
    worker_finds(site, "raise")
    row = page.locator("[data-fresh^=alarm-]")
    await expect(row).to_have_count(1)
    await expect(row).to_contain_text("Unacknowledged")
    await expect(row.locator(".age")).to_contain_text(" ")  # a span such as "40 s", and no time of day
    assert await barriers(page) == []
    await row.get_by_role("link").click()
    await page.locator("#note").fill("đã gọi đội")
    worker_finds(site, "clear")
    await expect(page.locator("[data-fresh=head]")).to_contain_text("Cleared")
    await expect(page.locator("#note")).to_have_value("đã gọi đội")
    await page.get_by_role("button", name="Acknowledge").click()
    await expect(page.locator("[data-fresh=head]")).to_contain_text("Closed")
    await expect(page.locator(".way .note")).to_have_text("đã gọi đội")
    assert visitor.complaints == []


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", ["vi", "en"])
async def test_the_pages_of_alarms_have_no_barrier(
    visitor: Visitor, site: Site, lamp: Lamp, operator: str, language: str, size: tuple[int, int]
) -> None:
    worker_finds(site, "raise")
    page = await signed_in(visitor, operator, language=language, size=size)
    for path in ("/alarms/", "/alarms/?state=shelved", "first"):
        if path == "first":
            await page.goto(f"{visitor.url}/alarms/")
            await page.locator("[data-fresh^=alarm-] a").first.click()
        else:
            await page.goto(visitor.url + path)
        await page.wait_for_selector("time.clock")
        assert await barriers(page) == []
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
