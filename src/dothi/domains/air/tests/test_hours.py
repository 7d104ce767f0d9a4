"""Observations as hours, hours as days, and limits over them."""

from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Final
from zoneinfo import ZoneInfo

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dothi.core.observations.series.types import Window
from dothi.core.observations.types import Quality
from dothi.domains.air.rules import hours as rules
from dothi.domains.air.rules import limits, units
from dothi.domains.air.service.regulation import SHIPPED, read
from dothi.domains.air.types import Average, Hours, Limit

BEGIN: Final = datetime(2026, 3, 28, 17, tzinfo=UTC)
ZONE: Final = "Asia/Ho_Chi_Minh"
"""It is midnight there."""


def window(*rows: tuple[int, float, float, int]) -> Window:
    """Make Observations of (Datastream, hours after the begin, result, quality)."""
    first = round(BEGIN.timestamp() * 1e6)
    streams, after_h, results, quality = zip(*rows, strict=True)
    times = [first + round(each * rules.HOUR_US) for each in after_h]
    return Window(np.array(streams), np.array(times), np.array(results), np.array(quality, np.int16))


def test_of_several_in_an_hour_the_mean_counts_and_of_bad_ones_nothing() -> None:
    given_rows = window(
        (7, 0, 10, 1), (7, 0.5, 20, 2), (7, 1, 99, Quality.BAD), (7, 2, -3, 1), (8, 2, 1.5, 1), (7, 9, 1, 1)
    )
    found = rules.hours_of(given_rows, {"PM2.5": 7, "CO": 8}, BEGIN, 3, factors={"CO": 1000.0})
    np.testing.assert_array_equal(found.of("PM2.5"), [15.0, np.nan, np.nan])
    np.testing.assert_array_equal(found.of("CO"), [np.nan, np.nan, 1500.0])
    assert np.isnan(found.of("O3")).all()


@pytest.mark.parametrize(
    ("zone", "begin", "lengths"),
    [
        (ZONE, BEGIN, [24, 24]),
        ("Europe/Dublin", datetime(2026, 3, 28, 0, tzinfo=UTC), [24, 23]),
        ("America/New_York", datetime(2026, 10, 31, 4, tzinfo=UTC), [24, 25]),
    ],
)
def test_days_are_the_citys_own(zone: str, begin: datetime, lengths: list[int]) -> None:
    days, day_of = rules.days_of(begin, sum(lengths), zone)
    assert np.bincount(day_of).tolist() == lengths
    assert days[1] - days[0] == timedelta(days=1)


def test_capture_counts_from_the_first_hour_that_came() -> None:
    values = np.array([[np.nan, np.nan, 1.0, np.nan, 2.0], [np.nan] * 5])
    one, other = rules.captures(Hours(BEGIN, ("PM2.5", "O3"), values), ["PM2.5", "O3"])
    assert (one.came, one.expected) == (2, 3)
    assert one.percent == pytest.approx(66.7, abs=0.05)
    assert (other.came, other.expected, other.percent) == (0, 0, None)


def test_a_limit_judges_the_days_on_which_it_is_in_force() -> None:
    values = np.concatenate([np.full(24, 47.0), np.full(24, 47.0)])
    begin = datetime(2025, 12, 30, 17, tzinfo=UTC)
    days, day_of = rules.days_of(begin, 48, ZONE)
    wanted = [each for each in read(SHIPPED / "vn.toml").limits if (each.pollutant, each.average) == ("PM2.5", "day")]
    found = limits.exceedances(Hours(begin, ("PM2.5",), values[None]), days, day_of, wanted)
    assert [(each.limit.value, each.exceeded, each.judged) for each in found] == [(50, 0, 1), (45, 1, 1)]
    assert found[1].worst_at == datetime(2025, 12, 31, 17, tzinfo=UTC)


def test_equal_to_a_limit_is_not_above_it() -> None:
    limit = Limit("NO2", Average.HOUR, 200, date(2023, 9, 12), "basis")
    values = np.array([[200.0, 200.1, np.nan]])
    [found] = limits.exceedances(Hours(BEGIN, ("NO2",), values), [date(2026, 3, 29)], np.zeros(3, np.int64), [limit])
    assert (found.exceeded, found.judged, found.worst) == (1, 2, 200.1)


def test_a_years_mean_needs_three_quarters_of_a_year() -> None:
    limit = Limit("PM2.5", Average.YEAR, 25, date(2023, 9, 12), "basis")
    for number, judged in ((6569, 0), (6570, 1)):
        values = np.full((1, number), 30.0)
        days, day_of = rules.days_of(BEGIN, number, ZONE)
        found = limits.exceedances(Hours(BEGIN, ("PM2.5",), values), days, day_of, [limit])
        assert len(found) == judged


def test_at_every_day_each_limit_of_vietnam_has_one_value_and_a_basis() -> None:
    vn = read(SHIPPED / "vn.toml")
    for day in (date(2015, 1, 1), date(2023, 9, 11), date(2023, 9, 12), date(2025, 12, 31), date(2026, 1, 1)):
        keys = [(each.pollutant, each.average) for each in vn.limits if each.is_in_force(day)]
        assert len(keys) == len(set(keys)) == 17
    assert all(each.basis and each.source for each in vn.limits)


def test_a_limit_says_where_it_was_read_or_is_refused(tmp_path: Path) -> None:
    row = 'unit = "µg/m³"\n[[limits]]\npollutant = "O3"\naverage = "hour"\nvalue = 1\nsince = 2020-01-01\nbasis = "b"\n'
    source = '[sources.seen]\ntext = { vi = "Luật", en = "The law" }\nis_original = true\n'
    for number, (text, compared) in enumerate(
        [(row, False), (f'{row}source = "seen"\n{source}', True), (f'{row}source = "s"\n{source}', None)]
    ):
        file = tmp_path / f"{number}.toml"
        file.write_text(text, "utf-8")
        if compared is None:
            with pytest.raises(ValueError, match="sources that are not there: s"):
                read(file)
        else:
            assert read(file).is_compared(read(file).limits[0]) is compared


@settings(deadline=None)
@given(st.sampled_from(["O3", "NO2", "SO2", "CO"]), st.sampled_from(["ppb", "ppm", "mg/m³", "µg/m³"]))
def test_a_unit_there_and_back_is_the_same(pollutant: str, unit: str) -> None:
    there, back = units.factor(pollutant, unit, "µg/m³"), units.factor(pollutant, "µg/m³", unit)
    assert there is not None
    assert back is not None
    assert there * back == pytest.approx(1)


def test_known_units() -> None:
    assert units.factor("O3", "ppb", "µg/m³") == pytest.approx(1.962, abs=0.001)
    assert units.factor("CO", "ppm", "mg/m³") == pytest.approx(1.145, abs=0.001)
    assert units.factor("PM2.5", "ppb", "µg/m³") is None
    assert units.factor("PM2.5", "furlong", "furlong") == 1


@settings(deadline=None)
@given(
    st.sampled_from(["Asia/Ho_Chi_Minh", "Europe/Dublin", "America/Havana", "Asia/Kolkata", "Australia/Lord_Howe"]),
    st.integers(0, 24 * 365),
    st.integers(0, 80),
)
def test_an_hour_is_of_the_day_in_which_it_begins(zone: str, first: int, number: int) -> None:
    begin = datetime(2026, 1, 1, tzinfo=UTC) + timedelta(hours=first)
    days, day_of = rules.days_of(begin, number, zone)
    own = [(begin + timedelta(hours=each)).astimezone(ZoneInfo(zone)).date() for each in range(number)]
    assert [days[each] for each in day_of.tolist()] == own
    assert days == sorted(set(own))
