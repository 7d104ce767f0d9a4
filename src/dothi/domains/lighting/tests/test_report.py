"""The monthly energy report: figures in closed form, the table for spreadsheets, and the PDF."""

import csv
import io
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from functools import cache

import msgspec
import numpy as np
import pytest
from django.db import connection
from django.utils import translation
from hypothesis import given
from hypothesis import strategies as st

from dothi.core.accounts.types import SYSTEM
from dothi.domains.lighting import indicators
from dothi.domains.lighting.indicators.pdf import pdf_of
from dothi.domains.lighting.indicators.table import neutral
from dothi.domains.lighting.rules import energy as rules
from dothi.domains.lighting.rules import plan, report, schedule
from dothi.domains.lighting.service import energy
from dothi.domains.lighting.types.energy import (
    Baseline,
    Fleet,
    LampPower,
    Measures,
    MonthlyReport,
    Outage,
    StreetFigures,
    Tariff,
)
from dothi.domains.lighting.types.schedule import Cabinet, Programme, Scope, Step
from dothi.web.guard import city

ZONE = "Asia/Ho_Chi_Minh"
DAYS = report.days_of(date(2026, 11, 17))
CABINETS = tuple(
    Cabinet(id=number, name=serial, serial=serial, street=street, programme="new_city", lon=106.67, lat=11.05)
    for number, (serial, street) in enumerate([("C1", "a"), ("C2", "b")])
)
FLEET = Fleet(
    ids=np.array([11, 12, 13]),
    street=np.array([0, 0, 1]),
    cabinet=np.array([0, 0, 1]),
    power=LampPower(np.array([100.0, 100.0, 200.0]), np.zeros(3)),
    streets=(("a", "Hùng Vương"), ("b", "Lê Lợi")),
    cabinets=CABINETS,
    simulated=True,
    energy_stream=np.array([21, 22, 23]),
    power_stream=np.array([31, 32, 33]),
)
FULL = Programme(zone=ZONE)
PLAN = plan.plan(FLEET, DAYS, [[FULL, FULL]] * (len(DAYS) + 1), ZONE)


def measures(used_kwh: float = 1.0) -> Measures:
    """Give a month in which each lamp used the same each night, and nothing went wrong."""
    return Measures(
        used_kwh=np.full((3, len(DAYS)), used_kwh),
        failed_h=np.zeros(3),
        watched_h=PLAN.scheduled_h.sum(axis=1),
        received=np.full(3, 970),
        expected=np.full(3, 1000),
        outages=(),
    )


def figures(
    month: Measures, *, baseline_w: float = 250.0, tariffs: list[Tariff] | None = None
) -> tuple[tuple[StreetFigures, ...], StreetFigures]:
    """Give the figures of the month at full light."""
    return report.figures(
        FLEET,
        DAYS,
        measures=month,
        asked=PLAN,
        baseline_w=np.full((3, len(DAYS)), baseline_w),
        tariffs=tariffs or [],
    )


def test_a_month_has_its_days() -> None:
    assert (DAYS[0], DAYS[-1], len(DAYS)) == (date(2026, 11, 1), date(2026, 11, 30), 30)
    assert report.days_of(date(2028, 2, 29))[-1] == date(2028, 2, 29)
    assert report.days_of(date(2026, 12, 31))[-1] == date(2026, 12, 31)


def test_the_plan_is_each_cabinets_own_programme() -> None:
    """The second cabinet's lamps are dark from 22:00 on, so its day has the evening alone."""
    short = Programme(steps=(Step(at="22:00", level=0),), zone=ZONE)
    asked = plan.plan(FLEET, DAYS[:1], [[FULL, short]] * 2, ZONE)
    lat, lon = np.array([11.05]), np.array([106.67])
    whole, evening = (rules.scheduled_hours(each, DAYS[0], lat, lon)[0] for each in (FULL, short))
    assert asked.scheduled_h[:, 0] == pytest.approx([whole, whole, evening], abs=0.02)
    assert asked.expected_kwh[:, 0] == pytest.approx([whole / 10, whole / 10, evening / 5], abs=0.004)
    assert evening < 5 < whole


def test_streets_add_up_to_the_city_and_the_saving_is_against_the_same_hours() -> None:
    streets, total = figures(measures(0.6)._replace(failed_h=np.array([12.0, 0.0, 0.0])))
    assert [(each.name, each.lamps) for each in streets] == [("Hùng Vương", 2), ("Lê Lợi", 1)]
    assert total.used_kwh == pytest.approx(3 * 30 * 0.6)
    assert total.used_kwh == pytest.approx(sum(each.used_kwh for each in streets))
    assert total.scheduled_h == pytest.approx(sum(each.scheduled_h for each in streets))
    assert total.baseline_kwh == pytest.approx(0.25 * total.scheduled_h)
    assert total.saving_share == pytest.approx(1 - total.used_kwh / (0.25 * total.scheduled_h))
    assert total.kwh_per_lamp == pytest.approx(18.0)
    assert streets[0].availability == pytest.approx(1 - 12 / streets[0].scheduled_h)
    assert (streets[1].availability, total.communication) == (1.0, 0.97)
    assert total.expected_kwh == pytest.approx(streets[0].scheduled_h * 0.1 + streets[1].scheduled_h * 0.2)


def test_days_without_a_measurement_count_on_neither_side() -> None:
    used = measures().used_kwh.copy()
    used[:, 10:] = np.nan
    _, some = figures(measures()._replace(used_kwh=used))
    _, whole = figures(measures())
    assert some.covered_share == pytest.approx(1 / 3)
    assert some.used_kwh == pytest.approx(30.0)
    assert some.saving_share == pytest.approx(whole.saving_share, abs=0.01)
    assert some.scheduled_h == whole.scheduled_h


def test_without_a_baseline_or_a_price_there_is_no_figure() -> None:
    _, total = figures(measures(), baseline_w=float("nan"))
    assert (total.baseline_kwh, total.saving_share, total.cost) == (None, None, None)
    assert total.saving_percent is None
    empty = msgspec.structs.replace(total, lamps=0, watched_h=0.0, expected_messages=0)
    assert (empty.kwh_per_lamp, empty.availability, empty.communication) == (None, None, None)


def test_the_cost_follows_the_tariff_of_each_day() -> None:
    tariffs = [
        Tariff(1, Decimal(2000), "VND", "QĐ 1", valid_from=date(2026, 1, 1), valid_to=date(2026, 11, 15)),
        Tariff(2, Decimal(3000), "VND", "QĐ 2", valid_from=date(2026, 11, 16)),
    ]
    _, total = figures(measures(), tariffs=tariffs)
    assert total.cost == Decimal("225000.00")  # 45 kWh at 2,000 and 45 kWh at 3,000
    _, total = figures(measures(), tariffs=tariffs[1:])
    assert total.cost is None


def test_baselines_are_each_cabinets() -> None:
    rows = [
        Baseline(1, Scope.CITY, "", 150.0, "", valid_from=date(2026, 11, 16)),
        Baseline(2, Scope.STREET, "b", 250.0, "", valid_from=date(2026, 1, 1)),
    ]
    powers = report.baseline_powers(FLEET, rows, [date(2026, 11, 15), date(2026, 11, 16)])
    assert np.array_equal(powers, [[np.nan, 150.0], [np.nan, 150.0], [250.0, 250.0]], equal_nan=True)


@pytest.fixture
def city_light(add_light: Callable[..., int]) -> Fleet:
    """Two lamps at a cabinet, and one that can't be reckoned with; gives the fleet."""
    add_light("Tủ 1", serial="C1")
    lamps = [add_light(f"Đèn {n}", serial=f"L{n}", cabinet="C1", street="hung-vuong") for n in (1, 2)]
    add_light("Đèn 3", serial="L3", cabinet="C9", street="hung-vuong")
    with connection.cursor() as cursor:
        cursor.execute(
            """UPDATE observations_thing SET properties = properties || '{"rated_power_w": 98}' WHERE id = ANY(%s)""",
            [lamps],
        )
    return energy.fleet(SYSTEM)


def month_of(fleet: Fleet) -> Measures:
    """Give a month of 0.5 kWh a day and lamp."""
    count = len(fleet.ids)
    begin = datetime(2026, 11, 2, tzinfo=UTC)
    return Measures(
        used_kwh=np.full((count, len(DAYS)), 0.5),
        failed_h=np.zeros(count),
        watched_h=np.zeros(count),
        received=np.full(count, 10),
        expected=np.full(count, 10),
        outages=(Outage(begin, begin + timedelta(hours=30)), Outage(begin, None)),
    )


def test_the_report_is_made_of_what_the_city_entered(city_light: Fleet) -> None:
    energy.add_tariff(SYSTEM, Tariff(0, Decimal(2000), "VND", "QĐ 1", valid_from=date(2026, 1, 1)))
    energy.add_baseline(SYSTEM, Baseline(0, Scope.CITY, "", 250.0, "Kiểm kê", valid_from=date(2026, 1, 1)))
    assert (len(city_light.ids), city_light.streets) == (2, (("hung-vuong", "Hung Vuong"),))
    made, lamps = indicators.monthly_report(SYSTEM, DAYS, city_light, month_of(city_light))
    assert (made.month, made.currency, made.bases, made.simulated) == (DAYS[0], "VND", ("QĐ 1", "Kiểm kê"), True)
    assert (made.repair_median_h, made.repairs, made.outages) == (30.0, 1, 2)
    assert (made.days, made.last_day, made.is_closed, made.is_public) == (30, date(2026, 11, 30), True, True)
    assert [(each.days, each.used_kwh) for each in lamps] == [(30, 15.0), (30, 15.0)]
    (street,) = made.streets
    assert street.cost == Decimal("60000.00")
    assert street.baseline_kwh == pytest.approx(0.25 * street.scheduled_h)
    assert street.used_kwh == pytest.approx(30.0)


def test_two_currencies_are_not_added(city_light: Fleet) -> None:
    energy.add_tariff(SYSTEM, Tariff(0, Decimal(2000), "VND", "1", valid_from=date(2026, 1, 1)))
    energy.add_tariff(SYSTEM, Tariff(0, Decimal(1), "USD", "2", valid_from=date(2026, 11, 9)))
    made, _lamps = indicators.monthly_report(SYSTEM, DAYS, city_light, month_of(city_light))
    assert (made.total.cost, made.currency, made.currencies) == (None, "", ("USD", "VND"))


@pytest.mark.django_db
def test_a_city_without_lamps_has_an_empty_report() -> None:
    fleet = energy.fleet(SYSTEM)
    made, lamps = indicators.monthly_report(SYSTEM, DAYS, fleet, month_of(fleet))
    assert lamps == ()
    assert (made.streets, made.total.lamps, made.total.used_kwh) == ((), 0, 0.0)


@cache
def month_figures() -> tuple[tuple[StreetFigures, ...], StreetFigures]:
    """Give the figures of a usual month, reckoned once."""
    return figures(measures())


def made(name: str = "Hùng Vương") -> MonthlyReport:
    """Give a report with one street."""
    streets, total = month_figures()
    first = msgspec.structs.replace(streets[0], name=name)
    at = datetime(2026, 12, 1, tzinfo=UTC)
    return MonthlyReport(DAYS[0], (first,), total, 5.5, "VND", ("QĐ 1",), (), at, True, days=30, last_day=DAYS[-1])


@pytest.mark.parametrize(("language", "head"), [("vi", "Tuyến đường"), ("en", "Street")])
def test_the_table_is_in_the_readers_language(language: str, head: str) -> None:
    with translation.override(language):
        text = indicators.csv_of(made())
    assert text.startswith("\ufeff")
    rows = list(csv.reader(io.StringIO(text[1:])))
    assert rows[0][1] == head
    assert rows[1][:4] == ["2026-11", "Hùng Vương", "2", "60.00"]
    assert {len(row) for row in rows} == {17}
    assert rows[1][14:16] == ["", "2026-11-30"]
    assert rows[1][16] == {"vi": "mô phỏng", "en": "simulated"}[language]


@given(st.text(min_size=1))
def test_no_name_is_a_formula_and_every_name_comes_back(name: str) -> None:
    with translation.override("en"):
        text = indicators.csv_of(made(name))
    cell = list(csv.reader(io.StringIO(text[1:], newline="")))[1][1]
    assert cell == neutral(name)
    assert not cell.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert cell.removeprefix("'") == name.removeprefix("'")


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_report_is_drawn_as_pdf(language: str) -> None:
    with translation.override(language):
        document = pdf_of(made(), city=city(), language=language)
    assert document.startswith(b"%PDF-")
    assert b"/Type /Page" in document or b"/Type/Page" in document or b"/ObjStm" in document
    assert len(document) > 5000


def test_a_night_is_shared_between_two_days() -> None:
    """Days add up to the nights' closed forms: the last evening lacks its morning, the first day has one more."""
    asked = plan.plan(FLEET, DAYS[:3], [[FULL, FULL]] * 4, ZONE)
    lat, lon = np.full(3, 11.05), np.full(3, 106.67)
    each = [rules.expected_kwh(FULL, night, lat, lon, FLEET.power) for night in plan.nights_of(DAYS[:3])]
    assert schedule.night_span(DAYS[0], ZONE)[1] == schedule.night_span(DAYS[1], ZONE)[0]
    assert asked.expected_kwh.sum(axis=1) == pytest.approx(np.array(each).T[:, 1:].sum(axis=1), rel=1e-3)
    assert (asked.expected_kwh.sum(axis=1) < np.array(each).T.sum(axis=1)).all()


def test_months_that_lack_a_day_are_due() -> None:
    first, before = date(2026, 11, 1), date(2026, 10, 1)
    today, now = date(2026, 11, 21), datetime(2026, 11, 21, 3, tzinfo=UTC)
    whole = msgspec.structs.replace(made(), days=31, made_at=now)
    kept = {before: whole, first: msgspec.structs.replace(made(), days=20, made_at=now)}
    lamps = whole.total.lamps
    assert report.months_due(today, now, {}, lamps=lamps) == [before, first]
    assert report.months_due(today, now, kept, lamps=lamps) == []
    assert report.months_due(today + timedelta(days=1), now + timedelta(days=1), kept, lamps=lamps) == [first]
    little = msgspec.structs.replace(whole, total=msgspec.structs.replace(whole.total, covered_share=0.2))
    assert report.months_due(today, now + timedelta(minutes=9), {**kept, before: little}, lamps=lamps) == []
    assert report.months_due(today, now + timedelta(minutes=10), {**kept, before: little}, lamps=lamps) == [before]
    assert report.months_due(today, now + timedelta(minutes=10), kept, lamps=lamps * 2) == [before, first]
    assert report.months_due(date(2026, 12, 1), now, {}, lamps=lamps) == [before, first]
    assert report.months_due(date(2026, 12, 2), now, {}, lamps=lamps) == [first, date(2026, 12, 1)]
    assert report.whole_days(first, date(2026, 12, 9)) == report.days_of(first)
    assert report.whole_days(first, first) == []
