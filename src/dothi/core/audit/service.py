"""The door of the audit log: other packages record their changes here, in the transaction of the change itself."""

from collections.abc import Sequence
from datetime import datetime

import msgspec
from psycopg import AsyncConnection

from dothi.core.audit import rules, store
from dothi.core.audit.types import Change, Entry, Link
from dothi.kernel import clock


def record(who: str, what: str, *, subject: str, before: object = None, after: object = None) -> Link:
    """Append one change. Call it inside the transaction that makes the change, so that both stand or neither.

    `who` is a reference and holds no personal data; `before` and `after` must be JSON values.
    """
    return store.append(Entry(at=clock.now(), who=who, what=what, subject=subject, before=before, after=after))


async def record_on(
    connection: AsyncConnection, who: str, what: str, *, subject: str, before: object = None, after: object = None
) -> Link:
    """Do what `record` does, on the machines' connection and in its running transaction."""
    (link,) = await record_all_on(connection, [Change(who, what, subject, before, after)])
    return link


async def record_all_on(connection: AsyncConnection, changes: Sequence[Change]) -> list[Link]:
    """Do what `record_on` does for several changes, each an entry of its own, in as many statements as one needs."""
    now = clock.now()
    return await store.append_on(connection, [_entry(change, at=now) for change in changes])


def _entry(change: Change, *, at: datetime) -> Entry:
    who, what, subject, before, after = msgspec.structs.astuple(change)
    return Entry(at=at, who=who, what=what, subject=subject, before=before, after=after)


def find_break() -> int | None:
    """Give the number of the first entry that was changed, removed or inserted, or None when the log is whole."""
    return rules.find_break(store.iterate())
