"""What allauth and Django say of people who change how they sign in, for the audit log, and of sessions that end."""

from allauth.account.signals import password_changed, password_set
from allauth.mfa.models import Authenticator
from allauth.mfa.signals import authenticator_added, authenticator_removed, authenticator_reset
from allauth.socialaccount.models import SocialLogin
from allauth.socialaccount.signals import social_account_added
from django.contrib.sessions.models import Session

from dothi.core.accounts.models import User
from dothi.core.accounts.service import own


def connect() -> None:
    """Listen from now on; doing it twice is doing it once."""
    password_changed.connect(_hear_password, dispatch_uid="accounts.password_changed")
    password_set.connect(_hear_password, dispatch_uid="accounts.password_set")
    authenticator_added.connect(_hear_added, dispatch_uid="accounts.authenticator_added")
    authenticator_reset.connect(_hear_added, dispatch_uid="accounts.authenticator_reset")
    authenticator_removed.connect(_hear_removed, dispatch_uid="accounts.authenticator_removed")
    social_account_added.connect(_hear_provider, dispatch_uid="accounts.social_account_added")


def _hear_password(*, user: User, **_: object) -> None:
    own.note(user.pk, after={"password": "changed"})


def hear_end(*, instance: Session, **_: object) -> None:
    """Tell of a session that ended, however: Django says that somebody signs out while the session still stands."""
    user_id = str(instance.get_decoded().get("_auth_user_id", ""))
    if user_id.isdecimal():
        own.tell(int(user_id))


def _hear_added(*, user: User, authenticator: Authenticator, **_: object) -> None:
    own.note(user.pk, before={str(authenticator.type): False}, after={str(authenticator.type): True})


def _hear_removed(*, user: User, authenticator: Authenticator, **_: object) -> None:
    own.note(user.pk, before={str(authenticator.type): True}, after={str(authenticator.type): False})


def _hear_provider(*, sociallogin: SocialLogin, **_: object) -> None:
    own.note(sociallogin.user.pk, after={"single_sign_on": sociallogin.account.provider})
