"""Nobody opens what they may not, and a view that names no permission opens to nobody."""

from collections.abc import Callable
from dataclasses import dataclass

import pytest
from django.contrib.auth.models import AnonymousUser
from django.db import OperationalError
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from pytest_django import Settings

from dothi.core.accounts.types import Grant, Role
from dothi.kernel.errors import Forbidden, NotFound, Overloaded, Unauthenticated
from dothi.web import guard
from dothi.web.middleware import DenyByDefaultMiddleware

PERMISSION = "live.map.view"


@dataclass
class Person:
    """A signed-in person, without a database."""

    role: str
    pk: int = 7
    is_authenticated: bool = True

    def get_username(self) -> str:
        return "an.nguyen"

    def list_granted(self) -> list[Grant]:
        return [Grant(Role(self.role))]


def view(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("opened")


async def async_view(_request: HttpRequest) -> HttpResponse:
    return HttpResponse("opened")


def ask(user: object, wanted: Callable[..., object], path: str = "/x/?a=1") -> HttpResponse | None:
    request = RequestFactory().get(path)
    request.user = user  # type: ignore[assignment]
    return DenyByDefaultMiddleware(lambda _: HttpResponse()).process_view(request, wanted, (), {})


@pytest.fixture(autouse=True)
def visitors_may_nothing(settings: Settings) -> None:
    settings.VISITOR_ROLE = ""


def test_a_view_without_a_mark_opens_to_nobody() -> None:
    refused = ask(Person("administrator"), view)
    assert refused is not None
    assert refused.status_code == 403


@pytest.mark.parametrize("wanted", [view, async_view])
def test_a_mark_is_kept_on_sync_and_async_views(wanted: Callable[..., object]) -> None:
    assert guard.permission_of(guard.permission_required(PERMISSION)(wanted)) == PERMISSION


def test_a_visitor_is_sent_to_sign_in_and_back_again() -> None:
    refused = ask(AnonymousUser(), guard.permission_required(PERMISSION)(lambda _: None))
    assert refused is not None
    assert refused.status_code == 302
    assert refused["Location"] == "/sign-in/?next=%2Fx%2F%3Fa%3D1"


def test_a_visitor_may_what_the_settings_role_may(settings: Settings) -> None:
    settings.VISITOR_ROLE = "viewer"
    assert ask(AnonymousUser(), guard.permission_required(PERMISSION)(lambda _: None)) is None


def test_a_person_without_the_permission_is_told_so() -> None:
    refused = ask(Person("viewer"), guard.permission_required("accounts.user.create")(lambda _: None))
    assert refused is not None
    assert refused.status_code == 403


def test_a_person_with_the_permission_passes() -> None:
    assert ask(Person("viewer"), guard.permission_required(PERMISSION)(lambda _: None)) is None


def test_public_opens_to_all_without_asking_who_they_are() -> None:
    assert ask(None, guard.public(lambda _: None)) is None


@pytest.mark.parametrize(
    ("error", "status"),
    [
        (NotFound("gone"), 404),
        (Forbidden("no", permission=PERMISSION), 403),
        (Unauthenticated("who?"), 302),
        (Overloaded("full", retry_after_s=7), 503),
        (OperationalError("away"), 503),
    ],
)
def test_errors_of_the_kernel_become_pages(error: Exception, status: int) -> None:
    answer = DenyByDefaultMiddleware(lambda _: HttpResponse()).process_exception(RequestFactory().get("/x/"), error)
    assert answer is not None
    assert answer.status_code == status


def test_an_unknown_error_is_left_to_django() -> None:
    middleware = DenyByDefaultMiddleware(lambda _: HttpResponse())
    assert middleware.process_exception(RequestFactory().get("/x/"), RuntimeError("bug")) is None
