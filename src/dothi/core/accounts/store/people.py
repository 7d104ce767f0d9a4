"""The queries of people and their grants."""

from collections.abc import Iterable, Sequence
from datetime import datetime

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.socialaccount.models import SocialAccount
from allauth.usersessions.models import UserSession
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib.sessions.models import Session
from django.db import connection
from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from dothi.core.accounts.models import Grant as GrantRow
from dothi.core.accounts.models import Invitation, User
from dothi.core.accounts.types import Grant, Person, Role

LONGEST_UID = 191
"""What the table of linked accounts takes."""
ERASED = "erased-{}"
"""The user name of an erased person, by id: the column wants one, and it tells nothing."""


def insert_user(username: str, *, password: str, name: str = "", email: str = "", grants: Iterable[Grant]) -> int:
    """Keep a new person with a hashed password and grants; gives the id.

    The address counts as verified: an administrator vouches for it.
    """
    user = User.objects.create_user(username, email, password, name=name)
    add_grants(user.pk, grants)
    if email:
        EmailAddress.objects.create(user=user, email=email.lower(), verified=True, primary=True)
    return user.pk


def has_user(username: str) -> bool:
    """Tell whether a user name is taken, in any case of its letters."""
    return User.objects.filter(username__iexact=username).exists()


def find_by_account(provider: str, uid: str) -> Person | None:
    """Find the person whom a sign-on server knows by an id, one who may sign in; None for nobody."""
    if "\0" in uid or len(uid) > LONGEST_UID:
        return None
    linked = SocialAccount.objects.filter(provider=provider, uid=uid, user__is_active=True, user__erased_at=None)
    found = _people(User.objects.filter(pk__in=linked.values("user_id")))
    return found[0] if len(found) == 1 else None


def has_email(email: str) -> bool:
    """Tell whether an address is a person's already."""
    return (
        User.objects.filter(email__iexact=email).exists() or EmailAddress.objects.filter(email__iexact=email).exists()
    )


def list_names(user_ids: Iterable[int]) -> dict[int, str | None]:
    """Give what those of some people who have an account are called, None for one who was erased."""
    rows = User.objects.filter(id__in=list(user_ids)).values_list("id", "username", "name", "erased_at")
    return {user_id: None if erased_at else name or username for user_id, username, name, erased_at in rows}


def list_names_with(roles: Iterable[Role]) -> dict[int, str]:
    """Give what the people are called who may sign in and hold one of some roles, wherever, by name."""
    granted = GrantRow.objects.filter(user_id=OuterRef("pk"), role__in=[role.value for role in roles])
    rows = User.objects.filter(Exists(granted), is_active=True, erased_at__isnull=True).order_by("name", "username")
    return {user_id: name or username for user_id, username, name in rows.values_list("id", "username", "name")}


def lock_people() -> None:
    """Keep others from making accounts until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("LOCK TABLE accounts_user IN EXCLUSIVE MODE")


def list_people() -> list[Person]:
    """List everybody, by name."""
    return _people(User.objects.order_by("name", "username", "id"))


def find_person(user_id: int) -> Person | None:
    """Give a person, or None."""
    return next(iter(_people(User.objects.filter(id=user_id))), None)


def lock_person(user_id: int) -> Person | None:
    """Give a person, whose changes wait for the end of the transaction; None where there is none."""
    list(User.objects.select_for_update().filter(id=user_id).values_list("id"))
    return find_person(user_id)


def add_grants(user_id: int, grants: Iterable[Grant]) -> None:
    """Give a person grants."""
    GrantRow.objects.bulk_create(
        [
            GrantRow(user_id=user_id, role=grant.role.value, department=grant.department, area=grant.area)
            for grant in grants
        ]
    )


def remove_grants(user_id: int, grants: Iterable[Grant]) -> None:
    """Take grants from a person."""
    for grant in grants:
        GrantRow.objects.filter(
            user_id=user_id, role=grant.role.value, department=grant.department, area=grant.area
        ).delete()


def count_administrators(*, without: int = 0) -> int:
    """Count active people who are administrators everywhere, one person left out."""
    rows = GrantRow.objects.filter(role=Role.ADMINISTRATOR.value, department="", area="", user__is_active=True)
    return rows.exclude(user_id=without).values("user_id").distinct().count()


def set_active(user_id: int, *, is_active: bool) -> None:
    """Let a person in, or not."""
    User.objects.filter(id=user_id).update(is_active=is_active)


def end_sessions(user_id: int) -> int:
    """Sign a person out wherever they are signed in; gives how many sessions ended.

    Sessions of which allauth keeps no row are found by what they hold.
    """
    keys = set(UserSession.objects.filter(user_id=user_id).values_list("session_key", flat=True))
    keys |= {
        row.session_key
        for row in Session.objects.iterator(chunk_size=2000)
        if row.get_decoded().get("_auth_user_id") == str(user_id)
    }
    UserSession.objects.filter(user_id=user_id).delete()
    return Session.objects.filter(session_key__in=keys).delete()[0]


def remove_second_step(user_id: int) -> int:
    """Forget a person's authenticator and recovery codes; gives how many of both there were."""
    number: int = Authenticator.objects.filter(user_id=user_id).delete()[0]
    return number


def count_recovery_codes(user_id: int) -> int:
    """Count the recovery codes that a person has not used yet."""
    kept = Authenticator.objects.filter(user_id=user_id, type=Authenticator.Type.RECOVERY_CODES).first()
    codes: list[str] = [] if kept is None else kept.wrap().get_unused_codes()
    return len(codes)


def find_newest_attempt(name: str, *, address: str | None) -> datetime | None:
    """Give when a wrong password was last given for a name at an address."""
    found = AccessAttempt.objects.filter(username=name, ip_address=address).aggregate(newest=Max("attempt_time"))
    newest: datetime | None = found["newest"]
    return newest


def erase(person: Person, *, at: datetime) -> None:
    """Take everything from the database that tells who a person was; the row itself stays, for references to it."""
    user = User.objects.get(id=person.id)
    addresses = {user.email, *EmailAddress.objects.filter(user_id=user.pk).values_list("email", flat=True)} - {""}
    names = {user.username, *addresses}
    end_sessions(user.pk)
    EmailAddress.objects.filter(user_id=user.pk).delete()
    SocialAccount.objects.filter(user_id=user.pk).delete()
    remove_second_step(user.pk)
    GrantRow.objects.filter(user_id=user.pk).delete()
    for table in (AccessAttempt, AccessLog, AccessFailureLog):
        table.objects.filter(_any_case("username", names)).delete()
    Invitation.objects.filter(_any_case("email", addresses)).update(email="")
    user.groups.clear()
    user.user_permissions.clear()
    user.set_unusable_password()
    user.username, user.name, user.email, user.phone = ERASED.format(user.pk), "", "", ""
    user.first_name, user.last_name = "", ""
    user.is_active, user.is_staff, user.is_superuser = False, False, False
    user.last_login, user.erased_at = None, at
    user.save()


def _any_case(field: str, values: Iterable[str]) -> Q:
    """Give the condition that a column is one of some values, in any case of letters; never met without one."""
    found = Q(pk__in=[])
    for value in values:
        found |= Q(**{f"{field}__iexact": value})
    return found


def _people(rows: QuerySet[User]) -> list[Person]:
    """Read people with their grants, in two queries."""
    second = Authenticator.objects.filter(user_id=OuterRef("pk"), type=Authenticator.Type.TOTP)
    return [_person(row) for row in rows.annotate(has_second_step=Exists(second)).prefetch_related("grants")]


def _person(row: User) -> Person:
    is_erased = row.erased_at is not None
    return Person(
        id=row.pk,
        username="" if is_erased else row.username,
        name=row.name,
        email=row.email,
        phone=row.phone,
        is_active=row.is_active,
        joined_at=row.date_joined,
        last_seen_at=row.last_login,
        erased_at=row.erased_at,
        has_second_step=bool(getattr(row, "has_second_step", False)),
        grants=tuple(_grant(grant) for grant in row.grants.all()),
    )


def _grant(row: GrantRow) -> Grant:
    return Grant(role=Role(row.role), department=row.department, area=row.area)


def update_details(user_id: int, *, name: str, email: str, phone: str) -> None:
    """Keep how a person is called and reached; the address counts as verified."""
    User.objects.filter(id=user_id).update(name=name, email=email, phone=phone)
    addresses: Sequence[str] = [email.lower()] if email else []
    EmailAddress.objects.filter(user_id=user_id).exclude(email__in=addresses).delete()
    for address in addresses:
        EmailAddress.objects.update_or_create(
            user_id=user_id, email=address, defaults={"verified": True, "primary": True}
        )
