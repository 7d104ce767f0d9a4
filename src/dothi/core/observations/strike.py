"""Takes Observations out of the record, and keeps the newest and the spans of their Datastreams true."""

from collections.abc import Sequence
from datetime import datetime
from typing import Final, LiteralString

from psycopg import AsyncConnection, sql
from psycopg.rows import TupleRow

from dothi.core.observations.store import lock_latest

Place = tuple[int, int, datetime]
"""Where an Observation is found: its id, its Datastream's, and its phenomenonTime."""

_STRIKE: Final[LiteralString] = (
    "WITH gone AS (DELETE FROM observations_observation o"
    " USING unnest(%s::bigint[], %s::bigint[], %s::timestamptz[]) AS g(id, datastream_id, moment)"
    " WHERE o.datastream_id = g.datastream_id AND o.phenomenon_time = g.moment AND o.id = g.id RETURNING 1)"
    " SELECT count(*) FROM gone"
)
# The newest and the first are each one step of an index; the spans' ends need the whole Datastream.
_RECKON: Final[LiteralString] = """
UPDATE observations_latest l SET
    observation_id = n.id, phenomenon_time = n.phenomenon_time, phenomenon_end = n.phenomenon_end,
    result_time = n.result_time, result = n.result, result_json = n.result_json, quality = n.quality,
    feature_id = n.feature_id, first_time = a.first_time, last_end = a.last_end,
    result_time_first = a.result_first, result_time_last = a.result_last, stored = a.stored
FROM unnest(%s::bigint[]) AS s(id)
LEFT JOIN LATERAL (
    SELECT * FROM observations_observation o WHERE o.datastream_id = s.id ORDER BY o.phenomenon_time DESC, o.id DESC
    LIMIT 1
) n ON true
CROSS JOIN LATERAL (
    SELECT min(phenomenon_time) AS first_time, max(coalesce(phenomenon_end, phenomenon_time)) AS last_end,
        min(result_time) AS result_first, max(result_time) AS result_last, count(*) AS stored
    FROM observations_observation o WHERE o.datastream_id = s.id
) a
WHERE l.datastream_id = s.id
"""
_STREAM_TABLES: Final[tuple[LiteralString, ...]] = (
    "observations_aggregate", "observations_latest", "observations_datastream_property",
)  # fmt: skip


async def take_time(connection: AsyncConnection[TupleRow]) -> None:
    """Let the statements of the rest of the transaction take as long as they need."""
    await connection.execute("SET LOCAL statement_timeout = 0")


async def strike(connection: AsyncConnection[TupleRow], places: Sequence[Place]) -> int:
    """Delete Observations, inside the caller's transaction; gives how many there were."""
    if not places:
        return 0
    streams = sorted({stream for _, stream, _ in places})
    await take_time(connection)
    await lock_latest(connection, streams)
    cursor = await connection.execute(_STRIKE, [list(column) for column in zip(*places, strict=True)])
    row = await cursor.fetchone()
    await reckon(connection, streams)
    return int(row[0]) if row else 0


async def strike_streams(connection: AsyncConnection[TupleRow], datastream_ids: Sequence[int]) -> int:
    """Delete Datastreams with all their Observations; gives how many of these there were.

    The writer waits meanwhile for those Datastreams alone, and then finds that they are not there.
    """
    if not datastream_ids:
        return 0
    ids = list(datastream_ids)
    await lock_latest(connection, ids)
    gone = await connection.execute("DELETE FROM observations_observation WHERE datastream_id = ANY(%s)", [ids])
    for table in _STREAM_TABLES:
        query = sql.SQL("DELETE FROM {} WHERE datastream_id = ANY(%s)").format(sql.Identifier(table))
        await connection.execute(query, [ids])
    await connection.execute("DELETE FROM observations_datastream WHERE id = ANY(%s)", [ids])
    return gone.rowcount


async def strike_about(connection: AsyncConnection[TupleRow], feature_ids: Sequence[int]) -> int:
    """Delete all Observations about features; no index leads to them, so the whole record is looked through."""
    cursor = await connection.execute(
        "SELECT id, datastream_id, phenomenon_time FROM observations_observation WHERE feature_id = ANY(%s)",
        [list(feature_ids)],
    )
    gone = await strike(connection, [(row[0], row[1], row[2]) for row in await cursor.fetchall()])
    await connection.execute(
        "UPDATE observations_latest SET default_feature_id = NULL WHERE default_feature_id = ANY(%s)",
        [list(feature_ids)],
    )
    return gone


async def reckon(connection: AsyncConnection[TupleRow], datastream_ids: Sequence[int]) -> None:
    """Work out anew what is kept beside locked Datastreams: their newest Observation and the spans of all."""
    await take_time(connection)
    await connection.execute(_RECKON, [list(datastream_ids)])
