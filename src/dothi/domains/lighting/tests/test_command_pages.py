"""The pages of commands: who sees and gives them, what they say in both languages, and with how many queries."""

from collections.abc import Callable

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from dothi.core.accounts.models import User
from dothi.core.accounts.types import SYSTEM, Role
from dothi.core.observations.models import Task as Row
from dothi.core.observations.tasking import service as tasking
from dothi.domains.lighting.service import commands
from dothi.domains.lighting.tests.conftest import AddLight
from dothi.domains.lighting.types.command import Aim, Order, Target

pytestmark = pytest.mark.django_db
LIGHT: dict[str, dict[str, object]] = {"light": {}}
QUERY_BUDGET = 8
"""Session and person, the command or commands, their Tasks, the names of lamps and people."""
SignIn = Callable[[Role], Client]


@pytest.fixture
def street(add_light: AddLight) -> list[int]:
    """Three lamps of one street, and the cabinet that feeds them."""
    add_light("Tủ Hùng Vương 1", serial="C1")
    return [
        add_light(f"Đèn {number}", serial=f"L{number}", cabinet="C1", street="hung-vuong", capabilities=LIGHT)
        for number in range(3)
    ]


@pytest.fixture
def sign_in(client: Client) -> SignIn:
    """Sign somebody of a role in."""

    def signed_in(role: Role) -> Client:
        user = User.objects.create_user("someone", password="long enough a word", role=role.value)
        client.force_login(user)
        client.cookies["dothi_language"] = "en"
        return client

    return signed_in


FORM = {"aim": "street", "key": "hung-vuong", "deed": "dim", "level": "40", "span": "60"}


def test_a_street_is_commanded_and_its_answers_are_counted(sign_in: SignIn, street: list[int]) -> None:
    operator = sign_in(Role.OPERATOR)
    answer = operator.post("/lighting/commands/give/", FORM)
    [group] = {row.group_id for row in Row.objects.all()}
    assert answer.headers["Location"] == f"/lighting/commands/{group}/"
    assert [task.parameters["level"] for task in tasking.list_tasks(SYSTEM, group=group)] == [40, 40, 40]
    page = operator.get(answer.headers["Location"]).content.decode()
    assert "Hung Vuong: 40% light" in page
    assert '<b class="num">3</b> waiting to be sent' in page
    assert "by someone" in page
    listed = operator.get("/lighting/commands/").content.decode()
    assert "Hung Vuong" in listed


@pytest.mark.parametrize(
    ("changed", "parameters"),
    [
        ({"deed": "on", "span": ""}, {"level": 100}),
        ({"deed": "off", "span": ""}, {"level": 0}),
        ({"deed": "resume"}, {"resume": True}),
    ],
)
def test_each_deed_is_told_to_the_lamps(
    sign_in: SignIn, street: list[int], changed: dict[str, str], parameters: dict[str, object]
) -> None:
    sign_in(Role.OPERATOR).post("/lighting/commands/give/", FORM | changed)
    assert {str(row.parameters) for row in Row.objects.all()} == {str(parameters)}


@pytest.mark.parametrize(
    ("changed", "back"),
    [
        ({"level": "101"}, "/lighting/streets/hung-vuong/"),
        ({"level": ""}, "/lighting/streets/hung-vuong/"),
        ({"deed": "explode"}, "/lighting/streets/hung-vuong/"),
        ({"aim": "moon"}, "/lighting/"),
        ({"aim": "street", "key": "//evil.example/", "level": ""}, "/lighting/"),
    ],
)
def test_what_makes_no_sense_is_said_where_it_was_given(
    sign_in: SignIn, street: list[int], changed: dict[str, str], back: str
) -> None:
    answer = sign_in(Role.OPERATOR).post("/lighting/commands/give/", FORM | changed)
    assert (answer.status_code, answer.headers["Location"]) == (302, back)
    assert Row.objects.count() == 0


def test_a_street_that_is_not_there(sign_in: SignIn, street: list[int]) -> None:
    operator = sign_in(Role.OPERATOR)
    assert operator.post("/lighting/commands/give/", FORM | {"key": "nowhere"}).status_code == 404
    assert operator.get("/lighting/commands/999/").status_code == 404


@pytest.mark.parametrize("role", [Role.VIEWER, Role.CREW, Role.OFFICER, Role.ANALYST])
def test_who_may_not_command_sees_no_form_and_gets_nowhere(sign_in: SignIn, street: list[int], role: Role) -> None:
    person = sign_in(role)
    assert person.post("/lighting/commands/give/", FORM).status_code == 403
    assert person.get("/lighting/commands/").status_code == 403
    page = person.get(f"/lighting/lamps/{street[0]}/").content.decode()
    assert "/lighting/commands/" not in page
    assert Row.objects.count() == 0


def test_visitors_are_sent_to_sign_in(client: Client, settings: Settings, street: list[int]) -> None:
    settings.VISITOR_ROLE = "viewer"
    assert client.get("/lighting/commands/").status_code in (302, 401, 403)
    assert client.post("/lighting/commands/give/", FORM).status_code in (302, 401, 403)
    assert Row.objects.count() == 0


@pytest.mark.parametrize(
    ("language", "words"),
    [("vi", ["Lệnh điều khiển đèn", "sáng 40%", "chờ gửi"]), ("en", ["Commands to lamps", "40% light", "waiting"])],
)
def test_both_languages(sign_in: SignIn, street: list[int], language: str, words: list[str]) -> None:
    operator = sign_in(Role.OPERATOR)
    operator.post("/lighting/commands/give/", FORM)
    operator.cookies["dothi_language"] = language
    page = operator.get("/lighting/commands/").content.decode()
    for word in words:
        assert word in page


def test_the_pages_ask_the_same_few_times_for_any_street(
    sign_in: SignIn, street: list[int], django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    operator = sign_in(Role.OPERATOR)
    groups = [commands.give(SYSTEM, Target(Aim.STREET, "hung-vuong"), Order(level)).group for level in (10, 20, 30)]
    for address in ("/lighting/commands/", f"/lighting/commands/{groups[0]}/"):
        with django_assert_max_num_queries(QUERY_BUDGET):
            operator.get(address)


@pytest.mark.parametrize("address", ["/lighting/lamps/{}/", "/lighting/streets/hung-vuong/"])
def test_the_form_stands_on_the_pages_of_lamps_and_streets(sign_in: SignIn, street: list[int], address: str) -> None:
    page = sign_in(Role.OPERATOR).get(address.format(street[0])).content.decode()
    assert 'action="/lighting/commands/give/"' in page
    assert "Send the command" in page


def test_operators_and_administrators_hold_the_permission() -> None:
    from dothi.core.accounts.service import permissions_of_role  # noqa: PLC0415 (needs Django to be set up)

    holders = {role for role in Role if "lighting.lamp.command" in permissions_of_role(role.value)}
    assert holders == {Role.OPERATOR, Role.ADMINISTRATOR}
    assert all("observations.task.create" in permissions_of_role(role.value) for role in holders)
