"""The queries of deep inserts: one looks up all that is linked and takes ids, one makes all rows, of however many."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from functools import cache
from typing import Final, LiteralString, NamedTuple

import msgspec
from psycopg import AsyncConnection, sql
from psycopg.rows import TupleRow

from dothi.core.observations.entities.gathered import Gathered, Link, Row, Shape
from dothi.core.observations.query import within
from dothi.core.observations.query.types import Reach

_JSON: Final = frozenset(
    {"properties", "location", "feature", "metadata", "unit", "parameters", "multi_observation_types"}
)
"""The columns whose values are JSON already."""
_TAKE: Final[LiteralString] = "(SELECT array_agg(nextval({})) FROM generate_series(1, %s::int))"
_LINKED: Final[LiteralString] = (
    "(SELECT array_agg(k.id) FROM (SELECT id FROM {} WHERE id = ANY(%s::bigint[]) ORDER BY id FOR KEY SHARE) AS k)"
)
# A geometry is worked out once, not in each place where it is named: hence OFFSET 0.
_READ: Final[LiteralString] = (
    "(SELECT array_agg(CASE WHEN ST_IsEmpty(g) OR ST_XMin(g) < -180 OR ST_XMax(g) > 180 OR ST_YMin(g) < -90"
    " OR ST_YMax(g) > 90 THEN NULL ELSE g::text END ORDER BY number)"
    " FROM (SELECT number, ST_Force2D(ST_SetSRID(ST_GeomFromGeoJSON("
    "coalesce(given::jsonb -> 'geometry', given::jsonb)::text), 4326)) AS g"
    " FROM unnest(%s::text[]) WITH ORDINALITY AS u(given, number) OFFSET 0) AS shapes)"
)
_INSERT: Final[LiteralString] = "{} AS (INSERT INTO {} ({}) SELECT {} FROM json_populate_recordset(NULL::{}, %s::json))"
_IS_BEYOND: Final[LiteralString] = (
    "SELECT t.id FROM observations_thing t WHERE t.id = ANY(%(ids)s) AND NOT ("  # noqa: S608 (constants of ours)
    "(%(departments)s::text[] IS NULL OR t.department = ANY(%(departments)s::text[]) OR "
    + within.STANDS_IN
    + ") AND (%(thing_ids)s::bigint[] IS NULL OR t.id = ANY(%(thing_ids)s::bigint[]))"
    " AND (t.is_public OR NOT %(public_only)s)) LIMIT 1"
)


class Found(NamedTuple):
    """Fresh ids by table, the linked entities that are there, and the geometry of each GeoJSON, None for a bad one."""

    ids: dict[LiteralString, list[int]]
    links: set[tuple[LiteralString, int]]
    shapes: dict[str, str | None]

    def take_ids(self, given: Gathered) -> dict[int, int]:
        """Take a fresh id for each row that was gathered; gives them by what stands for them."""
        return {
            int(str(row["id"])): self.ids[table].pop(0)
            for table, rows in given.rows.items()
            for row in rows
            if "id" in row
        }

    def fault(self, check: Link | Shape) -> str:
        """Say what is wrong with what was looked up, nothing where it is there."""
        if isinstance(check, Shape):
            is_good = self.shapes[check.geojson] is not None
            return "" if is_good else "a place needs GeoJSON with longitude and latitude in degrees"
        name = check.place.rpartition("/")[2]
        return "" if (check.table, check.id) in self.links else f"there is no {name} with id {check.id}"


async def look(connection: AsyncConnection[TupleRow], given: Sequence[Gathered]) -> Found:
    """Take an id for each row that needs one, and look up what is linked: that stays until the transaction ends.

    Raises what PostGIS raises for GeoJSON that is none.
    """
    counts: dict[LiteralString, int] = {}
    for each in given:
        for table, rows in each.rows.items():
            if "id" in rows[0]:
                counts[table] = counts.get(table, 0) + len(rows)
    linked: dict[LiteralString, set[int]] = {}
    shapes: dict[str, str | None] = {}
    for check in (check for each in given for check in each.checks):
        if isinstance(check, Shape):
            shapes[check.geojson] = None
        else:
            linked.setdefault(check.table, set()).add(check.id)
    asked = [*counts.values(), *(sorted(ids) for ids in linked.values())] + ([list(shapes)] if shapes else [])
    if not asked:
        return Found({}, set(), {})
    cursor = await connection.execute(_look(tuple(counts), tuple(linked), bool(shapes)), asked)
    answers = iter(await cursor.fetchone() or ())
    ids = {table: next(answers) for table in counts}
    links = {(table, entity_id) for table in linked for entity_id in next(answers) or ()}
    return Found(ids, links, dict(zip(shapes, next(answers), strict=True)) if shapes else {})


@cache
def _look(fresh: tuple[LiteralString, ...], linked: tuple[LiteralString, ...], has_shapes: bool) -> bytes:
    """Write the statement that takes ids and looks up; the same one again for entities of the same kinds."""
    parts = [sql.SQL(_TAKE).format(sql.Literal(f"{table}_id_seq")) for table in fresh]
    parts += [sql.SQL(_LINKED).format(sql.Identifier(table)) for table in linked]
    read = [sql.SQL(_READ)] if has_shapes else []
    return sql.SQL("SELECT {}").format(sql.SQL(", ").join([*parts, *read])).as_bytes(None)


async def put(connection: AsyncConnection[TupleRow], rows: Mapping[LiteralString, Sequence[Row]]) -> None:
    """Make rows of several tables, which name each other by their ids, in one statement; none where there are none."""
    if not rows:
        return
    columns = tuple(
        (table, tuple(dict.fromkeys(name for row in given for name in row))) for table, given in rows.items()
    )
    values = [msgspec.json.encode([_encodable(row) for row in given]).decode() for given in rows.values()]
    await connection.execute(_put(columns), values)


@cache
def _put(columns: tuple[tuple[LiteralString, tuple[LiteralString, ...]], ...]) -> bytes:
    """Write the statement that makes rows; the same one again for entities of the same kinds."""
    parts = []
    for number, (table, names) in enumerate(columns):
        listed = sql.SQL(", ").join([sql.Identifier(name) for name in names])
        target = sql.Identifier(table)
        parts.append(sql.SQL(_INSERT).format(sql.Identifier(f"made{number}"), target, listed, listed, target))
    return sql.SQL("WITH {} SELECT").format(sql.SQL(", ").join(parts)).as_bytes(None)


def encode_row(row: Row) -> str:
    """Give a row as the JSON that PostgreSQL reads it from."""
    return msgspec.json.encode(_encodable(row)).decode()


def _encodable(row: Row) -> dict[str, object]:
    return {
        name: msgspec.Raw(value.encode()) if name in _JSON and isinstance(value, str) else value
        for name, value in row.items()
    }


async def newest_moves(connection: AsyncConnection[TupleRow], thing_ids: Collection[int]) -> dict[int, datetime]:
    """Give since when Things are where they are, of those that are known to be somewhere."""
    cursor = await connection.execute(
        "SELECT thing_id, max(time) FROM observations_historicallocation WHERE thing_id = ANY(%s) GROUP BY 1",
        [sorted(thing_ids)],
    )
    return dict(await cursor.fetchall())


async def clear_places(connection: AsyncConnection[TupleRow], thing_ids: Collection[int]) -> None:
    """Let Things be nowhere, before they are put elsewhere."""
    await connection.execute("DELETE FROM observations_thing_location WHERE thing_id = ANY(%s)", [sorted(thing_ids)])


async def is_beyond(connection: AsyncConnection[TupleRow], thing_ids: Collection[int], limits: Reach) -> bool:
    """Tell whether one of some Things is beyond limits."""
    asked = {
        "ids": sorted(thing_ids),
        "departments": None if limits.departments is None else list(limits.departments),
        "thing_ids": None if limits.thing_ids is None else list(limits.thing_ids),
        "public_only": limits.public_only,
    }
    cursor = await connection.execute(_IS_BEYOND, asked | within.parameters(limits))
    return await cursor.fetchone() is not None
