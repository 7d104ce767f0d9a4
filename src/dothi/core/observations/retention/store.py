"""The queries of retention: what there is, one partition out in one transaction, and buckets of time."""

from collections.abc import Collection, Sequence
from datetime import datetime
from typing import Final, LiteralString

from psycopg import AsyncConnection, sql

from dothi.core.observations.partitions import INDEXES, span_of
from dothi.core.observations.retention.types import Bucket, Part, Stream, Width

LIFETIME_LOCK: Final = 0x6C696665
"""Advisory lock: nothing leaves the record while a backup reads it, and one process at a time makes it leave."""
HOURS: Final = {Width.HOUR: 1, Width.DAY: 24}

GOOD: Final[LiteralString] = "result IS NOT NULL AND NOT conflicting AND quality NOT IN (4, 9)"
"""What is counted: the numbers that are neither bad, missing nor conflicting."""
_MEASURES: Final = sql.SQL(
    f"count(*) FILTER (WHERE {GOOD}) AS count, count(*) FILTER (WHERE ({GOOD}) IS NOT TRUE) AS others,"
    f" sum(result) FILTER (WHERE {GOOD}) AS total, min(result) FILTER (WHERE {GOOD}) AS least,"
    f" max(result) FILTER (WHERE {GOOD}) AS greatest"
)


async def take_lock(connection: AsyncConnection) -> bool:
    """Take the lock for as long as the connection lasts; False if something else has it."""
    cursor = await connection.execute("SELECT pg_try_advisory_lock(%s)", [LIFETIME_LOCK])
    row = await cursor.fetchone()
    return bool(row and row[0])


async def list_parts(connection: AsyncConnection) -> list[Part]:
    """List the partitions, without a look at what is in them."""
    cursor = await connection.execute(
        "SELECT c.relname, pg_total_relation_size(c.oid), greatest(c.reltuples, 0)::bigint"
        " FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid"
        " WHERE i.inhparent = 'observations_observation'::regclass"
    )
    found = [(span_of(row[0]), row) for row in await cursor.fetchall()]
    return [Part(span.table, span.begin, span.end, row[1], row[2]) for span, row in found if span is not None]


async def list_streams_in(connection: AsyncConnection, table: str) -> frozenset[int]:
    """Give the Datastreams that have rows in a partition, by steps through its key."""
    query = sql.SQL(
        "WITH RECURSIVE s(id) AS ((SELECT datastream_id FROM {0} ORDER BY 1 LIMIT 1) UNION ALL"
        " SELECT (SELECT datastream_id FROM {0} WHERE datastream_id > s.id ORDER BY 1 LIMIT 1) FROM s"
        " WHERE s.id IS NOT NULL) SELECT id FROM s WHERE id IS NOT NULL"
    )
    cursor = await connection.execute(query.format(sql.Identifier(table)))
    return frozenset([row[0] for row in await cursor.fetchall()])


async def list_streams(connection: AsyncConnection) -> list[Stream]:
    """List all Datastreams with what their retention goes by; days that are no whole number count as none."""
    cursor = await connection.execute(
        "SELECT d.id, array_remove(array_agg(p.name) || array_agg(p.definition), NULL),"
        " CASE WHEN d.properties ->> 'raw_days' ~ '^[0-9]{1,6}$' THEN (d.properties ->> 'raw_days')::int END"
        " FROM observations_datastream d LEFT JOIN observations_datastream_property m ON m.datastream_id = d.id"
        " LEFT JOIN observations_observedproperty p ON p.id IN (d.observed_property_id, m.observed_property_id)"
        " GROUP BY d.id"
    )
    return [Stream(row[0], tuple(row[1]), row[2]) for row in await cursor.fetchall()]


async def hold(connection: AsyncConnection, table: str) -> None:
    """Keep writers away from a partition until the transaction ends; readers go on."""
    await connection.execute("SET LOCAL lock_timeout = '5s'")
    await connection.execute(sql.SQL("LOCK TABLE {} IN SHARE MODE").format(sql.Identifier(table)))


async def aggregate(connection: AsyncConnection, table: str, leaving: Collection[int], *, zone: str) -> int:
    """Add the rows that leave a partition to the aggregates; gives how many they are.

    Each row counts once, as it leaves once: in the same transaction. What comes later for the same hour is added when
    it leaves in its turn.
    """
    query = sql.SQL(
        "WITH hours AS (SELECT datastream_id, date_trunc('hour', phenomenon_time, %(zone)s) AS bucket, {}"
        " FROM {} WHERE datastream_id = ANY(%(leaving)s) GROUP BY 1, 2), added AS ("
        "INSERT INTO observations_aggregate AS a (datastream_id, hours, bucket, count, others, total, least, greatest)"
        " SELECT datastream_id, 1, bucket, count, others, total, least, greatest FROM hours UNION ALL"
        " SELECT datastream_id, 24, date_trunc('day', bucket, %(zone)s), sum(count), sum(others), sum(total),"
        " min(least), max(greatest) FROM hours GROUP BY 1, 3"
        " ON CONFLICT (datastream_id, hours, bucket) DO UPDATE SET count = a.count + excluded.count,"
        " others = a.others + excluded.others, least = least(a.least, excluded.least),"
        " greatest = greatest(a.greatest, excluded.greatest),"
        " total = CASE WHEN a.total IS NULL THEN excluded.total ELSE a.total + coalesce(excluded.total, 0) END)"
        " SELECT coalesce(sum(count + others), 0)::bigint FROM hours"
    )
    cursor = await connection.execute(
        query.format(_MEASURES, sql.Identifier(table)), {"zone": zone, "leaving": list(leaving)}
    )
    row = await cursor.fetchone()
    return row[0] if row else 0


async def copy_staying(connection: AsyncConnection, part: Part, leaving: Collection[int]) -> str:
    """Make a table of the rows that stay in a partition, with all that it needs to take its place; gives its name."""
    name = f"{part.table}_staying"
    table, old = sql.Identifier(name), sql.Identifier(part.table)
    await connection.execute(
        sql.SQL("CREATE TABLE {} (LIKE {} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)").format(table, old)
    )
    await connection.execute(
        sql.SQL("INSERT INTO {} SELECT * FROM {} WHERE datastream_id <> ALL(%s)").format(table, old), [list(leaving)]
    )
    for index in INDEXES:
        await connection.execute(sql.SQL(index).format(table))
    # With this known, the table takes its place without being read again.
    await connection.execute(
        sql.SQL("ALTER TABLE {} ADD CONSTRAINT span CHECK (phenomenon_time >= {} AND phenomenon_time < {})").format(
            table, sql.Literal(part.begin.isoformat()), sql.Literal(part.end.isoformat())
        )
    )
    return name


async def lock_latest(connection: AsyncConnection, leaving: Collection[int]) -> None:
    """Lock the Datastreams as writers do, before the table: then nobody waits in a circle.

    From here on others wait for this transaction, so it gives up rather than wait for long itself.
    """
    await connection.execute("SET LOCAL lock_timeout = '500ms'")
    await connection.execute(
        "SELECT FROM observations_latest WHERE datastream_id = ANY(%s) ORDER BY datastream_id FOR UPDATE",
        [list(leaving)],
    )


async def count_by_stream(connection: AsyncConnection, table: str, leaving: Collection[int]) -> dict[int, int]:
    """Give how many rows of each Datastream leave."""
    query = sql.SQL("SELECT datastream_id, count(*) FROM {} WHERE datastream_id = ANY(%s) GROUP BY 1")
    cursor = await connection.execute(query.format(sql.Identifier(table)), [list(leaving)])
    return dict(await cursor.fetchall())


async def replace(connection: AsyncConnection, part: Part, staying: str | None) -> None:
    """Drop a partition and put the table of what stays, if there is one, in its place."""
    await connection.execute(sql.SQL("DROP TABLE {}").format(sql.Identifier(part.table)))
    if staying is None:
        return
    table = sql.Identifier(part.table)
    await connection.execute(sql.SQL("ALTER TABLE {} RENAME TO {}").format(sql.Identifier(staying), table))
    await connection.execute(
        sql.SQL("ALTER TABLE observations_observation ATTACH PARTITION {} FOR VALUES FROM ({}) TO ({})").format(
            table, sql.Literal(part.begin.isoformat()), sql.Literal(part.end.isoformat())
        )
    )
    await connection.execute(sql.SQL("ALTER TABLE {} DROP CONSTRAINT span").format(table))


async def find_next_times(connection: AsyncConnection, part: Part, leaving: Collection[int]) -> dict[int, datetime]:
    """Give the first phenomenonTime after a partition of each Datastream that has one."""
    cursor = await connection.execute(
        "SELECT s.id, n.at FROM unnest(%s::bigint[]) AS s(id), LATERAL (SELECT min(phenomenon_time) AS at"
        " FROM observations_observation WHERE datastream_id = s.id AND phenomenon_time >= %s) AS n"
        " WHERE n.at IS NOT NULL",
        [list(leaving), part.end],
    )
    return dict(await cursor.fetchall())


async def correct_latest(
    connection: AsyncConnection, part: Part, left: dict[int, int], next_times: dict[int, datetime]
) -> None:
    """Bring the number and the first time of the Observations that a Datastream still has up to date."""
    ids = list(left)
    await connection.execute(
        "UPDATE observations_latest l SET stored = greatest(l.stored - n.number, 0),"
        " first_time = CASE WHEN l.first_time >= %s AND l.first_time < %s THEN n.next_time ELSE l.first_time END"
        " FROM unnest(%s::bigint[], %s::bigint[], %s::timestamptz[]) AS n(id, number, next_time)"
        " WHERE l.datastream_id = n.id",
        [part.begin, part.end, ids, [left[each] for each in ids], [next_times.get(each) for each in ids]],
    )


async def list_buckets(
    connection: AsyncConnection, stream: int, width: Width, *, begin: datetime, end: datetime, zone: str
) -> Sequence[Bucket]:
    """Give the buckets that begin in a span, from what has left and what is still there together."""
    query = sql.SQL(
        "SELECT bucket, sum(count)::bigint, sum(others)::bigint, sum(total), min(least), max(greatest) FROM ("
        "SELECT bucket, count, others, total, least, greatest FROM observations_aggregate"
        " WHERE datastream_id = %(stream)s AND hours = %(hours)s"
        " AND bucket >= date_trunc(%(width)s, %(begin)s, %(zone)s)"
        " AND bucket < date_trunc(%(width)s, %(end)s, %(zone)s) UNION ALL"
        " SELECT date_trunc(%(width)s, phenomenon_time, %(zone)s), {} FROM observations_observation"
        " WHERE datastream_id = %(stream)s AND phenomenon_time >= date_trunc(%(width)s, %(begin)s, %(zone)s)"
        " AND phenomenon_time < date_trunc(%(width)s, %(end)s, %(zone)s) GROUP BY 1"
        ") AS parts GROUP BY bucket ORDER BY bucket"
    ).format(_MEASURES)
    values = {"stream": stream, "hours": HOURS[width], "width": width.value, "begin": begin, "end": end, "zone": zone}
    cursor = await connection.execute(query, values)
    return [Bucket(*row) for row in await cursor.fetchall()]
