"""What goes is what has passed, oldest first, and never what the city works with."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dothi.core.observations.retention import rules
from dothi.core.observations.retention.types import Action, Limits, Part, Stream
from dothi.kernel.manifest import Manifest, Names, Retention

NOW = datetime(2026, 11, 22, 10, tzinfo=UTC)
TODAY = NOW.replace(hour=0)


def day(age: int, *streams: int, size: int = 100) -> Part:
    begin = TODAY - timedelta(days=age)
    return Part(f"d{age}", begin, begin + timedelta(days=1), size, 10, frozenset(streams))


def manifest(*retention: tuple[str, int]) -> Manifest:
    return Manifest(
        id="x",
        names=Names("x", "x"),
        owner=Names(vi="x", en="x"),
        icon="x",
        retention=tuple(Retention(observed_property=name, raw_days=days) for name, days in retention),
    )


def test_the_longest_of_two_manifests_holds() -> None:
    found = rules.limits_of(
        [manifest(("PM2.5", 30)), manifest(("PM2.5", 90), ("CO", 7))], default_days=365, most_bytes=5
    )
    assert found == Limits(365, {"PM2.5": 90, "CO": 7}, 5)


@pytest.mark.parametrize(
    ("stream", "days"),
    [
        (Stream(1), 365),
        (Stream(1, ("CO", "urn:x")), 7),
        (Stream(1, ("Carbon monoxide", "urn:co")), 14),
        (Stream(1, ("CO", "PM2.5")), 90),
        (Stream(1, ("CO",), raw_days=1000), 1000),
        (Stream(1, ("CO",), raw_days=0), 7),
    ],
)
def test_a_datastreams_own_days_come_first_then_its_properties(stream: Stream, days: int) -> None:
    assert rules.days_of(stream, Limits(365, {"CO": 7, "PM2.5": 90, "urn:co": 14})) == days


def test_a_partition_goes_when_all_in_it_has_passed() -> None:
    parts = [day(age, 1) for age in (0, 29, 30, 31, 32)]
    steps = rules.plan(parts, {1: 30}, Limits(365), now=NOW)
    assert [(step.part.table, step.action) for step in steps] == [("d32", Action.DROP), ("d31", Action.DROP)]


def test_a_partition_is_rewritten_when_some_of_it_has_passed() -> None:
    [step] = rules.plan([day(40, 1, 2)], {1: 30, 2: 300}, Limits(365), now=NOW)
    assert (step.action, step.leaving) == (Action.REWRITE, frozenset({1}))
    assert rules.plan([day(40, 2)], {1: 30, 2: 300}, Limits(365), now=NOW) == []


def test_rows_of_a_datastream_that_is_no_more_stay_by_the_default() -> None:
    assert rules.plan([day(40, 9)], {1: 30}, Limits(365), now=NOW) == []
    assert [step.action for step in rules.plan([day(400, 9)], {}, Limits(365), now=NOW)] == [Action.DROP]


def test_without_a_limit_all_stays() -> None:
    parts = [day(age, 1) for age in (0, 400, 40_000)] + [day(50_000)]
    assert rules.plan(parts, {1: 0}, Limits(), now=NOW) == []
    assert rules.youngest([0], Limits()) is None
    assert rules.youngest([0, 30, 7], Limits(90)) == timedelta(days=7)


def test_empty_partitions_go_too() -> None:
    parts = [day(age) for age in (-3, 0, 100, 400)]
    assert [step.part.table for step in rules.plan(parts, {1: 1}, Limits(365), now=NOW)] == ["d400"]


def test_the_oldest_go_first_when_there_is_no_room() -> None:
    parts = [day(age, 1) for age in (0, 1, 2, 3, 4, 40)]
    steps = rules.plan(parts, {1: 30}, Limits(365, most_bytes=300), now=NOW)
    assert [(step.part.table, step.for_room) for step in steps] == [("d40", False), ("d4", True), ("d3", True)]


def test_the_newest_day_stays_however_large_it_is() -> None:
    parts = [day(age, 1, size=10**12) for age in (-1, 0, 1, 2)]
    steps = rules.plan(parts, {1: 30}, Limits(365, most_bytes=1), now=NOW)
    assert [step.part.table for step in steps] == ["d2"]


def test_where_partitions_are_of_an_hour_they_may_go_after_two() -> None:
    parts = [
        Part(f"h{age}", NOW - timedelta(hours=age + 1), NOW - timedelta(hours=age), size=100, rows=1)
        for age in (-1, 0, 1, 2, 3)
    ]
    limits = rules.limits_of([], default_days=0, most_bytes=250, by_hours=True)
    assert [step.part.table for step in rules.make_room(parts, (), limits, now=NOW)] == ["h3", "h2"]
    limits = rules.limits_of([], default_days=0, most_bytes=250)
    assert rules.make_room(parts, (), limits, now=NOW) == []


@given(
    st.lists(st.integers(-3, 900), unique=True, max_size=20),
    st.dictionaries(st.integers(1, 4), st.integers(1, 800), max_size=4),
    st.integers(0, 2000),
    st.data(),
)
def test_nothing_goes_before_its_time_but_for_room(
    ages: list[int], days: dict[int, int], most: int, data: st.DataObject
) -> None:
    parts = [day(age, *data.draw(st.sets(st.integers(1, 4)))) for age in ages]
    steps = rules.plan(parts, days, Limits(365, most_bytes=most), now=NOW)
    for step in steps:
        if step.for_room:
            assert step.part.end <= NOW - rules.KEPT_FOR_ROOM
        else:
            assert all(NOW - step.part.end >= timedelta(days=days.get(stream, 365)) for stream in step.leaving)
    dropped = {step.part.table for step in steps if step.action is Action.DROP}
    kept = [part for part in parts if part.table not in dropped and part.end <= NOW - rules.KEPT_FOR_ROOM]
    if most and kept:
        assert sum(part.size for part in parts if part.table not in dropped) <= most
