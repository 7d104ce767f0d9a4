"""The door to schedules over a real database: what it keeps, refuses, chooses and writes into the audit log."""

from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal

import msgspec
import pytest
from django.db import IntegrityError, connection, transaction
from pytest_django import DjangoAssertNumQueries

from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import SYSTEM, Actor, Role
from dothi.domains.lighting.rules.schedule import device_programme
from dothi.domains.lighting.service import energy, schedules
from dothi.domains.lighting.types.energy import Baseline, Tariff
from dothi.domains.lighting.types.schedule import (
    CalendarException,
    Programme,
    Recurrence,
    Schedule,
    Scope,
    Source,
    Step,
)
from dothi.kernel import clock
from dothi.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound, Unauthenticated

pytestmark = pytest.mark.django_db
NIGHT = date(2026, 11, 19)
LATE = Programme(on_offset_min=10, steps=(Step(at="05:00", level=100), Step(at="23:00", level=50)))


@pytest.fixture(autouse=True)
def _still_clock(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(clock, "now", lambda: datetime(2026, 11, 19, 3, 0, tzinfo=UTC))


def actor(role: Role) -> Actor:
    """Give somebody in a role."""
    return accounts.person(1, role=role.value, label="x")


def save(
    name: str = "Muộn", *, programme: Programme = LATE, is_default: bool = False, schedule_id: int = 0
) -> Schedule:
    """Keep a schedule."""
    return schedules.save_schedule(
        SYSTEM, name_vi=name, name_en="Late", programme=programme, is_default=is_default, schedule_id=schedule_id
    )


def audited() -> list[tuple[str, str]]:
    """Give what the audit log says was done to what."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT body::jsonb ->> 'what', body::jsonb ->> 'subject' FROM audit_entry ORDER BY number")
        return [(row[0], row[1]) for row in cursor.fetchall()]


def once(schedule_id: int | None, *, scope: Scope = Scope.CITY, key: str = "") -> CalendarException:
    """Give an exception for the night."""
    return CalendarException(0, scope, key, schedule_id, Recurrence.ONCE, "Lễ hội", first=NIGHT, last=NIGHT)


def test_a_schedule_is_kept_with_its_steps_in_order_and_the_citys_zone() -> None:
    made = save("  Giảm   sáng ")
    assert made.name_vi == "Giảm sáng"
    assert made.programme.zone == "Asia/Ho_Chi_Minh"
    assert [step.at for step in made.programme.steps] == ["23:00", "05:00"]
    assert schedules.get_schedule(SYSTEM, made.id) == made
    changed = save("Sớm", schedule_id=made.id)
    assert schedules.list_schedules(SYSTEM) == [changed]
    subject = f"lighting.schedule:{made.id}"
    assert audited()[-2:] == [("lighting.schedule.edit", subject)] * 2


def test_a_new_default_takes_the_place_of_the_old() -> None:
    one, two = save(is_default=True), save(is_default=True)
    assert [(each.id, each.is_default) for each in schedules.list_schedules(SYSTEM)] == [
        (one.id, False),
        (two.id, True),
    ]


def test_the_database_itself_holds_one_default() -> None:
    save(is_default=True)
    with pytest.raises(IntegrityError), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO lighting_schedule (name_vi, name_en, programme, is_default) VALUES ('a', 'a', '{}', true)"
        )


@pytest.mark.parametrize(
    ("programme", "place"),
    [
        (Programme(steps=(Step(at="22:00", level=70), Step(at="22:00", level=50))), "steps"),
        (Programme(steps=(Step(at="25:00", level=70),)), "programme"),
        (Programme(steps=(Step(at="22:00", level=101),)), "programme"),
        (Programme(on_offset_min=500), "programme"),
        (Programme(steps=tuple(Step(at=f"{hour:02d}:00", level=1) for hour in range(13))), "programme"),
    ],
)
def test_an_unsound_programme_is_refused_and_nothing_kept(programme: Programme, place: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        save(programme=programme)
    assert refused.value.place == place
    assert schedules.list_schedules(SYSTEM) == []


@pytest.mark.parametrize("name", ["", "   ", "x" * 101])
def test_a_schedule_has_a_name(name: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        save(name)
    assert refused.value.place == "name_vi"


def test_a_schedule_in_use_stays() -> None:
    one, two, free = save(), save(), save()
    schedules.assign(SYSTEM, one.id, scope=Scope.STREET, key="hung-vuong")
    schedules.add_exception(SYSTEM, once(two.id))
    for used in (one, two):
        with pytest.raises(Conflict):
            schedules.delete_schedule(SYSTEM, used.id)
    schedules.delete_schedule(SYSTEM, free.id)
    assert [each.id for each in schedules.list_schedules(SYSTEM)] == [one.id, two.id]
    with pytest.raises(NotFound):
        schedules.delete_schedule(SYSTEM, free.id)


def test_an_assignment_takes_the_place_of_the_one_before() -> None:
    one, two = save(), save()
    first = schedules.assign(SYSTEM, one.id, scope=Scope.CABINET, key="C1")
    second = schedules.assign(SYSTEM, two.id, scope=Scope.CABINET, key="C1")
    assert (first.id, second.schedule_id) == (second.id, two.id)
    assert schedules.list_assignments(SYSTEM) == [second]
    schedules.unassign(SYSTEM, second.id)
    assert schedules.list_assignments(SYSTEM) == []
    with pytest.raises(NotFound):
        schedules.unassign(SYSTEM, second.id)
    with pytest.raises(NotFound):
        schedules.assign(SYSTEM, 0, scope=Scope.CABINET, key="C1")
    for scope, key in ((Scope.CITY, ""), (Scope.STREET, "")):
        with pytest.raises(InvalidInput):
            schedules.assign(SYSTEM, one.id, scope=scope, key=key)
    assert audited()[-1] == ("lighting.schedule.edit", "lighting.assignment:cabinet:C1")


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"reason": " "}, "reason"),
        ({"first": None}, "first"),
        ({"last": date(2026, 11, 18)}, "last"),
        ({"key": "hung-vuong"}, "key"),
        ({"recurrence": Recurrence.HOLIDAY, "holiday": "Ngày không có"}, "holiday"),
        ({"recurrence": Recurrence.HOLIDAY, "holiday": "Tết Nguyên Đán", "nights": 0}, "nights"),
    ],
)
def test_an_unsound_exception_is_refused(change: dict[str, object], place: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        schedules.add_exception(SYSTEM, msgspec.structs.replace(once(None), **change))
    assert refused.value.place == place
    assert schedules.list_exceptions(SYSTEM) == []


def test_an_exception_is_kept_and_removed() -> None:
    kept = schedules.add_exception(SYSTEM, once(None))
    assert schedules.list_exceptions(SYSTEM) == [kept]
    schedules.delete_exception(SYSTEM, kept.id)
    assert schedules.list_exceptions(SYSTEM) == []
    with pytest.raises(NotFound):
        schedules.delete_exception(SYSTEM, kept.id)
    with pytest.raises(NotFound):
        schedules.add_exception(SYSTEM, once(0))


def test_the_holidays_to_come_are_in_order_of_time() -> None:
    found = schedules.list_holidays(SYSTEM)
    assert found["Tết Nguyên Đán"] == date(2027, 2, 6)
    assert list(found.values()) == sorted(found.values())
    assert min(found.values()) >= NIGHT


@pytest.fixture
def city(add_light: Callable[..., int]) -> list[int]:
    """Two cabinets of one street and one of another programme; gives their ids."""
    made = []
    for number, (street, programme) in enumerate(
        [("hung-vuong", "new_city"), ("hung-vuong", "new_city"), ("quoc-lo-13", "industrial")], start=1
    ):
        made.append(add_light(f"Tủ {number}", serial=f"C{number}", programme=programme))
        add_light(f"Đèn {number}", serial=f"L{number}", cabinet=f"C{number}", street=street, programme=programme)
    return made


def test_cabinets_know_their_street_by_their_lamps(city: list[int]) -> None:
    found = schedules.list_cabinets(SYSTEM)
    assert [(each.id, each.serial, each.street, each.programme) for each in found] == [
        (city[0], "C1", "hung-vuong", "new_city"),
        (city[1], "C2", "hung-vuong", "new_city"),
        (city[2], "C3", "quoc-lo-13", "industrial"),
    ]


def test_each_cabinet_gets_what_is_nearest_to_it(city: list[int]) -> None:
    wide, street, own = save(is_default=True), save(), save()
    schedules.assign(SYSTEM, street.id, scope=Scope.STREET, key="hung-vuong")
    schedules.assign(SYSTEM, own.id, scope=Scope.CABINET, key="C2")
    schedules.add_exception(SYSTEM, once(None, scope=Scope.PROGRAMME, key="industrial"))
    cabinets = schedules.list_cabinets(SYSTEM)
    found = [choice for _, choice in schedules.programmes_for(SYSTEM, cabinets, NIGHT)]
    assert [choice.schedule_id for choice in found] == [street.id, own.id, None]
    assert (found[2].source, found[2].reason, found[2].programme.steps) == (Source.EXCEPTION, "Lễ hội", ())
    assert schedules.programme_for(SYSTEM, cabinets[2], date(2026, 11, 20)).schedule_id == wide.id


def test_a_cabinet_is_due_until_it_acknowledges(city: list[int]) -> None:
    assert schedules.programmes_due(SYSTEM, NIGHT) == []
    made = save()
    schedules.assign(SYSTEM, made.id, scope=Scope.STREET, key="hung-vuong")
    due = schedules.programmes_due(SYSTEM, NIGHT)
    assert [(each.cabinet_id, each.programme, each.acknowledged) for each in due] == [
        (city[0], made.programme, None),
        (city[1], made.programme, None),
    ]
    schedules.note_acknowledged(SYSTEM, city[0], made.programme)
    schedules.note_acknowledged(SYSTEM, city[0], made.programme)
    assert [each.serial for each in schedules.programmes_due(SYSTEM, NIGHT)] == ["C2"]
    cabinets = schedules.list_cabinets(SYSTEM)[:2]
    ((here, there),) = schedules.programmes_run(SYSTEM, cabinets, [NIGHT])
    assert (here, there) == (made.programme, schedules.device_programme())
    schedules.delete_schedule(SYSTEM, save().id)
    for assignment in schedules.list_assignments(SYSTEM):
        schedules.unassign(SYSTEM, assignment.id)
    (back,) = schedules.programmes_due(SYSTEM, NIGHT)
    assert (back.serial, back.programme, back.acknowledged) == (
        "C1", device_programme("Asia/Ho_Chi_Minh"), made.programme,
    )  # fmt: skip


def test_what_is_due_takes_as_many_queries_for_many_cabinets(
    city: list[int], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    """Lamps, cabinets, schedules, assignments, exceptions, acknowledgements."""
    with django_assert_max_num_queries(6):
        schedules.programmes_due(SYSTEM, NIGHT)


def test_the_coming_night_is_previewed_at_the_citys_centre_or_elsewhere() -> None:
    assert schedules.coming_night() == NIGHT
    here = schedules.preview(SYSTEM, schedules.device_programme(), NIGHT)
    north = schedules.preview(SYSTEM, schedules.device_programme(), NIGHT, lat=21.03, lon=105.85)
    assert here.sunset is not None
    assert north.sunset is not None
    assert [switch.level for switch in here.switches] == [0, 100, 70, 100, 0]
    assert north.sunset != here.sunset


EDITS: list[Callable[[Actor], object]] = [
    lambda who: schedules.save_schedule(who, name_vi="a", name_en="a", programme=LATE, is_default=False),
    lambda who: schedules.delete_schedule(who, 1),
    lambda who: schedules.assign(who, 1, scope=Scope.CABINET, key="C1"),
    lambda who: schedules.unassign(who, 1),
    lambda who: schedules.add_exception(who, once(None)),
    lambda who: schedules.delete_exception(who, 1),
    lambda who: schedules.note_acknowledged(who, 1, LATE),
]
VIEWS: list[Callable[[Actor], object]] = [
    schedules.list_schedules,
    lambda who: schedules.get_schedule(who, 1),
    schedules.list_assignments,
    schedules.list_exceptions,
    schedules.list_holidays,
    schedules.list_cabinets,
    lambda who: schedules.programmes_for(who, [], NIGHT),
    lambda who: schedules.preview(who, LATE, NIGHT),
    lambda who: schedules.programmes_due(who, NIGHT),
]


@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("role", [Role.VIEWER, Role.CREW, Role.ANALYST])
def test_who_may_not_edit_schedules(edit: Callable[[Actor], object], role: Role) -> None:
    """By lighting.schedule.edit, which operators, officers and administrators hold."""
    with pytest.raises(Forbidden):
        edit(actor(role))
    for held in (Role.OPERATOR, Role.OFFICER, Role.ADMINISTRATOR):
        assert actor(held).may("lighting.schedule.edit")


@pytest.mark.parametrize("view", VIEWS)
def test_who_has_not_signed_in_may_not_view_schedules(view: Callable[[Actor], object]) -> None:
    """By lighting.schedule.view, which every role holds."""
    with pytest.raises(Unauthenticated):
        view(accounts.visitor(""))
    assert all(actor(role).may("lighting.schedule.view") for role in Role)


TARIFF = Tariff(0, Decimal("2104.5"), "VND", "QĐ thử nghiệm", valid_from=date(2026, 1, 1))
BASELINE = Baseline(0, Scope.STREET, "hung-vuong", 250.0, "Kiểm kê 2024", valid_from=date(2026, 1, 1))


def test_tariffs_and_baselines_are_kept_with_their_basis() -> None:
    tariff, baseline = energy.add_tariff(SYSTEM, TARIFF), energy.add_baseline(SYSTEM, BASELINE)
    assert energy.list_tariffs(SYSTEM) == [msgspec.structs.replace(TARIFF, id=tariff.id)]
    assert energy.list_baselines(SYSTEM) == [msgspec.structs.replace(BASELINE, id=baseline.id)]
    assert [what for what, _ in audited()[-2:]] == ["lighting.energy.edit"] * 2


@pytest.mark.parametrize(
    ("change", "place"),
    [
        ({"price_per_kwh": Decimal(-1)}, "price_per_kwh"),
        ({"price_per_kwh": Decimal("NaN")}, "price_per_kwh"),
        ({"currency": "dong"}, "currency"),
        ({"basis": ""}, "basis"),
        ({"valid_to": date(2025, 12, 31)}, "valid_to"),
    ],
)
def test_an_unsound_tariff_is_refused(change: dict[str, object], place: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        energy.add_tariff(SYSTEM, msgspec.structs.replace(TARIFF, **change))
    assert refused.value.place == place


@pytest.mark.parametrize(
    ("change", "place"), [({"power_w": 0.0}, "power_w"), ({"power_w": float("nan")}, "power_w"), ({"key": ""}, "key")]
)
def test_an_unsound_baseline_is_refused(change: dict[str, object], place: str) -> None:
    with pytest.raises(InvalidInput) as refused:
        energy.add_baseline(SYSTEM, msgspec.structs.replace(BASELINE, **change))
    assert refused.value.place == place


def test_who_may_enter_and_see_what_energy_costs() -> None:
    """By lighting.energy.edit and lighting.energy.view."""
    for role in Role:
        assert actor(role).may("lighting.energy.edit") == (role in (Role.OFFICER, Role.ADMINISTRATOR))
        assert actor(role).may("lighting.energy.view") == (role is not Role.CREW)
    for refused in (
        lambda: energy.add_tariff(actor(Role.OPERATOR), TARIFF),
        lambda: energy.add_baseline(actor(Role.ANALYST), BASELINE),
        lambda: energy.list_tariffs(actor(Role.CREW)),
        lambda: energy.list_baselines(actor(Role.CREW)),
    ):
        with pytest.raises(Forbidden):
            refused()
