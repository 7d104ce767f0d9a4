"""Days of light, what was due, and finding devices: rules without a record."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dothi.domains.lighting.rules import days, due, search
from dothi.domains.lighting.rules.schedule import night_of
from dothi.domains.lighting.types.energy import Baseline, Outage
from dothi.domains.lighting.types.overview import CabinetPlace
from dothi.domains.lighting.types.schedule import Cabinet, Night, Programme, Scope, Step
from dothi.kernel.text import fold

ZONE = "Asia/Ho_Chi_Minh"
LAT, LON = 11.05, 106.67
DAY = date(2026, 11, 18)
FULL = Programme(zone=ZONE)
DARK_LATE = Programme(steps=(Step(at="23:00", level=0),), zone=ZONE)


def lit(*programmes: Programme) -> days.Spans:
    """Give when light is due on the day by the programmes of the night before and its own."""
    begin, end = (moment.timestamp() for moment in days.midnights(DAY, 1, ZONE))
    nights = [DAY - timedelta(days=1), DAY]
    return days.lit_spans(programmes, nights, lat=LAT, lon=LON, begin=begin, end=end)


def night(day: date) -> Night:
    return night_of(Programme(steps=(Step(at="22:00", level=70),), zone=ZONE), day, lat=LAT, lon=LON)


def test_a_day_has_the_morning_of_one_night_and_the_evening_of_the_next() -> None:
    spans = lit(FULL, FULL)
    assert len(spans) == 2
    assert days.length_h(spans) == pytest.approx(12.4, abs=0.2)
    morning, evening = (days.length_h([span]) for span in spans)
    assert days.length_h(lit(FULL, DARK_LATE)) == pytest.approx(morning + evening - 1.0)
    assert days.length_h(lit(DARK_LATE, FULL)) == pytest.approx(evening)


def test_days_where_clocks_change_are_as_long_as_they_are() -> None:
    moments = days.midnights(date(2026, 10, 24), 3, "Europe/Berlin")
    assert [(b - a).total_seconds() / 3600 for a, b in pairwise(moments)] == [24, 25, 24]


def test_lamps_are_out_of_order_only_while_light_is_due() -> None:
    begin = datetime(2026, 11, 18, tzinfo=UTC)
    spans = [(begin.timestamp(), (begin + timedelta(hours=2)).timestamp())]
    outages = [
        (Outage(begin - timedelta(hours=5), begin + timedelta(hours=1)), 3),
        (Outage(begin + timedelta(hours=1.5), None), 1),
        (Outage(begin - timedelta(days=3), begin - timedelta(days=2)), 9),
    ]
    assert days.failed_hours(outages, spans) == pytest.approx(3 * 1.0 + 0.5)


def test_a_saving_needs_a_baseline_for_every_measured_lamp() -> None:
    one, two = (Cabinet(0, "", serial, "s", "p", None, None) for serial in ("C1", "C2"))
    kwh, hours = np.array([1.0, 2.0, np.nan]), np.array([10.0, 10.0, 10.0])
    rows = [Baseline(1, Scope.CABINET, "C1", 200.0, "", valid_from=date(2026, 1, 1))]
    saved = days.saving(kwh, hours, [one, one, two], rows, DAY)
    assert saved is not None
    assert (saved.used_kwh, saved.baseline_kwh, saved.percent) == (3.0, 4.0, 25.0)
    assert days.saving(kwh, hours, [one, two, two], rows, DAY) is None
    assert days.saving(kwh[2:], hours[2:], [one], rows, DAY) is None


@given(st.floats(0, 1380))
def test_what_was_due_is_a_line_without_a_gap(minutes: float) -> None:
    nights = [night(DAY - timedelta(days=1)), night(DAY)]
    begin = nights[0].begin + timedelta(minutes=minutes)
    end = begin + timedelta(days=1)
    edges = due.between(nights, begin, end)
    assert (edges[0][0], edges[-1][0]) == (begin, end)
    assert all(one[0] <= other[0] for one, other in pairwise(edges))
    for one, other in zip(edges[:-1:2], edges[1::2], strict=True):
        assert one[1] == other[1]


def test_nothing_was_due_where_the_nights_do_not_reach() -> None:
    only = [night(DAY)]
    assert due.between([], only[0].begin, only[0].end) == []
    assert due.between(only, only[0].begin - timedelta(hours=1), only[0].end) == []
    assert due.between(only, only[0].begin, only[0].end + timedelta(hours=1)) == []


@given(st.text(max_size=30))
def test_whatever_its_case_and_marks_a_name_finds_itself(name: str) -> None:
    thing = CabinetPlace(1, name, "BD-C-001", "", "", "", False)
    assert search.matching(name, [thing], most=5) == ([thing] if fold(name).split() else [])
    assert fold(fold(name)) == fold(name)


def test_whole_matches_come_first_and_no_more_than_asked_for() -> None:
    places = [CabinetPlace(n, f"Tủ Đồng Khởi {n}", f"C{n}", "", "", "", False) for n in range(20)]
    assert [each.id for each in search.matching("tu dong khoi 1", places, most=3)] == [1, 10, 11]
    assert [each.id for each in search.matching("c1", places, most=1)] == [1]
    assert search.matching("  ", places, most=3) == []
