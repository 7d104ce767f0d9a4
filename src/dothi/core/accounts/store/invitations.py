"""The queries of invitations."""

from datetime import datetime

import msgspec

from dothi.core.accounts.models import Invitation as Row
from dothi.core.accounts.types import Grant, Invitation


def insert_invitation(invitation: Invitation, *, secret_hash: str) -> int:
    """Keep a new invitation; gives its number."""
    return Row.objects.create(
        secret_hash=secret_hash,
        email=invitation.email,
        grants=msgspec.to_builtins(invitation.grants),
        invited_by=invitation.invited_by,
        created_at=invitation.created_at,
        expires_at=invitation.expires_at,
    ).pk


def list_invitations() -> list[Invitation]:
    """List all invitations, the newest first."""
    return [_invitation(row) for row in Row.objects.all()]


def find_invitation(number: int) -> Invitation | None:
    """Give an invitation by its number, or None."""
    row = Row.objects.filter(id=number).first()
    return None if row is None else _invitation(row)


def lock_by_secret(secret_hash: str) -> Invitation | None:
    """Give the invitation of a secret, or None; its other uses wait for the end of the transaction."""
    row = Row.objects.select_for_update().filter(secret_hash=secret_hash).first()
    return None if row is None else _invitation(row)


def find_by_secret(secret_hash: str) -> Invitation | None:
    """Give the invitation of a secret, or None."""
    row = Row.objects.filter(secret_hash=secret_hash).first()
    return None if row is None else _invitation(row)


def close_invitation(number: int, *, accepted_at: datetime | None = None, withdrawn_at: datetime | None = None) -> None:
    """Keep what became of an invitation; the address it went to is no longer needed."""
    Row.objects.filter(id=number).update(accepted_at=accepted_at, withdrawn_at=withdrawn_at, email="")


def _invitation(row: Row) -> Invitation:
    return Invitation(
        id=row.pk,
        email=row.email,
        grants=msgspec.convert(row.grants, tuple[Grant, ...]),
        created_at=row.created_at,
        expires_at=row.expires_at,
        accepted_at=row.accepted_at,
        withdrawn_at=row.withdrawn_at,
        invited_by=row.invited_by,
    )
