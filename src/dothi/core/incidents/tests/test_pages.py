"""The pages of work orders: what they say in both languages, to whom, what can be done, and by how many queries."""

import json
import re
from collections.abc import Callable
from io import BytesIO

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from dothi.core.accounts import service as accounts
from dothi.core.accounts.service import departments
from dothi.core.accounts.types import SYSTEM, Actor, Role
from dothi.core.alarms.tests.raising import at, failed, lost, restored, stop_clock
from dothi.core.incidents import service
from dothi.core.incidents.tests.ordering import account_of, alarm_about, do, find, issued, person, photo, signed_in
from dothi.core.incidents.types import Deed, Filter, Order, Picture, State
from dothi.core.incidents.views import panels
from dothi.core.observations.models import Thing

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("alarm_rules", "media")]
Register = Callable[..., int]
ORDERS, CREW = "/work-orders/", "/crew/"
QUEUE_BUDGET = 12
"""Session, person, counts twice, orders, links, alarms, names of Things, people and departments, what has orders."""
ORDER_BUDGET = 21
"""Session, person, order, course, photos, links, alarms, members, repairs, names thrice, places, people, panels."""


@pytest.fixture
def cabinet(register_thing: Register) -> int:
    """A cabinet whose phase is lost, with two lamps."""
    lamps = [register_thing(f"Đèn {each}", kind="Streetlight") for each in (1, 2)]
    found = register_thing("Tủ 7", kind="ControlCabinet", department="CS")
    find(lost(found, *lamps))
    return found


@pytest.fixture
def order(cabinet: int) -> Order:
    return issued(cabinet, alarm_about(cabinet).id)


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("vi", ["Phiếu giao việc", "Mất điện pha B", "Đã giao", "Chưa phân công", "Còn cảnh báo", "Thời hạn"]),
        ("en", ["Work orders", "Mất điện pha B", "Issued", "Nobody yet", "The alarm holds", "Deadline"]),
    ],
)
def test_the_queue_shows_what_is_open(order: Order, language: str, words: list[str]) -> None:
    page = signed_in(Role.OPERATOR, language=language).get(ORDERS).content.decode()
    for word in (*words, order.number, "Tủ 7"):
        assert word in page


def test_tabs_departments_and_mine_choose(order: Order, register_thing: Register) -> None:
    crew = signed_in(Role.CREW)
    do(person(Role.CREW), order, Deed.ACCEPT)
    other = issued(register_thing("Trạm", kind="Pump"), title="Bơm dừng", department="TN")
    for question, shows in (
        ("", {order, other}),
        ("?mine=1", {order}),
        ("?department=TN", {other}),
        ("?state=accepted", {order}),
        ("?state=approved", set()),
        ("?state=nonsense&page=x", {order, other}),
        ("?page=99", set()),
    ):
        page = crew.get(ORDERS + question).content.decode()
        assert {each for each in (order, other) if each.number in page} == shows, question


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("vi", ["Diễn biến", "Việc phải làm", "Đang có", "Các lần sửa gần nhất", "và 2 thiết bị thuộc nó"]),
        ("en", ["Course of events", "What to do", "Holds", "Last repairs here", "and 2 devices that hang on it"]),
    ],
)
def test_an_order_tells_all_that_is_known(order: Order, language: str, words: list[str]) -> None:
    page = signed_in(Role.ANALYST, language=language).get(f"{ORDERS}{order.id}/").content.decode()
    for word in (*words, "Thay cầu chì", "Tủ 7", 'role="img"', "operator-1"):
        assert word in page
    assert 'method="post" action="/work-orders/' not in page, "an analyst looks on"


def test_an_operator_issues_an_order_from_an_alarm(cabinet: int) -> None:
    operator, alarm = signed_in(Role.OPERATOR), alarm_about(cabinet)
    address = f"{ORDERS}new/?alarm={alarm.id}"
    assert f'href="{address}"' in operator.get(f"/alarms/{alarm.id}/").content.decode()
    form = operator.get(address).context["form"]
    said = {name: form[name].value() or "" for name in form.fields}
    assert (said["title"], said["priority"], said["department"]) == ("Phase B lost: 2 lamps out · Tủ 7", 2, "CS")
    assert operator.post(address, said | {"deadline": "2020-01-01T00:00"}).status_code == 400
    assert operator.post(address, said | {"assignee": "user:999"}).status_code == 400
    for _ in range(2):
        shown = operator.post(address, said, follow=True).content.decode()
    [row] = service.list_orders(SYSTEM, Filter()).rows
    assert f"Work order {row.order.number} is issued." in shown
    panel = operator.get(f"/alarms/{alarm.id}/").content.decode()
    assert f'href="{ORDERS}{row.order.id}/"' in panel
    assert f'href="{address}"' not in panel, "one order is enough"


def test_an_order_by_hand_and_a_second_alarm_at_the_same_device(cabinet: int, register_thing: Register) -> None:
    operator = signed_in(Role.OPERATOR)
    said = {"title": "Sơn lại tủ", "department": "CS", "priority": "4", "deadline": "2026-12-01T08:00"}
    assert operator.post(f"{ORDERS}new/?thing={cabinet}", said).status_code == 302
    alarm = alarm_about(cabinet)
    page = operator.get(f"{ORDERS}new/?alarm={alarm.id}").content.decode()
    [row] = service.list_orders(SYSTEM, Filter()).rows
    assert f'action="{ORDERS}{row.order.id}/attach/"' in page
    operator.post(f"{ORDERS}{row.order.id}/attach/", {"alarm": alarm.id})
    assert [each.id for each in account_of(row.order).alarms] == [alarm.id]
    for wrong, status in (("alarm=x", 400), ("thing=999999", 404), ("alarm=999999", 404), ("", 400)):
        assert operator.get(f"{ORDERS}new/?{wrong}").status_code == status


def test_the_crew_works_and_the_operator_approves(order: Order, cabinet: int, monkeypatch: pytest.MonkeyPatch) -> None:
    crew, operator, page = signed_in(Role.CREW), signed_in(Role.OPERATOR), f"{ORDERS}{order.id}/"
    for deed, said in (("accept", {}), ("start", {}), ("finish", {"note": "đã thay", "photo": BytesIO(photo())})):
        answer = crew.post(f"{page}{deed}/", {"next": f"{CREW}{order.id}/", **said}, headers={})
        assert answer.headers["Location"] == f"{CREW}{order.id}/"
    shown = operator.get(page).content.decode()
    assert "It can be approved when that is over." in shown
    assert "Nothing was done" not in operator.post(f"{page}approve/", follow=True).content.decode()
    assert account_of(order).order.state is State.DONE
    find(restored(cabinet, minute=2), minute=3)
    assert "All alarms of this order are back to normal." in operator.get(page).content.decode()
    assert "the order is over" in operator.post(f"{page}approve/", follow=True).content.decode()
    again = crew.post(f"{page}start/", follow=True).content.decode()
    assert "Nothing was done: the work order has changed meanwhile." in again


def test_an_order_goes_to_a_department_of_the_tree(cabinet: int) -> None:
    for code, name, parent in (("works", "Sở Xây dựng", ""), ("lights", "Đội chiếu sáng", "works")):
        departments.create_department(SYSTEM, code=code, name_vi=name, name_en=name, parent=parent)
    operator, address = signed_in(Role.OPERATOR, language="vi"), f"{ORDERS}new/?thing={cabinet}"
    page = operator.get(address).content.decode()
    offered = re.findall(r'<option value="([^"]*)"[^>]*>([^<]*)', page.partition('id="id_department"')[2])[:4]
    tree = [("works", "Sở Xây dựng"), ("lights", "\u2003Đội chiếu sáng")]
    assert offered == [("", "Chọn"), *tree, ("CS", "CS")], "and the device's own, which is in no tree"
    said = {"title": "Sơn lại tủ", "department": "nobody", "priority": "4", "deadline": "2026-12-01T08:00"}
    assert operator.post(address, said).status_code == 400
    assert operator.post(address, said | {"department": "lights"}).status_code == 302
    assert "Đội chiếu sáng" in operator.get(ORDERS).content.decode()


def test_a_photo_is_for_those_who_see_the_order(order: Order) -> None:
    crew = signed_in(Role.CREW)
    do(person(Role.CREW), order, Deed.NOTE, pictures=(Picture(photo()),))
    [kept] = account_of(order).steps[-1].photos
    address = f"{ORDERS}{order.id}/photos/{kept.digest}.jpg"
    assert address in crew.get(f"{ORDERS}{order.id}/").content.decode()
    answer = crew.get(address)
    assert answer.headers["Content-Type"] == "image/jpeg"
    assert answer.content.startswith(b"\xff\xd8")
    assert crew.get(address + "?small=1").status_code == 200
    assert signed_in(Role.VIEWER).get(address).status_code == 403
    assert crew.get(f"{ORDERS}{order.id}/photos/{'0' * 64}.jpg").status_code == 404


def test_a_script_hears_what_became_of_its_deed_and_twice_is_once(order: Order) -> None:
    crew = signed_in(Role.CREW)

    def ask(deed: str, **said: object) -> tuple[int, dict[str, str]]:
        headers = {"Accept": "application/json"}
        answer = crew.post(f"{ORDERS}{order.id}/{deed}/", said, headers=headers)
        return answer.status_code, json.loads(answer.content)

    assert ask("accept", key="k1") == (200, {"state": "accepted"})
    assert ask("accept", key="k1") == (200, {"state": "accepted"})
    status, told = ask("accept", key="k2")
    assert (status, told["message"][:16]) == (409, "Nothing was done")
    assert ask("note", key="k3", photo=BytesIO(b"no photo"))[0] == 400
    assert ask("note", key="k3", note="cáp đứt", photo=BytesIO(photo()), ago_s="x", alarm="x")[0] == 200
    assert [step.deed for step in account_of(order).steps] == [Deed.ISSUE, Deed.ACCEPT, Deed.NOTE]


def test_the_crews_page_holds_what_the_street_needs(order: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    crew = signed_in(Role.CREW, language="vi")
    assert order.number in crew.get(CREW).content.decode().partition('id="free"')[2]
    do(person(Role.CREW), order, Deed.ACCEPT)
    mine = crew.get(CREW).content.decode().partition('id="mine"')[2].partition('id="free"')[0]
    assert order.number in mine
    stop_clock(monkeypatch, 241)
    page = crew.get(f"{CREW}{order.id}/").content.decode()
    for word in (
        "Quá hạn",
        "Thay cầu chì",
        "Tủ 7",
        "<svg",
        "Các lần sửa gần nhất tại đây",
        "Chụp ảnh",
        'data-state="accepted"',
    ):
        assert word in page


def test_a_device_that_is_gone_and_an_order_that_is_late_are_said_to_be(
    order: Order, cabinet: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    Thing.objects.filter(id=cabinet).delete()
    stop_clock(monkeypatch, 300)
    for address in (ORDERS, f"{ORDERS}{order.id}/", f"{CREW}{order.id}/"):
        page = signed_in(Role.CREW).get(address)
        assert page.status_code == 200
        assert "Overdue" in page.content.decode()


def test_a_department_finds_its_own_alone(order: Order, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = accounts.person
    monkeypatch.setattr(
        accounts,
        "person",
        lambda user_id, **said: Actor(
            "user", f"user:{user_id}", whole(user_id, **said).permissions, said["label"], department="TN"
        ),
    )
    client = signed_in(Role.CREW)
    assert order.number not in client.get(ORDERS).content.decode()
    assert client.get(f"{CREW}{order.id}/").status_code == 404
    assert client.post(f"{ORDERS}{order.id}/accept/").status_code == 404


DEEDS = {deed.value: permission for deed, permission in service.PERMISSIONS.items()}


@pytest.mark.parametrize("role", list(Role))
def test_each_role_may_what_the_manifest_says(order: Order, role: Role) -> None:
    """All of them: incidents.order.view, incidents.order.create, incidents.order.assign, incidents.order.work,
    incidents.order.note, incidents.order.approve and incidents.order.cancel.
    """
    client, held = signed_in(role), accounts.permissions_of_role(role.value)
    assert (client.get(ORDERS).status_code == 403) == ("incidents.order.view" not in held)
    assert (client.get(CREW).status_code == 403) == ("incidents.order.work" not in held)
    assert (client.get(f"{ORDERS}new/?thing={order.thing_id}").status_code == 403) == (
        "incidents.order.create" not in held
    )
    for deed, permission in DEEDS.items():
        answer = client.post(f"{ORDERS}{order.id}/{deed}/", {"note": ""})
        assert (answer.status_code == 403) == (permission not in held), deed


def test_a_visitor_is_sent_to_sign_in() -> None:
    assert Client().get(ORDERS).headers["Location"] == "/sign-in/?next=%2Fwork-orders%2F"


def test_the_panel_of_an_alarm_that_a_group_speaks_for_offers_no_order_of_its_own(
    order: Order, cabinet: int, register_thing: Register
) -> None:
    member = account_of(order).members[0]
    find(failed(member, minute=2), minute=3)
    found = panels.alarm_panel(person(Role.OPERATOR), alarm_about(member))
    assert [row.order.id for row in found["rows"]] == [order.id]
    assert not found["can_issue"]


@pytest.mark.parametrize("count", [1, 40])
def test_the_queue_keeps_to_its_queries(
    register_thing: Register, django_assert_max_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    things = [register_thing(f"Đèn {each}", kind="Streetlight") for each in range(count)]
    find(*(failed(each) for each in things))
    for each in things:
        issued(each, alarm_about(each).id)
    client = signed_in(Role.OPERATOR)
    with django_assert_max_num_queries(QUEUE_BUDGET):
        assert client.get(ORDERS).status_code == 200


@pytest.mark.parametrize("count", [1, 20])
def test_the_orders_page_keeps_to_its_queries(
    order: Order, django_assert_max_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    crew = person(Role.CREW)
    for each in range(count):
        do(crew, order, Deed.NOTE, note=f"{each}", pictures=(Picture(photo()),))
    for client in (signed_in(Role.OPERATOR), signed_in(Role.CREW)):
        with django_assert_max_num_queries(ORDER_BUDGET):
            assert client.get(f"{ORDERS}{order.id}/").status_code == 200
    client = signed_in(Role.CREW)
    with django_assert_max_num_queries(ORDER_BUDGET):
        assert client.get(f"{CREW}{order.id}/").status_code == 200


def test_times_are_the_citys(order: Order) -> None:
    assert order.deadline == at(240)
    assert "23:00" in signed_in(Role.OPERATOR).get(f"{ORDERS}{order.id}/").content.decode()
