"""People in a real browser: an invitation from link to first sign-in, and pages that stand open to everyone."""

import pytest
from playwright.async_api import Page, expect

from tests.e2e.site import Site
from tests.e2e.visitor import Visitor, barriers, unstyled

pytestmark = pytest.mark.browser

PASSWORD = "a long enough phrase 27"
PAGES = (
    "/people/",
    "/people/1/",
    "/people/departments/",
    "/people/invitations/",
    "/audit/?verify=1",
    "/accounts/",
    "/accounts/sessions/",
    "/accounts/password/",
    "/sign-out/",
    "/accounts/second-step/set-up/",
    "/invitation/none/",
)


@pytest.fixture(scope="module")
def administrator(site: Site) -> str:
    """Someone who keeps people."""
    site.run("users", "create", "quan-tri", "--role", "administrator", "--password", PASSWORD)
    return "quan-tri"


async def sign_in(page: Page, name: str, *, to: str) -> None:
    """Fill the page of signing in by keyboard alone."""
    await page.locator("#id_username").fill(name)
    await page.keyboard.press("Tab")
    await page.keyboard.type(PASSWORD)
    await page.keyboard.press("Enter")
    await expect(page).to_have_url(to)


async def test_an_invited_person_comes_in(visitor: Visitor, administrator: str) -> None:
    page = await visitor.open("/people/invitations/", language="en")
    await sign_in(page, administrator, to=f"{visitor.url}/people/invitations/")
    await page.get_by_label("Role").select_option("operator")
    await page.get_by_role("button", name="Make the invitation").click()
    link = await page.locator("#link").input_value()
    invited = await visitor.open(link.removeprefix(visitor.url), language="vi", size=(390, 844))
    assert await barriers(invited) == []
    await invited.locator("#id_name").fill("Trần Thị Lan")
    await invited.locator("#id_username").fill("lan")
    await invited.locator("#id_password").fill(PASSWORD)
    await invited.keyboard.press("Enter")
    await expect(invited).to_have_url(f"{visitor.url}/sign-in/")
    await sign_in(invited, "lan", to=f"{visitor.url}/")
    await page.goto(f"{visitor.url}/people/")
    await expect(page.get_by_role("link", name="Trần Thị Lan")).to_be_visible()


@pytest.mark.parametrize(("language", "size"), [("vi", (390, 844)), ("en", (1440, 900))])
async def test_pages_of_people_have_no_barrier(
    visitor: Visitor, administrator: str, language: str, size: tuple[int, int]
) -> None:
    page = await visitor.open("/sign-in/?next=/people/", language=language, size=size)
    await sign_in(page, administrator, to=f"{visitor.url}/people/")
    for path in PAGES:
        await page.goto(f"{visitor.url}{path}")
        assert await barriers(page) == [], path
        assert await unstyled(page) == [], path
        assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth"), path
