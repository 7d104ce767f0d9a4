"""The queries of an import: how far it is, and rows into the table, each inside the caller's transaction."""

from datetime import datetime
from typing import Final, NamedTuple

import numpy as np
from psycopg import AsyncConnection, sql

from dothi.core.observations import store as record
from dothi.core.observations.importing.encoding import encode
from dothi.core.observations.importing.rules import to_moment
from dothi.core.observations.importing.types import Ints, Rows

_LOCK: Final = 0x696D7074
"""Advisory lock, with the digest's first bits: one process at a time imports a file."""


class Checkpoint(NamedTuple):
    """How far an import is: batches that are committed, and what became of their rows."""

    batches: int = 0
    added: int = 0
    present: int = 0
    conflicting: int = 0


async def take_lock(connection: AsyncConnection, digest: bytes) -> bool:
    """Take the lock of one file for as long as the connection lasts; False if another process has it."""
    cursor = await connection.execute(
        "SELECT pg_try_advisory_lock(%s, %s)", [_LOCK, int.from_bytes(digest[:4], "big", signed=True)]
    )
    row = await cursor.fetchone()
    return bool(row and row[0])


async def begin(connection: AsyncConnection, digest: bytes, *, name: str, now: datetime) -> Checkpoint:
    """Note that an import begins; give how far it was if it was killed. One that had come to its end begins anew."""
    cursor = await connection.execute(
        "INSERT INTO observations_import AS i (digest, name, started_at, updated_at)"
        " VALUES (%(digest)s, %(name)s, %(now)s, %(now)s)"
        " ON CONFLICT (digest) DO UPDATE SET updated_at = %(now)s, name = %(name)s, finished_at = NULL,"
        " started_at = CASE WHEN i.finished_at IS NULL THEN i.started_at ELSE %(now)s END,"
        " batches = CASE WHEN i.finished_at IS NULL THEN i.batches ELSE 0 END,"
        " added = CASE WHEN i.finished_at IS NULL THEN i.added ELSE 0 END,"
        " present = CASE WHEN i.finished_at IS NULL THEN i.present ELSE 0 END,"
        " conflicting = CASE WHEN i.finished_at IS NULL THEN i.conflicting ELSE 0 END"
        " RETURNING batches, added, present, conflicting",
        {"digest": digest, "name": name, "now": now},
    )
    row = await cursor.fetchone()
    return Checkpoint(*row) if row else Checkpoint()


async def save(connection: AsyncConnection, digest: bytes, point: Checkpoint, *, now: datetime) -> None:
    """Note how far an import is, in the transaction of the batch."""
    await connection.execute(
        "UPDATE observations_import SET batches = %s, added = %s, present = %s, conflicting = %s, updated_at = %s"
        " WHERE digest = %s",
        [*point, now, digest],
    )


async def finish(connection: AsyncConnection, digest: bytes, *, bad: int, now: datetime) -> None:
    """Note that an import has come to its end."""
    await connection.execute(
        "UPDATE observations_import SET finished_at = %s, bad = %s WHERE digest = %s", [now, bad, digest]
    )


async def copy_straight(connection: AsyncConnection, rows: Rows, ids: Ints) -> None:
    """Put rows that can't be stored yet straight into the table."""
    await _copy(connection, sql.Identifier("observations_observation"), rows, ids)


async def insert_staged(connection: AsyncConnection, rows: Rows, ids: Ints) -> tuple[Ints, int]:
    """Put rows in past those that are stored; give the ids of those that are new, and how many of them conflict."""
    await record.make_stage(connection)
    await _copy(connection, sql.Identifier("observations_stage"), rows, ids)
    added = await record.merge_stage(connection, begin=to_moment(rows.time.min()), end=to_moment(rows.time.max()))
    return np.array(list(added), dtype=np.int64), sum(added.values())


async def _copy(connection: AsyncConnection, table: sql.Identifier, rows: Rows, ids: Ints) -> None:
    encoded = encode(rows, ids)
    names = sql.SQL(", ").join([sql.Identifier(name) for name in encoded.columns])
    form = sql.SQL("BINARY" if encoded.is_binary else "CSV")
    statement = sql.SQL("COPY {} ({}) FROM STDIN (FORMAT {})").format(table, names, form)
    async with connection.cursor() as cursor, cursor.copy(statement) as copy:
        await copy.write(encoded.data)


async def find_streams(connection: AsyncConnection, ids: list[int]) -> dict[int, tuple[str, str]]:
    """Give (Thing's name, Datastream's name) of each Datastream that exists."""
    cursor = await connection.execute(
        "SELECT d.id, t.name, d.name FROM observations_datastream d JOIN observations_thing t ON t.id = d.thing_id"
        " WHERE d.id = ANY(%s)",
        [ids],
    )
    return {row[0]: (row[1], row[2]) for row in await cursor.fetchall()}


async def list_things_of(connection: AsyncConnection, ids: list[int]) -> set[int]:
    """Give the ids of the Things of some Datastreams."""
    cursor = await connection.execute("SELECT DISTINCT thing_id FROM observations_datastream WHERE id = ANY(%s)", [ids])
    return {row[0] for row in await cursor.fetchall()}
