"""Spans of the city's time, the points of charts, and rises of registers, without a database."""

import math
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import assume, given
from hypothesis import strategies as st

from dothi.core.observations.series import registers, rules
from dothi.core.observations.series.types import Edges, Pieces, Step, Width

CITIES = ("Asia/Ho_Chi_Minh", "Europe/Berlin", "America/Havana", "Asia/Kolkata", "Australia/Lord_Howe", "UTC")
moments = st.datetimes(datetime(1990, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
widths = st.sampled_from([Width.MINUTE, Width.QUARTER, Width.HOUR, Width.DAY, Width.MONTH])


@pytest.mark.parametrize(
    ("span", "width"),
    [
        (timedelta(hours=1), Width.RAW),
        (timedelta(hours=25), Width.RAW),
        (timedelta(days=2), Width.HOUR),
        (timedelta(days=30), Width.HOUR),
        (timedelta(days=32), Width.DAY),
        (timedelta(days=366), Width.DAY),
        (timedelta(days=3000), Width.MONTH),
    ],
)
def test_the_width_follows_the_span(span: timedelta, width: Width) -> None:
    assert rules.choose_width(span, points=1500) is width


def test_a_narrow_chart_has_wider_points() -> None:
    assert rules.choose_width(timedelta(days=30), points=100) is Width.DAY
    assert rules.choose_width(timedelta(days=360), points=100) is Width.MONTH
    assert rules.narrow_width(timedelta(hours=24), points=1500) is Width.MINUTE
    assert rules.narrow_width(timedelta(hours=24), points=100) is Width.QUARTER
    assert rules.narrow_width(timedelta(hours=24), points=30) is Width.HOUR


@given(moments, st.timedeltas(timedelta(0), timedelta(days=40)), widths, st.sampled_from(CITIES))
def test_boundaries_hold_the_span_and_never_stand_still(
    begin: datetime, span: timedelta, width: Width, zone: str
) -> None:
    assume(width is not Width.MINUTE or span < timedelta(days=1))
    found = rules.boundaries(begin, begin + span, width, zone=zone)
    assert found[0] <= begin < found[1]
    assert found[-1] >= begin + span
    assert len(found) == 2 or found[-2] < begin + span
    assert all(one < other for one, other in pairwise(found))


def test_days_are_23_and_25_hours_long_where_clocks_change() -> None:
    spring = rules.boundaries(
        datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 3, 30, 12, tzinfo=UTC), Width.DAY, zone="Europe/Berlin"
    )
    assert [b - a for a, b in pairwise(spring)] == [timedelta(hours=h) for h in (24, 23, 24)]
    autumn = rules.boundaries(
        datetime(2026, 10, 25, 12, tzinfo=UTC), datetime(2026, 10, 25, 13, tzinfo=UTC), Step.DAY, zone="Europe/Berlin"
    )
    assert autumn[1] - autumn[0] == timedelta(hours=25)
    assert all(at.astimezone(ZoneInfo("Europe/Berlin")).hour == 0 for at in spring + autumn)


numbers = st.lists(
    st.tuples(st.integers(0, 30 * 86_400), st.floats(-1e6, 1e6)),
    min_size=1,
    max_size=60,
    unique_by=lambda each: each[0],
).map(sorted)


@given(numbers, st.sampled_from([Width.QUARTER, Width.HOUR, Width.DAY, Width.MONTH]), st.sampled_from(CITIES))
def test_points_lose_no_number(found: list[tuple[int, float]], width: Width, zone: str) -> None:
    begin = datetime(2026, 3, 20, tzinfo=UTC)
    start = int(rules.micros([begin])[0])
    rows = [(start + second * 1_000_000, value) for second, value in found]
    points = rules.gather(rows, begin, begin + timedelta(days=31), width, zone=zone)
    assert sum(point.count for point in points) == len(rows)
    assert sum(point.mean * point.count for point in points) == pytest.approx(sum(v for _, v in rows), abs=1e-3)
    assert min(point.least for point in points) == min(value for _, value in rows)
    assert max(point.greatest for point in points) == max(value for _, value in rows)
    assert [point.begin for point in points] == sorted({point.begin for point in points})


def edges_of(readings: list[tuple[int, float]], at: np.ndarray) -> Edges:
    """Find the readings next to moments by looking at each."""
    times = np.array([time for time, _ in readings], np.int64)
    values = np.array([value for _, value in readings])
    after = np.searchsorted(times, at, side="right")
    before = after - 1
    has_before, has_after = before >= 0, after < len(times)
    before, after = np.clip(before, 0, None), np.clip(after, None, len(times) - 1)
    return Edges(
        times[before][None],
        np.where(has_before, values[before], np.nan)[None],
        times[after][None],
        np.where(has_after, values[after], np.nan)[None],
        np.zeros((1, len(at)), np.bool_),
    )


rising = st.lists(st.tuples(st.integers(1, 400), st.floats(0, 50)), min_size=2, max_size=40).map(
    lambda steps: [(sum(s for s, _ in steps[: i + 1]), sum(v for _, v in steps[: i + 1])) for i in range(len(steps))]
)


@given(rising, st.integers(1, 300))
def test_rises_add_up_to_the_last_reading_less_the_first(readings: list[tuple[int, float]], length: int) -> None:
    at = np.arange(readings[0][0] // length * length, readings[-1][0] + length, length, dtype=np.int64)
    if at[-1] < readings[-1][0]:
        at = np.append(at, at[-1] + length)
    found = registers.rises(edges_of(readings, at), at)
    assert np.nansum(found.increase) == pytest.approx(readings[-1][1] - readings[0][1], abs=1e-6)
    assert not found.has_reset.any()
    assert not found.doubtful.any()
    assert (np.nan_to_num(found.increase) >= 0).all()


def test_what_lies_between_weekly_readings_is_marked() -> None:
    readings = [(0, 100.0), (70, 170.0)]
    at = np.arange(0, 80, 10, dtype=np.int64)
    found = registers.rises(edges_of(readings, at), at)
    assert found.increase[0].tolist() == [10.0] * 7
    assert found.is_interpolated.all()


def test_before_the_first_and_after_the_last_reading_nothing_is_known() -> None:
    at = np.arange(0, 60, 10, dtype=np.int64)
    found = registers.rises(edges_of([(12, 5.0), (18, 6.0), (24, 8.0)], at), at)
    assert np.isnan(found.increase[0]).tolist() == [True, False, False, True, True]
    assert found.is_partial[0].tolist() == [False, True, True, False, False]
    assert np.nansum(found.increase) == pytest.approx(3.0)


def test_a_single_reading_says_nothing() -> None:
    at = np.arange(0, 30, 10, dtype=np.int64)
    assert np.isnan(registers.rises(edges_of([(12, 5.0)], at), at).increase).all()


def test_a_fall_is_no_rise_and_needs_a_closer_look() -> None:
    at = np.arange(0, 40, 10, dtype=np.int64)
    readings = [(0, 100.0), (5, 104.0), (10, 108.0), (14, 110.0), (16, 1.0), (20, 3.0), (25, 5.0), (30, 7.0)]
    found = registers.rises(edges_of(readings, at), at)
    assert found.increase[0].tolist() == [8.0, 0.0, 4.0]
    assert found.has_reset[0].tolist() == [False, True, False]
    assert found.doubtful[0].tolist() == [False, True, False]
    inner = Pieces(*(np.array(each) for each in ([0, 0, 0], [10, 14, 16], [108.0, 110.0, 1.0], [108.0, 110.0, 1.0])))
    assert registers.rise_through(inner, before=108.0, after=3.0, first=108.0, last=3.0) == pytest.approx(4.0)


def test_a_fall_between_spans_is_shared_out_to_neither() -> None:
    at = np.arange(0, 30, 10, dtype=np.int64)
    found = registers.rises(edges_of([(0, 50.0), (9, 59.0), (11, 1.0), (20, 10.0)], at), at)
    assert found.increase[0].tolist() == [9.0, 9.0]
    assert found.has_reset.all()


@given(st.lists(st.floats(0, 1000), min_size=1, max_size=20))
def test_single_readings_rise_by_what_they_rose(values: list[float]) -> None:
    array = np.array(values)
    pieces = Pieces(np.zeros(len(values), np.int64), np.arange(len(values)), array, array)
    nothing = float("nan")
    found = registers.rise_through(pieces, before=nothing, after=nothing, first=nothing, last=nothing)
    assert found == pytest.approx(np.maximum(np.diff(array), 0).sum(), abs=1e-9)


def test_an_hour_that_a_meter_was_replaced_in_adds_nothing() -> None:
    hours = Pieces(np.zeros(3, np.int64), np.arange(3), np.array([100.0, 0.0, 1.5]), np.array([101.0, 102.0, 2.5]))
    found = registers.rise_through(hours, before=99.0, after=3.0, first=99.0, last=3.0)
    assert found == pytest.approx(1.0 + 1.0 + 1.0 + 0.5)


def test_aggregates_stand_for_readings() -> None:
    at = np.array([0, 10_000_000, 20_000_000], np.int64)
    days = Pieces(np.array([0, 0]), at[:2], np.array([5.0, 9.0]), np.array([9.0, 20.0]))
    nothing = np.full((1, 3), np.nan)
    empty = Edges(np.zeros((1, 3), np.int64), nothing, np.zeros((1, 3), np.int64), nothing, np.zeros((1, 3), np.bool_))
    found = registers.rises(registers.join_edges(empty, days, at, length=10_000_000), at)
    assert found.increase[0].tolist() == [4.0, 11.0]
    assert not found.is_interpolated.any()


_SOME = st.lists(st.one_of(st.just(float("nan")), st.floats(0, 1e6)), min_size=4, max_size=4)


@given(st.lists(_SOME, min_size=1, max_size=6), st.sampled_from(["sum", "mean", "greatest"]))
def test_what_many_come_to_is_told_only_where_enough_are_known(rows: list[list[float]], how: str) -> None:
    found = rules.put_together(np.array(rows), how=how, enough=0.8)
    heard = [row for row in rows if not all(math.isnan(value) for value in row)]
    for place, value in enumerate(found):
        known = [row[place] for row in heard if not math.isnan(row[place])]
        if not known or len(known) < 0.8 * len(heard):
            assert value is None
            continue
        mean = sum(known) / len(known)
        wanted = {"sum": mean * len(heard), "mean": mean, "greatest": max(known)}
        assert value == pytest.approx(wanted[how])
