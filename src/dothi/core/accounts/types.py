"""Who acts, in which role, and what a machine key looks like from outside."""

from datetime import datetime
from enum import StrEnum
from typing import Literal

import msgspec


class Role(StrEnum):
    """The roles a person can have; what each may do comes from the manifests' permissions."""

    VIEWER = "viewer"
    OPERATOR = "operator"
    CREW = "crew"
    OFFICER = "officer"
    ANALYST = "analyst"
    ADMINISTRATOR = "administrator"


class Actor(msgspec.Struct, frozen=True):
    """Whoever asks for something: a visitor, a signed-in person, a machine key, or Dothi itself.

    `reference` stands in the audit log and holds no personal data.
    """

    kind: Literal["visitor", "user", "key", "system"]
    reference: str
    permissions: frozenset[str] = frozenset()
    label: str = ""

    def may(self, permission: str) -> bool:
        """Tell whether the actor holds a permission; Dothi itself holds all."""
        return self.kind == "system" or permission in self.permissions


SYSTEM = Actor(kind="system", reference="system")


class NewKey(msgspec.Struct, frozen=True):
    """A machine key at the only moment its secret is known; the token is `id.secret`."""

    id: str
    secret: str

    @property
    def token(self) -> str:
        """What a machine sends as bearer token."""
        return f"{self.id}.{self.secret}"


class Key(msgspec.Struct, frozen=True):
    """A machine key as it is listed: never with its secret."""

    id: str
    name: str
    permissions: frozenset[str]
    created_at: datetime
    revoked_at: datetime | None
