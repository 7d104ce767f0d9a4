"""The operations screen in a real browser: alarms are dealt with by hand and by keys, and time is looked back on."""

import pytest
from playwright.async_api import Page, expect

from tests.e2e.lamp import NAME, Lamp
from tests.e2e.site import Site
from tests.e2e.test_alarms import PASSWORD, worker_finds
from tests.e2e.visitor import Visitor, barriers

pytestmark = pytest.mark.browser

WIDE = (1920, 1080)
ROW = "#alarm-rows [data-alarm]"
QUIET_WALL = (3840, 1080)


@pytest.fixture(scope="module")
def operator(site: Site) -> str:
    """Someone who may acknowledge, with a screen to themselves."""
    site.run("users", "create", "truc-ban-man-hinh", "--role", "operator", "--password", PASSWORD)
    return "truc-ban-man-hinh"


async def screen(
    visitor: Visitor, operator: str, path: str = "/", *, language: str = "en", size: tuple[int, int] = WIDE
) -> Page:
    """Open a page of the operations centre as someone who signed in."""
    page = await visitor.open(f"/sign-in/?next={path}", language=language, size=size)
    await page.locator("#id_username").fill(operator)
    await page.locator("#id_password").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await page.wait_for_url(visitor.url + path)
    await page.wait_for_selector("[data-map=ready]")
    await expect(page.locator("[data-feed=live]")).to_be_visible()
    return page


@pytest.fixture
def quiet(site: Site) -> None:
    """Let no alarm of the test before stand: what is over and seen is no longer in the queue."""
    worker_finds(site, "clear")


async def emptied(page: Page) -> None:
    """Acknowledge what is left of the tests before, until the queue is empty."""
    while await page.locator(ROW).count():
        await page.locator(ROW).first.click()
        await page.locator("[data-deed=acknowledge]").click()
        await expect(page.locator(ROW)).to_have_count(0)


async def test_an_alarm_comes_without_reload_and_is_acknowledged(
    visitor: Visitor, site: Site, lamp: Lamp, operator: str, quiet: None
) -> None:
    page = await screen(visitor, operator)
    await emptied(page)
    worker_finds(site, "raise")
    row = page.locator(ROW)
    await expect(row).to_have_count(1)
    await expect(row).to_contain_text("Unacknowledged")
    await expect(row).to_contain_text(NAME)
    await expect(page.get_by_role("tab", name="Unacknowledged")).to_contain_text("1")
    await expect(page.locator("[data-layer='lighting.lamps']")).to_contain_text("1 alarm")
    await row.click()
    detail = page.locator("[data-detail^='alarms:']")
    await expect(detail.get_by_role("heading", name="Lamp out")).to_be_visible()
    await expect(detail).to_contain_text("Command it on once")
    command = detail.locator("[data-deed=command]")
    await expect(command).to_have_attribute("href", f"/lighting/lamps/{lamp.thing_id}/#command")
    assert await barriers(page) == []
    await detail.get_by_role("button", name="Acknowledge").click()
    await expect(row).to_have_attribute("data-state", "acknowledged")
    await expect(row).to_have_attribute("data-pending", "false")
    await expect(row).to_contain_text(operator)
    worker_finds(site, "clear")
    await expect(page.locator(ROW)).to_have_count(0)
    await expect(page.locator("[data-detail][data-state=gone]")).to_contain_text("left the queue")
    assert visitor.complaints == []


async def test_an_alarm_is_dealt_with_by_keys_alone(
    visitor: Visitor, site: Site, lamp: Lamp, operator: str, quiet: None
) -> None:
    page = await screen(visitor, operator)
    worker_finds(site, "raise")
    row = page.locator(f"{ROW}[data-state=unacknowledged]")
    await expect(row).to_have_count(1)
    await page.keyboard.press("j")
    await expect(page.locator("[data-detail^='alarms:']")).to_be_visible()
    await page.keyboard.press("a")
    await expect(page.locator(f"{ROW}[data-state=acknowledged]")).to_have_count(1)
    await page.keyboard.press("o")
    await expect(page.locator("#objects-filter")).to_be_visible()
    await page.keyboard.press("q")
    await expect(page.locator(ROW)).to_have_count(1)
    await page.keyboard.press("Escape")
    await expect(page.locator("[data-detail]")).to_have_count(0)
    assert visitor.complaints == []


async def test_the_past_is_shown_and_left_by_one_key(
    visitor: Visitor, site: Site, lamp: Lamp, operator: str, quiet: None
) -> None:
    page = await screen(visitor, operator)
    await emptied(page)
    worker_finds(site, "raise")
    await expect(page.locator(ROW)).to_have_count(1)
    await page.get_by_role("button", name="1 h", exact=True).click()
    slider = page.get_by_role("slider", name="Moment")
    await slider.focus()
    await page.keyboard.press("Home")
    await expect(page.locator("[data-replay=ready]").first).to_be_visible()
    await expect(page.locator(".top.past")).to_be_visible()
    await expect(page.locator(".replay-bar")).to_contain_text("Replay")
    await expect(page.locator(ROW)).to_have_count(0)
    assert "Replay" in (await slider.get_attribute("aria-valuetext") or "")
    assert await barriers(page) == []
    await page.keyboard.press("l")
    await expect(page.locator(".replay-bar")).to_have_count(0)
    await expect(page.locator(".top.past")).to_have_count(0)
    await expect(page.locator(ROW)).to_have_count(1)
    assert visitor.complaints == []


async def test_two_pages_of_one_browser_share_one_stream(visitor: Visitor, lamp: Lamp, operator: str) -> None:
    page = await screen(visitor, operator)
    await lamp.publish(41.5)
    other = await page.context.new_page()
    streams: list[str] = []
    other.on("request", lambda request: streams.append(request.url) if "/live/events" in request.url else None)
    await other.goto(visitor.url + "/")
    await expect(other.locator("[data-feed=live]")).to_be_visible()
    await other.keyboard.press("o")
    row = other.locator(f"[data-feature='lighting.lamps:{lamp.thing_id}']")
    await expect(row).to_contain_text("41.5 W")
    await lamp.publish(42.5)
    await expect(row).to_contain_text("42.5 W")
    assert streams == []


@pytest.mark.parametrize("language", ["vi", "en"])
@pytest.mark.parametrize("size", [WIDE, (1440, 900), (390, 844), (720, 450)])
async def test_the_screen_has_no_barrier_at_any_size(
    visitor: Visitor, lamp: Lamp, operator: str, language: str, size: tuple[int, int]
) -> None:
    """720 × 450 is a desk of 1440 × 900 at 200 % zoom."""
    page = await screen(visitor, operator, language=language, size=size)
    assert await barriers(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


async def test_the_wall_shows_all_and_takes_no_hand(
    visitor: Visitor, site: Site, lamp: Lamp, operator: str, quiet: None
) -> None:
    page = await screen(visitor, operator, "/wall/", language="vi", size=QUIET_WALL)
    worker_finds(site, "raise")
    await expect(page.locator(".wq [data-alarm]").first).to_contain_text("Đèn không sáng")
    await expect(page.locator("[data-layer='lighting.lamps']")).to_contain_text("cảnh báo")
    assert await page.locator("main button, main input, main select").count() == 0
    small = await page.evaluate(
        "[...document.querySelectorAll('.wall-ground :not(svg) > *')].filter(el => el.childElementCount === 0"
        " && el.textContent.trim() && el.getBoundingClientRect().width > 1 && !el.closest('.canvas, .alarm-chart')"
        " && parseFloat(getComputedStyle(el).fontSize) < 18).map(el => el.textContent)"
    )
    assert small == []
    across = await page.evaluate(
        "[...document.querySelectorAll('.tl text, .callout')].filter(el => { const box = el.getBoundingClientRect();"
        " return box.width && box.left < innerWidth / 2 && box.right > innerWidth / 2; }).map(el => el.textContent)"
    )
    assert across == []
    assert await barriers(page) == []
