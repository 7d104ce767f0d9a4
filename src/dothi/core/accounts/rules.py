"""Which role holds which permission, how secrets are kept, and how departments, grants and invitations may change."""

import hashlib
import hmac
import re
from collections.abc import Collection, Iterable, Mapping
from datetime import datetime, timedelta
from typing import Final

from dothi.core.accounts.policy import may
from dothi.core.accounts.types import Actor, Department, Grant, Held, Invitation, InvitationState, Role, Subject
from dothi.kernel.errors import Conflict, Forbidden, InvalidInput
from dothi.kernel.manifest import Manifest

INVITED_FOR: Final = timedelta(days=7)
"""How long an invitation is good for, in the city's time."""
_CODE: Final = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_LONGEST_CODE: Final = 60


def permissions_of(role: Role, manifests: Iterable[Manifest]) -> frozenset[str]:
    """Give the permissions that the manifests grant a role."""
    return frozenset(
        permission.id for manifest in manifests for permission in manifest.permissions if role.value in permission.roles
    )


def all_permissions(manifests: Iterable[Manifest]) -> frozenset[str]:
    """Give every permission there is."""
    return frozenset(permission.id for manifest in manifests for permission in manifest.permissions)


def check_known(wanted: Iterable[str], known: frozenset[str]) -> frozenset[str]:
    """Give `wanted` as a set. Raises InvalidInput that names each permission nobody declares."""
    asked = frozenset(wanted)
    if unknown := sorted(asked - known):
        raise InvalidInput(f"no such permission: {', '.join(unknown)}", place="permissions")
    return asked


def hash_secret(secret: str) -> str:
    """Give the SHA-256 (hex) of a key's secret: 256 random bits need no slow hash."""
    return hashlib.sha256(secret.encode()).hexdigest()


def is_secret(secret: str, digest: str) -> bool:
    """Tell, in constant time, whether a secret is the one behind a digest."""
    return hmac.compare_digest(hash_secret(secret), digest)


def split_token(token: str) -> tuple[str, str] | None:
    """Split `id.secret`; None when it is not of that form."""
    key_id, dot, secret = token.partition(".")
    is_whole = dot and key_id and secret and len(token) <= 200
    return (key_id, secret) if is_whole and "\0" not in token else None  # the database takes no NUL


def held_by(
    grants: Iterable[Grant], *, permissions: Mapping[Role, frozenset[str]], below: Mapping[str, frozenset[str]]
) -> tuple[Held, ...]:
    """Give grants as they are asked: with the permissions of their roles, and all departments they reach.

    `below` gives of each granted department itself and all below it.
    """
    return tuple(
        Held(
            permissions=permissions[grant.role],
            departments=below.get(grant.department, frozenset({grant.department})) if grant.department else None,
            area=grant.area,
        )
        for grant in grants
    )


def check_code(code: str) -> str:
    """Give a department's code as it was given. Raises InvalidInput for one that is not a-z, 0-9 and single hyphens."""
    if len(code) > _LONGEST_CODE or not _CODE.fullmatch(code):
        raise InvalidInput("a code is of the letters a-z, digits, and hyphens between them", place="code")
    return code


def check_names(*names: str) -> None:
    """See that a department has a name in each language. Raises InvalidInput."""
    if not all(0 < len(name.strip()) <= 200 for name in names):
        raise InvalidInput("a department needs a name in each language, up to 200 letters", place="names")


def path_below(code: str, parent: Department | None) -> tuple[str, ...]:
    """Give the path of a department below another, or at the top. Raises Conflict for a place below itself."""
    above = parent.path if parent is not None else ()
    if code in above:
        raise Conflict(f"{code} can't stand below itself")
    return (*above, code)


def subject_of(grant: Grant) -> Subject:
    """Give what a grant reaches, as something that a right is held over."""
    return Subject(department=grant.department, area=grant.area)


def check_may_over(actor: Actor, permission: str, grants: Iterable[Grant]) -> None:
    """See that an actor holds a permission over all that grants reach, so that nobody gives more than they have.

    Raises Forbidden.
    """
    if not all(may(actor, permission, of=subject_of(grant)) for grant in grants):
        raise Forbidden(f"{permission} is needed for all of the grant's department and area", permission=permission)


def check_departments(grants: Iterable[Grant], known: Collection[str]) -> None:
    """See that grants name departments of the tree. Raises InvalidInput."""
    for grant in grants:
        if grant.department and grant.department not in known:
            raise InvalidInput(f"there is no department {grant.department}", place="department")


def tell_apart(before: Iterable[Grant], after: Iterable[Grant]) -> tuple[list[Grant], list[Grant]]:
    """Give the grants that come and those that go, from what a person had to what they shall have."""
    had, wanted = frozenset(before), frozenset(after)
    return sorted(wanted - had), sorted(had - wanted)


def audited(grants: Iterable[Grant]) -> list[dict[str, str]]:
    """Give what the audit log keeps of grants."""
    return [{"role": grant.role.value, "department": grant.department, "area": grant.area} for grant in sorted(grants)]


def is_everywhere(grant: Grant) -> bool:
    """Tell whether a grant reaches all departments and areas."""
    return not grant.department and not grant.area


def check_open(invitation: Invitation | None, *, now: datetime) -> Invitation:
    """Give an invitation that can still be accepted. Raises Conflict, in the same words for one that never was."""
    if invitation is None or invitation.state_at(now) is not InvitationState.OPEN:
        raise Conflict("the invitation was used, withdrawn, has expired, or never was")
    return invitation
