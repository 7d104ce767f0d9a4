"""What people change of their own sign-in, in the audit log; and the sessions they have."""

from datetime import datetime
from typing import Final

from dothi.core.accounts.store import people as store
from dothi.core.audit import service as audit

EDIT: Final = "accounts.own.edit"
"""In the audit log: a person changed how they sign in. Anyone signed in may, so it is no permission."""


def note(user_id: int, *, before: object = None, after: object = None) -> None:
    """Audit a change of a person's own sign-in, in the running transaction where there is one."""
    reference = f"user:{user_id}"
    audit.record(reference, EDIT, subject=reference, before=before, after=after)


def find_newest_attempt(name: str, *, address: str | None) -> datetime | None:
    """Give when (wall time) a wrong password was last given for a name at an address, None for never."""
    return store.find_newest_attempt(name, address=address)
