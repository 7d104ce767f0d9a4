"""The keeping of machine keys."""

import secrets
from collections.abc import Iterable

import msgspec
from django.db import transaction

from dothi.core.accounts import rules
from dothi.core.accounts.service.asking import require
from dothi.core.accounts.store import keys as store
from dothi.core.accounts.store.departments import list_below
from dothi.core.accounts.types import Actor, Key, NewKey, Subject
from dothi.core.audit import service as audit
from dothi.kernel import clock
from dothi.kernel.errors import NotFound
from dothi.kernel.manifest import load_manifests


def create_key(
    actor: Actor,
    *,
    name: str,
    permissions: Iterable[str],
    department: str = "",
    thing_ids: Iterable[int] | None = None,
) -> NewKey:
    """Make a machine key. Audited. The secret is in the answer and nowhere else.

    With a department the key reaches the Things of that department and of those below it alone, with `thing_ids` these
    Things alone. Raises Forbidden, also where the actor's own reach is less; InvalidInput for a permission that nobody
    declares.
    """
    require(actor, "accounts.key.create", of=Subject(department=department))
    key = Key(
        id=secrets.token_hex(8),
        name=name,
        permissions=rules.check_known(permissions, rules.all_permissions(load_manifests())),
        department=department,
        thing_ids=None if thing_ids is None else frozenset(thing_ids),
        created_at=clock.now(),
        revoked_at=None,
        last_used_at=None,
        departments=list_below([department]).get(department) if department else None,
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
    require(actor, "accounts.key.view", of=Subject())
    return store.list_keys()


def revoke_key(actor: Actor, *, key_id: str) -> Key:
    """Revoke a machine key; it is refused from the next request on. Audited. Raises Forbidden or NotFound."""
    require(actor, "accounts.key.revoke", of=Subject())
    with transaction.atomic():
        key = store.revoke_key(key_id, at=clock.now())
        if key is None:
            raise NotFound(f"no valid key {key_id}")
        audit.record(actor.reference, "accounts.key.revoke", subject=f"key:{key_id}", before={"name": key.name})
    return key
