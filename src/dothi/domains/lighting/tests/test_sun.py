"""Sunset and sunrise: against published values and against astral, at any place and on any day."""

from datetime import UTC, date, datetime, time, timedelta
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from astral import Observer
from astral.sun import sunrise, sunset
from hypothesis import given, settings
from hypothesis import strategies as st

from dothi.domains.lighting.rules import sun
from dothi.domains.lighting.rules.schedule import night_of
from dothi.domains.lighting.types.schedule import Programme

MINUTE = timedelta(minutes=1)
DAYS = st.dates(date(1950, 1, 1), date(2100, 12, 31))
PUBLISHED = [
    # City, latitude, longitude, zone, date of the evening, sunset, next sunrise; to the minute, NOAA and USNO.
    ("Hồ Chí Minh City, June", 10.7769, 106.7009, "Asia/Ho_Chi_Minh", date(2024, 6, 21), "18:18", "05:32"),
    ("New York, June", 40.7128, -74.0060, "America/New_York", date(2024, 6, 20), "20:31", "05:25"),
    ("London, June", 51.5074, -0.1278, "Europe/London", date(2024, 6, 21), "21:21", "04:43"),
    ("London, December", 51.5074, -0.1278, "Europe/London", date(2024, 12, 21), "15:53", "08:04"),
    ("Sydney, June", -33.8688, 151.2093, "Australia/Sydney", date(2024, 6, 21), "16:54", "07:00"),
    ("Sydney, December", -33.8688, 151.2093, "Australia/Sydney", date(2024, 12, 21), "20:05", "05:41"),
    ("Reykjavík, June", 64.1466, -21.9426, "Atlantic/Reykjavik", date(2024, 6, 20), "00:03", "02:55"),
]  # fmt: skip


def sun_of(lat: float, lon: float, zone: str, day: date) -> tuple[datetime | None, datetime | None]:
    """Give sunset and sunrise of a night, in its zone."""
    night = night_of(Programme(zone=zone), day, lat=lat, lon=lon)
    here = ZoneInfo(zone)
    return (night.sunset and night.sunset.astimezone(here)), (night.sunrise and night.sunrise.astimezone(here))


@pytest.mark.parametrize(("lat", "lon", "zone", "day", "down", "up"), [row[1:] for row in PUBLISHED], ids=lambda _: "")
def test_published_sunsets_and_sunrises(lat: float, lon: float, zone: str, day: date, down: str, up: str) -> None:
    found = sun_of(lat, lon, zone, day)
    for moment, published in zip(found, (down, up), strict=True):
        assert moment is not None
        wanted = datetime.combine(moment.date(), time.fromisoformat(published), moment.tzinfo)
        assert abs(moment - wanted) <= MINUTE, (moment, published)


def test_the_example_of_nrels_solar_position_algorithm() -> None:
    """NREL/TP-560-34302, table A5.1, on 2003-10-17 UT at 39.742476° N 105.1786° W: the sunset is the 16th's there."""
    down, up = sun_of(39.742476, -105.1786, "Etc/GMT+7", date(2003, 10, 16))
    assert down is not None
    assert up is not None
    assert abs(down - datetime(2003, 10, 16, 17, 20, 19, tzinfo=down.tzinfo)) <= timedelta(seconds=2)
    assert abs(up - datetime(2003, 10, 17, 6, 12, 43, tzinfo=up.tzinfo)) <= timedelta(seconds=2)


def test_the_sun_of_meeus_examples() -> None:
    """Meeus, examples 25.a and 28.b: 1992-10-13, 0h dynamical time, which is 59 s before universal time."""
    at = np.array([datetime(1992, 10, 13, tzinfo=UTC).timestamp() - 59])
    found = sun.sun_at(at)
    assert np.degrees(found.declination[0]) == pytest.approx(-7.78507, abs=0.001)
    assert found.equation_min[0] == pytest.approx(13 + 42.7 / 60, abs=0.02)


@settings(deadline=None)
@given(st.floats(-60, 60), st.floats(-180, 180), DAYS)
def test_astral_agrees_within_a_minute(lat: float, lon: float, day: date) -> None:
    hours = round(lon / 15)
    zone = f"Etc/GMT{-hours:+d}" if hours else "UTC"
    down, up = sun_of(lat, lon, zone, day)
    observer = Observer(lat, lon)
    assert down is not None
    assert up is not None
    assert abs(down - sunset(observer, date=down.date(), tzinfo=ZoneInfo(zone))) <= MINUTE
    assert abs(up - sunrise(observer, date=up.date(), tzinfo=ZoneInfo(zone))) <= MINUTE


@settings(deadline=None)
@given(st.lists(st.tuples(st.floats(-89, 89), st.floats(-180, 180)), min_size=1, max_size=20), DAYS)
def test_the_dark_begins_and_ends_at_the_horizon_or_fills_the_day(places: list[tuple[float, float]], day: date) -> None:
    lat, lon = np.array([place[0] for place in places]), np.array([place[1] for place in places])
    noon = datetime.combine(day, time(12), UTC).timestamp()
    found = sun.darkness(lat, lon, noon, 2)
    for crossing in (found.sunset, found.sunrise):
        height = sun.elevation(lat[:, None], lon[:, None], np.nan_to_num(crossing))
        assert np.all(np.isnan(crossing) | (np.abs(height - sun.HORIZON) < 0.001))
    assert np.array_equal(np.isnan(found.begin), np.isnan(found.end))
    length = (found.end - found.begin)[~np.isnan(found.begin)]
    assert np.all((length >= 0) & (length <= sun.DAY_S + 60))


@given(st.floats(-180, 180), st.floats(0, 4e9), st.integers(1, 4))
def test_noons_follow_each_other_from_the_one_before_a_moment(lon: float, first_s: float, days: int) -> None:
    noons = sun.solar_noons(np.array([lon]), first_s, days)[0]
    assert len(noons) == days
    assert -60 <= first_s - noons[0] <= sun.DAY_S + 60
    assert np.allclose(np.diff(noons), sun.DAY_S, atol=60)
    around = noons + np.array([[-600.0], [600.0]])
    before, after = sun.elevation(np.array(0.0), np.array(lon), around)
    assert np.allclose(before, after, atol=0.1)  # the sun stands as high ten minutes before noon as after


@pytest.mark.parametrize(("day", "is_dark"), [(date(2026, 6, 21), False), (date(2026, 12, 21), True)])
def test_beyond_the_polar_circle_the_sun_stays_up_or_down(day: date, is_dark: bool) -> None:
    """Tromsø, 69.6° N."""
    noon = datetime.combine(day, time(12), UTC).timestamp()
    found = sun.darkness(np.array([69.6492]), np.array([18.9553]), noon, 1)
    assert np.isnan(found.sunset[0, 0])
    assert np.isnan(found.sunrise[0, 0])
    assert np.isnan(found.begin[0, 0]) != is_dark
