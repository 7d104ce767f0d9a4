"""The pages of people, departments and the audit log: what they show, to whom, in both languages, in few queries."""

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries

from dothi.core.accounts import service as accounts
from dothi.core.accounts.models import User
from dothi.core.accounts.service import departments, invitations, people
from dothi.core.accounts.types import SYSTEM, Grant, Role

pytestmark = pytest.mark.django_db
PASSWORD = "một mật khẩu đủ dài"
BUDGETS = {"/people/": 8, "/people/departments/": 4, "/people/invitations/": 6, "/audit/": 5, "/accounts/": 6}
"""How many queries each page takes at most, however many rows it has; the session is one or two of them."""


@pytest.fixture
def administrator(client: Client) -> Client:
    client.force_login(User.objects.create_user("admin", role="administrator"))
    return client


def fill(count: int) -> None:
    for number in range(count):
        departments.create_department(SYSTEM, code=f"d{number}", name_vi=f"Phòng {number}", name_en=f"Office {number}")
        grants = [Grant(Role.OFFICER, f"d{number}")]
        accounts.create_user(SYSTEM, username=f"person-{number}", password=PASSWORD, grants=grants)
        invitations.invite(SYSTEM, grants=grants)


@pytest.mark.parametrize("count", [2, 12])
def test_pages_keep_their_query_budgets(
    administrator: Client, django_assert_max_num_queries: DjangoAssertNumQueries, count: int
) -> None:
    fill(count)
    for page, budget in BUDGETS.items():
        with django_assert_max_num_queries(budget):
            assert administrator.get(page).status_code == 200


@pytest.mark.parametrize(
    ("language", "words"),
    [("vi", ["Người dùng", "Quản trị viên", "Đơn vị", "Lời mời"]), ("en", ["People", "Administrator", "Departments"])],
)
def test_both_languages(administrator: Client, language: str, words: list[str]) -> None:
    administrator.cookies["dothi_language"] = language
    page = administrator.get("/people/").content.decode()
    assert all(word in page for word in words)


def test_people_are_found_without_diacritics_and_by_what_they_hold(administrator: Client) -> None:
    fill(2)
    user_id = accounts.create_user(SYSTEM, username="lan", password=PASSWORD, grants=[Grant(Role.CREW, "d1")])
    people.update_details(SYSTEM, user_id, name="Đỗ Thị Lan", email="", phone="")
    for asked, is_found in (
        ("q=do thi", True), ("q=minh", False), ("role=crew", True), ("role=analyst", False), ("department=d1", True),
        ("department=d0", False), ("state=active", True), ("state=inactive", False), ("state=erased", False),
    ):  # fmt: skip
        page = administrator.get(f"/people/?{asked}").content.decode()
        assert ("Đỗ Thị Lan" in page) == is_found, asked


def test_a_person_is_granted_shut_and_erased_from_the_page(administrator: Client) -> None:
    fill(1)
    user_id = accounts.create_user(SYSTEM, username="lan", password=PASSWORD, role="viewer")
    base = f"/people/{user_id}/"
    administrator.post(f"{base}grants/add/", {"role": "operator", "department": "d0", "area": ""})
    administrator.post(f"{base}grants/remove/", {"grant": "viewer||"})
    assert people.get_person(SYSTEM, user_id).grants == (Grant(Role.OPERATOR, "d0"),)
    administrator.post(f"{base}details/", {"name": "Đỗ Thị Lan", "email": "lan@example.org", "phone": ""})
    assert "Đỗ Thị Lan" in administrator.get(base).content.decode()
    administrator.post(f"{base}deactivate/")
    assert not people.get_person(SYSTEM, user_id).is_active
    administrator.post(f"{base}activate/")
    administrator.post(f"{base}erase/", {"confirm": "wrong"})
    assert not people.get_person(SYSTEM, user_id).is_erased
    administrator.post(f"{base}erase/", {"confirm": str(user_id)})
    assert people.get_person(SYSTEM, user_id).is_erased
    page = administrator.get(base).content.decode()
    assert "Đỗ Thị Lan" not in page
    assert "Người đã xóa dữ liệu" in page


@pytest.mark.parametrize(
    ("path", "given"),
    [
        ("grants/add/", {"role": "emperor", "department": "", "area": ""}),
        ("grants/add/", {"role": "viewer", "department": "nowhere", "area": ""}),
        ("details/", {"name": "x", "email": "no address", "phone": ""}),
    ],
)
def test_a_wrong_form_says_so_and_changes_nothing(administrator: Client, path: str, given: dict[str, str]) -> None:
    user_id = accounts.create_user(SYSTEM, username="lan", password=PASSWORD, role="viewer")
    before = people.get_person(SYSTEM, user_id)
    answer = administrator.post(f"/people/{user_id}/{path}", given)
    assert answer.status_code == 400
    assert 'class="wrong"' in answer.content.decode()
    assert people.get_person(SYSTEM, user_id) == before


def test_departments_are_made_moved_and_taken_away(administrator: Client) -> None:
    base = "/people/departments/"
    names = {"name_vi": "Chiếu sáng", "name_en": "Lighting", "parent": ""}
    assert administrator.post(f"{base}new/", names | {"code": "Bad Code"}).status_code == 400
    administrator.post(f"{base}new/", names | {"code": "works"})
    administrator.post(f"{base}new/", names | {"code": "lighting"})
    assert administrator.post(f"{base}new/", names | {"code": "lighting"}).status_code == 400
    administrator.post(f"{base}lighting/", names | {"parent": "works"})
    assert [each.path for each in departments.list_departments(SYSTEM)] == [("works",), ("works", "lighting")]
    administrator.post(f"{base}works/delete/")
    assert len(departments.list_departments(SYSTEM)) == 2
    administrator.post(f"{base}lighting/delete/")
    assert [each.code for each in departments.list_departments(SYSTEM)] == ["works"]


def test_the_audit_log_names_people_as_they_are_called_now(administrator: Client) -> None:
    user_id = accounts.create_user(SYSTEM, username="lan", password=PASSWORD, role="viewer")
    page = administrator.get(f"/audit/?subject=user:{user_id}").content.decode()
    assert "lan" in page
    assert "accounts.user.create" in page
    people.erase_person(SYSTEM, user_id)
    page = administrator.get(f"/audit/?subject=user:{user_id}").content.decode()
    assert "Người đã xóa dữ liệu" in page
    assert "accounts.user.erase" in page


def test_the_audit_log_is_narrowed_paged_and_verified(administrator: Client) -> None:
    fill(30)
    first = administrator.get("/audit/?what=accounts.department").content.decode()
    assert first.count('<th scope="row"') == 30
    assert "accounts.user.create" not in first
    every = administrator.get("/audit/").content.decode()
    assert every.count('<th scope="row"') == 50
    assert "before=" in every
    assert administrator.get("/audit/?who=user:999999").content.decode().count('<th scope="row"') == 0
    assert administrator.get("/audit/?since=2999-01-01").content.decode().count('<th scope="row"') == 0
    assert administrator.get("/audit/?until=1999-01-01").content.decode().count('<th scope="row"') == 0
    assert administrator.get("/audit/?since=no-day&before=x").content.decode().count('<th scope="row"') == 50
    assert "90" in administrator.get("/audit/?verify=1").content.decode()
    assert "toàn vẹn" in administrator.get("/audit/?verify=1").content.decode()


ADMINISTRATORS = {
    "accounts.key.view", "accounts.key.create", "accounts.key.revoke", "accounts.user.create", "accounts.user.view",
    "accounts.user.edit", "accounts.user.grant", "accounts.user.invite", "accounts.user.deactivate",
    "accounts.user.erase", "accounts.department.view", "accounts.department.edit", "audit.entry.view",
}  # fmt: skip


@pytest.mark.parametrize("role", list(Role))
def test_administrators_alone_hold_what_keeps_people(role: Role) -> None:
    held = accounts.permissions_of_role(role.value) & ADMINISTRATORS
    assert held == (ADMINISTRATORS if role is Role.ADMINISTRATOR else set())
