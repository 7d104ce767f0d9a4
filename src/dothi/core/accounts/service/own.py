"""What people change of their own sign-in, in the audit log; and the sessions they have."""

from datetime import datetime
from typing import Final

from django.db import transaction

from dothi.core.accounts.store import people as store
from dothi.core.audit import service as audit
from dothi.kernel import events
from dothi.kernel.events import PeopleChanged

EDIT: Final = "accounts.own.edit"
"""In the audit log: a person changed how they sign in. Anyone signed in may, so it is no permission."""


def note(user_id: int, *, before: object = None, after: object = None) -> None:
    """Audit a change of a person's own sign-in, in the running transaction where there is one."""
    reference = f"user:{user_id}"
    audit.record(reference, EDIT, subject=reference, before=before, after=after)


def tell(user_id: int) -> None:
    """Tell other processes after the commit that a person may do other things, or is signed in no more."""
    transaction.on_commit(lambda: events.publish(PeopleChanged([user_id])))


def find_newest_attempt(name: str, *, address: str | None) -> datetime | None:
    """Give when (wall time) a wrong password was last given for a name at an address, None for never."""
    return store.find_newest_attempt(name, address=address)
