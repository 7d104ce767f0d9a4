"""The pages of alarms: what they say in both languages, to whom, what can be done there, and with how many queries."""

from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from dothi.core.accounts import service as accounts
from dothi.core.accounts.models import User
from dothi.core.accounts.types import SYSTEM, Role
from dothi.core.alarms import service
from dothi.core.alarms.tests.raising import LOST, at, failed, lost, stop_clock, works
from dothi.core.alarms.types import Alarm, Change, Filter, State
from dothi.core.observations.models import Thing

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("alarm_rules")]

QUEUE = "/alarms/"
QUEUE_BUDGET = 5
"""Session, person, alarms, counts, names of Things: however many alarms there are."""
ALARM_BUDGET = 8
"""Session, person, alarm, history, members, names of Things, names of people, work orders."""
Register = Callable[..., int]


def signed_in(role: Role, language: str = "en") -> Client:
    """Someone who signed in with a role."""
    client = Client()
    client.force_login(User.objects.create_user(username=f"truc-ban-{role.value}", role=role.value))
    client.cookies["dothi_language"] = language
    return client


@pytest.fixture
def operator() -> Client:
    return signed_in(Role.OPERATOR)


@pytest.fixture
def night(register_thing: Register) -> dict[str, int]:
    """A night with a lost phase, a lamp that is out and one that came back; gives the Things by name."""
    things = {name: register_thing(name, kind="Streetlight") for name in ("Tủ 7", "Đèn 1", "Đèn 2", "Đèn 3")}
    Thing.objects.filter(id=things["Đèn 3"]).update(properties={"kind": "Streetlight"})
    take_in(
        failed(things["Đèn 1"]),
        failed(things["Đèn 3"], power_w=0.4),
        works(things["Đèn 3"]),
        lost(things["Tủ 7"], things["Đèn 1"], things["Đèn 2"]),
    )
    return things


def take_in(*changes: Change) -> list[Alarm]:
    return service.apply("lights.night", changes, watermark=at(1))


def alarm_about(thing_id: int) -> Alarm:
    [found] = service.list_alarms(SYSTEM, Filter(states=tuple(State), thing_id=thing_id)).alarms
    return found


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("vi", ["Hàng đợi cảnh báo", "Mất điện pha B: 2 đèn tắt", "Tủ 7", "Chưa xác nhận", "Đã hết", "Chiếu sáng"]),
        ("en", ["Alarm queue", "Phase B lost: 2 lamps out", "Tủ 7", "Unacknowledged", "Cleared", "Lighting"]),
    ],
)
def test_the_queue_shows_what_is_wrong(night: dict[str, int], language: str, words: list[str]) -> None:
    page = signed_in(Role.VIEWER, language).get(QUEUE).content.decode()
    for word in words:
        assert word in page
    assert "Đèn 1" not in page
    assert page.index("Tủ 7") < page.index("Đèn 3")


def test_tabs_count_and_choose(night: dict[str, int], operator: Client) -> None:
    page = operator.get(QUEUE).content.decode()
    assert 'aria-current="page">All <span class="num">2</span>' in page
    assert '>Hidden by a group <span class="num">1</span>' in page
    hidden = operator.get(f"{QUEUE}?state=suppressed").content.decode()
    assert "Đèn 1" in hidden
    assert "Tủ 7" not in hidden
    assert "No alarm here." in operator.get(f"{QUEUE}?state=shelved").content.decode()
    assert "Tủ 7" not in operator.get(f"{QUEUE}?priority=3&service=lights").content.decode()
    assert operator.get(f"{QUEUE}?state=x&priority=9&service=x").status_code == 200
    assert operator.get(f"{QUEUE}?after=x").status_code == 400


def test_the_queue_comes_in_pages(operator: Client) -> None:
    take_in(*(failed(each) for each in range(1, 61)))
    first = operator.get(QUEUE)
    assert len(first.context["rows"]) == 50
    second = operator.get(QUEUE + first.context["following"])
    assert [row.alarm.point.thing_id for row in second.context["rows"]] == list(range(10, 0, -1))
    assert "A device that no longer exists" in second.content.decode()


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("vi", ["Đèn không sáng", "Công suất", "0,4 W", "Thay bóng", "Đã hết nguyên nhân", "Dothi phát hiện"]),
        ("en", ["Lamp out", "Power", "0.4 W", "Replace it", "The cause is gone", "Found by Dothi"]),
    ],
)
def test_an_alarm_tells_all_that_is_known(night: dict[str, int], language: str, words: list[str]) -> None:
    page = signed_in(Role.VIEWER, language).get(f"{QUEUE}{alarm_about(night['Đèn 3']).id}/").content.decode()
    for word in words:
        assert word in page


def test_a_group_names_its_members(night: dict[str, int], operator: Client) -> None:
    page = operator.get(f"{QUEUE}{alarm_about(night['Tủ 7']).id}/").content.decode()
    assert "<li>Đèn 1</li><li>Đèn 2</li>" in page
    single = operator.get(f"{QUEUE}{alarm_about(night['Đèn 1']).id}/").content.decode()
    assert f'<a href="{QUEUE}{alarm_about(night["Tủ 7"]).id}/">the group' in single


def test_an_operator_acknowledges_with_a_note(night: dict[str, int], operator: Client) -> None:
    alarm = alarm_about(night["Tủ 7"])
    page = operator.post(f"{QUEUE}{alarm.id}/acknowledge/", {"note": "<b>đã gọi đội</b>"}, follow=True).content.decode()
    assert alarm_about(night["Tủ 7"]).state is State.ACKNOWLEDGED
    assert "The alarm is acknowledged." in page
    assert "&lt;b&gt;đã gọi đội&lt;/b&gt;" in page
    assert "truc-ban-operator</p>" in page


def test_an_operator_acknowledges_the_chosen_ones(night: dict[str, int], operator: Client) -> None:
    chosen = [alarm_about(night[name]).id for name in ("Tủ 7", "Đèn 3", "Đèn 1")]
    answer = operator.post(f"{QUEUE}acknowledge/", {"alarm": chosen, "next": "/alarms/?state=all"})
    assert answer.headers["Location"] == "/alarms/?state=all"
    assert [alarm_about(night[name]).state for name in ("Tủ 7", "Đèn 3", "Đèn 1")] == [
        State.ACKNOWLEDGED, State.NORMAL, State.SUPPRESSED,
    ]  # fmt: skip
    assert operator.post(f"{QUEUE}acknowledge/", {"next": "https://example.org/"}).headers["Location"] == QUEUE
    assert operator.post(f"{QUEUE}acknowledge/", {"alarm": "x"}).status_code == 400
    assert operator.post(f"{QUEUE}acknowledge/", {"alarm": "999999"}).status_code == 404


def test_an_operator_shelves_and_shows_again(night: dict[str, int], operator: Client) -> None:
    page = f"{QUEUE}{alarm_about(night['Tủ 7']).id}/"
    for wrong in ({"minutes": "7", "reason": "x"}, {"minutes": "60", "reason": " "}, {}):
        assert operator.post(f"{page}shelve/", wrong).status_code == 400
    shown = operator.post(f"{page}shelve/", {"minutes": "60", "reason": "đào đường"}, follow=True).content.decode()
    assert "Shelved until 20:00 19/11/2026." in shown
    assert alarm_about(night["Tủ 7"]).standing.shelved_until == at(60)
    again = operator.post(f"{page}acknowledge/", follow=True).content.decode()
    assert "Nothing was done: the alarm has changed meanwhile." in again
    operator.post(f"{page}unshelve/")
    assert alarm_about(night["Tủ 7"]).state is State.UNACKNOWLEDGED


def test_an_administrator_takes_out_of_service_and_returns(night: dict[str, int]) -> None:
    administrator = signed_in(Role.ADMINISTRATOR)
    page = f"{QUEUE}{alarm_about(night['Tủ 7']).id}/"
    administrator.post(f"{page}remove/", {"reason": "thay tủ"})
    assert alarm_about(night["Tủ 7"]).state is State.OUT_OF_SERVICE
    assert "Return it to service" in administrator.get(page).content.decode()
    administrator.post(f"{page}return/")
    assert alarm_about(night["Tủ 7"]).state is State.UNACKNOWLEDGED


DEEDS = {
    "acknowledge": "alarms.alarm.acknowledge",
    "shelve": "alarms.alarm.shelve",
    "unshelve": "alarms.alarm.shelve",
    "remove": "alarms.alarm.disable",
    "return": "alarms.alarm.disable",
}


@pytest.mark.parametrize("role", list(Role))
def test_each_role_may_what_the_manifest_says(night: dict[str, int], role: Role) -> None:
    """By alarms.alarm.view, which all have, and those of the deeds."""
    client = signed_in(role)
    page = f"{QUEUE}{alarm_about(night['Tủ 7']).id}/"
    shown = client.get(page).content.decode()
    for deed, permission in DEEDS.items():
        may = permission in accounts.permissions_of_role(role.value)
        answer = client.post(f"{page}{deed}/", {"minutes": "60", "reason": "x"})
        assert (answer.status_code == 403) == (not may)
        if deed in ("acknowledge", "shelve", "remove"):
            assert (f'action="{page}{deed}/"' in shown) == may


def test_a_visitor_is_sent_to_sign_in_whatever_visitors_may(night: dict[str, int], settings: Settings) -> None:
    settings.VISITOR_ROLE = "administrator"
    answer = Client().get(QUEUE)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/sign-in/?next=%2Falarms%2F")


@pytest.mark.parametrize("count", [1, 50])
def test_the_queue_keeps_to_its_queries(
    register_thing: Register, operator: Client, django_assert_max_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    take_in(*(failed(register_thing(f"Đèn {each}", kind="Streetlight")) for each in range(count)))
    with django_assert_max_num_queries(QUEUE_BUDGET):
        assert operator.get(QUEUE).status_code == 200


@pytest.mark.parametrize("count", [1, 200])
def test_the_alarms_page_keeps_to_its_queries(
    operator: Client, django_assert_max_num_queries: DjangoAssertNumQueries, monkeypatch: pytest.MonkeyPatch, count: int
) -> None:
    take_in(lost(9, *range(10, 10 + count)))
    stop_clock(monkeypatch, 1)
    [alarm] = service.list_alarms(SYSTEM, Filter(rules=(LOST,))).alarms
    operator.post(f"{QUEUE}{alarm.id}/acknowledge/")
    with django_assert_max_num_queries(ALARM_BUDGET):
        assert operator.get(f"{QUEUE}{alarm.id}/").status_code == 200
