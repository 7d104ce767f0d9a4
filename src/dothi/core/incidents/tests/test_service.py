"""What work orders promise whoever issues, carries out and approves them, against the database."""

from collections.abc import Callable
from pathlib import Path

import pytest

from dothi.core.accounts import policy
from dothi.core.accounts.models import User
from dothi.core.accounts.types import SYSTEM, Actor, Held, Role
from dothi.core.alarms.tests.raising import at, failed, lost, restored, stop_clock, works
from dothi.core.audit import store as audit
from dothi.core.incidents import photos, service
from dothi.core.incidents.models import Photo
from dothi.core.incidents.tests.ordering import (
    DEPARTMENT,
    account_of,
    alarm_about,
    do,
    find,
    issued,
    new_order,
    person,
    photo,
)
from dothi.core.incidents.types import Act, Deed, Filter, Order, Picture, State
from dothi.core.places.tests.wards import WARD, make_ward
from dothi.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound, Unauthenticated
from dothi.kernel.events import Event, WorkOrdersChanged

pytestmark = [pytest.mark.django_db(transaction=False), pytest.mark.usefixtures("alarm_rules", "media")]
Register = Callable[..., int]


@pytest.fixture
def cabinet(register_thing: Register) -> int:
    """A cabinet whose phase is lost, with two lamps."""
    lamps = [register_thing(f"Đèn {each}", kind="Streetlight") for each in (1, 2)]
    found = register_thing("Tủ 7", kind="ControlCabinet", department=DEPARTMENT)
    find(lost(found, *lamps))
    return found


@pytest.fixture
def order(cabinet: int) -> Order:
    return issued(cabinet, alarm_about(cabinet).id)


def worked_off(order: Order, crew: Actor, **said: object) -> Order:
    for deed in (Deed.ACCEPT, Deed.START):
        do(crew, order, deed)
    return do(crew, order, Deed.FINISH, note="đã thay cầu chì", **said)


def test_an_order_goes_its_way(order: Order, cabinet: int, monkeypatch: pytest.MonkeyPatch) -> None:
    crew, operator = person(Role.CREW), person(Role.OPERATOR)
    for minute, deed, note in ((5, Deed.ACCEPT, ""), (20, Deed.START, ""), (50, Deed.FINISH, "đã thay cầu chì")):
        stop_clock(monkeypatch, minute)
        do(crew, order, deed, note=note)
    with pytest.raises(Conflict, match="still holds"):
        do(operator, order, Deed.APPROVE)
    find(restored(cabinet, minute=55), minute=56)
    assert account_of(order).is_normal
    stop_clock(monkeypatch, 60)
    do(operator, order, Deed.APPROVE, note="tốt")
    account = account_of(order)
    assert account.order.state is State.APPROVED
    assert account.order.done_at == at(50)
    told = [(step.deed, step.at, step.who, step.note) for step in account.steps]
    assert told == [
        (Deed.ISSUE, at(0), operator.reference, ""),
        (Deed.ACCEPT, at(5), crew.reference, ""),
        (Deed.START, at(20), crew.reference, ""),
        (Deed.FINISH, at(50), crew.reference, "đã thay cầu chì"),
        (Deed.APPROVE, at(60), operator.reference, "tốt"),
    ]
    assert account.people == {crew.reference: crew.label, operator.reference: operator.label}


def test_what_is_returned_goes_to_the_crew_again(order: Order) -> None:
    crew = person(Role.CREW)
    worked_off(order, crew)
    with pytest.raises(InvalidInput):
        do(person(Role.OFFICER), order, Deed.RETURN, note=" ")
    returned = do(person(Role.OFFICER), order, Deed.RETURN, note="đèn 2 vẫn tắt")
    assert (returned.state, returned.standing.assignee) == (State.RETURNED, crew.reference)
    assert do(crew, order, Deed.START).state is State.UNDER_WAY


def test_a_groups_members_come_with_it(order: Order, cabinet: int, register_thing: Register) -> None:
    account = account_of(order)
    assert len(account.members) == 2
    assert set(account.places) == {cabinet, *account.members}
    member = register_thing("Đèn 3", kind="Streetlight")
    find(failed(member), lost(cabinet, *account.members, member, minute=2), minute=3)
    hidden = alarm_about(member)
    assert hidden.standing.suppressed_by == alarm_about(cabinet).id
    assert [each.id for each in service.list_orders_for(SYSTEM, hidden)] == [order.id]


def test_an_order_is_for_several_alarms(order: Order, cabinet: int, register_thing: Register) -> None:
    lamp = register_thing("Đèn 9", kind="Streetlight")
    find(failed(lamp), minute=2)
    do(person(Role.OPERATOR), order, Deed.ATTACH, alarm_id=alarm_about(lamp).id)
    find(restored(cabinet, minute=3), minute=4)
    assert [alarm.standing.is_active for alarm in account_of(order).alarms] == [False, True]
    [listed] = service.list_orders(SYSTEM, Filter()).rows
    assert (listed.alarms, listed.standing_alarms) == (2, 1)
    find(works(lamp, minute=5), minute=6)
    assert account_of(order).is_normal
    with pytest.raises(NotFound):
        do(person(Role.OPERATOR), order, Deed.ATTACH, alarm_id=999_999)


def test_a_deed_asked_for_twice_is_done_once(order: Order) -> None:
    crew = person(Role.CREW)
    for _ in range(3):
        do(crew, order, Deed.NOTE, note="cáp bị đào đứt", key="phone-1", pictures=(Picture(photo()),))
    account = account_of(order)
    assert [step.note for step in account.steps if step.deed is Deed.NOTE] == ["cáp bị đào đứt"]
    assert Photo.objects.count() == 1
    do(crew, order, Deed.ACCEPT, key="phone-2")
    do(person(Role.OPERATOR), order, Deed.CANCEL, note="nhầm")
    assert do(crew, order, Deed.ACCEPT, key="phone-2").state is State.CANCELLED, "known, so not refused"
    with pytest.raises(Conflict):
        do(crew, order, Deed.ACCEPT, key="phone-3")


def test_an_order_issued_twice_under_one_key_is_one(cabinet: int) -> None:
    operator = person(Role.OPERATOR)
    first, second = (service.issue(operator, new_order(cabinet), key="form-1") for _ in range(2))
    assert first == second
    assert service.issue(operator, new_order(cabinet), key="form-2").id != first.id


def test_a_deed_that_waited_for_a_network_counts_from_when_it_was_done(
    order: Order, monkeypatch: pytest.MonkeyPatch
) -> None:
    stop_clock(monkeypatch, 30)
    do(person(Role.CREW), order, Deed.ACCEPT, ago_s=600)
    do(person(Role.CREW), order, Deed.START, ago_s=6000)
    accepted, started = account_of(order).steps[-2:]
    assert (accepted.at, accepted.recorded_at) == (at(20), at(30))
    assert started.at == at(20), "never before the step before it"


def test_photos_belong_to_their_order_alone(order: Order, cabinet: int, media: Path) -> None:
    worked_off(order, person(Role.CREW), pictures=(Picture(photo(place=(106.6, 11.0)), keeps_place=True),))
    [kept] = account_of(order).steps[-1].photos
    assert (kept.lon, kept.lat) == (106.6, 11.0)
    assert service.find_photo(person(Role.CREW), order.id, kept.digest) == photos.file_of(media, kept.digest)
    for order_id, digest in ((issued(cabinet).id, kept.digest), (order.id, "0" * 64), (order.id, "../../x")):
        with pytest.raises(NotFound):
            service.find_photo(person(Role.CREW), order_id, digest)


def test_a_photo_that_is_none_stops_the_whole_deed(order: Order) -> None:
    with pytest.raises(InvalidInput) as error:
        do(person(Role.CREW), order, Deed.NOTE, note="x", pictures=(Picture(photo()), Picture(b"text")))
    assert error.value.place == "photo"
    assert [step.deed for step in account_of(order).steps] == [Deed.ISSUE]


def test_the_last_three_repairs_at_a_thing_are_known(cabinet: int) -> None:
    crew = person(Role.CREW)
    done = [worked_off(issued(cabinet, title=f"Lần {each}"), crew, ago_s=0) for each in range(4)]
    cancelled = issued(cabinet)
    do(person(Role.OPERATOR), cancelled, Deed.CANCEL, note="nhầm")
    found = account_of(issued(cabinet)).repairs
    assert [repair.order.id for repair in found] == [order.id for order in reversed(done[1:])]
    assert {repair.note for repair in found} == {"đã thay cầu chì"}


def test_a_department_sees_its_own_orders(order: Order, register_thing: Register) -> None:
    other = issued(register_thing("Trạm", kind="Pump", department="TN"), department="TN")
    crew = person(Role.CREW)
    limited = Actor("user", crew.reference, crew.permissions, crew.label, department=DEPARTMENT)
    assert [row.order.id for row in service.list_orders(limited, Filter()).rows] == [order.id]
    assert service.list_departments(limited) == [DEPARTMENT]
    assert service.list_departments(SYSTEM) == [DEPARTMENT, "TN"]
    assert service.count_orders(limited, Filter()) == {State.ISSUED: 1}
    for ask in (lambda: service.get_order(limited, other.id), lambda: do(limited, other, Deed.ACCEPT)):
        with pytest.raises(NotFound):
            ask()
    few = Actor("user", crew.reference, crew.permissions, crew.label, thing_ids=frozenset({other.thing_id}))
    assert [row.order.id for row in service.list_orders(few, Filter()).rows] == [other.id]


def test_a_crew_of_an_area_has_the_orders_that_lie_there(order: Order, register_thing: Register) -> None:
    other = issued(register_thing("Tủ 9", kind="ControlCabinet", place=(106.75, 11.05)))
    make_ward(106.67, 11.05)
    crew = person(Role.CREW)
    there = policy.person(crew.reference, label="x", grants=[Held(crew.permissions, area=WARD)])
    assert [row.order.id for row in service.list_orders(there, Filter()).rows] == [order.id]
    assert service.count_orders(there, Filter()) == {State.ISSUED: 1}
    assert do(there, order, Deed.ACCEPT).standing.state is State.ACCEPTED
    assert service.get_order(there, order.id).order.id == order.id
    for ask in (lambda: service.get_order(there, other.id), lambda: do(there, other, Deed.ACCEPT)):
        with pytest.raises(NotFound):
            ask()
    elsewhere = Held(crew.permissions, departments=frozenset({"TN"}), area=WARD)
    assert service.count_orders(policy.person(crew.reference, label="x", grants=[elsewhere]), Filter()) == {}


def test_visitors_see_none_and_roles_do_what_they_may(order: Order) -> None:
    visitor = Actor("visitor", "visitor", frozenset({service.VIEW}))
    with pytest.raises(Unauthenticated):
        service.list_orders(visitor, Filter())
    for role in Role:
        for deed, permission in service.PERMISSIONS.items():
            someone = person(role)
            if permission not in someone.permissions:
                with pytest.raises(Forbidden):
                    do(someone, order, deed, note="x")


@pytest.mark.parametrize(
    ("wrong", "place"),
    [
        ({"title": " "}, "title"),
        ({"department": ""}, "department"),
        ({"priority": 5}, "priority"),
        ({"assignee": "user:999999"}, "assignee"),
        ({"title": "x" * 201}, "title"),
        ({"task": "a\0b"}, "task"),
    ],
)
def test_an_order_that_makes_no_sense_is_refused(cabinet: int, wrong: dict[str, object], place: str) -> None:
    with pytest.raises(InvalidInput) as error:
        issued(cabinet, **wrong)
    assert error.value.place == place


def test_an_order_goes_to_someone_who_can_carry_it_out(order: Order) -> None:
    crew, analyst = person(Role.CREW), person(Role.ANALYST)
    assert do(person(Role.OPERATOR), order, Deed.ASSIGN, assignee=crew.reference).standing.assignee == crew.reference
    with pytest.raises(InvalidInput):
        do(person(Role.OPERATOR), order, Deed.ASSIGN, assignee=analyst.reference)
    assert do(person(Role.OPERATOR), order, Deed.ASSIGN).standing.assignee == ""
    User.objects.filter(username=crew.label).update(is_active=False)
    with pytest.raises(InvalidInput):
        do(person(Role.OPERATOR), order, Deed.ASSIGN, assignee=crew.reference)


def test_every_change_is_audited_and_told_after_the_commit(
    cabinet: int, django_capture_on_commit_callbacks: Callable[..., object]
) -> None:
    told: list[Event] = []
    crew = person(Role.CREW)
    with django_capture_on_commit_callbacks(execute=True):  # type: ignore[attr-defined]
        order = service.issue(person(Role.OPERATOR), new_order(cabinet), publish=told.append)
        service.carry_out(crew, order.id, Act(Deed.ACCEPT), publish=told.append)
    assert told == [WorkOrdersChanged([order.id])] * 2
    issued_entry, accepted = list(audit.iterate())[-2:]
    assert f'"subject":"work_order:{order.id}"' in issued_entry.body
    assert '"what":"incidents.order.create"' in issued_entry.body
    assert f'"who":"{crew.reference}"' in accepted.body
    assert '"before":{"assignee":"","state":"issued"}' in accepted.body


def test_open_orders_come_by_priority_and_deadline_others_by_their_last_change(
    cabinet: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    low, high = issued(cabinet, priority=4), issued(cabinet, priority=1)
    assert [row.order.id for row in service.list_orders(SYSTEM, Filter()).rows] == [high.id, low.id]
    for minute, order in enumerate((high, low)):
        stop_clock(monkeypatch, minute)
        do(person(Role.OPERATOR), order, Deed.CANCEL, note="x")
    over = Filter(states=(State.CANCELLED,))
    assert [row.order.id for row in service.list_orders(SYSTEM, over).rows] == [low.id, high.id]
    assert [row.order.id for row in service.list_orders(SYSTEM, over, number=2, limit=1).rows] == [high.id]
