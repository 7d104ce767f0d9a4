"""The map of a revision in a real browser: a shape leads to its row, a row to its shape, by keyboard too."""

import json
import math
import re
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.e2e.site import Site
from tests.e2e.test_places import MAP, PADDING_PX, middle_of
from tests.e2e.visitor import Visitor, barriers

pytestmark = pytest.mark.browser

WEST, SOUTH, SIDE = 106.70, 11.02, 0.001
TALL = SIDE / math.cos(math.radians(SOUTH))
Corner = tuple[int, int]
"""Of a parcel, in its sides from the corner in the south-west."""
BEFORE: dict[str, Corner] = {"Thửa một": (0, 0), "Thửa hai": (3, 0), "Thửa ba": (0, 2), "Thửa bốn": (3, 2)}
AFTER: dict[str, Corner] = {"Thửa một": (0, 0), "Thửa hai": (2, 0), "Thửa ba": (0, 2), "Thửa năm": (2, 2)}
"""The second moved to the west, the fourth is gone, and a fifth came; the corners of all stay where they were."""


def collection(path: Path, told: dict[str, Corner]) -> Path:
    features = []
    for name, (x, y) in told.items():
        west, south = WEST + x * SIDE, SOUTH + y * SIDE
        east, north = west + SIDE, south + SIDE
        ring = [[west, south], [east, south], [east, north], [west, north], [west, south]]
        shape = {"type": "Polygon", "coordinates": [ring]}
        features.append({"type": "Feature", "properties": {"id": name, "ten": name}, "geometry": shape})
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    return path


@pytest.fixture(scope="module")
def revision(site: Site, tmp_path_factory: pytest.TempPathFactory) -> str:
    """Two published revisions of a layer; gives the address of the second."""
    folder = tmp_path_factory.mktemp("changes")
    for told in (BEFORE, AFTER):
        path = collection(folder / "moved.geojson", told)
        site.run("places", "import-layer", str(path), "--layer", "moved", "--name-vi", "Thửa đất",
                 "--visibility", "public", "--publish", "--yes")  # fmt: skip
    return "/places/layers/moved/revisions/2/"


async def click(page: Page, x: float, y: float) -> None:
    """Click on the map, at sides of a parcel from where what changed begins: it lies from (2, 0) to (4, 3)."""
    box = await page.locator(MAP).bounding_box()
    assert box is not None
    scale = min((box["width"] - 2 * PADDING_PX) / (2 * SIDE), (box["height"] - 2 * PADDING_PX) / (3 * TALL))
    middle_x, middle_y = await middle_of(page, MAP)
    await page.mouse.click(middle_x + (x - 3) * SIDE * scale, middle_y - (y - 1.5) * TALL * scale)


async def test_a_shape_leads_to_its_row(visitor: Visitor, revision: str) -> None:
    """What was, what is, what is new and what is gone are all drawn, or a click would lead nowhere."""
    page = await visitor.open(revision, language="vi")
    await page.wait_for_selector(MAP)
    await expect(page.locator(".change-key")).to_contain_text("1 sửa: hình cũ nét đứt, hình mới nét liền")
    for name, place in {
        "Thửa hai": (3.5, 0.5),
        "Thửa năm": (2.5, 2.5),
        "Thửa bốn": (3.5, 2.5),
    }.items():
        await click(page, *place)
        row = page.locator("tr[aria-current]")
        await expect(row).to_contain_text(name)
        await expect(row).to_be_focused()
        await expect(page.locator("[data-change-told]")).to_contain_text(name)
    await click(page, 2.5, 0.5)
    await expect(page.locator("tr[aria-current]")).to_contain_text("Thửa hai")
    assert await barriers(page) == []
    assert visitor.complaints == []


async def test_a_row_leads_to_its_shape_and_back_by_keyboard(visitor: Visitor, revision: str) -> None:
    page = await visitor.open(revision, language="en")
    await page.wait_for_selector(MAP)
    button = page.get_by_role("button", name="Show Thửa năm on the map")
    await button.focus()
    await page.keyboard.press("Enter")
    await expect(page.locator("canvas.maplibregl-canvas")).to_be_focused()
    await expect(page.locator("[data-change-told]")).to_contain_text("Thửa năm: added")
    # The map went there: its middle lies in what was added.
    await page.mouse.click(*await middle_of(page, MAP))
    await expect(page.locator("tr[aria-current]")).to_contain_text("Thửa năm")
    await button.focus()
    await page.keyboard.press("Enter")
    await page.keyboard.press("Escape")
    row = page.locator("tr[aria-current]")
    await expect(row).to_be_focused()
    await row.get_by_role("link", name="Thửa năm").click()
    await page.wait_for_url(re.compile(r"/places/layers/moved/features/\d+/$"))
    assert visitor.complaints == []


async def test_an_address_that_names_a_change_opens_at_it(visitor: Visitor, revision: str) -> None:
    page = await visitor.open(revision, language="vi")
    await page.wait_for_selector(MAP)
    name = await page.locator("tr[id^=change-]", has_text="Thửa bốn").get_attribute("id")
    await page.goto(f"{visitor.url}{revision}?with=1#{name}")
    await page.reload()
    await page.wait_for_selector(MAP)
    await expect(page.locator("tr[aria-current]")).to_contain_text("Thửa bốn")
    await page.mouse.click(*await middle_of(page, MAP))
    await expect(page.locator("tr[aria-current]")).to_contain_text("Thửa bốn")


async def test_where_changes_can_not_be_loaded_the_table_stays(visitor: Visitor, revision: str) -> None:
    page = await visitor.open(revision, language="vi")
    await page.wait_for_selector(MAP)
    await page.route("**/changes.geojson*", lambda route: route.abort())
    await page.reload()
    await expect(page.get_by_role("alert")).to_contain_text("bảng vẫn đầy đủ")
    await expect(page.get_by_role("button", name="Xem Thửa hai trên bản đồ")).to_be_hidden()
    await page.unroute("**/changes.geojson*")
    await page.get_by_role("button", name="Tải lại").click()
    await page.wait_for_selector(MAP)
    await expect(page.get_by_role("button", name="Xem Thửa hai trên bản đồ")).to_be_visible()
