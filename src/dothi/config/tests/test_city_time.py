"""The city's clock of a demo begins shortly before dusk, and never before where it stopped."""

from datetime import UTC, datetime, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dothi.config.city import load_city
from dothi.config.city_time import BEFORE_SUNSET, ClockRecord, first_city_time, sunset_at
from dothi.config.servers.process import CannotStart
from dothi.kernel.city import City

CITY = load_city("binh_duong")
ZONE = ZoneInfo(CITY.zone)
MORNING = datetime(2026, 6, 21, 8, 0, tzinfo=ZONE)


def test_sunset_is_that_of_the_city() -> None:
    # Sunset at Thủ Dầu Một on this day by two libraries: 18:18:02 and 18:18:14.
    expected = datetime(2026, 6, 21, 18, 18, 2, tzinfo=ZONE)
    assert abs(sunset_at(CITY, expected.date()) - expected) < timedelta(minutes=1)


def test_a_day_without_sunset_has_its_evening_all_the_same() -> None:
    northern = City(
        id="north",
        names=CITY.names,
        zone="Europe/Oslo",
        languages=("en",),
        center=(18.96, 69.65),
        bounds=(18.0, 69.0, 20.0, 70.0),
        zoom=10,
    )
    evening = datetime(2026, 6, 21, 18, tzinfo=ZoneInfo("Europe/Oslo"))
    assert sunset_at(northern, evening.date()) == evening


def test_the_first_start_is_shortly_before_dusk() -> None:
    start = first_city_time(CITY, wall_now=MORNING, stopped_at=None)
    assert start == sunset_at(CITY, MORNING.date()) - BEFORE_SUNSET


@given(hours=st.floats(-1000, 1000))
def test_a_later_start_never_goes_back(hours: float) -> None:
    stopped_at = (MORNING + timedelta(hours=hours)).astimezone(UTC)
    start = first_city_time(CITY, wall_now=MORNING, stopped_at=stopped_at)
    assert start == max(stopped_at, sunset_at(CITY, MORNING.date()) - BEFORE_SUNSET)


@pytest.mark.parametrize("wanted", ["19:30", "2026-06-21T19:30", "2026-06-21T19:30+07:00", "2026-06-21T12:30Z"])
def test_a_wanted_start_is_taken_in_the_citys_zone(wanted: str) -> None:
    start = first_city_time(CITY, wall_now=MORNING, stopped_at=None, wanted=wanted)
    assert start == datetime(2026, 6, 21, 19, 30, tzinfo=ZONE)


@pytest.mark.parametrize("wanted", ["dusk", "25:00", "2026-13-01T10:00"])
def test_a_start_that_is_no_time_is_refused(wanted: str) -> None:
    with pytest.raises(CannotStart, match="is no time"):
        first_city_time(CITY, wall_now=MORNING, stopped_at=None, wanted=wanted)


def test_a_start_before_the_end_of_the_record_is_refused() -> None:
    with pytest.raises(CannotStart, match="2026-06-21 20:00:00"):
        first_city_time(CITY, wall_now=MORNING, stopped_at=MORNING.replace(hour=20), wanted="19:59")


def test_the_record_is_read_as_it_was_written(tmp_path: Path) -> None:
    record = ClockRecord(tmp_path / "clock.json")
    assert record.find() is None
    record.write(MORNING)
    assert record.find() == MORNING
    record.file.write_text('{"city_time": ', "utf-8")
    assert record.find() is None


def test_a_record_that_cannot_be_written_stops_nothing(tmp_path: Path) -> None:
    ClockRecord(tmp_path / "nowhere" / "clock.json").write(MORNING)
