"""Every query of the audit log."""

from collections.abc import Iterator

from django.db import connection, transaction

from dothi.core.audit import rules
from dothi.core.audit.models import AuditEntry
from dothi.core.audit.types import ChainedEntry, Entry


def append(entry: Entry) -> ChainedEntry:
    """Chain an entry to the newest one; writers wait for each other so that no two take one number."""
    with transaction.atomic():
        with connection.cursor() as cursor:
            cursor.execute("LOCK TABLE audit_entry IN EXCLUSIVE MODE")
        newest = AuditEntry.objects.order_by("-number").first()
        number, previous = (newest.number + 1, newest.digest) if newest else (1, rules.GENESIS)
        digest = rules.digest_of(entry, previous=previous)
        AuditEntry.objects.create(
            number=number,
            at=entry.at,
            who=entry.who,
            what=entry.what,
            subject=entry.subject,
            before=entry.before,
            after=entry.after,
            digest=digest,
        )
    return ChainedEntry(number=number, entry=entry, digest=digest)


def iterate() -> Iterator[ChainedEntry]:
    """Read the whole chain in order, a piece at a time."""
    for row in AuditEntry.objects.order_by("number").iterator(chunk_size=2000):
        entry = Entry(
            at=row.at, who=row.who, what=row.what, subject=row.subject, before=row.before, after=row.after
        )
        yield ChainedEntry(number=row.number, entry=entry, digest=row.digest)
