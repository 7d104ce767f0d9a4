"""The pages that say why there is no page: refused, not found, at fault, not available now."""

import logging
from typing import Final
from urllib.parse import urlencode

from django.conf import settings
from django.db import DatabaseError, InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render

from dothi.core.accounts import service as accounts
from dothi.kernel.errors import (
    Conflict,
    DothiError,
    Forbidden,
    InvalidInput,
    NotFound,
    Overloaded,
    Unauthenticated,
    Unavailable,
)

log = logging.getLogger(__name__)

STATUS_OF: Final[tuple[tuple[type[DothiError], int], ...]] = (
    (InvalidInput, 400),
    (Forbidden, 403),
    (NotFound, 404),
    (Conflict, 409),
    (Overloaded, 503),
    (Unavailable, 503),
)
TEMPLATES: Final = {400: "400", 403: "403", 404: "404", 409: "400", 500: "500", 503: "503"}


def status_of(error: Exception) -> int:
    """Give the status that tells of an error; a database that does not answer is 503, anything unknown 500."""
    if isinstance(error, OperationalError | InterfaceError):
        return 503
    return next((status for kind, status in STATUS_OF if isinstance(error, kind)), 500)


def error_page(request: HttpRequest, error: Exception) -> HttpResponse:
    """Answer an error: to sign-in for whoever is not known, else the page of its status."""
    if isinstance(error, Unauthenticated):
        return HttpResponseRedirect(f"{settings.LOGIN_URL}?{urlencode({'next': request.get_full_path()})}")
    status = status_of(error)
    if status >= 500:
        log.error("%s: %s", request.path, error, exc_info=error)
    if isinstance(error, DatabaseError):
        # The page must not ask the database again who is looking.
        request.dothi_actor = accounts.visitor("")  # type: ignore[attr-defined]
    response = refusal(request, status=status)
    if status == 503:
        response["Retry-After"] = str(error.retry_after_s if isinstance(error, Overloaded) else 10)
    return response


def refusal(request: HttpRequest, *, status: int) -> HttpResponse:
    """Render the page of a status."""
    return render(request, f"web/{TEMPLATES.get(status, '500')}.html", {"status": status}, status=status)
