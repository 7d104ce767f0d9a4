"""Who acts, with which grants, in which departments, and what a machine key looks like from outside."""

from datetime import datetime
from enum import StrEnum

import msgspec

from dothi.core.accounts.policy import SYSTEM, Actor, AreaReach, Held, Subject

__all__ = [
    "SYSTEM",
    "Actor",
    "AreaReach",
    "Department",
    "Grant",
    "Held",
    "Invitation",
    "InvitationState",
    "Key",
    "NewInvitation",
    "NewKey",
    "Person",
    "Role",
    "Subject",
]


class Role(StrEnum):
    """The roles that a grant can bring; what each may do comes from the manifests' permissions."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    CREW = "crew"
    OFFICER = "officer"
    ANALYST = "analyst"
    ADMINISTRATOR = "administrator"


class Grant(msgspec.Struct, frozen=True, order=True):
    """A role, in a department and those below it, in an area; "" of either is everywhere."""

    role: Role
    department: str = ""
    area: str = ""


class Department(msgspec.Struct, frozen=True):
    """A department of the tree: `code` is what keys and Things name it by, `path` leads to it from the top.

    `path` begins with the topmost department's code and ends with its own.
    """

    code: str
    name_vi: str
    name_en: str
    path: tuple[str, ...]

    @property
    def parent(self) -> str:
        """The code of the department above, "" at the top."""
        return self.path[-2] if len(self.path) > 1 else ""

    @property
    def depth(self) -> int:
        """How many departments stand above."""
        return len(self.path) - 1

    def name_in(self, language: str) -> str:
        """Give the name in a language; Vietnamese comes first."""
        return self.name_en if language == "en" else self.name_vi


class Person(msgspec.Struct, frozen=True):
    """A person's account as administrators see it; all of `name`, `username`, `email` and `phone` is personal data.

    Of an erased person all four are empty.
    """

    id: int
    username: str
    name: str
    email: str
    phone: str
    is_active: bool
    joined_at: datetime
    last_seen_at: datetime | None
    erased_at: datetime | None
    has_second_step: bool
    grants: tuple[Grant, ...]

    @property
    def reference(self) -> str:
        """What stands in the audit log for the person."""
        return f"user:{self.id}"

    @property
    def is_erased(self) -> bool:
        """Whether the person's data is gone."""
        return self.erased_at is not None


class InvitationState(StrEnum):
    """What became of an invitation."""

    OPEN = "open"
    EXPIRED = "expired"
    ACCEPTED = "accepted"
    WITHDRAWN = "withdrawn"


class Invitation(msgspec.Struct, frozen=True):
    """An invitation as it is listed, never with its secret; `email` is personal data and may be empty."""

    id: int
    email: str
    grants: tuple[Grant, ...]
    created_at: datetime
    expires_at: datetime
    accepted_at: datetime | None = None
    withdrawn_at: datetime | None = None
    invited_by: str = ""

    def state_at(self, now: datetime) -> InvitationState:
        """Give what the invitation is at a moment."""
        if self.accepted_at is not None:
            return InvitationState.ACCEPTED
        if self.withdrawn_at is not None:
            return InvitationState.WITHDRAWN
        return InvitationState.OPEN if now < self.expires_at else InvitationState.EXPIRED


class NewInvitation(msgspec.Struct, frozen=True):
    """An invitation at the only moment its secret is known; `token` ends the address that is given to the invited."""

    id: int
    token: str
    expires_at: datetime


class NewKey(msgspec.Struct, frozen=True):
    """A machine key at the only moment its secret is known; the token is `id.secret`."""

    id: str
    secret: str

    @property
    def token(self) -> str:
        """What a machine sends as bearer token."""
        return f"{self.id}.{self.secret}"


class Key(msgspec.Struct, frozen=True):
    """A machine key as it is listed: never with its secret.

    `departments` are its department and all below it, None for a key that is not limited to one.
    """

    id: str
    name: str
    permissions: frozenset[str]
    department: str
    thing_ids: frozenset[int] | None
    created_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None
    departments: frozenset[str] | None = None

    @property
    def actor(self) -> Actor:
        """Who acts by this key."""
        return Actor(
            kind="key",
            reference=f"key:{self.id}",
            permissions=self.permissions,
            label=self.name,
            department=self.department,
            thing_ids=self.thing_ids,
            departments=self.departments,
        )
