"""Lighting's page: what it says in both languages, to whom, and with how many queries."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from django.test.utils import CaptureQueriesContext

from dothi.core.accounts.types import Role
from dothi.kernel import clock

PAGE = "/lighting/"
QUERY_BUDGET = 1
"""A visitor's session asks the database nothing; the lamps are one query, however many they are."""


@pytest.fixture
def _visitors_view(settings: object) -> None:
    settings.VISITOR_ROLE = "viewer"  # type: ignore[attr-defined]


@pytest.mark.usefixtures("_visitors_view")
@pytest.mark.parametrize(
    ("language", "words"),
    [
        ("vi", ["Đèn đường", "đèn sáng", "98,3 W", "100%", "mô phỏng"]),
        ("en", ["Street lamps", "on", "98.3 W", "100%", "simulated"]),
    ],
)
def test_the_page_shows_a_lamp(
    client: Client, register_thing: Callable[..., int], language: str, words: list[str]
) -> None:
    readings = {"power": (98.3, "W"), "light level": (100.0, "%")}
    register_thing("Đèn Hùng Vương 01", kind="Streetlight", readings=readings)
    client.cookies["dothi_language"] = language
    page = client.get(PAGE).content.decode()
    for word in ["Đèn Hùng Vương 01", *words]:
        assert word in page


@pytest.mark.usefixtures("_visitors_view")
def test_a_late_lamp_is_marked_and_not_counted_as_on(client: Client, register_thing: Callable[..., int]) -> None:
    at = clock.now() - timedelta(minutes=5)
    register_thing("Đèn A", kind="Streetlight", readings={"power": (98.3, "W")}, at=at)
    client.cookies["dothi_language"] = "en"
    page = client.get(PAGE).content.decode()
    assert "<dt>Lamps on</dt><dd>0<small>/1</small></dd>" in page
    assert "<dt>Late readings</dt><dd>1</dd>" in page
    assert '<span class="state late">late</span>' in page


@pytest.mark.usefixtures("_visitors_view")
@pytest.mark.parametrize(
    ("language", "words"), [("vi", "Chưa có thiết bị nào"), ("en", "Nothing of this kind has reported yet")]
)
@pytest.mark.django_db
def test_an_empty_page_says_how_to_send_the_first_measurement(client: Client, language: str, words: str) -> None:
    client.cookies["dothi_language"] = language
    page = client.get(PAGE).content.decode()
    assert words in page
    assert "/sensorthings/v1.1/Things" in page
    assert '"kind": "Streetlight"' in page


@pytest.mark.usefixtures("_visitors_view")
@pytest.mark.parametrize("count", [1, 50])
def test_the_page_keeps_to_its_queries(
    client: Client, register_thing: Callable[..., int], django_assert_max_num_queries: type[CaptureQueriesContext],
    count: int,
) -> None:  # fmt: skip
    for number in range(count):
        register_thing(f"Đèn {number}", kind="Streetlight", readings={"power": (98.3, "W")})
    with django_assert_max_num_queries(QUERY_BUDGET):
        assert client.get(PAGE).status_code == 200


@pytest.mark.django_db
def test_a_visitor_without_a_role_is_sent_to_sign_in(client: Client, settings: object) -> None:
    settings.VISITOR_ROLE = ""  # type: ignore[attr-defined]
    answer = client.get(PAGE)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/sign-in/?next=%2Flighting%2F")


@pytest.mark.django_db
@pytest.mark.parametrize("role", list(Role))
def test_every_role_may_view_lamps(client: Client, settings: object, role: Role) -> None:
    """By lighting.lamp.view, which the manifest gives to all roles."""
    settings.VISITOR_ROLE = role.value  # type: ignore[attr-defined]
    assert client.get(PAGE).status_code == 200
