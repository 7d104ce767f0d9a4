"""What every operation of the machines' door has in common: its permission, and the form of its errors."""

from collections.abc import Awaitable, Callable, Sequence
from functools import wraps
from typing import Final

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import Actor
from dothi.kernel.errors import (
    Conflict,
    DothiError,
    Forbidden,
    InvalidInput,
    NotFound,
    Overloaded,
    PreconditionFailed,
    TooLarge,
    Unauthenticated,
    Unavailable,
)

Endpoint = Callable[[Request], Awaitable[Response]]

MARK: Final = "permission"
"""The attribute of an endpoint that names its permission; the matrix test walks all routes by it."""


class NotAllowed(DothiError):
    """The address knows other methods; `methods` names them."""

    def __init__(self, message: str, *, methods: Sequence[str]) -> None:
        super().__init__(message)
        self.methods = methods


_STATUS: Final[dict[type[DothiError], int]] = {
    TooLarge: 413,
    NotAllowed: 405,
    InvalidInput: 400,
    Unauthenticated: 401,
    Forbidden: 403,
    NotFound: 404,
    Conflict: 409,
    PreconditionFailed: 412,
    Overloaded: 503,
    Unavailable: 503,
}


class ErrorBody(msgspec.Struct):
    """The JSON body of every refusal; `place` names the part of the request that is at fault."""

    code: int
    message: str
    type: str = "error"
    place: str | msgspec.UnsetType = msgspec.UNSET


def operation(permission: str) -> Callable[[Endpoint], Endpoint]:
    """Open an endpoint to holders of a permission, or to anyone where it is `accounts.PUBLIC`.

    Whoever asks is found by the application's `state.authenticate` and stands in `request.state.actor`.
    """

    def mark(endpoint: Endpoint) -> Endpoint:
        @wraps(endpoint)
        async def guarded(request: Request) -> Response:
            if permission != accounts.PUBLIC:
                actor: Actor = await request.app.state.authenticate(request)
                accounts.require(actor, permission)
                request.state.actor = actor
            return await endpoint(request)

        setattr(guarded, MARK, permission)
        return guarded

    return mark


def status_of(error: DothiError) -> int:
    """Give the HTTP status that says what an error says."""
    return next((status for kind, status in _STATUS.items() if isinstance(error, kind)), 500)


def refusal(error: DothiError) -> Response:
    """Answer an error of the domain in the form that all machines get."""
    status = status_of(error)
    headers = {}
    if isinstance(error, Overloaded):
        headers["Retry-After"] = str(error.retry_after_s)
    elif isinstance(error, Unavailable):
        headers["Retry-After"] = "1"
    elif isinstance(error, Unauthenticated):
        headers["WWW-Authenticate"] = 'Bearer realm="Dothi", Basic realm="Dothi", charset="UTF-8"'
    elif isinstance(error, NotAllowed):
        headers["Allow"] = ", ".join(error.methods)
    place = (error.place if isinstance(error, InvalidInput) else "") or msgspec.UNSET
    body = ErrorBody(code=status, message=str(error), place=place)
    return Response(msgspec.json.encode(body), status, headers, media_type="application/json")


async def on_error(_request: Request, error: Exception) -> Response:
    """Turn an error of the domain into its answer: the applications' one exception handler."""
    if not isinstance(error, DothiError):
        raise error
    return refusal(error)


async def on_no_route(request: Request, _error: Exception) -> Response:
    """Answer a path that leads nowhere at all, as one with a line break in it, in the form that all machines get."""
    return refusal(NotFound(f"there is nothing at {request.url.path[:200]!r}"))
