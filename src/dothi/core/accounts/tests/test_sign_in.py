"""Signing in: password, second step, lock-out, sessions; and that nobody comes in another way."""

import re
from datetime import timedelta

import pytest
import time_machine
from allauth.mfa.models import Authenticator
from django.core.cache import cache
from django.test import Client
from pytest_django import DjangoCaptureOnCommitCallbacks, Settings

from dothi.core.accounts.models import User
from dothi.core.accounts.service import people
from dothi.core.accounts.tests.second_step import code_of, set_up
from dothi.core.accounts.types import SYSTEM
from dothi.core.audit.models import AuditEntry
from dothi.kernel import clock

pytestmark = pytest.mark.django_db
PASSWORD = "một mật khẩu đủ dài"


@pytest.fixture(autouse=True)
def fresh_limits() -> None:
    """Limits of the second step stand in the cache."""
    cache.clear()


@pytest.fixture
def lan() -> User:
    return User.objects.create_user("lan", "lan@example.org", PASSWORD, role="operator")


def sign_in(login: str = "lan", password: str = PASSWORD, **more: str) -> Client:
    client = Client(**more)  # type: ignore[arg-type]
    client.post("/sign-in/", {"login": login, "password": password})
    return client


def is_in(client: Client) -> bool:
    return client.get("/accounts/").status_code == 200


@pytest.mark.parametrize("login", ["lan", "LAN", "lan@example.org", "Lan@Example.org", " lan "])
def test_by_user_name_or_address_in_any_case(lan: User, login: str) -> None:
    assert is_in(sign_in(login))


@pytest.mark.parametrize(("login", "password"), [("lan", "wrong"), ("nobody", PASSWORD), ("", PASSWORD), ("lan", "")])
def test_what_is_wrong_gets_nobody_in_and_says_the_same(lan: User, login: str, password: str) -> None:
    client = Client()
    answer = client.post("/sign-in/", {"login": login, "password": password})
    assert answer.status_code == 200
    assert not is_in(client)
    if login and password:
        assert "Tên đăng nhập hoặc mật khẩu không đúng" in answer.content.decode()


def test_one_goes_on_to_where_one_wanted_but_to_no_other_site(lan: User) -> None:
    for goal, target in (("/alarms/?state=all", "/alarms/?state=all"), ("https://evil.example/", "/")):
        answer = Client().post("/sign-in/", {"login": "lan", "password": PASSWORD, "next": goal})
        assert (answer.status_code, answer.headers["Location"]) == (302, target)


def test_five_wrong_passwords_lock_the_name_at_the_address_and_the_page_says_until_when(lan: User) -> None:
    for _ in range(4):
        assert not is_in(sign_in(password="wrong"))
    client = Client()
    answer = client.post("/sign-in/", {"login": "Lan", "password": "wrong"})
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) == 900
    page = answer.content.decode()
    assert re.search(r'<strong class="num">\d\d:\d\d</strong>', page)
    assert not is_in(sign_in()), "even the right one"
    assert is_in(sign_in(REMOTE_ADDR="192.0.2.7")), "elsewhere the person is not locked out by whoever guesses here"
    with time_machine.travel(clock.now() + timedelta(minutes=16)):
        assert is_in(sign_in())


def test_a_right_password_forgets_the_wrong_ones_before(lan: User) -> None:
    for _ in range(3):
        for _ in range(4):
            sign_in(password="wrong")
        assert is_in(sign_in())


def test_a_session_ends_by_itself(lan: User, settings: Settings) -> None:
    client = sign_in()
    with time_machine.travel(clock.now() + timedelta(seconds=settings.SESSION_COOKIE_AGE - 60)):
        assert is_in(client)
    with time_machine.travel(clock.now() + timedelta(seconds=settings.SESSION_COOKIE_AGE + 60)):
        assert not is_in(client)


def test_your_sessions_are_listed_and_the_others_end(lan: User) -> None:
    here, there = sign_in(HTTP_USER_AGENT="Here"), sign_in(HTTP_USER_AGENT="There")
    page = here.get("/accounts/sessions/").content.decode()
    assert "Here" in page
    assert "There" in page
    here.post("/accounts/sessions/")
    assert is_in(here)
    assert not is_in(there)
    assert '"other_sessions":"ended"' in AuditEntry.objects.latest("number").body


def test_a_new_password_signs_out_everywhere_else(lan: User) -> None:
    here, there = sign_in(), sign_in()
    new = "một mật khẩu khác hẳn"
    given = {"oldpassword": PASSWORD, "password1": new, "password2": new}
    assert here.post("/accounts/password/", given | {"oldpassword": "wrong"}).status_code == 200
    assert here.post("/accounts/password/", given | {"password1": "short", "password2": "short"}).status_code == 200
    assert here.post("/accounts/password/", given).status_code == 302
    assert is_in(here)
    assert not is_in(there)
    assert is_in(sign_in(password=new))
    entry = AuditEntry.objects.latest("number").body
    assert '"password":"changed"' in entry
    assert f'"subject":"user:{lan.pk}"' in entry


def test_the_second_step_is_asked_for_once_it_is_set_up(
    lan: User, django_capture_on_commit_callbacks: DjangoCaptureOnCommitCallbacks
) -> None:
    with django_capture_on_commit_callbacks(execute=True):
        secret = set_up(sign_in(), password=PASSWORD)
    client = Client()
    answer = client.post("/sign-in/", {"login": "lan", "password": PASSWORD, "next": "/alarms/"})
    assert answer.headers["Location"] == "/sign-in/code/"
    assert not is_in(client), "the password alone does not do"
    assert client.post("/sign-in/code/", {"code": "000000"}).status_code == 200
    assert not is_in(client)
    answer = client.post("/sign-in/code/", {"code": code_of(secret, later=1)})
    assert (answer.status_code, answer.headers["Location"]) == (302, "/alarms/")
    assert is_in(client)
    bodies = [entry.body for entry in AuditEntry.objects.all()]
    assert any('"totp":true' in body for body in bodies)
    assert all(secret not in body for body in bodies)


def test_the_secret_is_not_readable_in_the_database(lan: User) -> None:
    secret = set_up(sign_in(), password=PASSWORD)
    assert all(secret not in str(kept.data) for kept in Authenticator.objects.all())


def test_a_recovery_code_is_good_once(lan: User) -> None:
    here = sign_in()
    set_up(here, password=PASSWORD)
    codes = re.findall(r"<li><code>(\d{8})</code></li>", here.get("/accounts/recovery-codes/").content.decode())
    assert len(codes) == 10
    for is_good in (True, False):
        client = sign_in()
        client.post("/sign-in/code/", {"code": codes[0]})
        assert is_in(client) == is_good


def test_codes_can_not_be_guessed_without_end(lan: User) -> None:
    secret = set_up(sign_in(), password=PASSWORD)
    client = sign_in()
    for number in range(6):
        client.post("/sign-in/code/", {"code": f"{number:06}"})
    client.post("/sign-in/code/", {"code": code_of(secret, later=1)})
    assert not is_in(client)


def test_turning_the_second_step_off_asks_who_it_is_when_some_time_has_passed(lan: User) -> None:
    here = sign_in()
    set_up(here, password=PASSWORD)
    with time_machine.travel(clock.now() + timedelta(hours=1)):
        answer = here.get("/accounts/second-step/remove/")
        assert answer.status_code == 302
        assert answer.headers["Location"].startswith("/sign-in/again/")
        assert here.get(answer.headers["Location"]).status_code == 200
        here.post("/sign-in/again/", {"password": "wrong"})
        assert here.get("/accounts/second-step/remove/").status_code == 302
        here.post("/sign-in/again/", {"password": PASSWORD})
        assert here.get("/accounts/second-step/remove/").status_code == 200
        here.post("/accounts/second-step/remove/")
    assert not Authenticator.objects.exists()


def test_an_administrator_takes_away_a_lost_second_step(lan: User) -> None:
    set_up(sign_in(), password=PASSWORD)
    people.remove_second_step(SYSTEM, lan.pk)
    assert is_in(sign_in())


def test_signing_out_needs_a_click_and_ends_the_session(lan: User) -> None:
    client = sign_in()
    assert client.get("/sign-out/").status_code == 200
    assert is_in(client)
    assert client.post("/sign-out/").status_code == 302
    assert not is_in(client)


@pytest.mark.parametrize(
    "address", ["/accounts/signup/", "/signup/", "/accounts/password/reset/", "/accounts/email/", "/accounts/login/"]
)
def test_there_is_no_open_sign_up_nor_another_way(address: str) -> None:
    assert Client().get(address).status_code == 404


@pytest.mark.parametrize(
    ("language", "words"),
    [("vi", "Ít nhất 12 ký tự"), ("en", "At least 12 characters")],
)
def test_the_rules_for_passwords_are_said_before_one_types(lan: User, language: str, words: str) -> None:
    client = sign_in()
    client.cookies["dothi_language"] = language
    assert words in client.get("/accounts/password/").content.decode()
