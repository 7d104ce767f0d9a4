"""The door of accounts: who is asking, what they may do, and the keeping of keys and people."""

import secrets
from collections.abc import Iterable
from functools import cache

import msgspec
from django.contrib.auth.password_validation import validate_password
from django.core.exceptions import ValidationError
from django.db import transaction

from dothi.core.accounts import rules, store
from dothi.core.accounts.types import SYSTEM, Actor, Key, NewKey, Role
from dothi.core.audit import service as audit
from dothi.kernel import clock
from dothi.kernel.errors import Conflict, Forbidden, InvalidInput, NotFound, Unauthenticated
from dothi.kernel.manifest import load_manifests

PUBLIC = "public"
"""In place of a permission: anyone may."""


@cache
def permissions_of_role(role: str) -> frozenset[str]:
    """Give what a role may do by the manifests. Raises ValueError for no such role."""
    return rules.permissions_of(Role(role), load_manifests())


def visitor(role: str) -> Actor:
    """Give the actor for whoever has not signed in; an empty role holds nothing."""
    return Actor(kind="visitor", reference="visitor", permissions=permissions_of_role(role) if role else frozenset())


def person(user_id: int, *, role: str, label: str) -> Actor:
    """Give the actor for a signed-in person."""
    return Actor(kind="user", reference=f"user:{user_id}", permissions=permissions_of_role(role), label=label)


def require(actor: Actor, permission: str) -> None:
    """Let pass who holds the permission.

    Raises Unauthenticated for a visitor without it, Forbidden for anyone else.
    """
    if permission == PUBLIC or actor.may(permission):
        return
    if actor.kind == "visitor":
        raise Unauthenticated(f"sign in or send a key: {permission} is needed")
    raise Forbidden(f"{permission} is needed", permission=permission)


def create_key(
    actor: Actor,
    *,
    name: str,
    permissions: Iterable[str],
    department: str = "",
    thing_ids: Iterable[int] | None = None,
) -> NewKey:
    """Make a machine key. Audited. The secret is in the answer and nowhere else.

    With a department the key reaches that department's Things alone, with `thing_ids` these Things alone. Raises
    Forbidden, or InvalidInput for a permission that nobody declares.
    """
    require(actor, "accounts.key.create")
    key = Key(
        id=secrets.token_hex(8),
        name=name,
        permissions=rules.check_known(permissions, rules.all_permissions(load_manifests())),
        department=department,
        thing_ids=None if thing_ids is None else frozenset(thing_ids),
        created_at=clock.now(),
        revoked_at=None,
        last_used_at=None,
    )
    secret = secrets.token_urlsafe(32)
    after = msgspec.to_builtins(
        {"name": name, "permissions": sorted(key.permissions), "department": department, "thing_ids": key.thing_ids}
    )
    with transaction.atomic():
        store.insert_key(key, secret_hash=rules.hash_secret(secret))
        audit.record(actor.reference, "accounts.key.create", subject=f"key:{key.id}", after=after)
    return NewKey(id=key.id, secret=secret)


def list_keys(actor: Actor) -> list[Key]:
    """List all machine keys, revoked ones too. Raises Forbidden."""
    require(actor, "accounts.key.view")
    return store.list_keys()


def revoke_key(actor: Actor, *, key_id: str) -> Key:
    """Revoke a machine key; it is refused from the next request on. Audited. Raises Forbidden or NotFound."""
    require(actor, "accounts.key.revoke")
    with transaction.atomic():
        key = store.revoke_key(key_id, at=clock.now())
        if key is None:
            raise NotFound(f"no valid key {key_id}")
        audit.record(actor.reference, "accounts.key.revoke", subject=f"key:{key_id}", before={"name": key.name})
    return key


def create_user(actor: Actor, *, username: str, password: str, role: str) -> int:
    """Make a person's account and give its id. Audited without the name, which is personal data.

    Raises Forbidden, InvalidInput for a weak password or unknown role, Conflict for a name that is taken.
    """
    require(actor, "accounts.user.create")
    if role not in set(Role):
        raise InvalidInput(f"no such role: {role}", place="role")
    if store.has_user(username):
        raise Conflict(f"the user name {username} is taken")
    try:
        validate_password(password)
    except ValidationError as error:
        raise InvalidInput(" ".join(error.messages), place="password") from error
    with transaction.atomic():
        user_id = store.insert_user(username, password=password, role=role)
        audit.record(actor.reference, "accounts.user.create", subject=f"user:{user_id}", after={"role": role})
    return user_id


def name_people(references: Iterable[str]) -> dict[str, str]:
    """Give the user names behind references ("user:7") of people who still have an account, in one query.

    It asks for no permission: whom to tell is the caller's to say.
    """
    ids = {int(tail) for kind, _, tail in (each.partition(":") for each in references) if kind == "user"}
    return {f"user:{user_id}": name for user_id, name in store.list_names(ids).items()} if ids else {}


def list_people(permission: str) -> dict[str, str]:
    """Give the user names, by reference, of the people who have an account and hold a permission, in one query.

    It asks for no permission, as above.
    """
    roles = [role.value for role in Role if permission in permissions_of_role(role.value)]
    return {f"user:{user_id}": name for user_id, name in store.list_names_in(roles).items()}


def has_administrator() -> bool:
    """Tell whether somebody who can make accounts has one, in one query. It asks for no permission, as above."""
    return bool(list_people("accounts.user.create"))


def create_first_administrator(*, username: str, password: str) -> int:
    """Make the first administrator's account, whoever asks, and give its id. Audited.

    Raises Conflict where there is one already or the name is taken, InvalidInput for a weak password.
    """
    with transaction.atomic():
        store.lock_users()
        if has_administrator():
            raise Conflict("there is an administrator already")
        return create_user(SYSTEM, username=username, password=password, role=Role.ADMINISTRATOR.value)
