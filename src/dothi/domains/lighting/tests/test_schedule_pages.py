"""The schedule editor: what it says in both languages, to whom, how it saves, and with how many queries."""

from collections.abc import Callable
from datetime import UTC, date, datetime

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from dothi.core.accounts.models import User
from dothi.core.accounts.types import SYSTEM, Role
from dothi.domains.lighting.rules.schedule import night_of
from dothi.domains.lighting.service import schedules
from dothi.domains.lighting.types.schedule import (
    CalendarException,
    Programme,
    Recurrence,
    Schedule,
    Scope,
    Step,
)
from dothi.domains.lighting.views.band import draw
from dothi.kernel import clock

pytestmark = pytest.mark.django_db
PAGE = "/lighting/schedules/"
NIGHT = date(2026, 11, 19)
QUERY_BUDGET = 6
"""Lamps, cabinets, schedules, assignments, exceptions, acknowledgements; a visitor's session asks nothing."""
FORM = {
    "name_vi": "Giảm sáng khuya",
    "name_en": "Dimmed late",
    "on_offset_min": "10",
    "off_offset_min": "-5",
    "steps-TOTAL_FORMS": "4",
    "steps-INITIAL_FORMS": "0",
    "steps-0-at": "23:00",
    "steps-0-level": "60",
    "steps-1-at": "05:00",
    "steps-1-level": "90",
}


@pytest.fixture(autouse=True)
def _still_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 11, 19, 3, 0, tzinfo=UTC))


@pytest.fixture
def operator(client: Client) -> Client:
    """Somebody who may edit, reading English."""
    client.force_login(User.objects.create_user(username="truc-ban", role=Role.OPERATOR.value))
    client.cookies["dothi_language"] = "en"
    return client


def save(name: str = "Muộn", *, is_default: bool = False) -> Schedule:
    """Keep a schedule."""
    programme = Programme(steps=(Step(at="23:00", level=40),))
    return schedules.save_schedule(SYSTEM, name_vi=name, name_en="Late", programme=programme, is_default=is_default)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("vi", ["Lịch chiếu sáng", "Chương trình có sẵn trong bộ điều khiển", "17:26", "70%", "19/11/2026"]),
        ("en", ["Light schedules", "What controllers start with", "17:26", "70%", "19/11/2026"]),
    ],
)
def test_without_schedules_the_page_shows_what_controllers_start_with(
    client: Client, settings: Settings, language: str, words: list[str]
) -> None:
    settings.VISITOR_ROLE = "viewer"
    client.cookies["dothi_language"] = language
    page = client.get(PAGE).content.decode()
    for word in words:
        assert word in page
    assert "schedules/new/" not in page


def test_the_page_shows_schedules_whom_they_are_for_and_exceptions(
    operator: Client, add_light: Callable[..., int]
) -> None:
    add_light("Tủ 1", serial="C1")
    add_light("Đèn 1", serial="L1", cabinet="C1", street="hung-vuong")
    made = save(is_default=True)
    schedules.assign(SYSTEM, made.id, scope=Scope.STREET, key="hung-vuong")
    tet = CalendarException(
        0, Scope.CITY, "", None, Recurrence.HOLIDAY, "Tết", holiday="Tết Nguyên Đán", offset=-1, nights=4
    )
    schedules.add_exception(SYSTEM, tet)
    page = operator.get(PAGE).content.decode()
    for words in [
        "Late",
        "default",
        "Hung Vuong",
        "Tết Nguyên Đán",
        "Nights: 4, from 1 day(s) before",
        "Full light all night",
        "40%",
    ]:
        assert words in page
    assert "1<small>/1</small>" in page  # the cabinet is to be sent this schedule


@pytest.mark.parametrize("count", [1, 30])
def test_the_page_keeps_to_its_queries(
    client: Client, settings: Settings, add_light: Callable[..., int],
    django_assert_max_num_queries: DjangoAssertNumQueries, count: int,
) -> None:  # fmt: skip
    settings.VISITOR_ROLE = "viewer"
    for number in range(count):
        add_light(f"Tủ {number}", serial=f"C{number}")
        add_light(f"Đèn {number}", serial=f"L{number}", cabinet=f"C{number}", street=f"duong-{number}")
        made = save()
        schedules.assign(SYSTEM, made.id, scope=Scope.CABINET, key=f"C{number}")
        once = CalendarException(0, Scope.CITY, "", made.id, Recurrence.ONCE, "Lễ", first=NIGHT, last=NIGHT)
        schedules.add_exception(SYSTEM, once)
    with django_assert_max_num_queries(QUERY_BUDGET):
        assert client.get(PAGE).status_code == 200


def test_a_schedule_is_made_and_changed(operator: Client) -> None:
    assert operator.post(f"{PAGE}new/", FORM | {"is_default": "on", "save": ""}).headers["Location"] == PAGE
    (made,) = schedules.list_schedules(SYSTEM)
    assert (made.name_vi, made.name_en, made.is_default) == ("Giảm sáng khuya", "Dimmed late", True)
    assert made.programme == Programme(
        on_offset_min=10,
        off_offset_min=-5,
        steps=(Step(at="23:00", level=60), Step(at="05:00", level=90)),
        zone="Asia/Ho_Chi_Minh",
    )
    shown = operator.get(f"{PAGE}{made.id}/").content.decode()
    assert 'value="23:00"' in shown
    changed = FORM | {"steps-1-at": "", "steps-1-level": "", "save": ""}
    assert operator.post(f"{PAGE}{made.id}/", changed).status_code == 302
    (made,) = schedules.list_schedules(SYSTEM)
    assert (len(made.programme.steps), made.is_default) == (1, False)
    assert "The schedule is kept." in operator.get(PAGE).content.decode()


def test_a_preview_shows_the_night_and_keeps_nothing(operator: Client) -> None:
    page = operator.post(f"{PAGE}new/", FORM | {"preview": ""}).content.decode()
    assert "17:36" in page  # sunset and ten minutes
    assert "<b>60%</b>" in page
    assert schedules.list_schedules(SYSTEM) == []


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"name_en": ""}, "This field is required."),
        ({"on_offset_min": "200"}, "less than or equal to 180"),
        ({"steps-0-level": "101"}, "less than or equal to 100"),
        ({"steps-0-level": ""}, "A step has a time and a level."),
        ({"steps-1-at": "23:00"}, "Two steps have the same time."),
        ({"steps-0-at": "25:00"}, "Enter a valid time."),
    ],
)
def test_what_is_wrong_is_said_beside_it_and_nothing_is_kept(
    operator: Client, change: dict[str, str], words: str
) -> None:
    answer = operator.post(f"{PAGE}new/", FORM | change)
    page = answer.content.decode()
    assert answer.status_code == 400
    assert words in page
    assert "Not kept yet" in page
    assert schedules.list_schedules(SYSTEM) == []


def test_a_schedule_in_use_says_why_it_stays(operator: Client) -> None:
    made = save()
    schedules.assign(SYSTEM, made.id, scope=Scope.CABINET, key="C1")
    page = operator.post(f"{PAGE}{made.id}/delete/", follow=True).content.decode()
    assert "The schedule is in use." in page
    schedules.unassign(SYSTEM, schedules.list_assignments(SYSTEM)[0].id)
    operator.post(f"{PAGE}{made.id}/delete/")
    assert schedules.list_schedules(SYSTEM) == []


def test_a_cabinet_gets_a_schedule_and_loses_it(operator: Client, add_light: Callable[..., int]) -> None:
    add_light("Tủ 1", serial="C1")
    made = save()
    operator.post(f"{PAGE}assign/", {"whom": "cabinet:C1", "schedule": str(made.id)})
    (assigned,) = schedules.list_assignments(SYSTEM)
    assert (assigned.scope, assigned.key, assigned.schedule_id) == (Scope.CABINET, "C1", made.id)
    wrong = operator.post(f"{PAGE}assign/", {"whom": "cabinet:nobody", "schedule": str(made.id)}, follow=True)
    assert "Choose for whom" in wrong.content.decode()
    operator.post(f"{PAGE}assignments/{assigned.id}/delete/")
    assert schedules.list_assignments(SYSTEM) == []
    assert operator.post(f"{PAGE}assignments/{assigned.id}/delete/").status_code == 404


EXCEPTION = {"reason": "Lễ hội", "whom": "city:", "schedule": "", "recurrence": "once"}


def test_exceptions_on_dates_and_with_holidays(operator: Client) -> None:
    form = f"{PAGE}exceptions/new/"
    assert "Tết Nguyên Đán (06/02/2027)" in operator.get(form).content.decode()
    operator.post(form, EXCEPTION | {"first": "2026-12-24"})
    tet = EXCEPTION | {"recurrence": "holiday", "holiday": "Tết Nguyên Đán", "offset": "-1", "nights": "4"}
    operator.post(form, tet)
    one, two = schedules.list_exceptions(SYSTEM)
    assert (one.first, one.last, one.schedule_id) == (date(2026, 12, 24), date(2026, 12, 24), None)
    assert (two.holiday, two.offset, two.nights, two.first) == ("Tết Nguyên Đán", -1, 4, None)
    operator.post(f"{PAGE}exceptions/{one.id}/delete/")
    assert schedules.list_exceptions(SYSTEM) == [two]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({}, "Give the first night."),
        ({"recurrence": "holiday"}, "Choose a public holiday."),
        ({"first": "2026-12-24", "last": "2026-12-23"}, "The last night comes after the first"),
        ({"reason": "", "first": "2026-12-24"}, "This field is required."),
        ({"whom": "street:nowhere", "first": "2026-12-24"}, "Select a valid choice."),
    ],
)
def test_a_wrong_exception_is_not_kept(operator: Client, change: dict[str, str], words: str) -> None:
    answer = operator.post(f"{PAGE}exceptions/new/", EXCEPTION | change)
    assert answer.status_code == 400
    assert words in answer.content.decode()
    assert schedules.list_exceptions(SYSTEM) == []


ADDRESSES = ["new/", "1/", "1/delete/", "assign/", "assignments/1/delete/", "exceptions/new/", "exceptions/1/delete/"]


@pytest.mark.parametrize("role", list(Role))
def test_who_may_view_and_who_may_edit(client: Client, role: Role) -> None:
    """By lighting.schedule.view and lighting.schedule.edit; a visitor is sent to sign in."""
    assert client.get(PAGE).headers.get("Location", "").startswith("/sign-in/")
    client.force_login(User.objects.create_user(username="x", role=role.value))
    assert client.get(PAGE).status_code == 200
    may_edit = role in (Role.OPERATOR, Role.OFFICER, Role.ADMINISTRATOR)
    for address in ADDRESSES:
        assert (client.post(PAGE + address).status_code != 403) == may_edit, address


def test_the_polar_night_fills_the_band() -> None:
    night = night_of(Programme(zone="Europe/Oslo"), date(2026, 12, 20), lat=69.65, lon=18.96)
    band = draw(night, "Europe/Oslo", now=night.begin)
    assert [(each.x, each.width, each.level) for each in band.stretches] == [("0.000%", "100.000%", 100)]
    assert (band.dark, band.sunset, band.sunrise) == (None, None, None)
    assert [f"{mark.at:%H}" for mark in band.hours] == ["12", "15", "18", "21", "00", "03", "06", "09", "12"]
    assert band.now is not None
    assert band.now.x == "0.000%"
