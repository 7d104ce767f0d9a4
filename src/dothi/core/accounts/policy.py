"""The one policy of both doors: what whoever asks holds, where it reaches, and whether a thing lies within."""

from collections.abc import Iterable
from typing import Literal

import msgspec


class Subject(msgspec.Struct, frozen=True):
    """What something belongs to, as far as rights ask: a department's code and an area's, "" for none."""

    department: str = ""
    area: str = ""
    is_public: bool = False


class Held(msgspec.Struct, frozen=True):
    """The permissions of one grant, and how far they reach.

    `departments` are the granted one and all below it, None for everywhere; `area` is an area's code, "" for
    everywhere.
    """

    permissions: frozenset[str]
    departments: frozenset[str] | None = None
    area: str = ""

    def covers(self, subject: Subject) -> bool:
        """Tell whether something lies within the grant's department and area, both."""
        in_department = self.departments is None or subject.department in self.departments
        return in_department and (not self.area or self.area == subject.area)


class AreaReach(msgspec.Struct, frozen=True):
    """How far grants for an area reach: Things that stand in it, of some departments, or of all for None.

    `thing_ids` are those that stand there now. Who knows where Things stand puts them in; until then it reaches none.
    """

    area: str
    departments: frozenset[str] | None = None
    thing_ids: frozenset[int] = frozenset()

    @property
    def unplaced(self) -> "AreaReach":
        """The same before anybody has said what stands there."""
        return AreaReach(self.area, self.departments)

    def covers(self, thing_id: int, *, department: str) -> bool:
        """Tell whether a Thing of a department stands in the area and is of the departments."""
        return thing_id in self.thing_ids and (self.departments is None or department in self.departments)


class Actor(msgspec.Struct, frozen=True):
    """Whoever asks for something: a visitor, a signed-in person, a machine key, or Dothi itself.

    `reference` stands in the audit log and holds no personal data. `departments` are those whose Things the actor
    reaches, None for all; a key's are its `department` and all below it, unless they are given. `thing_ids` may limit a
    key further. A person holds `grants`; `departments` are then those of all that hold in every area together, `areas`
    the reach of the others beside it, and `within` narrows both to those of one permission.
    """

    kind: Literal["visitor", "user", "key", "system"]
    reference: str
    permissions: frozenset[str] = frozenset()
    label: str = ""
    department: str = ""
    thing_ids: frozenset[int] | None = None
    departments: frozenset[str] | None = None
    grants: tuple[Held, ...] = ()
    areas: tuple[AreaReach, ...] = ()

    def __post_init__(self) -> None:
        """Let a department alone reach itself."""
        if self.department and self.departments is None:
            msgspec.structs.force_setattr(self, "departments", frozenset({self.department}))

    def may(self, permission: str) -> bool:
        """Tell whether the actor holds a permission anywhere; Dothi itself holds all."""
        return self.kind == "system" or permission in self.permissions

    @property
    def is_limited(self) -> bool:
        """Whether the actor may touch only some Things."""
        return self.departments is not None or self.thing_ids is not None

    @property
    def sees_public(self) -> bool:
        """Whether the actor's eyes reach beyond the own departments to what is public: people's do, keys' don't."""
        return self.kind == "user"

    def may_touch(self, thing_id: int, *, department: str) -> bool:
        """Tell whether a Thing of a department lies within the actor's limits."""
        of_department = self.departments is None or department in self.departments
        is_within = of_department or any(each.covers(thing_id, department=department) for each in self.areas)
        return is_within and (self.thing_ids is None or thing_id in self.thing_ids)

    def may_see(self, thing_id: int, *, department: str, is_public: bool) -> bool:
        """Tell whether a Thing is for the actor's eyes: a visitor sees what is public, others what they may touch.

        People see what is public besides.
        """
        if self.kind == "visitor":
            return is_public
        return (is_public and self.sees_public) or self.may_touch(thing_id, department=department)

    def within(self, permission: str) -> "Actor":
        """Give the actor with the reach that one permission has: of a person, that of the grants which bring it."""
        if not self.grants:
            return self
        held = [each for each in self.grants if permission in each.permissions]
        departments, areas = departments_of(held), areas_of(held)
        if departments == self.departments and areas == tuple(each.unplaced for each in self.areas):
            return self
        return msgspec.structs.replace(self, departments=departments, areas=areas)


def may(actor: Actor, permission: str, *, of: Subject | None = None) -> bool:
    """Tell whether an actor holds a permission at all, or over something of a department and an area."""
    if of is None or not actor.may(permission):
        return actor.may(permission)
    if actor.kind == "visitor":
        return of.is_public
    if actor.grants:
        return any(permission in held.permissions and held.covers(of) for held in actor.grants)
    return actor.departments is None or of.department in actor.departments


def departments_of(grants: Iterable[Held]) -> frozenset[str] | None:
    """Give the departments that grants reach together, wherever their Things stand, None for all."""
    found: set[str] = set()
    for held in grants:
        if held.area:
            continue
        if held.departments is None:
            return None
        found |= held.departments
    return frozenset(found)


def areas_of(grants: Iterable[Held]) -> tuple[AreaReach, ...]:
    """Give how far grants for one area each reach; none where another grant reaches everything anyway."""
    held = list(grants)
    if departments_of(held) is None:
        return ()
    return tuple(dict.fromkeys(AreaReach(each.area, each.departments) for each in held if each.area))


def person(reference: str, *, label: str, grants: Iterable[Held]) -> Actor:
    """Give the actor for a person with grants; without any they may do nothing."""
    held = tuple(grants)
    return Actor(
        kind="user",
        reference=reference,
        label=label,
        permissions=frozenset().union(*(each.permissions for each in held)),
        departments=departments_of(held),
        grants=held,
        areas=areas_of(held),
    )


SYSTEM = Actor(kind="system", reference="system")
