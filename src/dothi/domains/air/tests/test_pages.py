"""The page: what it says in both languages, to whom, and with how many queries."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from django.test import Client
from pytest_django import DjangoAssertNumQueries, Settings

from dothi.core.accounts.types import Role
from dothi.domains.air import service
from dothi.kernel import clock

PAGE = "/air/"
QUERY_BUDGET = 1
"""A visitor's session asks the database nothing; the Things are one query, however many they are."""


@pytest.fixture
def visitor(client: Client, settings: Settings) -> Client:
    """A visitor where the settings let visitors view."""
    settings.VISITOR_ROLE = "viewer"
    return client


@pytest.mark.parametrize(("language", "words"), [("vi", ["42,5", "mô phỏng"]), ("en", ["42.5", "simulated"])])
def test_the_page_shows_a_thing(
    visitor: Client, register_thing: Callable[..., int], language: str, words: list[str]
) -> None:
    register_thing("Số 1", kind=service.THINGS.kind, readings={"level": (42.5, "%")})
    visitor.cookies["dothi_language"] = language
    page = visitor.get(PAGE).content.decode()
    for word in ["Số 1", "level", *words, service.THINGS.states[0].names.of(language)]:
        assert word in page


@pytest.mark.parametrize(("language", "late"), [("vi", "trễ"), ("en", "late")])
def test_a_late_thing_is_marked(visitor: Client, register_thing: Callable[..., int], language: str, late: str) -> None:
    at = clock.now() - timedelta(seconds=service.THINGS.late_after_s + 60)
    register_thing("Số 1", kind=service.THINGS.kind, readings={"level": (42.5, "%")}, at=at)
    visitor.cookies["dothi_language"] = language
    assert f'<span class="state late">{late}</span>' in visitor.get(PAGE).content.decode()


@pytest.mark.django_db
@pytest.mark.parametrize("language", ["vi", "en"])
def test_an_empty_page_says_how_to_send_the_first_measurement(visitor: Client, language: str) -> None:
    visitor.cookies["dothi_language"] = language
    page = visitor.get(PAGE).content.decode()
    assert "/sensorthings/v1.1/Things" in page
    assert f'"kind": "{service.THINGS.kind}"' in page


@pytest.mark.parametrize("count", [1, 50])
def test_the_page_keeps_to_its_queries(
    visitor: Client,
    register_thing: Callable[..., int],
    django_assert_max_num_queries: DjangoAssertNumQueries,
    count: int,
) -> None:
    for number in range(count):
        register_thing(f"Số {number}", kind=service.THINGS.kind, readings={"level": (42.5, "%")})
    with django_assert_max_num_queries(QUERY_BUDGET):
        assert visitor.get(PAGE).status_code == 200


@pytest.mark.django_db
def test_it_stands_in_the_navigation_and_on_the_map(visitor: Client) -> None:
    page = visitor.get("/").content.decode()
    assert f'href="{PAGE}"' in page
    assert service.THINGS.id in page


@pytest.mark.django_db
def test_a_visitor_without_a_role_is_sent_to_sign_in(client: Client, settings: Settings) -> None:
    settings.VISITOR_ROLE = ""
    answer = client.get(PAGE)
    assert (answer.status_code, answer.headers["Location"]) == (302, "/sign-in/?next=%2Fair%2F")


@pytest.mark.django_db
@pytest.mark.parametrize("role", list(Role))
def test_every_role_may_view(client: Client, settings: Settings, role: Role) -> None:
    """By air.thing.view, which the manifest gives to all roles."""
    settings.VISITOR_ROLE = role.value
    assert client.get(PAGE).status_code == 200
