"""Times of any format become moments; dates of no calendar, and local times of no clock, are told apart."""

from datetime import UTC, datetime
from zoneinfo import ZoneInfo

import pyarrow as pa
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dothi.core.observations.importing import times
from dothi.core.observations.importing.rules import to_moment
from dothi.core.observations.importing.times import AMBIGUOUS, FINE, MALFORMED, NO_SUCH_TIME
from dothi.core.observations.importing.types import Time
from dothi.kernel.errors import InvalidInput

SAIGON = Time(column="t", format="%d-%m-%Y %H:%M", zone="Asia/Ho_Chi_Minh")
BERLIN = Time(column="t", format="%Y-%m-%d %H:%M", zone="Europe/Berlin")


def read(how: Time, *texts: str | None) -> list[datetime | int]:
    found = times.read_times(pa.array(texts, pa.string()), how)
    return [
        to_moment(micros) if fault == FINE else int(fault)
        for micros, fault in zip(found.micros, found.faults, strict=True)
    ]


def test_local_time_day_first() -> None:
    assert read(SAIGON, "23-02-2021 21:00", " 1-3-2021 0:05 ") == [
        datetime(2021, 2, 23, 14, tzinfo=UTC),
        datetime(2021, 2, 28, 17, 5, tzinfo=UTC),
    ]


@pytest.mark.parametrize(
    "text",
    [
        *("31-02-2021 10:00", "29-02-2021 00:00", "24-02-2021 24:00", "24-02-2021 10:60", "00-01-2021 00:00"),
        *("1-13-2021 1:00", "24-02-2021", "24-02-2021 10:00 x", "", "now", "2021-02-24 10:00", "24-02-0000 10:00x"),
    ],
)
def test_no_calendar_has_this(text: str) -> None:
    assert read(SAIGON, text) == [MALFORMED]


def test_a_missing_time_is_malformed() -> None:
    assert read(SAIGON, None) == [MALFORMED]


def test_a_local_time_that_comes_twice_is_reported_unless_the_mapping_decides() -> None:
    twice = "2021-10-31 02:30"
    assert read(BERLIN, twice) == [AMBIGUOUS]
    assert read(Time(column="t", format=BERLIN.format, zone=BERLIN.zone, ambiguous="earlier"), twice) == [
        datetime(2021, 10, 31, 0, 30, tzinfo=UTC)
    ]
    assert read(Time(column="t", format=BERLIN.format, zone=BERLIN.zone, ambiguous="later"), twice) == [
        datetime(2021, 10, 31, 1, 30, tzinfo=UTC)
    ]


def test_a_local_time_that_no_clock_shows_is_reported() -> None:
    assert read(BERLIN, "2021-03-28 02:30", "2021-03-28 01:59", "2021-03-28 03:00") == [
        NO_SUCH_TIME,
        datetime(2021, 3, 28, 0, 59, tzinfo=UTC),
        datetime(2021, 3, 28, 1, 0, tzinfo=UTC),
    ]


@given(
    st.datetimes(datetime(1900, 1, 1), datetime(2070, 1, 1)),  # noqa: DTZ001  they are local times of the zone
    st.sampled_from(["Asia/Ho_Chi_Minh", "Europe/Berlin", "Australia/Lord_Howe", "Asia/Kathmandu", "America/St_Johns"]),
)
def test_local_times_agree_with_the_zone_database(local: datetime, name: str) -> None:
    zone = ZoneInfo(name)
    how = Time(column="t", format="%Y-%m-%d %H:%M:%S.%f", zone=name, ambiguous="earlier")
    [found] = read(how, local.isoformat(" ", "microseconds"))
    moment = local.replace(tzinfo=zone, fold=0).astimezone(UTC)
    exists = moment.astimezone(zone).replace(tzinfo=None) == local
    assert found == (moment if exists else NO_SUCH_TIME)


@pytest.mark.parametrize(
    ("text", "moment"),
    [
        ("2021-02-23T21:00:00+07:00", datetime(2021, 2, 23, 14, tzinfo=UTC)),
        ("2021-02-23 14:00Z", datetime(2021, 2, 23, 14, tzinfo=UTC)),
        ("2021-02-23T14:00:00.123456789Z", datetime(2021, 2, 23, 14, 0, 0, 123456, tzinfo=UTC)),
        ("2021-02-23T14:00:00.5-0330", datetime(2021, 2, 23, 17, 30, 0, 500000, tzinfo=UTC)),
        ("2021-02-23", MALFORMED),
        ("2021-02-23T14:00", MALFORMED),
    ],
)
def test_iso(text: str, moment: datetime | int) -> None:
    assert read(Time(column="t"), text) == [moment]


def test_iso_without_a_zone_takes_the_mappings() -> None:
    how = Time(column="t", zone="Asia/Ho_Chi_Minh")
    assert read(how, "2021-02-23T21:00", "2021-02-23T21:00Z") == [
        datetime(2021, 2, 23, 14, tzinfo=UTC),
        datetime(2021, 2, 23, 21, tzinfo=UTC),
    ]


def test_counts_since_1970() -> None:
    assert read(Time(column="t", format="epoch_s"), "1614088800", "1614088800.25", "x") == [
        datetime(2021, 2, 23, 14, tzinfo=UTC),
        datetime(2021, 2, 23, 14, 0, 0, 250000, tzinfo=UTC),
        MALFORMED,
    ]
    found = times.read_times(pa.array([1614088800000, None]), Time(column="t", format="epoch_ms"))
    assert (to_moment(found.micros[0]), found.faults.tolist()) == (
        datetime(2021, 2, 23, 14, tzinfo=UTC),
        [0, MALFORMED],
    )


def test_columns_of_timestamps() -> None:
    moment = datetime(2021, 2, 23, 14, tzinfo=UTC)
    aware = times.read_times(pa.array([moment, None], pa.timestamp("ms", "UTC")), Time(column="t"))
    assert (to_moment(aware.micros[0]), aware.faults.tolist()) == (moment, [FINE, MALFORMED])
    bare = pa.array([datetime(2021, 2, 23, 21)], pa.timestamp("s"))  # noqa: DTZ001  local time in the file
    assert to_moment(times.read_times(bare, SAIGON).micros[0]) == moment
    assert times.read_times(bare, Time(column="t")).faults.tolist() == [MALFORMED]


def test_two_digit_years_are_of_this_century() -> None:
    assert read(Time(column="t", format="%d/%m/%y", zone="UTC"), "23/02/21") == [datetime(2021, 2, 23, tzinfo=UTC)]


@pytest.mark.parametrize("form", ["%d-%m %H:%M", "%Q-%m-%d", "%Y-%m-%d %", "soon"])
def test_a_format_that_is_none(form: str) -> None:
    with pytest.raises(InvalidInput, match="format"):
        times.pattern_of(form)
