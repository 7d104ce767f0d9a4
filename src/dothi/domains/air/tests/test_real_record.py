"""A year that was really measured: through the importer onto the pages, held against plain arithmetic of the file."""

import asyncio
import csv
import html
import math
import re
from collections.abc import Iterator
from datetime import UTC, date, datetime, timedelta
from itertools import pairwise
from pathlib import Path
from typing import Final

import pytest
from django.db import connection
from django.test import Client
from pytest_django import Settings

from dothi.core.accounts.models import User
from dothi.core.accounts.types import SYSTEM
from dothi.core.observations.importing import service as importing
from dothi.core.observations.importing.mapping import parse_mapping
from dothi.core.observations.importing.types import Bad
from dothi.domains.air import service
from dothi.kernel import clock

RECORD: Final = Path("../shared/data/air/healthyair_hcmc_to_2022-02.csv")
MAPPING: Final = Path("docs/guides/mappings/healthyair.toml")
NOW: Final = datetime(2022, 2, 28, 17, 5, tzinfo=UTC)
"""Five minutes past midnight in the city, after the last hour of the file."""
FIRST_DAY: Final = date(2021, 3, 2)
"""Of the year on the page."""
HOUR: Final = timedelta(hours=1)
# Decision 1459/QĐ-TCMT, written once more for this test alone: nothing of the product is asked.
STEPS: Final = (0, 50, 100, 150, 200, 300, 400, 500)
CURVES: Final = {
    "PM2.5": (0, 25, 50, 80, 150, 250, 350, 500),
    "O3": (0, 160, 200, 300, 400, 800, 1000, 1200),
    "O3 8h": (0, 100, 120, 170, 210, 400),
    "NO2": (0, 100, 200, 700, 1200, 2350, 3100, 3850),
    "SO2": (0, 125, 350, 550, 800, 1600, 2100, 2630),
    "CO": (0, 10000, 30000, 45000, 60000, 90000, 120000, 150000),
}
Series = dict[datetime, float]

pytestmark = pytest.mark.skipif(not RECORD.exists(), reason=f"the real record {RECORD} is not there")


def measured(station: str) -> dict[str, Series]:
    """Read a station's hours of the file, by pollutant and local time."""
    found: dict[str, Series] = {}
    with RECORD.open(encoding="utf-8", newline="") as file:
        for row in csv.DictReader(file):
            if row["Station_No"] == station:
                at = datetime.strptime(row["date"], "%d-%m-%Y %H:%M")  # noqa: DTZ007 (the file's local time)
                for name in ("PM2.5", "O3", "NO2", "SO2", "CO"):
                    if row[name]:
                        found.setdefault(name, {})[at] = float(row[name])
    return found


def of_day(series: Series, day: date) -> list[float]:
    """Give a day's values, none where fewer than eighteen of its hours are there."""
    values = [value for at, value in series.items() if at.date() == day]
    return values if len(values) >= 18 else []


def eight_hours(series: Series) -> Series:
    """Give the means of eight hours of which at least six are there, by the last of them."""
    found = {}
    for at in {each + HOUR * later for each in series for later in range(8)}:
        values = [series[at - HOUR * back] for back in range(8) if at - HOUR * back in series]
        if len(values) >= 6:
            found[at] = sum(values) / len(values)
    return found


def on_the_line(concentration: float, curve: str) -> float | None:
    """Read a pollutant's index off its straight lines."""
    steps = list(zip(CURVES[curve], STEPS, strict=False))
    for (low, from_index), (high, to_index) in pairwise(steps):
        if concentration <= high:
            return from_index + (to_index - from_index) * (concentration - low) / (high - low)
    return None if curve == "O3 8h" else 500.0


def index_of(hours: dict[str, Series], by_eight: Series, day: date) -> int | None:
    """Work out the index of a day; none without particles."""
    fine = of_day(hours["PM2.5"], day)
    if not fine:
        return None
    parts = [on_the_line(sum(fine) / len(fine), "PM2.5")]
    parts += [
        on_the_line(max(values), name) for name in ("O3", "NO2", "SO2", "CO") if (values := of_day(hours[name], day))
    ]
    if eights := of_day(by_eight, day):
        parts.append(on_the_line(max(eights), "O3 8h"))
    return max(math.floor(each + 0.5) for each in parts if each is not None)


@pytest.fixture
def stations(database_url: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[dict[str, int]]:
    """The whole file in the record, seen just after its end; gives the ids of the stations by number."""
    bad: list[Bad] = []
    mapping = parse_mapping(MAPPING.read_text("utf-8"))
    tally = asyncio.run(
        importing.import_file(SYSTEM, database_url, RECORD, mapping=mapping, report=bad.append, progress=lambda _: None)
    )
    assert (tally.read, bad) == (287_822, [])
    monkeypatch.setattr(clock, "now", lambda: NOW)
    yield {each.name.rpartition(" ")[2]: each.id for each in service.list_stations(SYSTEM)}
    with connection.cursor() as cursor:
        cursor.execute("TRUNCATE observations_import")


def year(page: str) -> dict[date, int | None]:
    """Read the calendar off a page in English."""
    found: dict[date, int | None] = {}
    for day, said in re.findall(r'<td class="[^"]*"[^>]* title="(\d+ \w+ \d{4}): ([^"]*)"', page):
        found[datetime.strptime(day, "%d %b %Y").date()] = (  # noqa: DTZ007 (a day)
            None if said == "too few hours" else int(said.partition(",")[0])
        )
    return found


def test_a_year_on_the_page_is_what_the_file_says(stations: dict[str, int], settings: Settings) -> None:
    assert sorted(stations) == ["1", "2", "3", "4", "5", "6"]
    operator = Client()
    operator.force_login(User.objects.create_user(username="operator", role="operator"))
    operator.cookies["dothi_language"] = "en"
    for number in ("1", "4"):
        page = html.unescape(" ".join(operator.get(f"/air/stations/{stations[number]}/year/").content.decode().split()))
        hours = measured(number)
        by_eight = eight_hours(hours["O3"])
        shown = year(page)
        days = [FIRST_DAY + timedelta(days=each) for each in range(364)]
        # The page's own first day has no hours before it to make means of eight of.
        assert {day: shown[day] for day in days[1:]} == {day: index_of(hours, by_eight, day) for day in days[1:]}
        assert sum(value is not None for value in shown.values()) > 150
        means = [sum(values) / len(values) for day in days if (values := of_day(hours["PM2.5"], day))]
        exceeded = sum(mean > 50 for mean in means)
        assert re.search(
            rf"50 <small[^>]*>µg/m³</small></td><td class=\"n\">(<b>)?{exceeded}(</b>)? <small[^>]*>of {len(means)}<",
            page,
        )
        came = sum(at.date() >= FIRST_DAY for at in hours["PM2.5"])
        assert f'{came:,}<span class="t2">/' in page


def test_the_last_hours_stand_on_the_stations_pages(stations: dict[str, int]) -> None:
    viewer = Client()
    viewer.force_login(User.objects.create_user(username="viewer", role="viewer"))
    viewer.cookies["dothi_language"] = "en"
    newest = max(measured("4")["PM2.5"].items())
    page = html.unescape(viewer.get(f"/air/stations/{stations['4']}/?span=week").content.decode())
    assert f"{newest[1]:.1f}".removesuffix(".0") in page
    listed = html.unescape(viewer.get("/air/").content.decode())
    assert all(f"HealthyAir {number}" in listed for number in stations)
