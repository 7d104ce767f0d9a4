"""A crew's phone on the street: it loses the network, photographs, comes back, and everything is done once."""

import asyncio
import io
import json
import os
import re
import subprocess
import sys

import pytest
from PIL import Image
from playwright.async_api import FilePayload, Page, Route, expect

from tests.e2e.lamp import Lamp
from tests.e2e.site import Site
from tests.e2e.visitor import Visitor, barriers

pytestmark = pytest.mark.browser

PASSWORD = "a long enough phrase 31"
PHONE = (390, 844)
NETWORK = ("ERR_INTERNET_DISCONNECTED", "Failed to load resource", "ERR_FAILED")


def photo() -> FilePayload:
    """A photo as a phone hands it over."""
    out = io.BytesIO()
    Image.new("RGB", (2400, 1800), (90, 120, 90)).save(out, "JPEG")
    return {"name": "camera.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def issue(site: Site, title: str) -> int:
    """Let an operator issue an order for the first Thing, in a process beside the web site; gives its id."""
    outside = {name: value for name, value in os.environ.items() if not name.startswith("DOTHI_")}
    command = [sys.executable, "-m", "tests.e2e.issue_order", title]
    done = subprocess.run(
        command, env=outside | site.settings, capture_output=True, text=True, check=False, timeout=120
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return int(json.loads(done.stdout)["id"])


@pytest.fixture(scope="module")
def crew(site: Site) -> str:
    """Someone who carries out orders."""
    site.run("users", "create", "doi-chieu-sang", "--role", "crew", "--password", PASSWORD)
    return "doi-chieu-sang"


async def signed_in(visitor: Visitor, crew: str, path: str, *, language: str = "en") -> Page:
    """Open a page as someone who signs in on the way to it."""
    page = await visitor.open(path, language=language, size=PHONE)
    await page.locator("#id_username").fill(crew)
    await page.locator("#id_password").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(visitor.url + path)
    await expect(page.locator("[data-feed=live]")).to_be_visible()
    return page


async def test_what_is_done_without_a_network_is_sent_once(visitor: Visitor, site: Site, lamp: Lamp, crew: str) -> None:
    number = issue(site, "Thay cầu chì pha B")
    page = await signed_in(visitor, crew, "/crew/")
    await page.get_by_role("link", name="Thay cầu chì pha B").click()
    assert await barriers(page) == []
    await page.get_by_role("button", name="Take it on").click()
    state = page.locator("[data-fresh=facts] dd").first
    await expect(state).to_have_text("Taken on")

    await page.context.set_offline(True)
    await page.get_by_role("button", name="Begin the work").click()
    await page.locator("#photo").set_input_files(photo())
    await expect(page.locator("[data-chosen] img")).to_have_count(1)
    await page.get_by_role("button", name="Done").click()
    await expect(page.locator("[data-wrong]")).to_have_text("Write in a few words what was done.")
    await page.locator("#note").fill("cầu chì 63 A đã thay")
    await page.get_by_role("button", name="Done").click()
    box = page.locator(".outbox")
    await expect(box.locator("summary")).to_have_text("Not sent yet: 2")
    await box.locator("summary").click()
    await expect(box).to_contain_text("No network.")
    await expect(page.get_by_role("button", name="Done")).to_be_hidden()
    assert await barriers(page) == []

    requests: list[str] = []
    page.on("request", lambda request: requests.append(request.url) if request.method == "POST" else None)
    await _lose_the_first_answer(page, number)
    await page.context.set_offline(False)
    await expect(state).to_have_text("To be approved")
    await expect(page.get_by_text("Everything is sent.")).to_be_visible()
    assert len([url for url in requests if url.endswith("/start/")]) > 1, "it was sent again, for its answer was lost"
    course = page.locator(".course > li")
    await expect(course).to_have_count(4)
    await expect(course.first).to_contain_text("cầu chì 63 A đã thay")
    await expect(course.first.locator("img")).to_have_count(1)
    assert [each for each in visitor.complaints if not any(word in each for word in NETWORK)] == []


async def _lose_the_first_answer(page: Page, number: int) -> None:
    """Let the first deed reach the server, and lose what the server answers."""
    lost: list[str] = []

    async def lose(route: Route) -> None:
        if lost:
            await route.continue_()
            return
        lost.append(route.request.url)
        await route.fetch()
        await route.abort()

    await page.route(re.compile(rf"/work-orders/{number}/start/$"), lose)


async def test_after_one_visit_the_pages_open_without_a_network(
    visitor: Visitor, site: Site, lamp: Lamp, crew: str
) -> None:
    number = issue(site, "Thay bộ nguồn")
    page = await signed_in(visitor, crew, "/crew/")
    await expect(page.locator("html[data-offline=ready]")).to_have_count(1)
    await page.context.set_offline(True)
    away = await page.context.new_page()
    await away.goto(f"{visitor.url}/crew/")
    await away.get_by_role("link", name="Thay bộ nguồn").click()
    await expect(away.get_by_role("heading", name="Thay bộ nguồn")).to_be_visible()
    await away.get_by_role("button", name="Take it on").click()
    await expect(away.locator(".outbox summary")).to_have_text("Not sent yet: 1")
    await page.context.set_offline(False)
    await expect(away.get_by_text("Everything is sent.")).to_be_visible()
    await expect(away.locator("[data-fresh=facts] dd").first).to_have_text("Taken on")
    assert away.url.endswith(f"/crew/{number}/")


async def test_what_was_typed_outlives_a_reload(visitor: Visitor, site: Site, lamp: Lamp, crew: str) -> None:
    number = issue(site, "Đèn chập chờn")
    page = await signed_in(visitor, crew, f"/crew/{number}/")
    await page.locator("#note").fill("bộ nguồn nóng")
    await page.locator("#photo").set_input_files(photo())
    await expect(page.locator("[data-chosen] img")).to_have_count(1)
    await asyncio.gather(page.wait_for_load_state("load"), page.reload())
    await expect(page.locator("#note")).to_have_value("bộ nguồn nóng")
    await expect(page.locator("[data-chosen] img")).to_have_count(1)
    await page.get_by_role("button", name="Send the note").click()
    await expect(page.locator(".course .note")).to_have_text("bộ nguồn nóng")
    await expect(page.locator("#note")).to_have_value("")
    assert visitor.complaints == []


@pytest.mark.parametrize("language", ["vi", "en"])
async def test_the_crews_pages_have_no_barrier(
    visitor: Visitor, site: Site, lamp: Lamp, crew: str, language: str
) -> None:
    number = issue(site, "Đèn không sáng")
    page = await signed_in(visitor, crew, "/crew/", language=language)
    for path in ("/crew/", f"/crew/{number}/", "/work-orders/", f"/work-orders/{number}/"):
        await page.goto(visitor.url + path)
        await page.wait_for_selector("time.clock")
        assert await barriers(page) == []
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
        small = await page.evaluate(
            "[...document.querySelectorAll('main .btn:not([hidden])')].filter(each => each.offsetHeight > 0"
            " && each.offsetHeight < 44).map(each => each.outerHTML.slice(0, 120))"
        )
        assert path.startswith("/work-orders/") or small == []
