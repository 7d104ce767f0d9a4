"""What Dothi decides of signing in, where allauth and axes ask: no open sign-up, who is counted, where one goes."""

import base64
import hashlib
from collections.abc import Mapping

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from allauth.socialaccount.adapter import DefaultSocialAccountAdapter
from cryptography.fernet import Fernet
from django.conf import settings
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _

_WRONG = _("The user name or the password is wrong.")
_WRONG_CODE = _("The code is wrong, or was used already.")


class AccountAdapter(DefaultAccountAdapter):
    """Signs in those who have an account; accounts come from invitations and administrators alone."""

    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": _WRONG,
        "email_password_mismatch": _WRONG,
        "incorrect_code": _WRONG_CODE,
        "incorrect_password": _("The password is wrong."),
        "enter_current_password": _("The password is wrong."),
        "too_many_login_attempts": _("Too many attempts. Wait a few minutes, then try again."),
        "rate_limited": _("Too many attempts. Wait a few minutes, then try again."),
    }

    def is_open_for_signup(self, request: HttpRequest) -> bool:
        """Refuse to make an account unasked."""
        return False

    def pre_authenticate(self, request: HttpRequest, **credentials: object) -> None:
        """Leave the counting of wrong passwords to axes, which says until when one is locked out."""

    def _rollback_login_failed_rl_usage(self) -> None:
        """Have nothing to take back, as nothing was counted."""

    def add_message(self, *args: object, **kwargs: object) -> None:
        """Say nothing of a sign-in: the page that follows shows it."""


class SecondStepAdapter(DefaultMFAAdapter):
    """Keeps secrets of authenticators so that who reads the database, or a copy of it, can't use them."""

    error_messages = DefaultMFAAdapter.error_messages | {"incorrect_code": _WRONG_CODE}

    def encrypt(self, text: str) -> str:
        """Lock a secret by the installation's own."""
        return _lock().encrypt(text.encode()).decode()

    def decrypt(self, encrypted_text: str) -> str:
        """Unlock it again."""
        return _lock().decrypt(encrypted_text.encode()).decode()


def _lock() -> Fernet:
    key = hashlib.sha256(b"second step:" + settings.SECRET_KEY.encode()).digest()
    return Fernet(base64.urlsafe_b64encode(key))


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
