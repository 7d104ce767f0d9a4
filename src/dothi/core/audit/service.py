"""The door of the audit log: other packages record their changes here, in the transaction of the change itself."""

from collections.abc import Iterator, Sequence
from datetime import datetime

import msgspec
from psycopg import AsyncConnection

from dothi.core.audit import rules, store
from dothi.core.audit.types import Change, Entry, Link, Numbered, Page, Question, Verdict
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


def list_entries(asked: Question, *, before: int | None = None, limit: int = 50) -> Page:
    """List the entries that are asked for, the newest first, at most `limit` of them.

    It asks for no permission: the log stands below the accounts, which do. See `accounts.service.log`.
    """
    found = store.list_newest(asked, before=before, limit=limit + 1)
    shown = found[:limit]
    return Page(
        entries=tuple(
            Numbered(number=link.number, entry=msgspec.json.decode(link.body, type=Entry), digest=link.digest)
            for link in shown
        ),
        before=shown[-1].number if len(found) > limit else None,
    )


def verify() -> Verdict:
    """Walk the whole chain and say whether it holds; takes about as long as reading it does."""
    count, digest = 0, rules.GENESIS.digest

    def seen() -> Iterator[Link]:
        nonlocal count, digest
        for link in store.iterate():
            count, digest = count + 1, link.digest
            yield link

    broken_at = rules.find_break(seen())
    return Verdict(count=count, broken_at=broken_at, digest=digest, at=clock.now())
