"""The lamp's figures: the sky switches it, noise is seeded, and no place or day breaks it."""

from datetime import UTC, datetime, timedelta

import pytest
from astral import Observer
from hypothesis import given
from hypothesis import strategies as st

from simulators.lighting.lamp import RATED_W, STANDBY_W, Lamp, draw_w, is_dark, mains_v
from simulators.lighting.registration import LAT, LON

THU_DAU_MOT = Observer(latitude=10.98, longitude=106.65)
TROMSO = Observer(latitude=69.65, longitude=18.96)
SUNSET = datetime(2026, 6, 21, 11, 18, 2, tzinfo=UTC)  # 18:18:02 there
moments = st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 (given a zone by the strategy)


def test_dark_begins_at_sunset() -> None:
    assert not is_dark(THU_DAU_MOT, SUNSET - timedelta(minutes=1))
    assert is_dark(THU_DAU_MOT, SUNSET + timedelta(minutes=1))


@pytest.mark.parametrize(("month", "dark"), [(6, False), (12, True)])
def test_polar_summer_is_light_and_polar_winter_dark_at_every_hour(month: int, dark: bool) -> None:
    day = datetime(2026, month, 21, tzinfo=UTC)
    assert {is_dark(TROMSO, day + timedelta(hours=hour)) for hour in range(24)} == {dark}


@given(moments)
def test_a_lamp_draws_its_rating_by_night_and_standby_by_day(at: datetime) -> None:
    measured = Lamp(lon=LON, lat=LAT, seed=1).measure(at)
    expected = RATED_W if measured.light_level_percent else STANDBY_W
    assert 0.85 * expected <= measured.power_w + 0.05 <= 1.2 * expected + 0.1
    assert 200 < measured.voltage_v < 260


def test_the_same_seed_measures_the_same() -> None:
    moments = [SUNSET + timedelta(minutes=minute) for minute in range(-5, 5)]
    first, second = (Lamp(lon=LON, lat=LAT, seed=7) for _ in range(2))
    assert [first.measure(at) for at in moments] == [second.measure(at) for at in moments]


def test_a_cold_lamp_draws_a_little_more() -> None:
    assert draw_w(timedelta()) == pytest.approx(RATED_W * 1.03)
    assert draw_w(timedelta(hours=2)) == RATED_W


def test_the_mains_sag_in_the_evening() -> None:
    evening = datetime(2026, 6, 21, 13, tzinfo=UTC)
    assert mains_v(evening) == pytest.approx(226.5)
    assert mains_v(evening + timedelta(hours=12)) == pytest.approx(233.5)
