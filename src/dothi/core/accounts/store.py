"""Every query of people and machine keys."""

from datetime import datetime

from psycopg import AsyncConnection

from dothi.core.accounts.models import MachineKey, User
from dothi.core.accounts.types import Key


def insert_key(key_id: str, *, name: str, secret_hash: str, permissions: frozenset[str], at: datetime) -> None:
    """Keep a new key."""
    MachineKey.objects.create(
        id=key_id, name=name, secret_hash=secret_hash, permissions=sorted(permissions), created_at=at
    )


def list_keys() -> list[Key]:
    """List all keys, oldest first."""
    return [_key_of(row) for row in MachineKey.objects.all()]


def revoke_key(key_id: str, *, at: datetime) -> Key | None:
    """Mark a key as revoked and give it; None when there is none that is still valid."""
    if not MachineKey.objects.filter(id=key_id, revoked_at=None).update(revoked_at=at):
        return None
    return _key_of(MachineKey.objects.get(id=key_id))


def insert_user(username: str, *, password: str, role: str) -> int:
    """Keep a new person with a hashed password; gives the id."""
    return User.objects.create_user(username=username, password=password, role=role).pk


def has_user(username: str) -> bool:
    """Tell whether a user name is taken."""
    return User.objects.filter(username=username).exists()


async def find_valid_key(connection: AsyncConnection, key_id: str) -> tuple[str, str, frozenset[str]] | None:
    """Give (name, secret hash, permissions) of a key that is not revoked, or None."""
    cursor = await connection.execute(
        "SELECT name, secret_hash, permissions FROM accounts_machinekey WHERE id = %s AND revoked_at IS NULL", [key_id]
    )
    row = await cursor.fetchone()
    return None if row is None else (row[0], row[1], frozenset(row[2]))


def _key_of(row: MachineKey) -> Key:
    return Key(
        id=row.id,
        name=row.name,
        permissions=frozenset(row.permissions),
        created_at=row.created_at,
        revoked_at=row.revoked_at,
    )
