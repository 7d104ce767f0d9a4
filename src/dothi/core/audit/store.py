"""Every query of the audit log."""

from collections.abc import Iterator, Sequence
from typing import Any, Final, LiteralString

from django.db import connection as django_connection
from django.db import transaction
from psycopg import AsyncConnection

from dothi.core.audit import rules
from dothi.core.audit.models import AuditEntry
from dothi.core.audit.types import Entry, Link, Question

_LOCK: Final = "LOCK TABLE audit_entry IN EXCLUSIVE MODE"
_NEWEST: Final = "SELECT number, body, digest FROM audit_entry ORDER BY number DESC LIMIT 1"
_INSERT: Final = "INSERT INTO audit_entry (number, body, digest) VALUES (%s, %s, %s)"
_INSERT_ALL: Final = (
    "INSERT INTO audit_entry (number, body, digest) SELECT * FROM unnest(%s::bigint[], %s::text[], %s::text[])"
)


def append(entry: Entry) -> Link:
    """Chain an entry to the newest one; writers wait for each other so that no two take one number."""
    with transaction.atomic(), django_connection.cursor() as cursor:
        cursor.execute(_LOCK)
        cursor.execute(_NEWEST)
        row = cursor.fetchone()
        link = rules.chain(entry, previous=Link(*row) if row else rules.GENESIS)
        cursor.execute(_INSERT, [link.number, link.body, link.digest])
    return link


async def append_on(connection: AsyncConnection, entries: Sequence[Entry]) -> list[Link]:
    """Do what `append` does for entries in order, inside the caller's transaction on the machines' connection."""
    await connection.execute(_LOCK)
    row = await (await connection.execute(_NEWEST)).fetchone()
    links = [Link(*row) if row else rules.GENESIS]
    for entry in entries:
        links.append(rules.chain(entry, previous=links[-1]))
    del links[0]
    columns = [[link.number for link in links], [link.body for link in links], [link.digest for link in links]]
    await connection.execute(_INSERT_ALL, columns)
    return links


def iterate() -> Iterator[Link]:
    """Read the whole chain in order, a piece at a time."""
    for row in AuditEntry.objects.order_by("number").iterator(chunk_size=2000):
        yield Link(number=row.number, body=row.body, digest=row.digest)


def list_newest(asked: Question, *, before: int | None, limit: int) -> list[Link]:
    """List the entries that are asked for, the newest first, from before a number on."""
    conditions: list[LiteralString] = ["TRUE"]
    values: list[Any] = []
    if before is not None:
        conditions.append("number < %s")
        values.append(before)
    if asked.who:
        conditions.append("body::jsonb ->> 'who' = %s")
        values.append(asked.who)
    if asked.what:
        conditions.append("starts_with(body::jsonb ->> 'what', %s)")
        values.append(asked.what)
    if asked.subject:
        conditions.append("body::jsonb ->> 'subject' = %s")
        values.append(asked.subject)
    if asked.since is not None:
        conditions.append("(body::jsonb ->> 'at')::timestamptz >= %s")
        values.append(asked.since)
    if asked.until is not None:
        conditions.append("(body::jsonb ->> 'at')::timestamptz < %s")
        values.append(asked.until)
    where = " AND ".join(conditions)
    statement = f"SELECT number, body, digest FROM audit_entry WHERE {where} ORDER BY number DESC LIMIT %s"  # noqa: S608
    with django_connection.cursor() as cursor:
        cursor.execute(statement, [*values, limit])
        return [Link(*row) for row in cursor.fetchall()]
