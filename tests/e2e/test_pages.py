"""The light pages in a real browser: language, refusals, signing in, and access for everyone."""

import pytest
from playwright.async_api import expect

from tests.e2e.lamp import NAME, Lamp
from tests.e2e.site import Site
from tests.e2e.visitor import Visitor, barriers, unstyled

pytestmark = pytest.mark.browser

LIGHT_PAGES = (
    "/lighting/",
    "/lighting/schedules/",
    "/lighting/energy/",
    "/lighting/energy/tariffs/",
    "/places/",
    "/places/dossier/?at=106.68,11.05",
    "/search/?q=di%20an",
    "/sign-in/",
    "/no-such-page/",
)
LANGUAGES = ("vi", "en")
SIZES = ((1440, 900), (390, 844))
PASSWORD = "a long enough phrase 27"


async def test_language_is_switched_and_kept(visitor: Visitor) -> None:
    page = await visitor.open("/lighting/")
    await page.get_by_role("button", name="English").click()
    await expect(page.locator("html")).to_have_attribute("lang", "en")
    await expect(page).to_have_url(f"{visitor.url}/lighting/")
    await page.goto(f"{visitor.url}/sign-in/")
    await expect(page.get_by_role("heading", name="Sign in")).to_be_visible()
    await page.get_by_role("button", name="Tiếng Việt").click()
    await expect(page.get_by_role("heading", name="Đăng nhập")).to_be_visible()


async def test_a_wrong_address_says_so(visitor: Visitor) -> None:
    page = await visitor.open("/no-such-page/", language="en")
    await expect(page.get_by_role("heading", name="There is no page here")).to_be_visible()
    await page.get_by_role("link", name="Go to the map").click()
    await expect(page).to_have_url(f"{visitor.url}/")


async def test_a_wrong_password_is_refused_in_words(visitor: Visitor) -> None:
    page = await visitor.open("/sign-in/", language="en")
    await page.get_by_label("User name").fill("nobody")
    await page.get_by_label("Password").fill("not the password")
    await page.get_by_role("button", name="Sign in").click()
    await expect(page.get_by_role("alert")).to_be_visible()
    await expect(page).to_have_url(f"{visitor.url}/sign-in/")


async def test_a_person_signs_in_to_where_they_were_going_and_out(visitor: Visitor, site: Site) -> None:
    site.run("users", "create", "truc-ban-1", "--role", "operator", "--password", PASSWORD)
    page = await visitor.open("/sign-in/?next=/lighting/", language="en")
    await page.get_by_label("User name").fill("truc-ban-1")
    await page.get_by_label("Password").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(f"{visitor.url}/lighting/")
    await expect(page.get_by_text("truc-ban-1")).to_be_visible()
    assert await barriers(page) == []
    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_role("link", name="Sign in")).to_be_visible()


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", LANGUAGES)
async def test_map_has_no_barrier(visitor: Visitor, lamp: Lamp, language: str, size: tuple[int, int]) -> None:
    page = await visitor.open_map(language=language, size=size)
    await page.evaluate("document.querySelectorAll('.sheets button')[2].click()")
    await page.locator(f"[data-feature='lighting.lamps:{lamp.thing_id}']").click()
    await expect(page.locator("[data-detail]")).to_be_visible()
    assert await barriers(page) == []


@pytest.mark.parametrize("size", SIZES)
@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize("path", LIGHT_PAGES)
async def test_light_pages_have_no_barrier(visitor: Visitor, path: str, language: str, size: tuple[int, int]) -> None:
    page = await visitor.open(path, language=language, size=size)
    await page.wait_for_selector("time.clock")
    assert await barriers(page) == []
    assert await unstyled(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")


@pytest.mark.parametrize(("language", "size", "power"), [("vi", (1440, 900), "71,5"), ("en", (390, 844), "72.5")])
async def test_a_lamps_page_renews_itself_and_has_no_barrier(
    visitor: Visitor, lamp: Lamp, language: str, size: tuple[int, int], power: str
) -> None:
    await lamp.publish(10.0)
    page = await visitor.open(f"/lighting/lamps/{lamp.thing_id}/", language=language, size=size)
    await page.wait_for_selector("[data-feed=live]")
    await lamp.publish(float(power.replace(",", ".")))
    await expect(page.locator("[data-fresh=now] dd").first).to_contain_text(power)
    await page.wait_for_selector(".chart canvas")
    assert await barriers(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert visitor.complaints == []


async def test_a_lamps_page_leads_to_the_lamp_on_the_map(visitor: Visitor, lamp: Lamp) -> None:
    page = await visitor.open(f"/lighting/lamps/{lamp.thing_id}/", language="en")
    await page.get_by_role("link", name="On the map").click()
    await expect(page).to_have_url(f"{visitor.url}/#lighting.lamps:{lamp.thing_id}")
    await expect(page.locator("[data-detail]")).to_contain_text(NAME)


async def test_a_ward_is_found_without_marks_and_tells_what_it_was_made_of(visitor: Visitor) -> None:
    page = await visitor.open("/places/?q=phu+loi", language="en")
    await page.get_by_role("link", name="Phú Lợi Ward").first.click()
    await expect(page.get_by_role("heading", name="Phú Lợi Ward")).to_be_visible()
    await expect(page.get_by_role("table", name="Made of")).to_contain_text("Hiệp Thành Ward")
    assert await barriers(page) == []
