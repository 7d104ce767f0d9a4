"""What stands before every view: the page's language, and the refusal of whatever names no permission."""

import logging
from collections.abc import Callable

from django.conf import settings
from django.db import DatabaseError
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.utils import translation
from django.utils.cache import patch_vary_headers
from django.utils.deprecation import MiddlewareMixin

from dothi.core.accounts import service as accounts
from dothi.kernel.errors import DothiError
from dothi.web import guard, pages

log = logging.getLogger(__name__)


class SoundCookieMiddleware(MiddlewareMixin):
    """Passes over a session cookie that Django never made: the database refuses to be asked for a NUL."""

    def process_request(self, request: HttpRequest) -> None:
        """Forget such a cookie; whoever sent it is a visitor."""
        if not request.COOKIES.get(settings.SESSION_COOKIE_NAME, "none").isalnum():
            del request.COOKIES[settings.SESSION_COOKIE_NAME]


class CityLanguageMiddleware(MiddlewareMixin):
    """Gives each page the language its reader chose, else the city's first one, whatever the browser asks for."""

    def process_request(self, request: HttpRequest) -> None:
        """Switch to the reader's language."""
        chosen = request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME, "")
        languages = guard.city().languages
        language = chosen if chosen in languages else languages[0]
        translation.activate(language)
        request.LANGUAGE_CODE = language

    def process_response(self, request: HttpRequest, response: HttpResponseBase) -> HttpResponseBase:
        """Say which language it is, and that it depends on a cookie."""
        response.headers.setdefault("Content-Language", translation.get_language() or "")
        patch_vary_headers(response, ("Cookie",))
        return response


class DenyByDefaultMiddleware(MiddlewareMixin):
    """Lets a request through to a view only if whoever asks holds the permission that the view carries.

    It also turns the kernel's errors, and a database that is away, into pages.
    """

    def process_view(
        self, request: HttpRequest, view: Callable[..., object], _args: object, _kwargs: object
    ) -> HttpResponse | None:
        """Check the view's permission; a view that names none is refused to everyone."""
        permission = guard.permission_of(view)
        if permission == accounts.PUBLIC:
            return None
        if permission is None:
            log.error("the view of %s names no permission and is refused", request.path)
            return pages.refusal(request, status=403)
        try:
            accounts.require(guard.actor_of(request), permission)
        except (DothiError, DatabaseError) as error:
            return pages.error_page(request, error)
        return None

    def process_exception(self, request: HttpRequest, error: Exception) -> HttpResponse | None:
        """Answer what a view raised, if it is one of ours."""
        if isinstance(error, DothiError | DatabaseError):
            return pages.error_page(request, error)
        return None
