"""A person who is erased leaves no trace anywhere in the database, and a chain that holds."""

import pytest
from django.db import connection
from django.test import Client

from dothi.core.accounts.models import User
from dothi.core.accounts.service import invitations, people
from dothi.core.accounts.tests.second_step import set_up
from dothi.core.accounts.types import SYSTEM, Grant, Role
from dothi.core.audit import service as audit

pytestmark = pytest.mark.django_db
PASSWORD = "một mật khẩu đủ dài"
NAME, USERNAME, EMAIL, PHONE = "Trần Thị Thử Xóa", "thu-xoa-9", "thu.xoa@example.org", "0909 777 321"
TRACES = [NAME, USERNAME, EMAIL, PHONE, "Thử Xóa", "127.9.8.7", "Browser of hers"]


def find_traces() -> list[tuple[str, str]]:
    """Search every column of every table, as text and in any case, for what tells who the person was."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT c.table_schema, c.table_name FROM information_schema.tables c"
            " WHERE c.table_type = 'BASE TABLE' AND c.table_schema NOT IN ('pg_catalog', 'information_schema')"
        )
        tables = cursor.fetchall()
        assert ("public", "accounts_user") in tables
        found = []
        for schema, table in tables:
            for trace in TRACES:
                cursor.execute(f'SELECT 1 FROM "{schema}"."{table}" t WHERE t::text ILIKE %s LIMIT 1', [f"%{trace}%"])
                if cursor.fetchone():
                    found.append((table, trace))
        cursor.execute("SELECT session_data FROM django_session")
        for (data,) in cursor.fetchall():
            held = Client().session.decode(data)
            found += [("django_session", trace) for trace in TRACES if trace in str(held)]
    return found


@pytest.fixture
def person() -> int:
    """A person with all there is: details, grants, an invitation, sessions, a second step, failed attempts."""
    made = invitations.invite(SYSTEM, grants=[Grant(Role.OPERATOR)], email=EMAIL)
    user_id = invitations.accept(made.token, name=NAME, username=USERNAME, password=PASSWORD)
    people.update_details(SYSTEM, user_id, name=NAME, email=EMAIL, phone=PHONE)
    browser = Client(REMOTE_ADDR="127.9.8.7", HTTP_USER_AGENT="Browser of hers")
    for login in (USERNAME, EMAIL, USERNAME.upper()):
        browser.post("/sign-in/", {"login": login, "password": "wrong"})
    browser.post("/sign-in/", {"login": EMAIL, "password": PASSWORD})
    assert browser.session["_auth_user_id"] == str(user_id)
    set_up(browser, password=PASSWORD)
    browser.post("/sign-in/", {"login": USERNAME, "password": "wrong"})
    return user_id


def test_before_the_erasure_traces_are_found(person: int) -> None:
    assert {trace for _, trace in find_traces()} == set(TRACES)


def test_after_it_nothing_is_left_and_the_chain_holds(person: int) -> None:
    people.erase_person(SYSTEM, person)
    assert find_traces() == []
    assert audit.find_break() is None
    erased = people.get_person(SYSTEM, person)
    assert erased.is_erased
    assert (erased.username, erased.name, erased.email, erased.phone, erased.grants) == ("", "", "", "", ())
    people.erase_person(SYSTEM, person)
    assert audit.find_break() is None


def test_sessions_end_and_nobody_signs_in_as_the_person(person: int) -> None:
    browser = Client()
    browser.force_login(User.objects.get(pk=person))
    assert browser.get("/accounts/").status_code == 200
    people.erase_person(SYSTEM, person)
    assert browser.get("/accounts/").status_code == 302
    for login in (USERNAME, EMAIL, f"erased-{person}"):
        again = Client()
        again.post("/sign-in/", {"login": login, "password": PASSWORD})
        assert "_auth_user_id" not in again.session


def test_the_name_and_the_address_are_free_again(person: int) -> None:
    people.erase_person(SYSTEM, person)
    made = invitations.invite(SYSTEM, grants=[Grant(Role.VIEWER)], email=EMAIL)
    assert invitations.accept(made.token, name=NAME, username=USERNAME, password=PASSWORD) != person
