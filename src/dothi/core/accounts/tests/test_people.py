"""The keeping of people: grants, who is let in, and that nobody gives or takes what is not theirs to give."""

import pytest
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks

from dothi.core.accounts import service as accounts
from dothi.core.accounts.models import User
from dothi.core.accounts.service import departments, people
from dothi.core.accounts.types import SYSTEM, Actor, Grant, Role
from dothi.core.audit import service as audit
from dothi.core.audit.models import AuditEntry
from dothi.kernel import events
from dothi.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound
from dothi.kernel.events import Event, PeopleChanged

pytestmark = pytest.mark.django_db
PASSWORD = "một mật khẩu đủ dài"


@pytest.fixture(autouse=True)
def tree() -> None:
    for code, parent in [("works", ""), ("lighting", "works"), ("water", "")]:
        departments.create_department(SYSTEM, code=code, name_vi=code, name_en=code, parent=parent)


def create(username: str, *grants: Grant) -> int:
    return accounts.create_user(SYSTEM, username=username, password=PASSWORD, grants=grants)


def actor(*grants: Grant, user_id: int = 999) -> Actor:
    return accounts.person(user_id, label="x", grants=grants)


def test_grants_are_what_was_set_and_the_log_tells_what_they_were() -> None:
    user_id = create("lan", Grant(Role.VIEWER))
    new = {Grant(Role.OPERATOR, "lighting"), Grant(Role.VIEWER, "", "an-phu")}
    person = people.set_grants(SYSTEM, user_id, new)
    assert set(person.grants) == new
    assert set(User.objects.get(pk=user_id).list_granted()) == new
    body = AuditEntry.objects.latest("number").body
    assert '"role":"viewer"' in body.partition('"before"')[2]
    assert '"department":"lighting"' in body.partition('"before"')[0]
    before = AuditEntry.objects.count()
    people.set_grants(SYSTEM, user_id, new)
    assert AuditEntry.objects.count() == before
    with pytest.raises(InvalidInput):
        people.set_grants(SYSTEM, user_id, {Grant(Role.VIEWER, "nowhere")})
    with pytest.raises(NotFound):
        people.set_grants(SYSTEM, 0, new)


def test_an_administrator_of_one_department_keeps_its_people_alone() -> None:
    keeper = actor(Grant(Role.ADMINISTRATOR, "works"))
    inside, outside = create("lan", Grant(Role.CREW, "lighting")), create("minh", Grant(Role.CREW, "water"))
    both = create("hoa", Grant(Role.CREW, "lighting"), Grant(Role.CREW, "water"))
    nobody = create("tam")
    assert {person.id for person in people.list_people(keeper)} == {inside, both}
    for hidden in (outside, nobody):
        with pytest.raises(NotFound):
            people.get_person(keeper, hidden)
        with pytest.raises(NotFound):
            people.set_active(keeper, hidden, is_active=False)
    people.set_grants(keeper, inside, {Grant(Role.OFFICER, "lighting")})
    people.set_grants(keeper, both, {Grant(Role.CREW, "water")})
    for beyond in (Grant(Role.VIEWER), Grant(Role.VIEWER, "water"), Grant(Role.ADMINISTRATOR)):
        with pytest.raises(Forbidden):
            people.set_grants(keeper, inside, {Grant(Role.OFFICER, "lighting"), beyond})
    people.set_grants(SYSTEM, both, {Grant(Role.CREW, "lighting"), Grant(Role.CREW, "water")})
    for deed in (people.erase_person, people.sign_out, people.remove_second_step):
        with pytest.raises(Forbidden):
            deed(keeper, both)
    people.set_active(keeper, inside, is_active=False)
    assert not User.objects.get(pk=inside).is_active


def test_somebody_is_always_left_who_keeps_the_accounts() -> None:
    one = create("lan", Grant(Role.ADMINISTRATOR))
    for deed in (
        lambda: people.set_grants(SYSTEM, one, {Grant(Role.VIEWER)}),
        lambda: people.set_active(SYSTEM, one, is_active=False),
        lambda: people.erase_person(SYSTEM, one),
    ):
        with pytest.raises(Conflict):
            deed()
    create("minh", Grant(Role.ADMINISTRATOR, "works"))
    with pytest.raises(Conflict):
        people.set_active(SYSTEM, one, is_active=False)
    create("hoa", Grant(Role.ADMINISTRATOR))
    people.set_active(SYSTEM, one, is_active=False)
    assert not User.objects.get(pk=one).is_active


def test_nobody_shuts_themselves_out() -> None:
    one = create("lan", Grant(Role.ADMINISTRATOR))
    create("hoa", Grant(Role.ADMINISTRATOR))
    oneself = actor(Grant(Role.ADMINISTRATOR), user_id=one)
    with pytest.raises(Conflict):
        people.set_active(oneself, one, is_active=False)
    with pytest.raises(Conflict):
        people.erase_person(oneself, one)


def test_who_is_shut_out_is_out_at_once_and_can_not_come_back() -> None:
    user_id = create("lan", Grant(Role.OPERATOR))
    client = Client()
    client.post("/sign-in/", {"login": "lan", "password": PASSWORD})
    assert client.get("/accounts/").status_code == 200
    people.set_active(SYSTEM, user_id, is_active=False)
    assert client.get("/accounts/").status_code == 302
    again = Client()
    again.post("/sign-in/", {"login": "lan", "password": PASSWORD})
    assert "_auth_user_id" not in again.session
    people.set_active(SYSTEM, user_id, is_active=True)
    assert client.get("/accounts/").status_code == 302, "the session of before is gone"


def test_details_are_kept_and_the_log_knows_that_but_not_what() -> None:
    user_id = create("lan", Grant(Role.VIEWER))
    create("minh", Grant(Role.VIEWER))
    people.update_details(SYSTEM, user_id, name="Trần Thị Lan", email="Lan@example.org", phone="0909 123 456")
    person = people.get_person(SYSTEM, user_id)
    assert (person.name, person.email, person.phone) == ("Trần Thị Lan", "Lan@example.org", "0909 123 456")
    body = AuditEntry.objects.latest("number").body
    assert '"changed":["email","name","phone"]' in body
    assert "Lan" not in body
    with pytest.raises(Conflict):
        people.update_details(SYSTEM, user_id + 1, name="", email="lan@EXAMPLE.org", phone="")
    with pytest.raises(InvalidInput):
        people.update_details(SYSTEM, user_id, name="", email="no address", phone="")
    client = Client()
    client.post("/sign-in/", {"login": "lan@example.org", "password": PASSWORD})
    assert client.session["_auth_user_id"] == str(user_id), "one signs in by the address as well"


@pytest.mark.parametrize("username", ["LAN", "Lan", "erased-3", "a b", "", "x" * 151])
def test_user_names_are_one_word_and_taken_in_any_case(username: str) -> None:
    create("lan", Grant(Role.VIEWER))
    with pytest.raises((Conflict, InvalidInput)):
        create(username, Grant(Role.VIEWER))
    assert audit.find_break() is None


@pytest.mark.parametrize("role", [role for role in Role if role is not Role.ADMINISTRATOR])
def test_only_administrators_keep_people(role: Role) -> None:
    user_id = create("lan", Grant(Role.VIEWER))
    other = actor(Grant(role))
    for deed in (
        lambda: people.list_people(other),
        lambda: people.get_person(other, user_id),
        lambda: people.set_grants(other, user_id, []),
        lambda: people.update_details(other, user_id, name="", email="", phone=""),
        lambda: people.set_active(other, user_id, is_active=False),
        lambda: people.sign_out(other, user_id),
        lambda: people.remove_second_step(other, user_id),
        lambda: people.erase_person(other, user_id),
    ):
        with pytest.raises(Forbidden):
            deed()


def test_other_processes_hear_of_new_grants_and_of_sessions_that_end(
    client: Client, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    told: list[Event] = []
    someone = User.objects.create_user("someone", role="viewer")
    client.force_login(someone)
    events.install(told.append)
    try:
        for change in (
            lambda: people.set_grants(SYSTEM, someone.pk, [Grant(Role.CREW)]),
            client.logout,
            lambda: people.set_active(SYSTEM, someone.pk, is_active=False),
        ):
            with django_capture_on_commit_callbacks(execute=True):
                change()
            assert PeopleChanged([someone.pk]) in told
            told.clear()
    finally:
        events.install(None)
