"""What is wrong with instruments: the rules on made hours, and the watch over a real record."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import numpy as np
import pytest
from asgiref.sync import sync_to_async
from hypothesis import given
from hypothesis import settings as bounds
from hypothesis import strategies as st
from pytest_django import Settings

from dothi.core.accounts.types import SYSTEM
from dothi.core.alarms import service as alarms
from dothi.core.alarms.types import Filter, State
from dothi.core.observations.series import service as series
from dothi.core.observations.tests.standing_clock import standing_clock
from dothi.core.observations.types import NewObservation
from dothi.domains.air.rules import instruments as rules
from dothi.domains.air.service.instruments import DEAD, DRIFTING, STUCK, InstrumentWatch
from dothi.domains.air.tests.conftest import HOUR, AddStation

DAYS = rules.PAST_DAYS + rules.RECENT_DAYS + 1


def noisy(seed: int, hours: int, level: float = 30.0) -> np.ndarray:
    """Make hours of a pollutant that an instrument measures."""
    return level * np.exp(0.2 * np.random.default_rng(seed).standard_normal(hours))


@pytest.mark.parametrize(("behind", "dead"), [(0, False), (2, False), (3, True), (719, True), (720, False)])
def test_an_instrument_is_dead_when_it_stays_behind_its_station(behind: int, dead: bool) -> None:
    assert bool(rules.is_dead(np.array(1000 - behind), np.array(1000))) is dead


@bounds(deadline=None)
@given(st.lists(st.sampled_from([np.nan, 0.0, 7.0, 8.0]), max_size=40))
def test_stuck_is_six_equal_numbers_above_zero_gaps_apart(hours: list[float]) -> None:
    found = rules.is_stuck(np.array(hours))
    for place in range(len(hours)):
        known = [each for each in hours[: place + 1] if each == each][-rules.STUCK_H :]
        assert found[place] == (len(known) == rules.STUCK_H and len(set(known)) == 1 and known[0] > 0)


def test_what_a_stuck_instrument_sent_is_left_out_from_its_first_number_on() -> None:
    hours = np.concatenate([[5.0, 6.0], np.full(8, 7.0), [5.0]])
    np.testing.assert_array_equal(np.isnan(rules.without_stuck(hours)), [False] * 2 + [True] * 8 + [False])


def shares(rise: float, *, days: int = DAYS) -> np.ndarray:
    """Make the shares of four stations of which the second drifts in the last ten days."""
    hours = days * 24
    coarse = np.stack([noisy(seed, hours, 60) for seed in range(4)])
    fine = coarse * 0.5 * np.exp(0.1 * np.random.default_rng(9).standard_normal(coarse.shape))
    fine[1, -240:] *= 1 + rise * np.arange(240) / 24
    return rules.fine_shares(fine, coarse, np.repeat(np.arange(days), 24))


@pytest.mark.parametrize(("rise", "drifts"), [(0.0, False), (0.02, True), (-0.02, True)])
def test_a_drift_is_seen_against_neighbours_and_its_own_past(rise: float, drifts: bool) -> None:
    apart = rules.drifts(shares(rise))[:, -1]
    assert [rules.is_drift(each) for each in apart] == [False, drifts, False, False]
    if drifts:
        assert apart[1] == pytest.approx(np.log(1 + rise * 8.5), abs=0.03)


def test_of_too_few_days_or_neighbours_nothing_is_said() -> None:
    assert np.isnan(rules.drifts(shares(0.02, days=rules.PAST_NEEDED + rules.RECENT_DAYS - 1))).all()
    two = np.stack([noisy(1, 48), noisy(2, 48)])
    assert np.isnan(rules.fine_shares(two, two * 2, np.repeat(np.arange(2), 24))).all()
    assert rules.is_drift(float("nan")) is None
    assert rules.is_drift(0.09) is None


def standing() -> set[tuple[str, str]]:
    """Give rule and key of the alarms that stand."""
    found = alarms.list_alarms(SYSTEM, Filter(states=(State.UNACKNOWLEDGED,), domain="air")).alarms
    return {(each.point.rule, each.point.key) for each in found}


@pytest.mark.django_db
def test_the_watch_tells_of_stuck_and_drifting_instruments_once(add_station: AddStation) -> None:
    hours = DAYS * 24
    for number in range(3):
        coarse = noisy(number, hours, 60)
        fine = coarse * 0.5
        if number == 2:
            fine[-240:] *= 1 + 0.02 * np.arange(240) / 24
        measured = {"PM2.5": fine, "PM10": coarse}
        if number == 0:
            measured["CO"] = np.concatenate([noisy(7, hours - 6, 900), np.full(6, 812.5)])
        add_station(f"Trạm {number}", measured)
    InstrumentWatch().look()
    assert standing() == {(STUCK, "CO"), (DRIFTING, "PM2.5")}
    InstrumentWatch().look()
    assert len(alarms.list_alarms(SYSTEM, Filter(domain="air")).alarms) == 2


async def test_a_dead_instrument_is_told_and_taken_back(
    record: Any, register_thing: Callable[..., int], database_url: str, settings: Settings
) -> None:
    settings.DATABASE_URL = database_url
    begin = datetime(2026, 11, 19, tzinfo=UTC)

    def make() -> tuple[int, int]:
        readings = {"PM2.5": (20.0, "µg/m³"), "O3": (50.0, "µg/m³")}
        thing_id = register_thing("Trạm", kind="AirStation", readings=readings, at=begin - HOUR)
        found = series.find_streams(SYSTEM, thing_id)
        assert found is not None
        return found.streams["PM2.5"], found.streams["O3"]

    fine, ozone = await sync_to_async(make)()
    with standing_clock() as hands:
        watch = InstrumentWatch()

        async def after(hours: int, streams: list[int]) -> set[tuple[str, str]]:
            at = begin + HOUR * (hours - 1)
            rows = [NewObservation(stream, at, 20.0 + hours, phenomenon_end=at + HOUR) for stream in streams]
            await record.write(SYSTEM, rows)
            hands.show(at + HOUR + timedelta(minutes=11))
            await sync_to_async(watch.look)()
            return await sync_to_async(standing)()

        assert await after(1, [fine]) == set()
        assert await after(2, [fine]) == set()
        assert await after(3, [fine]) == {(DEAD, "O3")}
        assert await after(4, [fine, ozone]) == set()
