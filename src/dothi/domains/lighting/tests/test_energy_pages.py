"""The energy report's pages: what they say in both languages, to whom, and with how many queries."""

import csv
import io
import subprocess
import sys
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any

import msgspec
import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from dothi.core.accounts.models import User
from dothi.core.accounts.types import SYSTEM, Role
from dothi.domains.lighting.service import energy, reports
from dothi.domains.lighting.tests.conftest import AddLight
from dothi.domains.lighting.types.energy import Baseline, LampFigures, MonthlyReport, StreetFigures
from dothi.domains.lighting.types.schedule import Scope
from dothi.kernel import clock

pytestmark = pytest.mark.django_db
PAGE = "/lighting/energy/"
TARIFFS = "/lighting/energy/tariffs/"
QUERY_BUDGET = 1
"""The kept reports; a visitor's session asks nothing."""
STREET_BUDGET = 5
"""The kept reports twice, what lamps add, and the lamps with their newest readings."""
NOVEMBER, OCTOBER = date(2026, 11, 1), date(2026, 10, 1)
STREET = StreetFigures(
    street="hung-vuong",
    name="Hùng Vương",
    lamps=2,
    used_kwh=1250.5,
    expected_kwh=1200.0,
    baseline_kwh=2500.0,
    scheduled_h=800.0,
    failed_h=4.0,
    watched_h=400.0,
    received=970,
    expected_messages=1000,
    covered_share=1.0,
    cost=Decimal("2501000.00"),
)
BARE = msgspec.structs.replace(STREET, baseline_kwh=None, watched_h=0.0, cost=None)
TARIFF = {
    "tariff-price_per_kwh": "2204.0655",
    "tariff-currency": "VND",
    "tariff-basis": "QĐ 1",
    "tariff-valid_from": "2026-01-01",
    "tariff-valid_to": "",
}
BASELINE = {
    "baseline-whom": "city:",
    "baseline-power_w": "250",
    "baseline-basis": "Kiểm kê 2024",
    "baseline-valid_from": "2026-01-01",
    "baseline-valid_to": "2026-12-31",
}


@pytest.fixture(autouse=True)
def _still_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 11, 21, 3, 0, tzinfo=UTC))


def keep(month: date = NOVEMBER, street: StreetFigures = STREET, **changes: Any) -> MonthlyReport:
    """Keep a report of one street, with a document in Vietnamese."""
    total = msgspec.structs.replace(street, street="", name="")
    report = MonthlyReport(
        month=month,
        streets=(street,),
        total=total,
        repair_median_h=5.5,
        currency="VND",
        tariff_bases=("QĐ 1",),
        baseline_bases=("Kiểm kê",),
        made_at=datetime(2026, 11, 20, 18, tzinfo=UTC),
        simulated=True,
        days=20,
        last_day=month.replace(day=20),
        repairs=3,
        outages=4,
        is_public=True,
    )
    report = msgspec.structs.replace(report, **changes)
    lamps = [LampFigures(1, 20, 600.5, 600.0, 400.0, 4.0, 200.0, 485, 500)]
    reports.keep_report(SYSTEM, report, lamps, {"vi": b"%PDF-1.7 vi"})
    return report


@pytest.fixture
def visitor(client: Client, settings: Settings) -> Client:
    """A visitor where the settings let visitors view."""
    settings.VISITOR_ROLE = "viewer"
    return client


@pytest.fixture
def officer(client: Client) -> Client:
    """Somebody who may edit, reading English."""
    client.force_login(User.objects.create_user(username="chuyen-vien", role=Role.OFFICER.value))
    client.cookies["dothi_language"] = "en"
    return client


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("vi", ["Báo cáo điện năng", "1.251", "50,0", "99,00", "97,0", "5,5", "2.501.000", "mô phỏng", "Nguồn gốc"]),
        ("en", ["Energy report", "1,251", "50.0", "99.00", "97.0", "5.5", "2,501,000", "simulated", "Made from"]),
    ],
)
def test_the_page_shows_figures_with_what_they_are_made_of(visitor: Client, language: str, words: list[str]) -> None:
    keep()
    visitor.cookies["dothi_language"] = language
    page = visitor.get(PAGE).content.decode()
    for word in [*words, "Hùng Vương", "01/11/2026–20/11/2026", "lighting.lamp.failed", "QĐ 1"]:
        assert word in page
    assert page.count('<details class="lineage"') == 8


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("vi", ["chưa nhập mức cơ sở cho mọi đèn", "chưa theo dõi sự cố", "chưa nhập giá điện"]),
        ("en", ["no baseline is entered for all lamps", "faults were not looked for", "no tariff is entered"]),
    ],
)
def test_a_figure_that_cannot_be_given_says_why(visitor: Client, language: str, words: list[str]) -> None:
    keep(street=BARE)
    visitor.cookies["dothi_language"] = language
    page = visitor.get(PAGE).content.decode()
    for word in words:
        assert word in page


def test_nothing_measured_and_two_currencies_are_said(visitor: Client) -> None:
    visitor.cookies["dothi_language"] = "en"
    keep(street=msgspec.structs.replace(BARE, covered_share=0.0, expected_messages=0), repair_median_h=None)
    page = visitor.get(PAGE).content.decode()
    for word in ["register was read over a whole day", "no lamp was heard from", "no outage was repaired"]:
        assert word in page
    keep(street=BARE, currency="", currencies=("USD", "VND"))
    assert "prices in USD, VND can&#x27;t be added" in visitor.get(PAGE).content.decode()


@pytest.mark.parametrize(("language", "words"), [("vi", "Chưa có báo cáo"), ("en", "No report yet")])
def test_without_a_report_the_page_says_when_there_will_be_one(visitor: Client, language: str, words: str) -> None:
    visitor.cookies["dothi_language"] = language
    assert words in visitor.get(PAGE).content.decode()
    assert visitor.get(PAGE + "report.csv").status_code == 404
    assert visitor.get(PAGE + "report.pdf").status_code == 404


def test_each_month_has_its_address(visitor: Client) -> None:
    keep()
    keep(OCTOBER, BARE, is_closed=True)
    visitor.cookies["dothi_language"] = "en"
    assert "Energy report 11/2026" in visitor.get(PAGE).content.decode()
    page = visitor.get(PAGE + "?month=2026-10").content.decode()
    assert "Energy report 10/2026" in page
    assert 'href="?month=2026-11"' in page
    for wrong in ("2026-13", "x", "0000-01", "9999-12", "2026-1"):
        assert visitor.get(PAGE + f"?month={wrong}").status_code == 404
    assert "No report yet" in visitor.get(PAGE + "?month=2020-01").content.decode()


def test_the_table_and_the_document_are_there_to_take_along(visitor: Client) -> None:
    keep()
    visitor.cookies["dothi_language"] = "vi"
    assert "report.pdf" in visitor.get(PAGE).content.decode()
    answer = visitor.get(PAGE + "report.pdf?month=2026-11")
    assert (answer.content, answer.headers["Content-Type"]) == (b"%PDF-1.7 vi", "application/pdf")
    assert 'filename="lighting-energy-2026-11-vi.pdf"' in answer.headers["Content-Disposition"]
    answer = visitor.get(PAGE + "report.csv?month=2026-11")
    rows = list(csv.reader(io.StringIO(answer.content.decode().removeprefix("\ufeff"))))
    assert [row[1] for row in rows[1:]] == ["Hùng Vương", "Cả thành phố"]
    assert rows[1][-1] == "mô phỏng"
    visitor.cookies["dothi_language"] = "en"
    assert "report.pdf" not in visitor.get(PAGE).content.decode()
    assert visitor.get(PAGE + "report.pdf?month=2026-11").status_code == 404


def test_a_street_shows_what_each_lamp_adds(
    visitor: Client, add_light: AddLight, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    lamp = add_light("Đèn 1", serial="L1", cabinet="C1", street="hung-vuong")
    add_light("Đèn 2", serial="L2", cabinet="C1", street="hung-vuong")
    report = keep()
    lamps = [LampFigures(lamp, 20, 600.5, 600.0, 400.0, 4.0, 200.0, 485, 500)]
    reports.keep_report(SYSTEM, report, lamps, {})
    visitor.cookies["dothi_language"] = "en"
    with django_assert_num_queries(STREET_BUDGET):
        page = visitor.get(PAGE + "streets/hung-vuong/?month=2026-11").content.decode()
    for word in ["Đèn 1", f"/lighting/lamps/{lamp}/", "600.50", "98.00", "97.0"]:
        assert word in page
    assert "Đèn 2" not in page
    assert visitor.get(PAGE + "streets/no-street/").status_code == 404


@pytest.mark.parametrize("months", [1, 12])
def test_the_page_keeps_to_its_queries(
    visitor: Client, django_assert_num_queries: DjangoAssertNumQueries, months: int
) -> None:
    for number in range(months):
        keep(date(2026 - number // 11, 1 + number % 11, 1))
    with django_assert_num_queries(QUERY_BUDGET):
        assert visitor.get(PAGE).status_code == 200


def test_lamps_that_are_not_public_are_in_no_report_for_visitors(visitor: Client) -> None:
    keep(is_public=False)
    viewer = Client()
    viewer.force_login(User.objects.create_user(username="xem", role=Role.VIEWER.value))
    visitor.cookies["dothi_language"] = viewer.cookies["dothi_language"] = "en"
    for path in ("", "streets/hung-vuong/"):
        seen = visitor.get(PAGE + path).content.decode()
        assert "Hùng Vương" not in seen
    assert visitor.get(PAGE + "report.csv").status_code == 404
    assert "Hùng Vương" in viewer.get(PAGE).content.decode()


def test_who_may_edit_has_a_report_made_anew(officer: Client) -> None:
    keep()
    assert not reports.list_due(SYSTEM)[1:]
    answer = officer.post(PAGE + "make/", {"month": "2026-11"}, follow=True)
    page = answer.content.decode()
    assert "The report will be made anew within some minutes." in page
    assert "This report is being made anew" in page
    assert [days[0] for days in reports.list_due(SYSTEM)] == [OCTOBER, NOVEMBER]
    assert officer.post(PAGE + "make/", {"month": "2027-01"}).status_code == 400


def test_tariffs_and_baselines_are_entered_with_their_basis(officer: Client) -> None:
    page = officer.get(TARIFFS).content.decode()
    assert "None entered: reports have no cost." in page
    assert "Add the baseline" in page
    officer.post(TARIFFS + "add/", TARIFF)
    officer.post("/lighting/energy/baselines/add/", BASELINE)
    [tariff], [baseline] = energy.list_tariffs(SYSTEM), energy.list_baselines(SYSTEM)
    assert (tariff.price_per_kwh, tariff.currency, tariff.valid_to) == (Decimal("2204.0655"), "VND", None)
    assert (baseline.scope, baseline.power_w, baseline.valid_to) == (Scope.CITY, 250.0, date(2026, 12, 31))
    page = officer.get(TARIFFS).content.decode()
    for word in ["2,204.0655 VND", "QĐ 1", "Kiểm kê 2024", "The whole city", "31/12/2026", "until further notice"]:
        assert word in page


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"tariff-currency": "dong"}, "Not kept yet"),
        ({"tariff-basis": ""}, "This field is required"),
        ({"tariff-valid_to": "2025-01-01"}, "It ends before it begins."),
        ({"tariff-price_per_kwh": "-1"}, "Not kept yet"),
    ],
)
def test_a_wrong_tariff_is_not_kept(officer: Client, change: dict[str, str], words: str) -> None:
    answer = officer.post(TARIFFS + "add/", TARIFF | change)
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert energy.list_tariffs(SYSTEM) == []


def test_a_wrong_baseline_is_not_kept(officer: Client) -> None:
    answer = officer.post("/lighting/energy/baselines/add/", BASELINE | {"baseline-whom": "street:nowhere"})
    assert answer.status_code == 400
    assert energy.list_baselines(SYSTEM) == []


@pytest.mark.parametrize("role", list(Role))
def test_the_roles_that_may_view_and_edit(client: Client, role: Role) -> None:
    """By lighting.energy.view and lighting.energy.edit, as the manifest gives them."""
    keep()
    client.force_login(User.objects.create_user(username="x", role=role.value))
    client.cookies["dothi_language"] = "vi"
    may_view, may_edit = role is not Role.CREW, role in (Role.OFFICER, Role.ADMINISTRATOR)
    for path in ("", "report.csv", "report.pdf", "streets/hung-vuong/", "tariffs/"):
        assert client.get(PAGE + path).status_code == (200 if may_view else 403)
    for path, body in (("make/", {"month": "2026-11"}), ("tariffs/add/", TARIFF), ("baselines/add/", BASELINE)):
        assert client.post(PAGE + path, body).status_code == (302 if may_edit else 403)
    if may_view:
        assert ("Lập lại ngay" in client.get(PAGE).content.decode()) == may_edit


def test_the_overview_takes_from_the_report_what_yesterday_cannot_say(visitor: Client, add_light: AddLight) -> None:
    add_light("Đèn 1", serial="L1", cabinet="C1", street="hung-vuong")
    visitor.cookies["dothi_language"] = "en"
    assert "not enough readings yet" in visitor.get("/lighting/").content.decode()
    keep()
    page = visitor.get("/lighting/").content.decode()
    assert "not enough readings yet" not in page
    assert "kWh · in 11/2026" in page
    assert "Messages received in 11/2026" in page


def test_a_baseline_for_a_street_is_called_by_its_name(officer: Client, add_light: AddLight) -> None:
    add_light("Tủ 1", serial="C1")
    add_light("Đèn 1", serial="L1", cabinet="C1", street="hung-vuong")
    energy.add_baseline(SYSTEM, Baseline(0, Scope.STREET, "hung-vuong", 150.0, "x", valid_from=NOVEMBER))
    assert '<th scope="row">Hung Vuong</th>' in officer.get(TARIFFS).content.decode()


def test_the_web_does_not_load_what_writes_documents() -> None:
    code = "import django, sys; django.setup(); import dothi.config.urls; print('weasyprint' in sys.modules)"
    done = subprocess.run(
        [sys.executable, "-W", "ignore", "-c", code], capture_output=True, text=True, check=True, timeout=60
    )
    assert done.stdout.strip() == "False"
