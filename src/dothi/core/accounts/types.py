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

    `reference` stands in the audit log and holds no personal data. A machine key can be limited to a department's
    Things or to some Things; everybody else's limits come from what is public.
    """

    kind: Literal["visitor", "user", "key", "system"]
    reference: str
    permissions: frozenset[str] = frozenset()
    label: str = ""
    department: str = ""
    thing_ids: frozenset[int] | None = None

    def may(self, permission: str) -> bool:
        """Tell whether the actor holds a permission; Dothi itself holds all."""
        return self.kind == "system" or permission in self.permissions

    @property
    def is_limited(self) -> bool:
        """Whether the actor may touch only some Things."""
        return bool(self.department) or self.thing_ids is not None

    def may_touch(self, thing_id: int, *, department: str) -> bool:
        """Tell whether a Thing of a department lies within the actor's limits."""
        of_department = not self.department or department == self.department
        return of_department and (self.thing_ids is None or thing_id in self.thing_ids)


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
    department: str
    thing_ids: frozenset[int] | None
    created_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None

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
        )
