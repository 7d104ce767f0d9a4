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
