"""The live map in a real browser, fed by real processes."""

import pytest
from playwright.async_api import expect

from tests.e2e.lamp import NAME, Lamp
from tests.e2e.site import Site
from tests.e2e.visitor import NO_WEBGL, Visitor

pytestmark = pytest.mark.browser

PICTURES = """
window.pictures = [];
let pieces = 0;
for (const name of ["drawElements", "drawArrays"]) {
  const draw = WebGL2RenderingContext.prototype[name];
  WebGL2RenderingContext.prototype[name] = function (...given) { pieces += 1; return draw.apply(this, given); };
}
const frame = window.requestAnimationFrame.bind(window);
window.requestAnimationFrame = callback => frame(at => {
  pieces = 0;
  callback(at);
  if (pieces > 0) window.pictures.push(pieces);
});
"""
"""Notes of each picture of the map, in order, of how many pieces it was drawn."""
GROUND_ALONE = 20
"""Of more pieces than the map's background, which is one for each tile in view, and fewer than its roads and water."""


@pytest.mark.parametrize(("language", "title"), [("vi", "Lớp dữ liệu"), ("en", "Layers")])
async def test_opens_without_a_complaint(visitor: Visitor, language: str, title: str) -> None:
    page = await visitor.open_map(language=language)
    await expect(page.get_by_role("heading", name=title, exact=True)).to_be_visible()
    await expect(page.locator("[data-feed=live]")).to_be_visible()
    await expect(page.locator("canvas.maplibregl-canvas")).to_be_visible()
    assert visitor.complaints == []


async def test_the_first_picture_is_not_of_an_empty_ground(visitor: Visitor, lamp: Lamp) -> None:
    page = await visitor.open("/", script=PICTURES)
    await page.wait_for_selector("[data-map=ready]")
    pictures: list[int] = await page.evaluate("window.pictures")
    assert pictures[0] > GROUND_ALONE


async def test_is_vietnamese_for_whoever_chose_nothing(visitor: Visitor) -> None:
    page = await visitor.open("/")
    await expect(page.locator("html")).to_have_attribute("lang", "vi")


async def test_shows_what_a_device_says_without_reload(visitor: Visitor, lamp: Lamp) -> None:
    page = await visitor.open_map()
    row = page.locator(f"[data-feature='lighting.lamps:{lamp.thing_id}']")
    await expect(row).to_contain_text(NAME)
    await lamp.publish(96.5)
    await expect(row).to_have_attribute("data-state", "on")
    await expect(row).to_contain_text("96,5 W")
    await expect(page.locator("[data-layer='lighting.lamps']")).to_contain_text("1/1 đèn sáng")
    await lamp.publish(0.0)
    await expect(row).to_have_attribute("data-state", "off")
    await expect(page.locator("[data-layer='lighting.lamps']")).to_contain_text("0/1 đèn sáng")
    assert visitor.complaints == []


async def test_says_everything_of_the_selected_thing(visitor: Visitor, lamp: Lamp) -> None:
    await lamp.publish(88.25)
    page = await visitor.open_map(language="en")
    await page.locator(f"[data-feature='lighting.lamps:{lamp.thing_id}']").click()
    detail = page.locator(f"[data-detail='lighting.lamps:{lamp.thing_id}']")
    await expect(detail.get_by_role("heading", name=NAME)).to_be_visible()
    await expect(detail).to_contain_text("Simulated data")
    await expect(page.locator(".callout")).to_contain_text(NAME)
    record = detail.get_by_role("link", name="SensorThings record (JSON)")
    await expect(record).to_have_attribute("href", f"/sensorthings/v1.1/Things({lamp.thing_id})")


async def test_is_used_by_keyboard_alone(visitor: Visitor, lamp: Lamp) -> None:
    page = await visitor.open_map(language="en")
    key = f"lighting.lamps:{lamp.thing_id}"
    await expect(page.locator(f"[data-feature='{key}']")).to_be_visible()
    await page.keyboard.press("/")
    await page.keyboard.type("le hoan")
    await page.keyboard.press("Tab")
    await expect(page.get_by_role("listbox")).to_be_focused()
    await page.keyboard.press("ArrowDown")
    await expect(page.locator(f"[data-feature='{key}']")).to_have_attribute("aria-selected", "true")
    await expect(page.locator(f"[data-detail='{key}']")).to_be_visible()
    await page.keyboard.press("Escape")
    await expect(page.locator(f"[data-detail='{key}']")).to_have_count(0)


async def test_helps_on_question_mark_and_single_keys_can_be_switched_off(visitor: Visitor) -> None:
    page = await visitor.open_map(language="en")
    await page.keyboard.press("?")
    help_sheet = page.get_by_role("dialog", name="Help and keyboard shortcuts")
    await expect(help_sheet).to_be_visible()
    await help_sheet.get_by_role("checkbox").uncheck()
    await page.keyboard.press("Escape")
    await expect(help_sheet).to_be_hidden()
    await page.keyboard.press("/")
    await expect(page.locator("#objects-filter:focus")).to_have_count(0)


async def test_lives_on_without_webgl(visitor: Visitor, lamp: Lamp) -> None:
    page = await visitor.open("/", language="en", script=NO_WEBGL)
    await expect(page.get_by_role("alert")).to_contain_text("The map can't be drawn")
    await lamp.publish(77.0)
    await expect(page.locator(f"[data-feature='lighting.lamps:{lamp.thing_id}']")).to_contain_text("77.0 W")


async def test_says_when_the_feed_is_lost_and_when_it_is_back(visitor: Visitor, site: Site) -> None:
    page = await visitor.open("/", language="vi", script=NO_WEBGL, is_clock_ours=True)
    await expect(page.locator("[data-feed=live]")).to_be_visible()
    site.kill_web()
    await page.clock.run_for(20_000)
    await expect(page.locator(".lost-bar")).to_contain_text("Mất kết nối nguồn dữ liệu")
    await expect(page.locator("[data-feed=lost]")).to_be_visible()
    await page.locator(".lost-bar").get_by_role("button").click()
    site.start_web()
    await expect(page.locator("[data-feed=live]")).to_be_visible()
    await expect(page.locator(".lost-bar")).to_have_count(0)


async def test_phone_reaches_every_panel(visitor: Visitor, lamp: Lamp) -> None:
    page = await visitor.open_map(language="en", size=(390, 844))
    await page.get_by_role("button", name="Layers", exact=True).click()
    await expect(page.locator("[data-layer='lighting.lamps']")).to_be_visible()
    await page.get_by_role("button", name="Objects", exact=True).click()
    await page.locator(f"[data-feature='lighting.lamps:{lamp.thing_id}']").click()
    await expect(page.get_by_role("heading", name=NAME)).to_be_visible()
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
