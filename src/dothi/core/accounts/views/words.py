"""What roles, grants and invitations are called on pages."""

from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from dothi.core.accounts.types import Department, Grant, InvitationState, Role

ROLES: Final[Mapping[Role, Promise]] = {
    Role.VIEWER: _("Viewer"),
    Role.OPERATOR: _("Operator"),
    Role.CREW: _("Crew"),
    Role.OFFICER: _("Department officer"),
    Role.ANALYST: _("Analyst"),
    Role.ADMINISTRATOR: _("Administrator"),
}
MEANINGS: Final[Mapping[Role, Promise]] = {
    Role.VIEWER: _("sees"),
    Role.OPERATOR: _("runs the operations centre: acknowledges alarms, commands devices"),
    Role.CREW: _("works outside"),
    Role.OFFICER: _("answers for a department's service: schedules, reports"),
    Role.ANALYST: _("takes figures out"),
    Role.ADMINISTRATOR: _("keeps people, keys and the record"),
}
STATES: Final[Mapping[InvitationState, Promise]] = {
    InvitationState.OPEN: _("Open"),
    InvitationState.EXPIRED: _("Expired"),
    InvitationState.ACCEPTED: _("Accepted"),
    InvitationState.WITHDRAWN: _("Withdrawn"),
}


class GrantWords(NamedTuple):
    """A grant as pages show it; `value` is how forms send it."""

    value: str
    role: Promise
    department: str
    area: str


def grants_of(grants: Iterable[Grant], departments: Iterable[Department] = ()) -> list[GrantWords]:
    """Give the words for grants; a department that is not among those given stands as its code."""
    language = get_language() or ""
    names = {each.code: each.name_in(language) for each in departments}
    return [
        GrantWords(
            value=value_of(grant),
            role=ROLES[grant.role],
            department=names.get(grant.department, grant.department),
            area=grant.area,
        )
        for grant in grants
    ]


def value_of(grant: Grant) -> str:
    """Write a grant as forms send it."""
    return f"{grant.role.value}|{grant.department}|{grant.area}"
