"""The demo's report says something of cost and saving on its first day, and of what that is made."""

from decimal import Decimal

import pytest
from pytest_django import Settings

from dothi.core.accounts.types import SYSTEM
from dothi.domains.lighting import jobs
from dothi.domains.lighting.service import demonstration, energy, reports
from dothi.domains.lighting.tests.conftest import AddLight


@pytest.fixture
def lamps(add_light: AddLight) -> None:
    add_light("Tủ 1", serial="C1")
    for number, rated_w in enumerate((80, 120)):
        add_light(f"Đèn {number}", serial=f"L{number}", cabinet="C1", street="le-loi", own={"rated_power_w": rated_w})


def test_the_demo_begins_with_a_marked_tariff_and_baseline_and_does_so_once(lamps: None) -> None:
    fleet = energy.fleet(SYSTEM)
    demonstration.begin(SYSTEM, fleet)
    demonstration.begin(SYSTEM, fleet)
    [tariff], [baseline] = energy.list_tariffs(SYSTEM), energy.list_baselines(SYSTEM)
    assert (tariff.price_per_kwh, tariff.currency, baseline.power_w) == (Decimal(2000), "VND", 180.0)
    for basis in (tariff.basis, baseline.basis):
        assert "Mô phỏng" in basis
        assert "Simulated" in basis


def test_what_somebody_entered_stays_alone(lamps: None) -> None:
    fleet = energy.fleet(SYSTEM)
    demonstration.begin(SYSTEM, fleet)
    [baseline] = energy.list_baselines(SYSTEM)
    energy.add_baseline(SYSTEM, baseline)
    demonstration.begin(SYSTEM, fleet)
    assert (len(energy.list_tariffs(SYSTEM)), len(energy.list_baselines(SYSTEM))) == (1, 2)


def test_real_lamps_are_given_nothing(lamps: None, add_light: AddLight) -> None:
    demonstration.begin(SYSTEM, energy.fleet(SYSTEM)._replace(simulated=False))
    assert (energy.list_tariffs(SYSTEM), energy.list_baselines(SYSTEM)) == ([], [])


@pytest.mark.parametrize("is_demo", [True, False])
@pytest.mark.django_db(transaction=True)
def test_only_the_demos_report_goes_by_them(lamps: None, settings: Settings, is_demo: bool) -> None:
    settings.IS_DEMO = is_demo
    assert jobs.make_reports(timestamp=0)
    newest = reports.list_reports(SYSTEM)[0].report
    assert newest is not None
    assert bool(newest.tariff_bases and newest.baseline_bases) is is_demo
