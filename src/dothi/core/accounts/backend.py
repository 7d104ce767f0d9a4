"""How a session finds its person: with the grants, in one query."""

from allauth.account.auth_backends import AuthenticationBackend
from django.contrib.postgres.expressions import ArraySubquery
from django.db.models import OuterRef
from django.db.models.functions import JSONObject

from dothi.core.accounts.models import Grant, User


class PeopleBackend(AuthenticationBackend):
    """Signs people in by user name or e-mail address and password, and finds them again by their session."""

    def get_user(self, user_id: int) -> User | None:
        """Give the person of a session, None for one who may no longer sign in."""
        grants = (
            Grant.objects.filter(user=OuterRef("pk"))
            .order_by("id")
            .values(packed=JSONObject(role="role", department="department", area="area"))
        )
        user = User.objects.annotate(packed_grants=ArraySubquery(grants)).filter(pk=user_id).first()
        return user if user is not None and self.user_can_authenticate(user) else None
