"""Which programme holds on which night: exceptions, assignments and defaults."""

from datetime import UTC, date, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dothi.domains.lighting.rules import calendar, schedule
from dothi.domains.lighting.types.schedule import (
    Acknowledgement,
    Assignment,
    Cabinet,
    CalendarException,
    Choice,
    Programme,
    Recurrence,
    Schedule,
    Scope,
    Source,
    Step,
)

ZONE = "Asia/Ho_Chi_Minh"
DEVICE = schedule.device_programme(ZONE)
NIGHT = date(2026, 11, 19)
CABINET = Cabinet(id=7, name="Tủ A", serial="C1", street="hung-vuong", programme="new_city", lon=None, lat=None)


def made(number: int, level: int, *, is_default: bool = False) -> Schedule:
    """Give a schedule that dims to a level at 21:00."""
    programme = Programme(steps=(Step(at="21:00", level=level),), zone=ZONE)
    return Schedule(number, f"Lịch {number}", f"Schedule {number}", programme, is_default)


SCHEDULES = {number: made(number, number * 10, is_default=number == 1) for number in range(1, 6)}


def once(number: int, scope: Scope = Scope.CITY, key: str = "", schedule_id: int | None = 5) -> CalendarException:
    """Give an exception for one night."""
    return CalendarException(number, scope, key, schedule_id, Recurrence.ONCE, "lễ", first=NIGHT, last=NIGHT)


def chosen(
    assignments: list[Assignment] | None = None,
    exceptions: list[CalendarException] | None = None,
    *,
    night: date = NIGHT,
    schedules: dict[int, Schedule] = SCHEDULES,
) -> Choice:
    """Choose for the cabinet."""
    return calendar.choose(
        CABINET,
        night,
        schedules=schedules,
        assignments=assignments or [],
        exceptions=exceptions or [],
        holidays=calendar.holidays_of("VN", night.year),
        zone=ZONE,
    )


def test_without_anything_the_device_keeps_its_own() -> None:
    assert chosen(schedules={}) == Choice(programme=DEVICE, source=Source.DEVICE)


def test_the_narrowest_assignment_wins() -> None:
    rows = [
        Assignment(1, 2, Scope.PROGRAMME, "new_city"),
        Assignment(2, 3, Scope.STREET, "hung-vuong"),
        Assignment(3, 4, Scope.CABINET, "C1"),
        Assignment(4, 5, Scope.CABINET, "C2"),
    ]
    assert [chosen(rows[:count]).schedule_id for count in range(4)] == [1, 2, 3, 4]
    assert chosen([rows[3]]).source is Source.DEFAULT


def test_an_exception_goes_before_any_assignment_and_only_on_its_night() -> None:
    rows = [Assignment(1, 4, Scope.CABINET, "C1")]
    found = chosen(rows, [once(1)])
    assert (found.source, found.schedule_id, found.reason) == (Source.EXCEPTION, 5, "lễ")
    assert chosen(rows, [once(1)], night=date(2026, 11, 20)).schedule_id == 4


def test_an_exception_without_a_schedule_burns_fully_with_the_usual_offsets() -> None:
    early = Programme(on_offset_min=-10, off_offset_min=5, steps=(Step(at="21:00", level=30),), zone=ZONE)
    schedules = {1: Schedule(1, "A", "A", early, True)}
    found = chosen(exceptions=[once(1, schedule_id=None)], schedules=schedules)
    assert found.programme == Programme(on_offset_min=-10, off_offset_min=5, zone=ZONE)
    assert found.schedule_id is None


def test_of_two_exceptions_the_narrower_then_the_dated_then_the_newer_wins() -> None:
    yearly = CalendarException(9, Scope.CITY, "", 2, Recurrence.YEARLY, "", first=NIGHT, last=NIGHT)
    street = once(1, Scope.STREET, "hung-vuong", schedule_id=3)
    assert chosen(exceptions=[yearly, once(2)]).schedule_id == 5
    assert chosen(exceptions=[yearly, once(2), street]).schedule_id == 3
    assert chosen(exceptions=[once(2, schedule_id=4), once(3)]).schedule_id == 5
    assert chosen(exceptions=[once(2, Scope.STREET, "elsewhere")]).source is Source.DEFAULT


def yearly(first: date, last: date) -> CalendarException:
    """Give an exception that comes back each year."""
    return CalendarException(1, Scope.CITY, "", None, Recurrence.YEARLY, "", first=first, last=last)


@given(st.dates(date(1900, 1, 1), date(2199, 12, 31)), st.integers(1900, 2190))
def test_the_turn_of_the_year_comes_back_each_year(night: date, year: int) -> None:
    rule = yearly(date(year, 12, 30), date(year + 1, 1, 2))
    wanted = (night.month, night.day) in {(12, 30), (12, 31), (1, 1), (1, 2)}
    assert calendar.covers(rule, night, {}) == wanted


def test_the_29th_of_february_is_there_in_leap_years_alone() -> None:
    rule = yearly(date(2024, 2, 29), date(2024, 2, 29))
    assert calendar.covers(rule, date(2028, 2, 29), {})
    assert not calendar.covers(rule, date(2027, 2, 28), {})
    assert not calendar.covers(rule, date(2027, 3, 1), {})


@pytest.mark.parametrize(
    ("year", "first"), [(2025, date(2025, 1, 29)), (2026, date(2026, 2, 17)), (2027, date(2027, 2, 6))]
)
def test_tet_comes_by_the_moon(year: int, first: date) -> None:
    """From the last night of the old year, for four nights."""
    rule = CalendarException(
        1, Scope.CITY, "", None, Recurrence.HOLIDAY, "Tết", holiday="Tết Nguyên Đán", offset=-1, nights=4
    )
    holidays = calendar.holidays_of("VN", year)
    covered = [date.fromordinal(first.toordinal() + shift) for shift in range(-5, 10)]
    assert [night for night in covered if calendar.covers(rule, night, holidays)] == covered[4:8]


def test_a_country_without_a_calendar_has_no_holidays() -> None:
    assert calendar.holidays_of("", 2026) == {}
    assert calendar.holidays_of("XX", 2026) == {}


def test_a_cabinet_is_due_when_it_has_acknowledged_another_programme() -> None:
    same = Choice(programme=DEVICE, source=Source.DEVICE)
    other = Choice(programme=SCHEDULES[2].programme, source=Source.DEFAULT, schedule_id=2)
    turned = Programme(steps=tuple(reversed(DEVICE.steps)), zone=ZONE)
    assert calendar.due([(CABINET, same)], acknowledged={}, zone=ZONE) == []
    assert calendar.due([(CABINET, same)], acknowledged={7: turned}, zone=ZONE) == []
    (one,) = calendar.due([(CABINET, other)], acknowledged={}, zone=ZONE)
    assert (one.cabinet_id, one.serial, one.programme, one.acknowledged) == (7, "C1", other.programme, None)
    assert calendar.due([(CABINET, other)], acknowledged={7: other.programme}, zone=ZONE) == []
    (back,) = calendar.due([(CABINET, same)], acknowledged={7: other.programme}, zone=ZONE)
    assert back.programme == DEVICE


def test_a_night_ran_what_was_acknowledged_before_its_middle() -> None:
    """Local midnight of Bình Dương's night of the 19th is 17:00 UTC."""
    first, second = SCHEDULES[2].programme, SCHEDULES[3].programme
    history = [
        Acknowledgement(7, first, datetime(2026, 11, 19, 16, 59, tzinfo=UTC)),
        Acknowledgement(8, second, datetime(2026, 11, 1, tzinfo=UTC)),
        Acknowledgement(7, second, datetime(2026, 11, 20, 17, 1, tzinfo=UTC)),
    ]
    over = [date(2026, 11, day) for day in (18, 19, 20, 21)]
    found = calendar.programmes_run([7, 8, 9], over, history, zone=ZONE)
    assert [night[0] for night in found] == [DEVICE, first, first, second]
    assert {(night[1], night[2]) for night in found} == {(second, DEVICE)}


def test_a_cabinet_stands_in_the_street_of_most_of_its_lamps() -> None:
    assert calendar.street_of(["b", "a", "b", ""]) == "b"
    assert calendar.street_of(["b", "a"]) == "a"
    assert calendar.street_of([]) == ""
