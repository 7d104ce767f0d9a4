"""The audit log for those who may read it, with the names that people have now."""

from collections.abc import Iterable, Mapping
from typing import Final

from dothi.core.accounts.service.asking import name_people, require
from dothi.core.accounts.types import Actor, Subject
from dothi.core.audit import service as audit
from dothi.core.audit.types import Page, Question, Verdict

VIEW: Final = "audit.entry.view"


def list_entries(actor: Actor, asked: Question, *, before: int | None = None) -> tuple[Page, Mapping[str, str]]:
    """List entries, the newest first, and what the people in them are called now, by reference.

    An entry does not say of which department its subject is: the log is for whoever may read it everywhere. Raises
    Unauthenticated, Forbidden.
    """
    require(actor, VIEW, of=Subject())
    page = audit.list_entries(asked, before=before)
    return page, name_people(_references(page))


def verify(actor: Actor) -> Verdict:
    """Say whether the chain holds. Raises Unauthenticated, Forbidden."""
    require(actor, VIEW, of=Subject())
    return audit.verify()


def _references(page: Page) -> Iterable[str]:
    for each in page.entries:
        yield each.entry.who
        yield each.entry.subject
