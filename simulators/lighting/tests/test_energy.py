"""Registers in closed form: equal to what stepping counts, growing always, and right where nights are odd."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from simulators.lighting.city import City
from simulators.lighting.energy import use_since
from simulators.lighting.fleet import small_fleet
from simulators.lighting.physics import FIXED_SHARE, STANDBY_W
from simulators.lighting.programme import DEFAULT, Programme

BEGIN = datetime(2026, 6, 1, 5, tzinfo=UTC)
LON, LAT = np.array([106.67]), np.array([11.05])


def test_stepping_counts_what_the_closed_form_gives() -> None:
    city = City(small_fleet(6, 2), seed=3)
    end = BEGIN + timedelta(days=2)
    registers, operating = city.registers_at(np.array([BEGIN.timestamp(), end.timestamp()]))
    at = BEGIN
    while at <= end:
        frame = city.step(at)
        at += timedelta(minutes=1)
    _, energy, hours = city.registers() or (0, 0, 0)
    assert frame.at == end
    # A step's power counts for its whole minute, so each switching may differ by one.
    assert energy == pytest.approx(registers[1], abs=4 * 0.15 / 60)
    assert hours == pytest.approx(operating[1], abs=4 / 60)
    assert (registers[1] - registers[0] > 2).all()


def test_a_night_of_twelve_hours_by_hand() -> None:
    # At the equator's equinox, sunset to sunrise is 12 h less twice the 0.833° that the sun takes 3.33 min for.
    noon = datetime(2026, 3, 20, 12, tzinfo=UTC).timestamp()
    programme = Programme(steps=((0, 40.0),), zone="UTC")
    use = use_since(noon, np.array([noon + 86_400]), lon=np.zeros(1), lat=np.zeros(1), programme=programme)
    night_h = 12 - 2 * 0.833 / 15
    before = 12 - (18 + 0.833 / 15 + 7.4 / 60) + 12  # sunset to midnight; the equation of time is 7.4 min
    expected = before + (night_h - before) * (FIXED_SHARE + (1 - FIXED_SHARE) * 0.4) + 0.03 / 12
    assert use.lit_h[0, 0] == pytest.approx(night_h, abs=0.02)
    assert use.full_h[0, 0] == pytest.approx(expected, abs=0.02)
    kwh = use.energy_kwh(np.array([100.0]), np.array([0]))[0, 0]
    assert kwh == pytest.approx((expected * 100 + (24 - night_h) * STANDBY_W) / 1000, abs=0.003)


@settings(max_examples=30)
@given(st.floats(0, 400 * 86_400), st.floats(0, 40 * 86_400), st.floats(-66, 66))
def test_a_register_never_falls_and_parts_add_up(first: float, more: float, lat: float) -> None:
    begin = BEGIN.timestamp()
    moments = np.array([begin + first, begin + first + more])
    whole = use_since(begin, moments, lon=LON, lat=np.array([lat]), programme=DEFAULT)
    rest = use_since(float(moments[0]), moments[1:], lon=LON, lat=np.array([lat]), programme=DEFAULT)
    assert whole.full_h[1, 0] >= whole.full_h[0, 0]
    # The second count begins warm or cold in the middle of a night: it may differ by one warming up.
    assert whole.full_h[1, 0] - whole.full_h[0, 0] == pytest.approx(rest.full_h[0, 0], abs=0.0026)
    assert whole.lit_h[1, 0] - whole.lit_h[0, 0] == pytest.approx(rest.lit_h[0, 0], abs=1e-6)


@pytest.mark.parametrize(("month", "lit_h"), [(6, 0), (12, 24)])
def test_the_polar_day_needs_no_light_and_the_polar_night_all(month: int, lit_h: float) -> None:
    begin = datetime(2026, month, 20, 11, tzinfo=UTC).timestamp()
    use = use_since(
        begin,
        np.array([begin + 86_400]),
        lon=np.array([18.96]),
        lat=np.array([69.65]),
        programme=Programme(zone="Europe/Oslo"),
    )
    assert use.lit_h[0, 0] == pytest.approx(lit_h, abs=0.1)
