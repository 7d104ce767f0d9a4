"""Lighting's page: what it says in both languages, to whom, and with how many queries."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from dothi.core.accounts.types import Role
from dothi.kernel import clock

PAGE = "/lighting/"
QUERY_BUDGET = 1
"""A visitor's session asks the database nothing; the lamps are one query, however many they are."""


@pytest.fixture
def visitor(client: Client, settings: Settings) -> Client:
    """A visitor where the settings let visitors view."""
    settings.VISITOR_ROLE = "viewer"
    return client


@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("vi", ["Đèn đường", "đèn sáng", "98,3 W", "100%", "mô phỏng"]),
        ("en", ["Street lamps", "on", "98.3 W", "100%", "simulated"]),
    ],
)
def test_the_page_shows_a_lamp(
    visitor: Client, register_thing: Callable[..., int], language: str, words: list[str]
) -> None:
    readings = {"power": (98.3, "W"), "light level": (100.0, "%")}
    register_thing("Đèn Hùng Vương 01", kind="Streetlight", readings=readings)
    visitor.cookies["dothi_language"] = language
    page = visitor.get(PAGE).content.decode()
    for word in ["Đèn Hùng Vương 01", *words]:
        assert word in page


def test_a_late_lamp_is_marked_and_not_counted_as_on(visitor: Client, register_thing: Callable[..., int]) -> None:
    at = clock.now() - timedelta(minutes=5)
    register_thing("Đèn A", kind="Streetlight", readings={"power": (98.3, "W")}, at=at)
    visitor.cookies["dothi_language"] = "en"
    page = visitor.get(PAGE).content.decode()
    assert "<dt>Lamps on</dt><dd>0<small>/1</small></dd>" in page
    assert "<dt>Late readings</dt><dd>1</dd>" in page
    assert '<span class="state late">late</span>' in page


@pytest.mark.parametrize(
    ("language", "words"), [("vi", "Chưa có thiết bị nào"), ("en", "Nothing of this kind has reported yet")]
)
@pytest.mark.django_db
def test_an_empty_page_says_how_to_send_the_first_measurement(visitor: Client, language: str, words: str) -> None:
    visitor.cookies["dothi_language"] = language
    page = visitor.get(PAGE).content.decode()
    assert words in page
    assert "/sensorthings/v1.1/Things" in page
    assert '"kind": "Streetlight"' in page


def test_a_visitor_sees_public_lamps_alone(
    visitor: Client, admin_client: Client, register_thing: Callable[..., int]
) -> None:
    register_thing("Đèn A", kind="Streetlight")
    register_thing("Đèn kín", kind="Streetlight", is_public=False)
    for client, is_seen in ((visitor, False), (admin_client, True)):
        page = client.get(PAGE).content.decode()
        assert "Đèn A" in page
        assert ("Đèn kín" in page) == is_seen


@pytest.mark.parametrize("count", [1, 50])
def test_the_page_keeps_to_its_queries(
    visitor: Client, register_thing: Callable[..., int], django_assert_max_num_queries: DjangoAssertNumQueries,
    count: int,
) -> None:  # fmt: skip
    for number in range(count):
        register_thing(f"Đèn {number}", kind="Streetlight", readings={"power": (98.3, "W")})
    with django_assert_max_num_queries(QUERY_BUDGET):
        assert visitor.get(PAGE).status_code == 200


@pytest.mark.django_db
def test_a_visitor_without_a_role_is_sent_to_sign_in(client: Client, settings: Settings) -> None:
    settings.VISITOR_ROLE = ""
    answer = client.get(PAGE)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/sign-in/?next=%2Flighting%2F")


@pytest.mark.django_db
@pytest.mark.parametrize("role", list(Role))
def test_every_role_may_view_lamps(client: Client, settings: Settings, role: Role) -> None:
    """By lighting.lamp.view, which the manifest gives to all roles."""
    settings.VISITOR_ROLE = role.value
    assert client.get(PAGE).status_code == 200
