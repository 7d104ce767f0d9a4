"""The simulated air: plausible, the same for the same hour, and with what befalls it."""

import numpy as np
import pytest

from simulators.air.air import POLLUTANTS, air_of, read_stations
from simulators.air.city import City
from simulators.air.events import MONTH_H, Event, Kind, befall, month_plan

BEGIN = 495_000
DAY = np.arange(BEGIN, BEGIN + 24)
MONTH = np.arange(BEGIN, BEGIN + MONTH_H)


def test_an_hour_is_the_same_whenever_it_is_asked_for() -> None:
    whole, part = City(6, 3).measure(MONTH), City(6, 3).measure(MONTH[100:110])
    np.testing.assert_array_equal(whole[..., 100:110], part)
    assert (City(6, 4).measure(DAY) != City(6, 3).measure(DAY)).any()


def test_the_air_is_that_of_a_city() -> None:
    means = air_of(read_stations(), MONTH, seed=1).mean(axis=(0, 2))
    for name, least, most in (("PM2.5", 8, 60), ("PM10", 20, 110), ("O3", 20, 90), ("NO2", 12, 70), ("CO", 300, 2500)):
        assert least < means[POLLUTANTS.index(name)] < most
    found = air_of(read_stations(), MONTH, seed=1)
    assert (found > 0).all()
    assert (found[:, POLLUTANTS.index("PM10")] > found[:, POLLUTANTS.index("PM2.5")]).all()


def test_ozone_comes_with_the_sun_and_nitrogen_with_the_traffic() -> None:
    by_hour = air_of(read_stations(), MONTH, seed=1).mean(axis=0).reshape(len(POLLUTANTS), 30, 24).mean(axis=1)
    local = (MONTH[:24] + 7) % 24
    assert local[by_hour[POLLUTANTS.index("O3")].argmax()] in range(12, 17)
    assert local[by_hour[POLLUTANTS.index("NO2")].argmax()] in (6, 7, 8, 18, 19, 20)


@pytest.mark.parametrize("kind", list(Kind))
def test_an_event_changes_what_it_says_and_nothing_else(kind: Kind) -> None:
    values = air_of(read_stations(), DAY, seed=1)
    station = -1 if kind is Kind.EPISODE else 2
    event = Event("1", kind, station, "PM2.5", BEGIN + 6, BEGIN + 18, 3.0)
    found = befall(values, DAY, [event])
    changed = ~((found == values) | (np.isnan(found) & np.isnan(values)))
    assert changed.any()
    assert not changed[..., :6].any()
    assert not changed[..., 18:].any()
    if kind is not Kind.EPISODE:
        assert not np.delete(changed, 2, axis=0).any()
    if kind in (Kind.DEAD_SENSOR, Kind.DRIFT, Kind.STUCK_SENSOR):
        assert not np.delete(changed, POLLUTANTS.index("PM2.5"), axis=1).any()
    assert np.isnan(found).any() == (kind in (Kind.DEAD_SENSOR, Kind.STATION_SILENT))


def test_each_month_has_one_of_each_within_it() -> None:
    for month in range(600, 620):
        planned = month_plan(6, month, seed=5)
        assert sorted(event.kind for event in planned) == sorted(Kind)
        assert all(month * MONTH_H <= event.begin < event.end <= (month + 1) * MONTH_H for event in planned)
        assert planned == month_plan(6, month, seed=5)


def test_what_is_broken_by_hand_is_told_and_mended() -> None:
    city = City(6, 1, has_events=False)
    before = city.measure(DAY)
    event = city.break_it({"kind": "station_silent", "serial": "BD-A-04", "hours": 3}, BEGIN)
    assert np.isnan(city.measure(DAY)[3, :, :3]).all()
    assert list(city.truths(BEGIN, BEGIN)) == [event.truth(city.stations)]
    assert list(city.truths(BEGIN, BEGIN)) == []
    assert city.mend("BD-A-04") == [event]
    np.testing.assert_array_equal(city.measure(DAY), before)


@pytest.mark.parametrize(
    "body", [{}, {"kind": "fog"}, {"kind": "drift"}, {"kind": "dead_sensor", "serial": "BD-A-01", "pollutant": "H2O"}]
)
def test_what_cannot_be_broken_says_why(body: dict[str, object]) -> None:
    with pytest.raises(ValueError, match=r"."):
        City(6, 1).break_it(body, BEGIN)
