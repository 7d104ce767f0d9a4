"""VN_AQI: the decision's worked example, and what holds of any hours there can be."""

from datetime import UTC, datetime
from typing import Final

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dothi.domains.air.rules import index as rules
from dothi.domains.air.service.regulation import SHIPPED, read
from dothi.domains.air.types import Average, Curve, Floats, Hours, Index

VN: Final = read(SHIPPED / "vn.toml")
EXAMPLE: Final = [26.9, 24.7, 20.5, 23.5, 19.5, 16.5, 19.0, 16.5, 20.3, 22.4, 19.6, 20.6]
"""PM2.5 of the decision's example, hours 09 to 20."""
BEGIN: Final = datetime(2026, 11, 19, 17, tzinfo=UTC)
unhurried = settings(deadline=None)
concentrations = st.floats(min_value=0, max_value=2_000)
gappy = st.lists(st.none() | concentrations, min_size=1, max_size=24).map(
    lambda given_hours: np.array([np.nan if each is None else each for each in given_hours])
)


def index() -> Index:
    assert VN.index is not None
    return VN.index


def curve(pollutant: str, average: Average) -> Curve:
    curves = (*index().hourly, *index().daily)
    return next(each for each in curves if (each.pollutant, each.average) == (pollutant, average))


def part_of(pollutant: str, average: Average, concentration: float) -> float:
    return float(rules.part(np.array([concentration]), curve(pollutant, average), index().steps)[0])


def hours(**measured: list[float]) -> Hours:
    names = tuple(name.replace("PM25", "PM2.5") for name in measured)
    return Hours(BEGIN, names, np.array(list(measured.values()), dtype=np.float64))


def test_the_decisions_nowcast() -> None:
    assert rules.nowcast(np.array(EXAMPLE))[-1] == pytest.approx(20.27, abs=0.005)


@pytest.mark.parametrize(
    ("pollutant", "average", "concentration", "expected"),
    [
        ("PM2.5", Average.NOWCAST, 20.3, 41),
        ("O3", Average.HOUR, 136.1, 43),
        ("O3", Average.EIGHT_HOURS_MAX, 89.3, 45),
        ("O3", Average.HOUR_MAX, 114.6, 36),
        ("NO2", Average.HOUR_MAX, 130.8, 65),
        ("PM2.5", Average.DAY, 55.7, 110),
    ],
)
def test_the_decisions_worked_example(pollutant: str, average: Average, concentration: float, expected: int) -> None:
    found = part_of(pollutant, average, concentration)
    assert rules.rounded(np.array([found]))[0] == expected


def test_where_the_decision_prints_60_its_formula_gives_59() -> None:
    """NO2 of 118.7 µg/m³: 50 + 18.7 / 100 × 50 = 59.35; we follow the formula."""
    found = part_of("NO2", Average.HOUR, 118.7)
    assert found == pytest.approx(59.35)
    assert rules.rounded(np.array([found]))[0] == 59


def test_an_hour_takes_the_worst_pollutant_and_names_it() -> None:
    gases = [118.7] * 12
    found = rules.hourly(index(), hours(PM25=EXAMPLE, NO2=gases, O3=[136.1] * 12))
    assert found.value[-1] == 59
    assert found.main(11) == "NO2"


def test_without_dust_there_is_no_index() -> None:
    found = rules.hourly(index(), hours(NO2=[118.7] * 12))
    assert np.isnan(found.value).all()
    assert found.main(11) == ""


def test_at_half_weight_the_sum_is_not_divided() -> None:
    """Hours from 10 to 90: least by greatest is below a half, so each hour counts half of the one after it."""
    found = rules.nowcast(np.array([10.0, 90.0, 40.0]))[-1]
    assert found == pytest.approx(40 / 2 + 90 / 4 + 10 / 8)


def test_eight_hours_of_ozone_above_400_do_not_count() -> None:
    assert np.isnan(part_of("O3", Average.EIGHT_HOURS_MAX, 400.1))
    assert part_of("O3", Average.EIGHT_HOURS_MAX, 400) == 300


@unhurried
@given(concentrations, concentrations)
def test_more_of_a_pollutant_is_never_a_lower_index(one: float, other: float) -> None:
    rising = np.array(sorted([one, other]))
    for each in index().hourly:
        less, more = rules.part(rising, each, index().steps)
        assert less <= more


@unhurried
@given(gappy, st.floats(1, 10))
def test_dirtier_air_in_proportion_is_never_a_lower_index(values: Floats, times: float) -> None:
    """The weight follows the hours' spread, so they grow together; a gap stays one."""
    before, after = (
        rules.hourly(index(), Hours(BEGIN, ("PM2.5",), each[None])).value for each in (values, values * times)
    )
    np.testing.assert_array_equal(np.isnan(before), np.isnan(after))
    assert (after[~np.isnan(after)] >= before[~np.isnan(before)]).all()


@unhurried
@given(gappy)
def test_a_nowcast_lies_within_its_hours_and_needs_two_of_three(values: Floats) -> None:
    found = rules.nowcast(values)
    for place, each in enumerate(found.tolist()):
        past = values[max(0, place - 11) : place + 1]
        newest = past[-3:]
        assert np.isnan(each) == ((~np.isnan(newest)).sum() < 2)
        if not np.isnan(each):
            assert each <= np.nanmax(past) * (1 + 1e-9)


@unhurried
@given(gappy, st.integers(1, 30))
def test_what_comes_later_changes_nothing_of_before(values: Floats, cut: int) -> None:
    whole, part = (rules.hourly(index(), Hours(BEGIN, ("PM2.5",), each[None])) for each in (values, values[:cut]))
    np.testing.assert_array_equal(whole.value[: len(part.value)], part.value)


@unhurried
@given(gappy)
def test_a_gap_in_a_gas_never_raises_the_index(values: Floats) -> None:
    dust = np.full(len(values), 30.0)
    without = Hours(BEGIN, ("PM2.5", "O3"), np.stack([dust, np.full(len(values), np.nan)]))
    found, bare = (
        rules.hourly(index(), each).value for each in (Hours(BEGIN, ("PM2.5", "O3"), np.stack([dust, values])), without)
    )
    known = ~np.isnan(bare)
    assert (found[known] >= bare[known]).all()


def test_a_day_needs_three_quarters_of_its_hours() -> None:
    day = np.full(24, 55.7)
    day_of = np.zeros(24, np.int64)
    day[:6] = np.nan
    assert rules.daily(index(), Hours(BEGIN, ("PM2.5",), day[None]), day_of).value[0] == 110
    day[6] = np.nan
    assert np.isnan(rules.daily(index(), Hours(BEGIN, ("PM2.5",), day[None]), day_of).value[0])


def test_the_daily_index_takes_the_worse_of_ozones_two() -> None:
    ozone = np.full(24, 80.0)
    ozone[10:18] = 115.0
    dust = np.full(24, 5.0)
    found = rules.daily(index(), Hours(BEGIN, ("PM2.5", "O3"), np.stack([dust, ozone])), np.zeros(24, np.int64))
    assert found.value[0] == 88  # 8 h: 115 → 87.5, above 1 h: 115 → 35.9
    assert found.main(0) == "O3"
