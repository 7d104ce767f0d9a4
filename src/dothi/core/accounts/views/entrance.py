"""The way in: signing in with password, second step or single sign-on, and what stands where the way is shut."""

from datetime import timedelta
from typing import Any

from allauth.account.views import AccountInactiveView, LoginView, LogoutView, ReauthenticateView
from allauth.mfa.base import views as second_step_views
from allauth.socialaccount.providers.openid_connect import views as provider_views
from allauth.socialaccount.views import LoginCancelledView
from django.conf import settings
from django.http import HttpRequest, HttpResponse, HttpResponseBase
from django.shortcuts import render
from django.utils.decorators import method_decorator
from django.views.decorators.cache import never_cache

from dothi.core.accounts import guard
from dothi.core.accounts.adapters import name_given
from dothi.core.accounts.service import own


class SignInView(LoginView):
    """The page on which one signs in, with a button for each server that the settings name."""

    template_name = "accounts/sign_in.html"

    def get_context_data(self, **kwargs: Any) -> dict[str, Any]:
        """Add the servers' names."""
        apps: list[dict[str, str]] = settings.SOCIALACCOUNT_PROVIDERS["openid_connect"]["APPS"]  # type: ignore[assignment]
        found: dict[str, Any] = super().get_context_data(**kwargs)
        return found | {
            "providers": [(app["provider_id"], app["name"]) for app in apps],
            "next": self.get_next_url() or "",
        }


@method_decorator(never_cache, name="dispatch")
class SignOutView(LogoutView):
    """Signs out; who comes by a link is asked first."""

    template_name = "accounts/sign_out.html"


sign_in = guard.public(SignInView.as_view())
sign_out = guard.public(SignOutView.as_view())
inactive = guard.public(AccountInactiveView.as_view(template_name="accounts/inactive.html"))
second_step = guard.public(second_step_views.AuthenticateView.as_view(template_name="accounts/second_step.html"))
again = guard.signed_in(ReauthenticateView.as_view(template_name="accounts/again.html"))
again_by_code = guard.signed_in(
    second_step_views.ReauthenticateView.as_view(template_name="accounts/again_by_code.html")
)
cancelled = guard.public(LoginCancelledView.as_view(template_name="socialaccount/authentication_error.html"))


@guard.public
def to_provider(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    """Send whoever signs in to the server that knows them; a page without a script asks first."""
    answer: HttpResponseBase = provider_views.login(request, provider_id)
    return answer


@guard.public
def from_provider(request: HttpRequest, provider_id: str) -> HttpResponseBase:
    """Take whoever comes back from such a server, if they have an account with an address that it vouches for."""
    answer: HttpResponseBase = provider_views.callback(request, provider_id)
    return answer


def locked_out(
    request: HttpRequest, _response: HttpResponse | None, credentials: dict[str, str] | None
) -> HttpResponse:
    """Say that too many wrong passwords were given, and until when none is taken."""
    name = name_given(request, credentials) or ""
    newest = own.find_newest_attempt(name, address=getattr(request, "axes_ip_address", None))
    cool_off: timedelta = settings.AXES_COOLOFF_TIME
    context = {
        "until": newest + cool_off if newest is not None else None,
        "minutes": round(cool_off.total_seconds() / 60),
    }
    response = render(request, "accounts/locked_out.html", context, status=429)
    response["Retry-After"] = str(round(cool_off.total_seconds()))
    return response
