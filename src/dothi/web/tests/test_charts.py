"""A chart in a page: what the island is told, and the table that needs no script."""

import json
import re
from datetime import UTC, datetime, timedelta
from html import unescape
from typing import Any

import pytest
from django.template import Context, Template
from django.test import override_settings
from django.utils import translation

from dothi.core.observations.series.types import Chart, Increment, Increments, Point, Step, Width
from dothi.web import charts
from dothi.web.charts import Limit

BEGIN = datetime(2026, 11, 18, 17, tzinfo=UTC)
HOUR = timedelta(hours=1)


def chart_of(count: int, *, width: Width = Width.RAW, step: timedelta = HOUR, name: str = "power") -> Chart:
    points = tuple(Point(BEGIN + step * n, float(n), float(n), float(n)) for n in range(count))
    return Chart(7, name, "W", width, BEGIN, BEGIN + timedelta(days=1), BEGIN + 12 * HOUR, points)


def energy() -> Increments:
    day = timedelta(days=1)
    buckets = [
        Increment(BEGIN, BEGIN + day, 1234.5, 10),
        Increment(BEGIN + day, BEGIN + 2 * day, 2.0, 10, interpolated=1),
        Increment(BEGIN + 2 * day, BEGIN + 3 * day, 3.0, 10, interpolated=2),
        Increment(BEGIN + 3 * day, BEGIN + 4 * day, None, 0),
    ]
    return Increments("energy", "kWh", Step.DAY, BEGIN + 4 * day, 10, tuple(buckets))


def drawn(shown: object, tag: str = '{% chart shown "Công suất" %}', **more: object) -> str:
    return Template("{% load dothi %}" + tag).render(Context({"shown": shown, **more}))


def told(page: str) -> dict[str, Any]:
    found = re.search(r'data-island="chart" data-config="([^"]*)"', page)
    assert found is not None
    config: dict[str, Any] = json.loads(unescape(found[1]))
    return config


@pytest.fixture(autouse=True)
def in_the_city() -> Any:
    with override_settings(TIME_ZONE="Asia/Ho_Chi_Minh"), translation.override("vi"):
        yield


def test_the_island_is_told_what_to_draw() -> None:
    limits = [Limit(90.0, "Cao")]
    page = drawn(chart_of(3), '{% chart shown "Công suất" limits=limits %}', limits=limits)
    config = told(page)
    start = int(BEGIN.timestamp() * 1000)
    assert config["kind"] == "line"
    assert config["zone"] == "Asia/Ho_Chi_Minh"
    assert config["now"] - config["begin"] == 12 * 3_600_000
    assert config["lines"] == [
        {"name": "", "points": [[start + n * 3_600_000, float(n)] for n in range(3)], "forecast": []}
    ]
    assert config["limits"] == [{"value": 90.0, "label": "Cao"}]


def test_what_was_due_is_drawn_and_written() -> None:
    due = charts.Due("theo lịch", ((BEGIN, 98.0), (BEGIN + HOUR, 68.6)))
    page = drawn(chart_of(3), '{% chart shown "Công suất" due=due %}', due=due)
    start = int(BEGIN.timestamp() * 1000)
    assert told(page)["due"] == {"name": "theo lịch", "points": [[start, 98.0], [start + 3_600_000, 68.6]]}
    rows = charts.rows(chart_of(3), due=due)
    assert [(row.value, row.note) for row in rows[3:]] == [(68.6, "theo lịch"), (98.0, "theo lịch")]
    assert charts.rows(chart_of(0), due=due) == []


def test_several_lines_are_named() -> None:
    phases = [chart_of(2, name="voltage A"), chart_of(2, name="voltage B")]
    assert [line["name"] for line in told(drawn(phases))["lines"]] == ["voltage A", "voltage B"]
    named = drawn(phases, '{% chart shown "Điện áp" names=names %}', names=["Pha A", "Pha B"])
    assert [line["name"] for line in told(named)["lines"]] == ["Pha A", "Pha B"]
    assert "19/11/2026 01:00 · Pha B" in named


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("vi", ["Số liệu dạng bảng", "19/11/2026", "1.234,5", "nội suy một phần"]),
        ("en", ["Figures as a table", "19 Nov 2026", "1,234.5", "partly interpolated"]),
    ],
)
def test_the_table_has_the_same_figures_in_both_languages(language: str, words: list[str]) -> None:
    with translation.override(language):
        page = drawn(energy())
    assert all(word in page for word in words)
    assert page.count('<th scope="row">') == 3
    assert [bar[3] for bar in told(page)["bars"]] == ["", "", "i", ""]


def test_a_long_table_is_written_by_the_hour_of_the_city() -> None:
    with override_settings(TIME_ZONE="Asia/Kolkata"):
        rows = charts.rows(chart_of(600, step=timedelta(minutes=1)))
    assert [row.time[-5:] for row in rows] == [f"{hour:02}:00" for hour in (*range(8, -1, -1), 23, 22)]
    assert (rows[0].least, rows[0].greatest) == (570.0, 599.0)
    assert (rows[-1].least, rows[-1].value, rows[-1].greatest) == (0.0, 14.5, 29.0)


def test_a_table_of_a_month_of_hours_is_written_by_the_day_of_the_city() -> None:
    with translation.override("en"):
        rows = charts.rows(chart_of(30 * 24, width=Width.HOUR))
    assert len(rows) in (30, 31)
    assert ":" not in rows[0].time
    assert rows[1].least is not None
    assert rows[1].greatest is not None
    assert rows[1].least < (rows[1].value or 0) < rows[1].greatest


def test_what_is_ahead_is_noted() -> None:
    chart = Chart(7, "level", "m", Width.HOUR, BEGIN, BEGIN + HOUR, BEGIN, (), (Point(BEGIN, 1.0, 1.0, 1.0),))
    assert "dự báo" in drawn(chart)


def test_no_figures_are_said_without_a_script_too() -> None:
    page = drawn(chart_of(0))
    assert "Chưa có số liệu" in page
    assert "<table" not in page


def test_a_title_is_text() -> None:
    page = drawn(chart_of(2), "{% chart shown title %}", title="<script>alert(1)</script>")
    assert "<script>" not in page


def test_a_drawing_can_be_fetched() -> None:
    page = drawn(None, '{% chart_from "/lighting/7.json" "Công suất" %}')
    assert told(page) == {"src": "/lighting/7.json", "title": "Công suất", "zone": "Asia/Ho_Chi_Minh"}
