"""The queries of the record: the writer's, each inside the caller's transaction, and the reading of Things."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, Final, LiteralString, NamedTuple

import msgspec
import numpy as np
from django.db import connection as django_connection
from psycopg import AsyncConnection

from dothi.core.observations.binary import Array
from dothi.core.observations.copying import NumberedRow, copy_rows
from dothi.core.observations.rules import Key, Newest, are_plain, to_micros_all
from dothi.core.observations.types import Reading, ThingReading

ID_BLOCK: Final = 1000
"""How many ids one step of the sequence stands for."""


class Locked(NamedTuple):
    """Of each Datastream that exists the newest phenomenonTime, and its default feature as the table has it."""

    newest: dict[int, datetime | None]
    features: dict[int, int | None]


async def lock_latest(connection: AsyncConnection, datastream_ids: Iterable[int]) -> Locked:
    """Lock Datastreams against other writers and deletion, and against a move of their Things.

    Rows are locked in the order of their ids, so that two writers never wait for each other in a circle.
    """
    cursor = connection.cursor(binary=True)
    await cursor.execute(
        "SELECT datastream_id, phenomenon_time, default_feature_id FROM observations_latest"
        " WHERE datastream_id = ANY(%b::int8[])"
        " ORDER BY datastream_id FOR UPDATE",
        [Array("int8", np.array(sorted(set(datastream_ids)), dtype=np.int64))],
    )
    rows = await cursor.fetchall()
    return Locked({stream: newest for stream, newest, _ in rows}, {stream: feature for stream, _, feature in rows})


async def take_ids(connection: AsyncConnection, count: int) -> list[int]:
    """Give at least `count` fresh ids, in whole blocks of the sequence."""
    blocks = -(-count // ID_BLOCK)
    cursor = await connection.execute(
        "SELECT nextval('observations_observation_id') FROM generate_series(1, %s)", [blocks]
    )
    return [first + offset for (first,) in await cursor.fetchall() for offset in range(ID_BLOCK)]


async def copy_straight(
    connection: AsyncConnection, rows: Sequence[NumberedRow], features: Mapping[int, int | None]
) -> None:
    """Put rows that can't be stored yet straight into the table; `features` are their Datastreams' default ones."""
    await copy_rows(connection, "observations_observation", rows, features)


async def put_plain(connection: AsyncConnection, rows: Sequence[NumberedRow]) -> dict[int, int | None]:
    """Store few plain rows, and the newest of each Datastream, in one round trip that is a transaction by itself.

    The rows of a Datastream must come in the order of time. Gives the ids of those that were left out, as they are not
    newer than what is stored, or their Datastream or its feature is not known; with each the id of the stored row that
    it repeats, None for none.
    """
    values = [(row_id, key[0], key[1], key[2], row.quality, row.result) for row_id, key, row in rows]
    cursor = await connection.execute(_PUT_PLAIN, [list(column) for column in zip(*values, strict=True)])
    return dict(await cursor.fetchall())


_PUT_PLAIN: Final = (
    "SELECT * FROM observations_put_plain("
    "%b::int8[], %b::int8[], %b::timestamptz[], %b::int8[], %b::int2[], %b::float8[])"
)


async def find_repeats(connection: AsyncConnection, keys: Sequence[Key]) -> dict[Key, int]:
    """Give the ids of stored Observations by their keys, of those that are stored."""
    columns = [list(column) for column in zip(*keys, strict=True)]
    cursor = await connection.execute(
        "SELECT place, repeats FROM observations_find_repeats(%b::int8[], %b::timestamptz[], %b::int8[])", columns
    )
    return {keys[place - 1]: row_id for place, row_id in await cursor.fetchall()}


async def insert_staged(
    connection: AsyncConnection, rows: Sequence[NumberedRow], features: Mapping[int, int | None]
) -> dict[Key, tuple[int, bool, bool]]:
    """Put rows in past those that are stored; give for each key its id, whether it is new, and whether it conflicts.

    A row conflicts when the same Datastream has another result for the same moment, end and feature.
    """
    await make_stage(connection)
    await copy_rows(connection, "observations_stage", rows, features)
    clashing = _clashing(rows, features)
    if clashing:
        await connection.execute("UPDATE observations_stage SET conflicting = true WHERE id = ANY(%s)", [clashing])
    moments = [row.phenomenon_time for _, _, row in rows]
    begin, end = min(moments), max(moments)
    added = await merge_stage(connection, begin=begin, end=end)
    found = {key: (row_id, True, added[row_id]) for row_id, key, _ in rows if row_id in added}
    if len(found) < len(rows):
        cursor = await connection.execute(
            "SELECT o.datastream_id, o.phenomenon_time, o.fingerprint, o.id, false, o.conflicting"
            " FROM observations_stage s"
            " JOIN observations_observation o USING (datastream_id, phenomenon_time, fingerprint)"
            " WHERE o.phenomenon_time BETWEEN %s AND %s AND o.id <> s.id",
            [begin, end],
        )
        found |= {row[:3]: row[3:] for row in await cursor.fetchall()}
    return found


def _clashing(rows: Sequence[NumberedRow], features: Mapping[int, int | None]) -> list[int]:
    """Give the ids of rows for whose moment, end and feature another row came before them in the batch."""
    seen: set[tuple[object, ...]] = set()
    clashing = []
    for row_id, key, row in rows:
        moment = (key[0], key[1], row.phenomenon_end, row.feature_id or features[key[0]])
        if moment in seen:
            clashing.append(row_id)
        seen.add(moment)
    return clashing


async def make_stage(connection: AsyncConnection) -> None:
    """Make the table in which rows wait that may be stored already: the connection's own, emptied by each commit."""
    await connection.execute(
        "CREATE TEMPORARY TABLE IF NOT EXISTS observations_stage (LIKE observations_observation INCLUDING DEFAULTS)"
        " ON COMMIT DELETE ROWS"
    )


async def empty_stage(connection: AsyncConnection) -> None:
    """Empty that table within a transaction that stores more than once."""
    await make_stage(connection)
    await connection.execute("DELETE FROM observations_stage")


async def merge_stage(connection: AsyncConnection, *, begin: datetime, end: datetime) -> dict[int, bool]:
    """Put the staged rows in; give the ids of those that are new, and whether each conflicts with a stored one.

    `begin` and `end` are their first and last moment, so that no other partition is looked into. Each row is looked up
    by its key: PostgreSQL knows nothing of the size of a new table, and might read whole partitions for a few rows.
    """
    await connection.execute(
        "SELECT set_config('enable_hashjoin', 'off', true), set_config('enable_mergejoin', 'off', true)"
    )
    await connection.execute(
        "UPDATE observations_stage s SET conflicting = true FROM observations_observation o"
        " WHERE o.phenomenon_time BETWEEN %s AND %s AND o.datastream_id = s.datastream_id"
        " AND o.phenomenon_time = s.phenomenon_time AND o.fingerprint <> s.fingerprint"
        " AND o.phenomenon_end IS NOT DISTINCT FROM s.phenomenon_end"
        " AND o.feature_id IS NOT DISTINCT FROM s.feature_id",
        [begin, end],
    )
    cursor = await connection.execute(
        "INSERT INTO observations_observation SELECT * FROM observations_stage ORDER BY id ON CONFLICT DO NOTHING"
        " RETURNING id, conflicting"
    )
    return dict(await cursor.fetchall())


async def update_latest(
    connection: AsyncConnection,
    changes: Mapping[int, Newest],
    latest: Mapping[int, datetime | None],
    features: Mapping[int, int | None],
) -> None:
    """Bring the newest value and the spans of Datastreams up to date.

    `latest` has their newest times as `lock_latest` gave them, `features` their default features.
    """
    has_result_times = any(new.result_first is not None for new in changes.values())
    if not has_result_times and are_plain(new.row for new in changes.values()):
        are_newer = all(_is_newer(new, latest[datastream_id]) for datastream_id, new in changes.items())
        await _update_plain(connection, changes, features, are_newer=are_newer)
        return
    rows = [
        _LatestChange(
            datastream_id,
            _is_newer(new, latest[datastream_id]),
            new.id,
            new.row.phenomenon_time,
            new.row.phenomenon_end,
            new.row.result_time,
            new.row.result,
            msgspec.Raw(b"null" if new.row.result_json is None else new.row.result_json.encode()),
            new.row.quality,
            new.row.feature_id or features[datastream_id] or None,
            new.first_time,
            new.last_end,
            new.result_first,
            new.result_last,
            new.number,
        )
        for datastream_id, new in changes.items()
    ]
    await connection.execute(_UPDATE_LATEST, [msgspec.json.encode(rows).decode()])


async def _update_plain(
    connection: AsyncConnection, changes: Mapping[int, Newest], features: Mapping[int, int | None], *, are_newer: bool
) -> None:
    """Do so where all newest rows are plain: as binary arrays, which cost a fifth of texts to write and read.

    Where all are newer than what is stored, no Datastream is looked up twice.
    """
    new = list(changes.values())
    newest = _moments([each.row.phenomenon_time for each in new])
    are_single = all(each.number == 1 for each in new)
    await connection.execute(
        _UPDATE_NEWER if are_newer else _UPDATE_PLAIN,
        [
            Array("int8", np.array(list(changes))),
            Array("int8", np.array([each.id for each in new])),
            newest,
            newest if are_single else _moments([each.first_time for each in new]),
            newest if are_single else _moments([each.last_end for each in new]),
            Array("float8", np.array([each.row.result for each in new])),
            Array("int2", np.array([each.row.quality for each in new])),
            Array("int8", np.array([features[datastream_id] or 0 for datastream_id in changes])),
            Array("int8", np.array([each.number for each in new])),
        ],
    )


def _moments(found: Sequence[datetime]) -> Array:
    return Array("timestamptz", to_micros_all(found))


_GIVEN: Final[LiteralString] = """
    SELECT datastream_id, id, result, quality, nullif(feature_id, 0) AS feature_id, stored, moment, first, last
    FROM unnest(%b::int8[], %b::int8[], %b::timestamptz[], %b::timestamptz[], %b::timestamptz[], %b::float8[],
        %b::int2[], %b::int8[], %b::int8[])
        AS n(datastream_id, id, moment, first, last, result, quality, feature_id, stored)
"""
_PUT_NEWER: Final[LiteralString] = """
    UPDATE observations_latest l SET
        observation_id = n.id, phenomenon_time = n.moment, phenomenon_end = NULL, result_time = NULL,
        result = n.result, result_json = NULL, quality = n.quality, feature_id = n.feature_id,
        first_time = least(l.first_time, n.first), last_end = greatest(l.last_end, n.last), stored = l.stored + n.stored
    FROM n WHERE l.datastream_id = n.datastream_id
"""
_UPDATE_NEWER: Final = f"WITH n AS MATERIALIZED ({_GIVEN}) {_PUT_NEWER}"
_UPDATE_PLAIN: Final = f"""
WITH n AS MATERIALIZED ({_GIVEN}), newer AS (
    {_PUT_NEWER} AND (l.phenomenon_time IS NULL OR n.moment > l.phenomenon_time)
    RETURNING l.datastream_id
)
UPDATE observations_latest l SET
    first_time = least(l.first_time, n.first), last_end = greatest(l.last_end, n.last), stored = l.stored + n.stored
FROM n WHERE l.datastream_id = n.datastream_id AND l.phenomenon_time >= n.moment
"""  # noqa: S608  (constants of ours)


def _is_newer(new: Newest, known: datetime | None) -> bool:
    return known is None or new.row.phenomenon_time > known


class _LatestChange(msgspec.Struct):
    """What goes to the database as JSON: one parameter, built and read by C on both sides."""

    datastream_id: int
    newer: bool
    observation_id: int
    phenomenon_time: datetime
    phenomenon_end: datetime | None
    result_time: datetime | None
    result: float | None
    result_json: msgspec.Raw
    quality: int
    feature_id: int | None
    first_time: datetime
    last_end: datetime
    result_first: datetime | None
    result_last: datetime | None
    stored: int


_UPDATE_LATEST: Final = """
UPDATE observations_latest l SET
    observation_id = CASE WHEN n.newer THEN n.observation_id ELSE l.observation_id END,
    phenomenon_end = CASE WHEN n.newer THEN n.phenomenon_end ELSE l.phenomenon_end END,
    result_time = CASE WHEN n.newer THEN n.result_time ELSE l.result_time END,
    result = CASE WHEN n.newer THEN n.result ELSE l.result END,
    result_json = CASE WHEN n.newer THEN n.result_json ELSE l.result_json END,
    quality = CASE WHEN n.newer THEN n.quality ELSE l.quality END,
    feature_id = CASE WHEN n.newer THEN n.feature_id ELSE l.feature_id END,
    phenomenon_time = greatest(l.phenomenon_time, n.phenomenon_time),
    first_time = least(l.first_time, n.first_time),
    last_end = greatest(l.last_end, n.last_end),
    result_time_first = least(l.result_time_first, n.result_first),
    result_time_last = greatest(l.result_time_last, n.result_last),
    stored = l.stored + n.stored
FROM json_to_recordset(%s::json) AS n(
    datastream_id int8, newer bool, observation_id int8, phenomenon_time timestamptz, phenomenon_end timestamptz,
    result_time timestamptz, result float8, result_json jsonb, quality int2, feature_id int8, first_time timestamptz,
    last_end timestamptz, result_first timestamptz, result_last timestamptz, stored int8
)
WHERE l.datastream_id = n.datastream_id
"""


async def insert_dead_letters(connection: AsyncConnection, letters: Sequence[tuple[datetime, str, str, bytes]]) -> None:
    """Keep messages that could not be used, as (received_at, source, reason, payload)."""
    async with connection.cursor() as cursor:
        await cursor.executemany(
            "INSERT INTO observations_deadletter (received_at, source, reason, payload) VALUES (%s, %s, %s, %s)",
            letters,
        )


_THINGS: Final = """
SELECT t.id, t.name, coalesce(t.properties ->> 'kind', ''), ST_X(p.point), ST_Y(p.point), t.is_public, t.department,
    t.properties, r.readings
FROM observations_thing t
LEFT JOIN LATERAL (
    SELECT ST_PointOnSurface(l.geom) AS point FROM observations_thing_location tl
    JOIN observations_location l ON l.id = tl.location_id
    WHERE tl.thing_id = t.id AND l.geom IS NOT NULL ORDER BY l.id LIMIT 1
) p ON true
LEFT JOIN LATERAL (
    SELECT jsonb_agg(jsonb_build_array(d.name, s.result, coalesce(d.unit ->> 'symbol', ''),
                                       extract(epoch FROM s.phenomenon_time))) AS readings
    FROM observations_datastream d JOIN observations_latest s ON s.datastream_id = d.id
    WHERE %s AND d.thing_id = t.id AND s.phenomenon_time IS NOT NULL
) r ON true
WHERE {where} ORDER BY t.id
"""
_OF_KINDS: Final = _THINGS.format(where="t.properties ->> 'kind' = ANY(%s)")
_OF_IDS: Final = _THINGS.format(where="t.id = ANY(%s)")


def list_things(kinds: Sequence[str], *, readings: bool = True) -> list[ThingReading]:
    """List the Things of some kinds, with their newest readings where wanted, on Django's connection."""
    with django_connection.cursor() as cursor:
        cursor.execute(_OF_KINDS, [readings, list(kinds)])
        return [thing_of(_decoded(row)) for row in cursor.fetchall()]


def find_thing(thing_id: int) -> ThingReading | None:
    """Give a Thing with its newest readings, on Django's connection, or None."""
    with django_connection.cursor() as cursor:
        cursor.execute(_OF_IDS, [True, [thing_id]])
        row = cursor.fetchone()
    return None if row is None else thing_of(_decoded(row))


def list_things_by_id(ids: Sequence[int]) -> list[ThingReading]:
    """List Things by id with their newest readings, on Django's connection."""
    with django_connection.cursor() as cursor:
        cursor.execute(_OF_IDS, [True, list(ids)])
        return [thing_of(_decoded(row)) for row in cursor.fetchall()]


def _decoded(row: tuple[Any, ...]) -> tuple[Any, ...]:
    """Django keeps psycopg from decoding jsonb, since its own JSONField does that; a bare cursor gets text."""
    return (*row[:7], *(json.loads(text or "null") for text in row[7:]))


async def fetch_things(
    connection: AsyncConnection, *, kinds: Sequence[str] = (), ids: Sequence[int] = ()
) -> list[ThingReading]:
    """List the Things of some kinds, or of some ids, with their newest readings, on the machines' connection."""
    cursor = await connection.execute(_OF_IDS if ids else _OF_KINDS, [True, list(ids or kinds)])
    return [thing_of(row) for row in await cursor.fetchall()]


def thing_of(row: tuple[Any, ...]) -> ThingReading:
    """Read a row of Things: id, name, kind, place, whether public, department, properties, readings."""
    thing_id, name, kind, lon, lat, is_public, department, properties, readings = row
    return ThingReading(
        id=thing_id,
        name=name,
        kind=kind,
        lon=lon,
        lat=lat,
        simulated=bool(properties and properties.get("simulated")),
        properties=properties or {},
        readings={
            key: Reading(value=None if value is None else float(value), unit=unit, at=datetime.fromtimestamp(at, UTC))
            for key, value, unit, at in readings or ()
        },
        is_public=is_public,
        department=department,
    )
