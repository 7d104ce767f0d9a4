"""Plans for measurements: as many of each kind as asked for, apart from each other, and each where it can be seen."""

from collections import defaultdict
from datetime import UTC, datetime
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.lighting.faults import COMMANDS, FAULTS, NEGATIVES, Kind, Plan
from simulators.lighting.fleet import build_fleet, small_fleet
from simulators.lighting.planning import BENCH_COUNTS, QUIET_S, SHOWN_DRIFT, bench_plan
from simulators.lighting.sun import is_dark

BEGIN = datetime(2026, 6, 1, 5, tzinfo=UTC)
FLEET = build_fleet()


@pytest.fixture(scope="module")
def plan() -> Plan:
    return bench_plan(FLEET, seed=11, begin=BEGIN, nights=14)


def test_there_are_enough_of_each_kind(plan: Plan) -> None:
    assert {kind: plan.count(kind) for kind in BENCH_COUNTS} == dict(BENCH_COUNTS)
    assert min(plan.count(kind) for kind in FAULTS) >= 200
    assert sum(plan.count(kind) for kind in NEGATIVES) >= 500


def test_no_lamp_has_two_faults_at_a_time(plan: Plan) -> None:
    spans = defaultdict(list)
    for event in plan.events:
        if event.kind in (*FAULTS, Kind.REPLACED_LAMP):
            for lamp in event.lamps:
                spans[lamp].append((event.begin_s, event.end_s))
    for of_lamp in spans.values():
        of_lamp.sort()
        assert all(end + QUIET_S <= begin for (_, end), (begin, _) in pairwise(of_lamp))


def test_faults_begin_where_they_can_be_seen(plan: Plan) -> None:
    wanted = {Kind.LAMP_OUT: True, Kind.CYCLING: True, Kind.POWER_DRIFT: True, Kind.DAY_BURNING: False}
    for event in plan.events:
        assert event.begin_s <= event.visible_s < event.end_s
        if event.kind in wanted:
            lamp = event.lamps[0]
            dark = is_dark(float(FLEET.lon[lamp]), float(FLEET.lat[lamp]), event.visible_s)
            assert dark == wanted[event.kind], event
        if event.kind is Kind.POWER_DRIFT:
            assert SHOWN_DRIFT <= abs(event.strength) <= 0.4


def test_no_lamp_burns_by_day_while_it_is_commanded_on(plan: Plan) -> None:
    commanded = [event for event in plan.events if event.kind in COMMANDS and event.kind is not Kind.PLANNED_DIMMING]
    for event in plan.events:
        if event.kind is Kind.DAY_BURNING:
            at_once = [each for each in commanded if each.begin_s < event.end_s and event.begin_s < each.end_s]
            assert not any(event.lamps[0] in each.lamps for each in at_once)


def test_planned_dimming_ends_before_dawn(plan: Plan) -> None:
    for event in plan.events:
        if event.kind is Kind.PLANNED_DIMMING:
            assert is_dark(106.67, 11.05, np.array([event.begin_s, event.end_s])).all()


@settings(max_examples=20)
@given(st.integers(0, 2**32), st.integers(3, 14))
def test_everything_lies_within_the_run(seed: int, nights: int) -> None:
    counts = dict.fromkeys(Kind, 1)
    planned = bench_plan(small_fleet(200, 8), seed=seed, begin=BEGIN, nights=max(nights, 7), counts=counts)
    end_s = BEGIN.timestamp() + max(nights, 7) * 86_400
    assert all(BEGIN.timestamp() < event.begin_s < event.end_s < end_s for event in planned.events)


def test_too_much_is_refused() -> None:
    with pytest.raises(ValueError, match="no room"):
        bench_plan(small_fleet(3, 1), seed=1, begin=BEGIN, nights=2, counts={Kind.LAMP_OUT: 50})
