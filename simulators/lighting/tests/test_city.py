"""The city as a whole: what chance does to its messages, and what no chance may do."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from simulators.lighting.channel import DOUBLED, LATE, LOST, Channel
from simulators.lighting.city import City
from simulators.lighting.fleet import build_fleet, small_fleet
from simulators.lighting.frame import Frame, new_chance
from simulators.lighting.physics import Clocks
from simulators.lighting.planning import LIVE_COUNTS, bench_plan, day_plan

EVENING = datetime(2026, 3, 10, 13, tzinfo=UTC)


def steps(city: City, minutes: int, begin: datetime = EVENING) -> list[Frame]:
    return [city.step(begin + timedelta(minutes=minute)) for minute in range(minutes)]


def test_the_same_seed_is_the_same_city_and_another_is_not() -> None:
    fleet = small_fleet(30, 3)
    first, second, other = (steps(City(fleet, seed), 5) for seed in (1, 1, 2))
    for one, two in zip(first, second, strict=True):
        assert all(np.array_equal(a, b, equal_nan=True) for a, b in zip(one[1:], two[1:], strict=True))
    assert not np.array_equal(first[0].power_w, other[0].power_w, equal_nan=True)


def test_power_has_two_percent_of_noise_around_the_lamps_own() -> None:
    city = City(small_fleet(60, 3), 1)
    steps(city, 15)
    power = np.stack([frame.power_w for frame in steps(city, 60, EVENING + timedelta(minutes=15))])
    spread = np.nanstd(power, axis=0) / np.nanmean(power, axis=0)
    assert spread.mean() == pytest.approx(0.02, rel=0.1)
    assert np.nanmean(power, axis=0) == pytest.approx(120, rel=0.04)


def test_cabinets_measure_what_their_lamps_draw() -> None:
    fleet = small_fleet(60, 2)
    city = City(fleet, 1)
    frame = steps(city, 30)[-1]
    assert city.minute is not None
    voltage, current = city.minute.cabinets[:3], city.minute.cabinets[3:]
    drawn = np.bincount(fleet.feeder, city.minute.lamps[0], 6).reshape(2, 3).T
    assert voltage * current * 0.95 == pytest.approx(drawn, rel=0.05)
    assert frame.cabinet_voltage_v.shape == (2, 3)


def test_the_mains_sag_in_the_evening() -> None:
    city = City(small_fleet(3, 1), 1)
    morning = steps(city, 20, EVENING - timedelta(hours=12))
    evening = steps(city, 20)
    high, low = (np.nanmean([each.cabinet_voltage_v for each in frames]) for frames in (morning, evening))
    assert high - low == pytest.approx(7, abs=2)


def test_messages_are_lost_late_and_doubled_as_often_as_they_should() -> None:
    fates = Channel(new_chance(1, 3)).fates(100, np.zeros(2000, dtype=bool))
    for fate, share in ((LOST, 0.03), (LATE, 0.01), (DOUBLED, 0.01)):
        assert (fates == fate).mean() == pytest.approx(share, rel=0.05)
    assert Channel(new_chance(1, 3)).delays_min(1000).max() <= 10


def test_a_register_never_falls() -> None:
    frames = steps(City(small_fleet(20, 2), 1), 120)
    for name in ("energy_kwh", "operating_h"):
        values = np.stack([getattr(frame, name) for frame in frames])
        filled = np.fmax.accumulate(values, axis=0)
        assert (np.isnan(values) | (values == filled)).all()


def test_clocks_drift_and_are_set_again() -> None:
    clocks = Clocks(2000, new_chance(1, 1))
    weeks = np.stack([clocks.error_s(EVENING.timestamp() + hour * 3600) for hour in range(7 * 24)])
    assert 5 < np.abs(weeks).max() < 120
    assert np.median(np.abs(weeks)) < 1
    assert clocks.error_s(EVENING.timestamp()) == pytest.approx(clocks.error_s(EVENING.timestamp() + 7 * 86_400))


def test_what_is_planned_happens_and_is_told() -> None:
    fleet = small_fleet(300, 6)
    counts = dict.fromkeys(LIVE_COUNTS, 2)
    plan = bench_plan(fleet, seed=3, begin=EVENING, nights=5, counts=counts)
    city = City(fleet, 3, plan)
    for minute in range(0, 5 * 24 * 60, 15):
        city.step(EVENING + timedelta(minutes=minute))
    begun = {line["id"] for line in city.truth if line["event"] == "begin"}
    ended = {line["id"] for line in city.truth if line["event"] == "end"}
    # A dip lasts a minute or three: in steps of fifteen most are over before they are seen.
    lasting = {event.id for event in plan.events if event.end_s - event.begin_s > 900}
    assert lasting <= begun
    assert begun == ended
    assert not city.active


def test_a_day_of_the_whole_city_has_a_few_faults_an_hour() -> None:
    plan = day_plan(build_fleet(), seed=1, day=EVENING)
    assert 60 <= len(plan.events) <= 140
    assert plan == day_plan(build_fleet(), seed=1, day=EVENING + timedelta(hours=1))
    assert plan != day_plan(build_fleet(), seed=1, day=EVENING + timedelta(days=1))
