"""The sun for many places at once is where astral, which asks for one, sees it."""

from datetime import UTC, datetime, timedelta

import numpy as np
import pytest
from astral import Observer
from astral.sun import elevation
from hypothesis import given
from hypothesis import strategies as st

from simulators.lighting.sun import HORIZON_DEGREES, elevation_degrees, is_dark, night

moments = st.datetimes(datetime(2010, 1, 1), datetime(2040, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001 (given a zone by the strategy)
longitudes = st.floats(-179.9, 179.9)
TROMSO = (18.96, 69.65)


@given(moments, longitudes, st.floats(-85, 85))
def test_its_height_is_astrals(at: datetime, lon: float, lat: float) -> None:
    theirs = elevation(Observer(latitude=lat, longitude=lon), at, with_refraction=False)
    assert float(elevation_degrees(lon, lat, at.timestamp())) == pytest.approx(theirs, abs=0.01)


@given(moments, longitudes, st.floats(-60, 60))
def test_a_night_begins_and_ends_on_the_horizon(at: datetime, lon: float, lat: float) -> None:
    noon = at.replace(hour=12).timestamp() - lon / 15 * 3600
    sunset, sunrise = night(np.array([lon]), np.array([lat]), np.array([noon]))
    assert 0 < sunrise[0] - sunset[0] < 86_400
    for moment in (sunset[0], sunrise[0]):
        assert float(elevation_degrees(lon, lat, moment)) == pytest.approx(HORIZON_DEGREES, abs=0.001)
    assert is_dark(lon, lat, (sunset[0] + sunrise[0]) / 2)


def test_sunset_in_binh_duong_is_noaas() -> None:
    noon = datetime(2026, 6, 21, 5, tzinfo=UTC).timestamp()
    sunset, sunrise = night(np.array([106.65]), np.array([10.98]), np.array([noon]))
    assert datetime.fromtimestamp(sunset[0], tz=UTC) == pytest.approx(
        datetime(2026, 6, 21, 11, 18, 2, tzinfo=UTC), abs=timedelta(seconds=30)
    )
    assert datetime.fromtimestamp(sunrise[0], tz=UTC).hour == 22


@pytest.mark.parametrize(("month", "dark"), [(6, False), (12, True)])
def test_polar_summer_is_light_and_polar_winter_dark_at_every_hour(month: int, dark: bool) -> None:
    hours = datetime(2026, month, 21, tzinfo=UTC).timestamp() + 3600.0 * np.arange(24, dtype=np.float64)
    assert set(is_dark(*TROMSO, hours).tolist()) == {dark}
    sunset, sunrise = night(np.array([TROMSO[0]]), np.array([TROMSO[1]]), hours[10:11])
    assert (sunrise - sunset)[0] == pytest.approx(86_400 if dark else 0, abs=120)
