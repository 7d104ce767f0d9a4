"""Invitations are good once, for a while, and bring what they say, no more than whoever invites has."""

import re
from datetime import timedelta

import pytest
import time_machine
from django.core import mail
from django.test import Client
from pytest_django import Settings

from dothi.core.accounts import service as accounts
from dothi.core.accounts.models import Invitation, User
from dothi.core.accounts.service import departments
from dothi.core.accounts.service import invitations as service
from dothi.core.accounts.types import SYSTEM, Grant, InvitationState, Role
from dothi.core.audit.models import AuditEntry
from dothi.kernel import clock
from dothi.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound

pytestmark = pytest.mark.django_db
PASSWORD = "một mật khẩu đủ dài"
GIVEN = {"name": "Trần Thị Lan", "username": "lan", "password": PASSWORD}


def test_the_invited_person_makes_an_account_once_and_signs_in(client: Client) -> None:
    made = service.invite(SYSTEM, grants=[Grant(Role.OPERATOR)], email="lan@example.org")
    address = f"/invitation/{made.token}/"
    assert client.get(address).status_code == 200
    answer = client.post(address, GIVEN)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/sign-in/")
    user = User.objects.get(username="lan")
    assert user.list_granted() == [Grant(Role.OPERATOR)]
    assert (user.name, user.email) == ("Trần Thị Lan", "lan@example.org")
    assert Invitation.objects.get().email == "", "the address stands with the person alone"
    client.post("/sign-in/", {"login": "lan", "password": PASSWORD})
    assert client.session["_auth_user_id"] == str(user.pk)
    again = Client()
    assert again.get(address).status_code == 410
    assert again.post(address, GIVEN | {"username": "another"}).status_code == 410
    assert User.objects.count() == 1


def test_the_log_and_the_table_know_neither_secret_nor_address() -> None:
    made = service.invite(SYSTEM, grants=[Grant(Role.OPERATOR)], email="lan@example.org")
    user_id = service.accept(made.token, **GIVEN)
    bodies = "".join(entry.body for entry in AuditEntry.objects.all())
    for secret in (made.token, "lan@example.org", "Trần Thị Lan", '"lan"'):
        assert secret not in bodies
    assert made.token not in str(Invitation.objects.values().get())
    assert f'"who":"user:{user_id}"' in bodies


@pytest.mark.parametrize(
    "given",
    [{"password": "short"}, {"password": "1234567890123"}, {"password": "passwordpassword"[:8]}, {"username": "a b"},
     {"username": "taken"}, {"name": " "}],
)  # fmt: skip
def test_what_is_wrong_is_said_and_the_invitation_stays_good(client: Client, given: dict[str, str]) -> None:
    accounts.create_user(SYSTEM, username="taken", password=PASSWORD, role="viewer")
    made = service.invite(SYSTEM, grants=[Grant(Role.OPERATOR)])
    answer = client.post(f"/invitation/{made.token}/", GIVEN | given)
    assert answer.status_code == 400
    assert 'class="wrong"' in answer.content.decode() or 'class="fault"' in answer.content.decode()
    assert client.post(f"/invitation/{made.token}/", GIVEN).status_code == 302


def test_it_expires_by_the_citys_clock() -> None:
    made = service.invite(SYSTEM, grants=[Grant(Role.OPERATOR)], good_for=timedelta(days=2))
    with time_machine.travel(clock.now() + timedelta(days=3)):
        with pytest.raises(Conflict):
            service.accept(made.token, **GIVEN)
        [listed] = service.list_invitations(SYSTEM)
        assert listed.state_at(clock.now()) is InvitationState.EXPIRED
    service.accept(made.token, **GIVEN)


def test_it_can_be_withdrawn_until_it_is_accepted() -> None:
    made = service.invite(SYSTEM, grants=[Grant(Role.OPERATOR)], email="lan@example.org")
    service.withdraw(SYSTEM, made.id)
    assert Invitation.objects.get().email == ""
    with pytest.raises(Conflict):
        service.accept(made.token, **GIVEN)
    with pytest.raises(Conflict):
        service.withdraw(SYSTEM, made.id)
    with pytest.raises(NotFound):
        service.withdraw(SYSTEM, made.id + 1)


def test_nobody_invites_to_more_than_they_have() -> None:
    for code in ("works", "water"):
        departments.create_department(SYSTEM, code=code, name_vi=code, name_en=code)
    keeper = accounts.person(9, label="x", grants=[Grant(Role.ADMINISTRATOR, "works")])
    mine = service.invite(keeper, grants=[Grant(Role.OFFICER, "works")])
    theirs = service.invite(SYSTEM, grants=[Grant(Role.OFFICER, "water")])
    for beyond in (Grant(Role.VIEWER), Grant(Role.ADMINISTRATOR), Grant(Role.VIEWER, "water")):
        with pytest.raises(Forbidden):
            service.invite(keeper, grants=[beyond])
    assert [each.id for each in service.list_invitations(keeper)] == [mine.id]
    with pytest.raises(NotFound):
        service.withdraw(keeper, theirs.id)
    with pytest.raises(Forbidden):
        service.invite(accounts.person(9, label="x", role="officer"), grants=[Grant(Role.VIEWER)])


def test_what_is_no_invitation() -> None:
    service.accept(service.invite(SYSTEM, grants=[Grant(Role.VIEWER)], email="lan@example.org").token, **GIVEN)
    with pytest.raises(InvalidInput):
        service.invite(SYSTEM, grants=[])
    with pytest.raises(InvalidInput):
        service.invite(SYSTEM, grants=[Grant(Role.VIEWER, "nowhere")])
    with pytest.raises(InvalidInput):
        service.invite(SYSTEM, grants=[Grant(Role.VIEWER)], email="no address")
    with pytest.raises(Conflict):
        service.invite(SYSTEM, grants=[Grant(Role.VIEWER)], email="LAN@example.org")


def test_the_administrators_page_shows_the_link_once(client: Client) -> None:
    client.force_login(User.objects.create_user(username="admin", role="administrator"))
    page = client.post("/people/invitations/", {"role": "crew", "department": "", "area": "", "email": ""})
    found = re.search(r"http://testserver(/invitation/[\w-]+/)", page.content.decode())
    assert found is not None
    assert found[1] not in client.get("/people/invitations/").content.decode()
    invited = Client()
    assert invited.post(found[1], GIVEN).status_code == 302
    assert User.objects.get(username="lan").list_granted() == [Grant(Role.CREW)]


@pytest.mark.parametrize(
    ("host", "email", "letters"), [("mail", "an@city.example", 1), ("mail", "", 0), ("", "a@b.vn", 0)]
)
def test_the_link_goes_by_mail_where_there_is_a_server(
    client: Client, settings: Settings, host: str, email: str, letters: int
) -> None:
    settings.EMAIL_HOST = host
    client.force_login(User.objects.create_user("keeper", role="administrator"))
    client.cookies["dothi_language"] = "en"
    page = client.post("/people/invitations/", {"role": "viewer", "email": email}).content.decode()
    assert ("It was sent to the address." in page) == bool(letters)
    assert len(mail.outbox) == letters
    link = page.partition('id="link"')[2].partition('value="')[2].partition('"')[0]
    assert all(letter.to == [email] and link in letter.body for letter in mail.outbox)
