"""What Dothi decides of signing in, where allauth and axes ask: no open sign-up, who is counted, where one goes."""

from collections.abc import Mapping

from allauth.account.adapter import DefaultAccountAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from django.http import HttpRequest


class AccountAdapter(DefaultAccountAdapter):
    """Signs in those who have an account; accounts come from invitations and administrators alone."""

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Refuse to make an account unasked."""
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: object) -> None:
        """Leave the counting of wrong passwords to axes, which says until when one is locked out."""

    def _rollback_login_failed_rl_usage(self) -> None:
        """Have nothing to take back, as nothing was counted."""

    def add_message(self, *args: object, **kwargs: object) -> None:
        """Say nothing of a sign-in: the page that follows shows it."""


class ProviderAdapter(DefaultSocialAccountAdapter):
    """Signs in by a server of the settings those who have an account with a verified address of that server."""

    def is_open_for_signup(self, request: HttpRequest, sociallogin: object) -> bool:
        """Refuse to make an account for whoever the server knows and Dothi does not."""
        return False


def name_given(request: HttpRequest | None, credentials: Mapping[str, str] | None = None) -> str | None:
    """Give the name under which wrong passwords are counted: a user name or an address, in small letters."""
    found = (credentials or {}).get("username") or (credentials or {}).get("email")
    if not found and request is not None:
        found = request.POST.get("login")
    return found.strip().lower()[:255] if found else None
