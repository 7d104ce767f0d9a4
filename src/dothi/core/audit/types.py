"""What an entry of the audit log is."""

from datetime import datetime

import msgspec


class Entry(msgspec.Struct, frozen=True):
    """One change: `who` is a reference ("user:7", "key:ab12", "system") and no name; `what` is a permission's id.

    `before` and `after` are JSON values of the changed thing, None where it did not or does not exist.
    """

    at: datetime
    who: str
    what: str
    subject: str
    before: object = None
    after: object = None


class Change(msgspec.Struct, frozen=True):
    """One of several changes that are recorded together, as an entry has them."""

    who: str
    what: str
    subject: str
    before: object = None
    after: object = None


class Link(msgspec.Struct, frozen=True):
    """An entry at its place in the chain: `body` is its JSON to the letter, `digest` covers it and the one before."""

    number: int
    body: str
    digest: str


class Question(msgspec.Struct, frozen=True):
    """Which entries are asked for; what is empty restricts nothing. `what` may be how a permission begins."""

    who: str = ""
    what: str = ""
    subject: str = ""
    since: datetime | None = None
    until: datetime | None = None


class Numbered(msgspec.Struct, frozen=True):
    """An entry with its place in the chain."""

    number: int
    entry: Entry
    digest: str


class Page(msgspec.Struct, frozen=True):
    """Entries, the newest first; `before` is the number to go on from, None at the end."""

    entries: tuple[Numbered, ...]
    before: int | None


class Verdict(msgspec.Struct, frozen=True):
    """Whether the chain holds: `broken_at` is the first entry that does not fit, None when all do."""

    count: int
    broken_at: int | None
    digest: str
    at: datetime
