"""Places in a real browser: the dossier of what is pointed at, the map of a layer, and a shape that is drawn anew."""

import json
import math
import re
from pathlib import Path

import pytest
from playwright.async_api import Page, expect

from tests.e2e.site import Site
from tests.e2e.test_alarms import PASSWORD
from tests.e2e.visitor import Visitor

pytestmark = pytest.mark.browser

WEST, SOUTH, SIDE = 106.66, 11.0, 0.01
PADDING_PX = 24
MAP = ".area-map[data-map=ready]"
DOSSIER = re.compile(r"/places/dossier/\?at=(?P<lon>[\d.]+),(?P<lat>[\d.]+)$")


@pytest.fixture(scope="module")
def layer(site: Site, tmp_path_factory: pytest.TempPathFactory) -> str:
    """A public layer of a parcel, a road and a well; gives its name in addresses."""
    east, north = WEST + SIDE, SOUTH + SIDE
    ring = [[WEST, SOUTH], [east, SOUTH], [east, north], [WEST, north], [WEST, SOUTH]]
    shapes = {
        "Thửa một": {"type": "Polygon", "coordinates": [ring]},
        "Đường một": {"type": "LineString", "coordinates": [[WEST, SOUTH - SIDE], [east, SOUTH - SIDE]]},
        "Giếng một": {"type": "Point", "coordinates": [WEST - SIDE, SOUTH]},
    }
    features = [
        {"type": "Feature", "properties": {"id": str(number), "ten": name}, "geometry": shape}
        for number, (name, shape) in enumerate(shapes.items(), 1)
    ]
    path: Path = tmp_path_factory.mktemp("layer") / "ground.geojson"
    path.write_text(json.dumps({"type": "FeatureCollection", "features": features}), encoding="utf-8")
    site.run("places", "import-layer", str(path), "--layer", "ground", "--name-vi", "Đất", "--visibility", "public",
             "--publish", "--yes")  # fmt: skip
    return "ground"


async def middle_of(page: Page, selector: str) -> tuple[float, float]:
    box = await page.locator(selector).bounding_box()
    assert box is not None
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


async def test_a_right_click_on_a_map_opens_the_dossier_of_the_place(visitor: Visitor) -> None:
    page = await visitor.open("/places/", language="vi")
    await page.wait_for_selector(MAP)
    await page.mouse.click(*await middle_of(page, MAP), button="right")
    await page.wait_for_url(DOSSIER)
    found = DOSSIER.search(page.url)
    assert found is not None
    assert float(found["lon"]) == pytest.approx(106.65, abs=0.4)
    assert float(found["lat"]) == pytest.approx(11.2, abs=0.4)
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Điểm")
    assert visitor.complaints == []


async def test_d_opens_the_dossier_of_the_middle_of_the_operations_map(visitor: Visitor) -> None:
    page = await visitor.open_map(language="en")
    async with page.context.expect_page() as opened:
        await page.keyboard.press("d")
    dossier = await opened.value
    await dossier.wait_for_url(DOSSIER)
    await expect(dossier.get_by_role("heading", level=1)).to_be_visible()
    async with page.context.expect_page() as opened:
        await page.mouse.click(*await middle_of(page, "canvas.maplibregl-canvas"), button="right")
    await (await opened.value).wait_for_url(DOSSIER)


async def test_the_map_of_a_layer_shows_its_features(visitor: Visitor, layer: str) -> None:
    """Its middle lies in the parcel: a click there leads to it, which an empty map would not."""
    page = await visitor.open(f"/places/layers/{layer}/", language="en")
    await page.wait_for_selector(MAP)
    box = await page.locator(MAP).bounding_box()
    assert box is not None
    # The map shows from the well to the parcel's far side, and from the road to the parcel's: the parcel is the upper
    # right quarter of that.
    scale = min((box["width"] - 2 * PADDING_PX) / 2, (box["height"] - 2 * PADDING_PX) / 2)
    x, y = await middle_of(page, MAP)
    await page.mouse.click(x + scale / 2, y - scale / 2)
    await page.wait_for_url(re.compile(rf"/places/layers/{layer}/features/\d+/$"))
    await expect(page.get_by_role("heading", level=1)).to_contain_text("Thửa một")
    assert visitor.complaints == []


async def test_a_corner_is_dragged_and_the_shape_kept_in_a_draft(visitor: Visitor, site: Site, layer: str) -> None:
    site.run("users", "create", "do-dac", "--role", "administrator", "--password", PASSWORD)
    page = await visitor.open(f"/sign-in/?next=/places/layers/{layer}/", language="vi")
    await page.locator("#id_username").fill("do-dac")
    await page.locator("#id_password").fill(PASSWORD)
    await page.keyboard.press("Enter")
    await page.get_by_role("link", name="Thửa một").click()
    await page.wait_for_selector(MAP)
    field = page.locator("#id_geom")
    before = await field.input_value()
    await page.locator(MAP).scroll_into_view_if_needed()
    box = await page.locator(MAP).bounding_box()
    assert box is not None
    # The map shows the shape with as much again on each side of it.
    tall = SIDE / math.cos(math.radians(SOUTH))
    scale = min((box["width"] - 2 * PADDING_PX) / (3 * SIDE), (box["height"] - 2 * PADDING_PX) / (3 * tall))
    x, y = await middle_of(page, MAP)
    corner = (x + scale * SIDE / 2, y - scale * tall / 2)
    await page.mouse.move(*corner)
    await page.mouse.down()
    await page.mouse.move(corner[0] + scale * SIDE / 2, corner[1], steps=4)
    await page.mouse.up()
    after = await field.input_value()
    assert after != before
    longitudes = [float(number) for number in re.findall(r"(\d+\.?\d*) 11", after)]
    assert max(longitudes) == pytest.approx(WEST + 1.5 * SIDE, abs=SIDE / 10)
    await page.get_by_role("button", name="Lưu vào bản nháp").click()
    await page.wait_for_url(re.compile(rf"/places/layers/{layer}/revisions/2/$"))
    await expect(page.locator("main")).to_contain_text("Thửa một")
    assert visitor.complaints == []
