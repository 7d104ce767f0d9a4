"""The door of the audit log: other packages record their changes here, in the transaction of the change itself."""

from dothi.core.audit import rules, store
from dothi.core.audit.types import ChainedEntry, Entry
from dothi.kernel import clock


def record(who: str, what: str, *, subject: str, before: object = None, after: object = None) -> ChainedEntry:
    """Append one change. Call it inside the transaction that makes the change, so that both stand or neither.

    `who` is a reference and holds no personal data; `before` and `after` must be JSON values.
    """
    return store.append(Entry(at=clock.now(), who=who, what=what, subject=subject, before=before, after=after))


def find_break() -> int | None:
    """Give the number of the first entry that was changed, removed or inserted, or None when the log is whole."""
    return rules.find_break(store.iterate())
