"""Who is asking, and whether they may."""

from collections.abc import Iterable
from functools import cache
from typing import Final

from django.utils.translation import gettext

from dothi.core.accounts import policy, rules
from dothi.core.accounts.store import departments as departments_store
from dothi.core.accounts.store import people as store
from dothi.core.accounts.types import Actor, Grant, Role, Subject
from dothi.kernel.errors import Forbidden, Unauthenticated
from dothi.kernel.manifest import load_manifests

PUBLIC: Final = "public"
"""In place of a permission: anyone may."""
SIGNED_IN: Final = "signed-in"
"""In place of a permission: any person who is signed in may, as over their own account."""


@cache
def permissions_of_role(role: str) -> frozenset[str]:
    """Give what a role may do by the manifests. Raises ValueError for no such role."""
    return rules.permissions_of(Role(role), load_manifests())


@cache
def _permissions_of_roles() -> dict[Role, frozenset[str]]:
    return {role: permissions_of_role(role.value) for role in Role}


def visitor(role: str) -> Actor:
    """Give the actor for whoever has not signed in; an empty role holds nothing."""
    return Actor(kind="visitor", reference="visitor", permissions=permissions_of_role(role) if role else frozenset())


def person(user_id: int, *, role: str = "", label: str, grants: Iterable[Grant] = ()) -> Actor:
    """Give the actor for a signed-in person: with a role everywhere, with grants, or with both.

    Where grants name departments, those below are looked up, in one query. Raises ValueError for no such role.
    """
    every = [*([Grant(Role(role))] if role else ()), *grants]
    below = departments_store.list_below({grant.department for grant in every if grant.department})
    held = rules.held_by(every, permissions=_permissions_of_roles(), below=below)
    return policy.person(f"user:{user_id}", label=label, grants=held)


def require(actor: Actor, permission: str, *, of: Subject | None = None) -> Actor:
    """Let pass who holds the permission; over something's department and area, where that is given.

    Gives the actor with the reach of that permission: whoever asks next what they may touch asks that one. Raises
    Unauthenticated for a visitor without it, Forbidden for anyone else.
    """
    if permission == PUBLIC or (permission == SIGNED_IN and actor.kind == "user"):
        return actor
    if policy.may(actor, permission, of=of):
        return actor.within(permission)
    if actor.kind == "visitor":
        raise Unauthenticated(f"sign in or send a key: {permission} is needed")
    raise Forbidden(f"{permission} is needed", permission=permission)


def name_people(references: Iterable[str]) -> dict[str, str]:
    """Give what the people behind references ("user:7") are called, in one query; of an erased one, that they are.

    Who has no account is left out. It asks for no permission: whom to tell is the caller's to say.
    """
    ids = {
        int(tail)
        for kind, _, tail in (each.partition(":") for each in references)
        if kind == "user" and tail.isascii() and tail.isdigit() and len(tail) < 19
    }
    if not ids:
        return {}
    erased = gettext("Erased person")
    return {f"user:{user_id}": name or erased for user_id, name in store.list_names(ids).items()}


def list_holders(permission: str) -> dict[str, str]:
    """Give what the people are called, by reference, who have an account and hold a permission, in one query.

    It asks for no permission, as above.
    """
    roles = [role for role, permissions in _permissions_of_roles().items() if permission in permissions]
    return {f"user:{user_id}": name for user_id, name in store.list_names_with(roles).items()}
