"""The queries on messages that could not be used."""

from datetime import datetime
from typing import Final

from django.db import connection as django_connection
from psycopg import AsyncConnection

from dothi.core.observations.deadletters.rules import EXCERPT, excerpt_of, printable
from dothi.core.observations.deadletters.types import DeadLetter

_BATCH: Final = 10_000


def list_newest(limit: int) -> list[DeadLetter]:
    """List the newest first, on Django's connection."""
    with django_connection.cursor() as cursor:
        cursor.execute(
            "SELECT id, received_at, source, reason, octet_length(payload), substring(payload FROM 1 FOR %s)"
            " FROM observations_deadletter ORDER BY received_at DESC, id DESC LIMIT %s",
            [EXCERPT * 4 + 1, limit],
        )
        return [
            DeadLetter(number, received_at, printable(source), printable(reason), size, excerpt_of(bytes(payload)))
            for number, received_at, source, reason, size, payload in cursor.fetchall()
        ]


async def remove_before(connection: AsyncConnection, moment: datetime) -> int:
    """Remove those received before a moment; gives how many. Needs a connection that commits each statement."""
    removed = 0
    while True:
        cursor = await connection.execute(
            "DELETE FROM observations_deadletter WHERE id = ANY(ARRAY(SELECT id FROM observations_deadletter"
            " WHERE received_at < %s ORDER BY received_at LIMIT %s))",
            [moment, _BATCH],
        )
        removed += cursor.rowcount
        if cursor.rowcount < _BATCH:
            return removed


async def remove_beyond(connection: AsyncConnection, number: int) -> int:
    """Remove all but so many of the newest; gives how many. Needs a connection that commits each statement."""
    cursor = await connection.execute(
        "SELECT id FROM observations_deadletter ORDER BY id DESC OFFSET %s LIMIT 1", [number]
    )
    last = await cursor.fetchone()
    removed = 0
    while last is not None:
        cursor = await connection.execute(
            "DELETE FROM observations_deadletter WHERE id = ANY(ARRAY(SELECT id FROM observations_deadletter"
            " WHERE id <= %s ORDER BY id LIMIT %s))",
            [last[0], _BATCH],
        )
        removed += cursor.rowcount
        if cursor.rowcount < _BATCH:
            break
    return removed
