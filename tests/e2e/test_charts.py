"""Charts in a real browser: drawn, read by keys, without a barrier, and a table where there is no script."""

import re
from datetime import UTC, datetime, timedelta
from math import sin

import httpx
import pytest
from asgiref.sync import sync_to_async
from django.template import Context, Template
from django.utils import translation
from playwright.async_api import Locator, Page, Route, expect

from dothi.core.observations.series.types import Chart, Increment, Increments, Point, Step, Width
from dothi.web.charts import Limit
from tests.e2e.visitor import Visitor, barriers

pytestmark = pytest.mark.browser

BEGIN = datetime(2026, 11, 18, 17, tzinfo=UTC)
MINUTE = timedelta(minutes=1)
DAY = timedelta(days=1)
TEMPLATE = """{% load dothi %}<header class="page-head"><h1>Hùng Vương 017</h1></header>
<section class="pane"><div class="body">{% chart power "Công suất" limits=limits %}</div></section>
<section class="pane"><div class="body">{% chart level "Mực nước" limits=limits %}</div></section>
<section class="pane"><div class="body">{% chart phases "Điện áp" names=names %}</div></section>
<section class="pane"><div class="body">{% chart energy "Điện năng theo ngày" %}</div></section>
<section class="pane"><div class="body">{% chart nothing "Chưa có" %}</div></section>"""


def raw(name: str, unit: str, base: float) -> Chart:
    numbers = [base + base / 20 * sin(n / 90) for n in range(1440)]
    points = tuple(Point(BEGIN + MINUTE * n, v, v, v) for n, v in enumerate(numbers) if not 500 < n < 620)
    return Chart(1, name, unit, Width.RAW, BEGIN, BEGIN + DAY, BEGIN + DAY, points)


def hourly() -> Chart:
    every = [Point(BEGIN + MINUTE * 60 * n, 20 + n % 7, 15.0 + n % 5, 28.0 + n % 9, 60) for n in range(72)]
    now = BEGIN + MINUTE * 60 * 48
    return Chart(2, "level", "cm", Width.HOUR, BEGIN, BEGIN + 3 * DAY, now, tuple(every[:48]), tuple(every[48:]))


def daily() -> Increments:
    buckets = [Increment(BEGIN + DAY * n, BEGIN + DAY * (n + 1), 900.0 + n * 9, 1, int(n == 9)) for n in range(20)]
    buckets[19] = Increment(BEGIN + DAY * 19, BEGIN + DAY * 20, 300.0, 1, partial=1)
    return Increments("energy", "kWh", Step.DAY, BEGIN + DAY * 19.4, 1, tuple(buckets))


def write(language: str) -> str:
    nothing = Chart(3, "x", "", Width.RAW, BEGIN, BEGIN + DAY, BEGIN + DAY, ())
    shown = {
        "power": raw("power", "W", 98),
        "level": hourly(),
        "phases": [raw("voltage A", "V", 230), raw("voltage B", "V", 222), raw("voltage C", "V", 215)],
        "names": ["Pha A", "Pha B", "Pha C"],
        "energy": daily(),
        "nothing": nothing,
        "limits": [Limit(25.0, "Cao")],
    }
    with translation.override(language):
        return Template(TEMPLATE).render(Context(shown))


async def open_charts(
    visitor: Visitor, *, language: str = "vi", size: tuple[int, int] = (1440, 900), scripts: bool = True
) -> Page:
    """Open a page of the site whose main part holds charts alone."""
    main = await sync_to_async(write)(language)
    address = f"{visitor.url}/charts-under-test/"
    async with httpx.AsyncClient(trust_env=False, cookies={"dothi_language": language}) as client:
        shell = (await client.get(f"{visitor.url}/sign-in/")).text
    page_text = re.sub(r"(<main[^>]*>).*(</main>)", lambda found: found[1] + main + found[2], shell, flags=re.DOTALL)
    if not scripts:
        page_text = re.sub(r'<script type="module".*?</script>', "", page_text)
    page = await visitor.open("/sign-in/", language=language, size=size)

    async def answer(route: Route) -> None:
        await route.fulfill(body=page_text, content_type="text/html; charset=utf-8")

    await page.route(address, answer)
    await page.goto(address)
    return page


async def drawn(page: Page, place: int) -> Locator:
    """Bring a chart into view, since it is drawn no sooner, and wait until it is."""
    chart = page.locator(".chart").nth(place)
    await chart.locator(".chart-said").scroll_into_view_if_needed()
    await expect(chart.locator("canvas")).to_be_visible()
    return chart


@pytest.mark.parametrize("size", [(1440, 900), (390, 844)])
@pytest.mark.parametrize("language", ["vi", "en"])
async def test_charts_are_drawn_without_a_barrier(visitor: Visitor, language: str, size: tuple[int, int]) -> None:
    page = await open_charts(visitor, language=language, size=size)
    for place in range(4):
        await drawn(page, place)
    empty = {"vi": "Chưa có số liệu", "en": "There are no figures"}[language]
    await expect(page.locator(".chart-ground.blank")).to_contain_text(empty)
    assert await barriers(page) == []
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    assert visitor.complaints == []


async def test_a_chart_is_read_by_keys(visitor: Visitor) -> None:
    page = await open_charts(visitor, language="en")
    bars = await drawn(page, 3)
    await bars.locator(".chart-ground").focus()
    await page.keyboard.press("End")
    await expect(bars.locator(".chart-said")).to_have_text("08 Dec: 300.0 kWh, part of the time")
    await page.keyboard.press("ArrowLeft")
    await expect(bars.locator(".chart-said")).to_contain_text("07 Dec: 1,062 kWh")
    await page.keyboard.press("Escape")
    await expect(bars.locator(".chart-said")).to_contain_text("least 300.0 kWh")


async def test_the_pointer_reads_a_chart(visitor: Visitor) -> None:
    page = await open_charts(visitor, language="en")
    line = await drawn(page, 1)
    box = await line.locator(".chart-ground").bounding_box()
    assert box is not None
    await page.mouse.move(box["x"] + box["width"] * 0.9, box["y"] + box["height"] / 2)
    await expect(line.locator(".chart-said")).to_contain_text("forecast")


async def test_without_a_script_there_is_the_table(visitor: Visitor) -> None:
    page = await open_charts(visitor, language="en", scripts=False)
    energy = page.locator(".chart").nth(3)
    await energy.get_by_text("Figures as a table").click()
    await expect(energy.get_by_role("row")).to_have_count(21)
    await expect(energy.get_by_role("row").nth(1)).to_contain_text("part of the time")


async def test_pages_without_charts_do_not_load_them(visitor: Visitor) -> None:
    page = await visitor.open("/sign-in/", language="en")
    await page.wait_for_selector("time.clock")
    loaded = await page.evaluate("performance.getEntriesByType('resource').map(e => e.name)")
    assert not [name for name in loaded if "/chart" in name or "/view" in name]
