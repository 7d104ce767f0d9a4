"""Deadlines, and when a deed that waited for a network was done."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dothi.core.alarms.tests.raising import at
from dothi.core.incidents.rules.deadlines import LONGEST_AGO, happened_at, is_overdue, usual_deadline
from dothi.core.incidents.types import AT_WORK, Order, Standing, State


def order(state: State) -> Order:
    return Order(1, "x", "", 2, "CS", 1, Standing(state), at(0), "user:1", at(60), at(0))


@pytest.mark.parametrize("state", list(State))
def test_only_what_the_crew_has_to_do_is_overdue(state: State) -> None:
    assert not is_overdue(order(state), now=at(60))
    assert is_overdue(order(state), now=at(61)) == (state in AT_WORK)


def test_what_presses_more_is_due_sooner() -> None:
    due = [usual_deadline(priority, now=at(0.5)) for priority in (1, 2, 3, 4)]
    assert due == sorted(due)
    assert due[0] == at(120)


@given(ago_s=st.floats(-1e6, 1e9), speed=st.sampled_from([1.0, 5.0, 3600.0]), since=st.integers(-10_000, 0))
def test_a_deed_lies_between_the_step_before_and_now(ago_s: float, speed: float, since: int) -> None:
    found = happened_at(at(0), ago_s=ago_s, speed=speed, not_before=at(since))
    assert at(since) <= found <= at(0)
    assert found >= at(0) - LONGEST_AGO


def test_the_city_runs_faster_than_the_phone() -> None:
    assert happened_at(at(0), ago_s=60, speed=5, not_before=at(-1000)) == at(0) - timedelta(minutes=5)
