"""The queries of machine keys."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from psycopg import AsyncConnection

from dothi.core.accounts.models import MachineKey
from dothi.core.accounts.store.departments import list_below
from dothi.core.accounts.types import Key


def insert_key(key: Key, *, secret_hash: str) -> None:
    """Keep a new key."""
    MachineKey.objects.create(
        id=key.id,
        name=key.name,
        secret_hash=secret_hash,
        permissions=sorted(key.permissions),
        department=key.department,
        thing_ids=None if key.thing_ids is None else sorted(key.thing_ids),
        created_at=key.created_at,
    )


def list_keys() -> list[Key]:
    """List all keys, oldest first."""
    rows = list(MachineKey.objects.all())
    below = list_below({row.department for row in rows if row.department})
    return [_key_of(row, below.get(row.department)) for row in rows]


def revoke_key(key_id: str, *, at: datetime) -> Key | None:
    """Mark a key as revoked and give it; None when there is none that is still valid."""
    if not MachineKey.objects.filter(id=key_id, revoked_at=None).update(revoked_at=at):
        return None
    row = MachineKey.objects.get(id=key_id)
    return _key_of(row, list_below([row.department] if row.department else []).get(row.department))


async def find_valid_key(connection: AsyncConnection, key_id: str) -> tuple[Key, str] | None:
    """Give a key that is not revoked and its secret's hash, or None."""
    cursor = await connection.execute(
        "SELECT id, name, permissions, department, thing_ids, created_at, revoked_at, last_used_at, secret_hash,"
        " ARRAY(SELECT d.code FROM accounts_department d WHERE k.department <> '' AND k.department = ANY(d.path))"
        " FROM accounts_machinekey k WHERE id = %s AND revoked_at IS NULL",
        [key_id],
    )
    row = await cursor.fetchone()
    if row is None:
        return None
    *columns, secret_hash, below = row
    found = _Row(*columns)
    return _key_of(found, frozenset({found.department, *below}) if found.department else None), secret_hash


async def note_use(connection: AsyncConnection, key_ids: Sequence[str], *, at: datetime) -> None:
    """Keep when keys were last used."""
    await connection.execute("UPDATE accounts_machinekey SET last_used_at = %s WHERE id = ANY(%s)", [at, list(key_ids)])


class _Row(NamedTuple):
    """The columns of a key as SQL gives them."""

    id: str
    name: str
    permissions: list[str]
    department: str
    thing_ids: list[int] | None
    created_at: datetime
    revoked_at: datetime | None
    last_used_at: datetime | None


def _key_of(row: MachineKey | _Row, departments: frozenset[str] | None) -> Key:
    return Key(
        id=row.id,
        name=row.name,
        permissions=frozenset(row.permissions),
        department=row.department,
        thing_ids=None if row.thing_ids is None else frozenset(row.thing_ids),
        created_at=row.created_at,
        revoked_at=row.revoked_at,
        last_used_at=row.last_used_at,
        departments=departments,
    )
