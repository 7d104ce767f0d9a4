"""Who may open which page: every view carries its permission, by which the shell lets people in or refuses them."""

from collections.abc import Callable
from typing import Final, Protocol, TypeVar, cast

from django.conf import settings
from django.http import HttpRequest

from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import Actor, Grant

MARK: Final = "permission"
"""The attribute of a view that names its permission."""

View = TypeVar("View", bound=Callable[..., object])


class _Person(Protocol):
    """What a signed-in person's record offers here."""

    pk: int
    is_authenticated: bool

    def get_username(self) -> str: ...

    def list_granted(self) -> list[Grant]: ...


def permission_required(permission: str) -> Callable[[View], View]:
    """Mark a view, sync or async, as open to holders of a permission ("lighting.lamp.view").

    The check itself is the shell's DenyByDefaultMiddleware's, so that no view can forget it.
    """

    def mark(view: View) -> View:
        setattr(view, MARK, permission)
        return view

    return mark


def public(view: View) -> View:
    """Mark a view, sync or async, as open to anyone."""
    return permission_required(accounts.PUBLIC)(view)


def signed_in(view: View) -> View:
    """Mark a view, sync or async, as open to any person who is signed in: for what they do with their own account."""
    return permission_required(accounts.SIGNED_IN)(view)


def permission_of(view: Callable[..., object]) -> str | None:
    """Give the permission a view carries, None if it carries none."""
    found: str | None = getattr(view, MARK, None)
    return found


def actor_of(request: HttpRequest) -> Actor:
    """Give who asks: the signed-in person, else a visitor in the role that the settings give visitors.

    Reads the session, the person and the grants from the database at most once a request.
    """
    known: Actor | None = getattr(request, "dothi_actor", None)
    if known is None:
        known = _find_actor(request)
        request.dothi_actor = known  # type: ignore[attr-defined]
    return known


def _find_actor(request: HttpRequest) -> Actor:
    user = cast("_Person | None", getattr(request, "user", None))
    if user is None or not user.is_authenticated:
        return accounts.visitor(settings.VISITOR_ROLE)
    return accounts.person(user.pk, label=user.get_username(), grants=user.list_granted())
