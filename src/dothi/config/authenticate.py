"""Finds who asks at the machines' door: a machine key, a signed-in person's session, or a visitor."""

import base64

from django.conf import settings
from django.contrib.auth import get_user
from django.contrib.sessions.backends.db import SessionStore
from django.http import HttpRequest
from starlette.requests import Request

from dothi.core.accounts import service as accounts
from dothi.core.accounts.apart import apart
from dothi.core.accounts.bearer import Bearer, is_signed
from dothi.core.accounts.keyring import KeyRing
from dothi.core.accounts.types import Actor
from dothi.kernel.errors import Unauthenticated


async def authenticate(request: Request) -> Actor:
    """Give whoever asks. A key comes as Bearer token `id.secret`, or as Basic with the id as user name.

    A person comes by a session, or by a Bearer token of the sign-on server that the settings name.

    Raises Unauthenticated for a key that is not valid, Unavailable without the database.
    """
    authorization = request.headers.get("authorization")
    if authorization:
        door: Door = request.app.state.door
        return await door.actor_of(authorization)
    session_key = request.cookies.get(settings.SESSION_COOKIE_NAME)
    if session_key and session_key.isalnum():  # Django makes no other, and the database would choke on a NUL
        return await _person(session_key)
    return accounts.visitor(settings.VISITOR_ROLE)


class Door:
    """Gives who an Authorization header names: a machine key, or a person by a token of the sign-on server."""

    def __init__(self, keys: KeyRing, bearer: Bearer | None) -> None:
        self._keys, self._bearer = keys, bearer

    async def actor_of(self, authorization: str) -> Actor:
        """Give the actor. Raises Unauthenticated, Unavailable."""
        token = token_of(authorization)
        if self._bearer is not None and is_signed(token):
            return await self._bearer.actor_of(token)
        return await self._keys.actor_of(token)


def token_of(authorization: str) -> str:
    """Give the token `id.secret` of an Authorization header. Raises Unauthenticated for any other scheme or form."""
    scheme, _, value = authorization.partition(" ")
    if scheme.lower() == "bearer":
        return value.strip()
    if scheme.lower() == "basic":
        try:
            user, colon, password = base64.b64decode(value, validate=True).decode().partition(":")
        except ValueError as error:  # also what is no base64, no ASCII or no UTF-8
            raise Unauthenticated("the Authorization header is not readable") from error
        if colon:
            return f"{user}.{password}"
    raise Unauthenticated("send the key as Bearer token or by Basic authentication")


@apart
def _person(session_key: str) -> Actor:
    """Read a session as Django does; a session that ended makes a visitor."""
    request = HttpRequest()
    request.session = SessionStore(session_key)
    user = get_user(request)
    if not user.is_authenticated:
        return accounts.visitor(settings.VISITOR_ROLE)
    return accounts.person(user.pk, label=user.get_username(), grants=user.list_granted())
