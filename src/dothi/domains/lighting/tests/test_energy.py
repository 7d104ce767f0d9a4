"""Energy in closed form: what lamps use, what is saved, and the indicators of service."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dothi.domains.lighting.rules import energy, schedule
from dothi.domains.lighting.types.energy import Baseline, LampPower, Outage, Saving, Tariff
from dothi.domains.lighting.types.schedule import Cabinet, Programme, Scope, Step

ZONE = "Asia/Ho_Chi_Minh"
DAY = date(2026, 11, 19)
LAT, LON = np.array([11.05, 11.12]), np.array([106.67, 106.61])
CABINET = Cabinet(
    id=1, name="Tủ A", serial="BD-C-001", street="hung-vuong", programme="new_city", lon=106.67, lat=11.05
)


def test_the_polar_night_is_a_sum_of_rectangles() -> None:
    """24 h dark in Tromsø: 6.5 h at 50 % and 17.5 h at 100 %, a lamp of 100 W with a fixed share of 5 %."""
    programme = Programme(steps=(Step(at="22:00", level=50), Step(at="04:30", level=100)), zone="Europe/Oslo")
    power = LampPower(rated_w=np.array([100.0]), standby_w=np.array([1.0]), fixed_share=0.05)
    found = energy.expected_kwh(programme, date(2026, 12, 20), np.array([69.6492]), np.array([18.9553]), power)
    assert found[0] == pytest.approx((17.5 * 100 + 6.5 * (5 + 95 * 0.5)) / 1000, abs=1e-6)


def test_the_polar_day_is_standby_alone() -> None:
    power = LampPower(rated_w=np.array([100.0]), standby_w=np.array([0.8]))
    found = energy.expected_kwh(
        schedule.device_programme("Europe/Oslo"), date(2026, 6, 20), np.array([69.6492]), np.array([18.9553]), power
    )
    assert found[0] == pytest.approx(0.8 * 24 / 1000, abs=1e-9)


def test_at_full_light_energy_is_power_times_the_hours_between_sunset_and_sunrise() -> None:
    programme = Programme(zone=ZONE)
    power = LampPower(rated_w=np.array([98.0, 150.0]), standby_w=np.zeros(2))
    night = schedule.night_of(programme, DAY, lat=float(LAT[0]), lon=float(LON[0]))
    assert night.sunset is not None
    assert night.sunrise is not None
    hours = (night.sunrise - night.sunset).total_seconds() / 3600
    found = energy.expected_kwh(programme, DAY, LAT, LON, power)
    assert found[0] == pytest.approx(98.0 * hours / 1000, rel=1e-6)
    assert energy.scheduled_hours(programme, DAY, LAT, LON)[0] == pytest.approx(hours, rel=1e-6)


levels = st.lists(st.integers(0, 100), min_size=1, max_size=4)


@given(levels, st.floats(0, 500), st.floats(0, 2), st.floats(0, 1))
def test_the_closed_form_is_the_integral_over_minutes(
    steps: list[int], rated_w: float, standby_w: float, fixed_share: float
) -> None:
    programme = Programme(
        steps=tuple(Step(at=f"{(20 + 2 * index) % 24:02d}:00", level=level) for index, level in enumerate(steps)),
        zone=ZONE,
    )
    power = LampPower(np.array([rated_w]), np.array([standby_w]), fixed_share)
    begin, end = schedule.night_span(DAY, ZONE)
    moments = np.arange(begin, end, 10.0) + 5.0
    level = schedule.levels(programme, LAT[:1], LON[:1], moments)[0]
    integral = energy.power_at(level, power)[0].sum() * 10.0 / 3600.0 / 1000.0
    found = energy.expected_kwh(programme, DAY, LAT[:1], LON[:1], power)[0]
    assert found == pytest.approx(integral, abs=(rated_w + standby_w) * 60 / 3600 / 1000 + 1e-9)


@given(st.floats(1, 500), levels)
def test_dimming_never_costs_more_than_full_light(rated_w: float, steps: list[int]) -> None:
    dimmed = Programme(
        steps=tuple(Step(at=f"{20 + index}:00", level=level) for index, level in enumerate(steps)), zone=ZONE
    )
    power = LampPower(np.array([rated_w]), np.array([0.5]), 0.05)
    full = energy.expected_kwh(schedule.all_night(dimmed), DAY, LAT[:1], LON[:1], power)[0]
    assert energy.expected_kwh(dimmed, DAY, LAT[:1], LON[:1], power)[0] <= full + 1e-12


def test_a_saving_is_measured_against_the_same_hours() -> None:
    """Two lamps of 250 W sodium, 11 h each: 5.5 kWh; with 2.2 kWh used, 60 % are saved."""
    saving = energy.adjusted_saving(2.2, baseline_w=np.array([250.0, 250.0]), scheduled_h=np.array([11.0, 11.0]))
    assert saving.baseline_kwh == pytest.approx(5.5)
    assert saving.saved_kwh == pytest.approx(3.3)
    assert saving.share == pytest.approx(0.6)
    assert Saving(used_kwh=1.0, baseline_kwh=0.0).share is None


def test_a_failed_lamp_saves_nothing_by_a_shorter_schedule() -> None:
    """More hours raise the baseline in the same measure, so a longer winter night is no waste."""
    short = energy.adjusted_saving(1.0, baseline_w=np.array([200.0]), scheduled_h=np.array([10.0]))
    long = energy.adjusted_saving(1.2, baseline_w=np.array([200.0]), scheduled_h=np.array([12.0]))
    assert short.share == pytest.approx(long.share)


def test_availability_and_communication() -> None:
    assert energy.availability(failed_h=120.0, scheduled_h=6000.0) == pytest.approx(0.98)
    assert energy.availability(failed_h=0.0, scheduled_h=0.0) is None
    assert energy.communication_success(received=970, expected=1000) == pytest.approx(0.97)
    assert energy.communication_success(received=1010, expected=1000) == 1.0
    assert energy.communication_success(received=0, expected=0) is None


def test_the_time_to_repair_is_the_median_of_what_was_repaired() -> None:
    begin = datetime(2026, 11, 1, tzinfo=UTC)
    outages = [Outage(begin, begin + timedelta(hours=hours)) for hours in (2, 30, 5)]
    assert energy.time_to_repair([*outages, Outage(begin, None)]) == timedelta(hours=5)
    assert energy.time_to_repair([Outage(begin, None)]) is None


def test_the_indicators_of_en_13201_5() -> None:
    """A road of 7 m × 30 m at 15 lx with a lamp of 100 W; 4,000 h at full and 1,000 h at half power a year."""
    assert energy.power_density(100.0, lux=[15.0], areas_m2=[210.0]) == pytest.approx(100 / 3150)
    assert energy.power_density(100.0, lux=[15.0, 7.5], areas_m2=[210.0, 90.0]) == pytest.approx(100 / 3825)
    found = energy.energy_consumption_indicator([100.0, 50.0], [4000.0, 1000.0], area_m2=210.0)
    assert found == pytest.approx(450_000 / 210)
    with pytest.raises(ValueError, match="needs an"):
        energy.power_density(1.0, lux=[], areas_m2=[])
    with pytest.raises(ValueError, match="needs an"):
        energy.energy_consumption_indicator([1.0], [1.0], area_m2=0.0)


def tariff(number: int, price: str, valid_from: date, valid_to: date | None = None) -> Tariff:
    """Give a tariff in đồng."""
    return Tariff(number, Decimal(price), "VND", "QĐ", valid_from=valid_from, valid_to=valid_to)


def test_each_day_costs_its_own_price() -> None:
    tariffs = [tariff(1, "1900", date(2026, 1, 1), date(2026, 11, 9)), tariff(2, "2000", date(2026, 11, 10))]
    used = [(date(2026, 11, 9), 10.0), (date(2026, 11, 10), 10.0)]
    assert energy.cost(used, tariffs) == Decimal("39000")
    assert energy.cost([(date(2025, 12, 31), 1.0)], tariffs) is None
    assert energy.find_tariff([*tariffs, tariff(3, "2100", date(2026, 11, 15))], date(2026, 11, 20)) == tariff(
        3, "2100", date(2026, 11, 15)
    )


def baseline(number: int, scope: Scope, key: str, power_w: float, valid_from: date = date(2026, 1, 1)) -> Baseline:
    """Give a baseline without an end."""
    return Baseline(number, scope, key, power_w, "", valid_from=valid_from)


def test_the_narrowest_baseline_counts() -> None:
    rows = [
        baseline(1, Scope.CITY, "", 150.0),
        baseline(2, Scope.STREET, "hung-vuong", 250.0),
        baseline(3, Scope.STREET, "elsewhere", 400.0),
        baseline(4, Scope.CABINET, "BD-C-001", 300.0, valid_from=date(2026, 12, 1)),
    ]
    assert energy.find_baseline(rows, CABINET, DAY) == rows[1]
    assert energy.find_baseline(rows, CABINET, date(2026, 12, 1)) == rows[3]
    assert energy.find_baseline(rows[2:], CABINET, DAY) is None
