"""Sunset and sunrise: against published values and against astral, at any place and on any day."""

from datetime import UTC, date, datetime, time, timedelta, timezone
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from astral import Observer
from astral.sun import sunrise, sunset
from hypothesis import given
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

NOAA_ELSEWHERE = [
    # NOAA's tables for 2026; hours before Greenwich, standard or summer time as in the table.
    ("León", 42.60, -5.57, 2, date(2026, 10, 15), "08:35", "19:40"),
    ("Tokushima", 34.16, 134.50, 9, date(2026, 10, 15), "06:07", "17:28"),
    ("Quito", -0.18, -78.47, -5, date(2026, 10, 15), "05:56", "18:03"),
    ("Reykjavík", 64.13, -21.94, 0, date(2026, 10, 15), "08:18", "18:08"),
    ("San Diego", 32.7157, -117.1611, -7, date(2026, 10, 8), "06:48", "18:24"),
]  # fmt: skip
HONOLULU = (21.3, -157.85, -10)
NOAA_HONOLULU = {
    # NOAA Global Monitoring Laboratory, Solar Calculator, tables for 2026 at 21.3° N 157.85° W, local time: by day of
    # the month, then by month from January: sunrise, sunset, the sun's noon.
    1: (
        "07:09 07:09 06:52 06:24 06:00 05:49 05:53 06:05 06:15 06:23 06:34 06:53",
        "18:01 18:22 18:36 18:46 18:57 19:10 19:18 19:10 18:47 18:19 17:55 17:48",
        "12:34:56 12:44:58 12:43:43 12:35:15 12:28:31 12:29:15 12:35:18 12:37:46 12:31:26 12:21:06 12:14:56 12:20:24",
    ),
    11: (
        "07:11 07:04 06:43 06:15 05:55 05:49 05:57 06:09 06:18 06:26 06:40 06:59",
        "18:08 18:27 18:40 18:50 19:01 19:14 19:17 19:04 18:38 18:10 17:51 17:51",
        "12:39:18 12:45:38 12:41:23 12:32:27 12:27:47 12:31:04 12:36:57 12:36:38 12:28:04 12:18:09 12:15:22 12:24:37",
    ),
    21: (
        "07:11 06:58 06:34 06:07 05:51 05:50 06:01 06:12 06:20 06:29 06:46 07:05",
        "18:15 18:32 18:43 18:53 19:05 19:16 19:15 18:57 18:28 18:02 17:48 17:55",
        "12:42:41 12:45:00 12:38:33 12:30:07 12:28:01 12:33:13 12:37:51 12:34:34 12:24:31 12:16:00 12:17:13 12:29:27",
    ),
    26: (
        "07:10 06:54 06:30 06:04 05:50 05:52 06:03 06:13 06:21 06:32 06:49 07:07",
        "18:18 18:35 18:44 18:55 19:07 19:17 19:13 18:53 18:24 17:59 17:48 17:57",
        "12:43:56 12:44:16 12:37:03 12:29:13 12:28:28 12:34:17 12:37:58 12:33:15 12:22:46 12:15:20 12:18:40 12:31:55",
    ),
}
ROUNDING = timedelta(seconds=35)
"""NOAA's tables give sunrise and sunset in full minutes."""
HALF_A_DAY = timedelta(seconds=16)
"""What the equation of time can change in: NOAA's tables of noon take it half a day before that noon."""


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


def day_of(lat: float, lon: float, offset_h: int, day: date) -> tuple[datetime, datetime, datetime]:
    """Give the sunrise, the sunset and the sun's noon of one local day."""
    zone = timezone(timedelta(hours=offset_h))
    at, along = np.array([lat]), np.array([lon])
    before, noon = sun.solar_noons(along, datetime.combine(day, time(15), zone).timestamp() - sun.DAY_S, 2)[0]
    nights = sun.darkness(at, along, before + 60, 2)
    moments = nights.sunrise[0, 0], nights.sunset[0, 1], noon
    rise, down, middle = (datetime.fromtimestamp(float(each), zone) for each in moments)
    return rise, down, middle


def of_day(day: date, clock: str, moment: datetime) -> datetime:
    return datetime.combine(day, time.fromisoformat(clock), moment.tzinfo)


@pytest.mark.parametrize("month", range(1, 13))
@pytest.mark.parametrize("number", NOAA_HONOLULU)
def test_noaas_tables_of_a_year(number: int, month: int) -> None:
    day = date(2026, month, number)
    rise, down, noon = (row.split()[month - 1] for row in NOAA_HONOLULU[number])
    found = day_of(*HONOLULU, day)
    assert abs(found[0] - of_day(day, rise, found[0])) <= ROUNDING
    assert abs(found[1] - of_day(day, down, found[1])) <= ROUNDING
    assert abs(found[2] - of_day(day, noon, found[2])) <= HALF_A_DAY


@pytest.mark.parametrize(("name", "lat", "lon", "offset_h", "day", "up", "down"), NOAA_ELSEWHERE)
def test_noaas_tables_elsewhere(
    name: str, lat: float, lon: float, offset_h: int, day: date, up: str, down: str
) -> None:
    found = day_of(lat, lon, offset_h, day)
    assert abs(found[0] - of_day(day, up, found[0])) <= ROUNDING
    assert abs(found[1] - of_day(day, down, found[1])) <= ROUNDING


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
