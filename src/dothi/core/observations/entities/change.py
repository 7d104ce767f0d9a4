"""Changes stored entities: a new one is read as for making, and its row goes in place of the stored one."""

from typing import Final, LiteralString, NamedTuple

from psycopg import AsyncConnection, sql
from psycopg.rows import TupleRow

from dothi.core.observations.entities import store
from dothi.core.observations.entities.create import in_words, put_rows, see_all
from dothi.core.observations.entities.features import forget_features, release_features
from dothi.core.observations.entities.gathered import Gathered, Resolved, Row, entities_of, resolve
from dothi.core.observations.entities.insert import Insertion
from dothi.core.observations.entities.types import (
    Creatable,
    NewHistoricalLocation,
    NewLocation,
    NewMultiDatastream,
    NewSeries,
    Sight,
)
from dothi.core.observations.query.types import Entity
from dothi.kernel.errors import InvalidInput

_KEPT: Final = frozenset({"id", "department", "made_by"})
"""Columns that no change says anything about: a Thing stays its department's, what Things share its maker's."""
_PAIRS: Final[LiteralString] = "observations_historicallocation_location"
_PROPERTIES: Final[LiteralString] = "observations_datastream_property"


class Changed(NamedTuple):
    """What a change touched: the Things that it names, and what came or moved with it."""

    things: frozenset[int]
    entities: frozenset[tuple[Entity, int]]


async def change(
    connection: AsyncConnection[TupleRow], entity_id: int, new: Creatable, *, sight: Sight | None = None
) -> Changed:
    """Let a stored entity be as a new one says, inside the caller's transaction; gives what it touched.

    What it links to must be there, and within sight; it brings nothing along. Of a Thing `locations` say where it is
    from now on, of a HistoricalLocation which those were; without any both stay. Raises InvalidInput that names what is
    wrong.
    """
    insertion = Insertion(new)
    if insertion.fault is not None:
        raise insertion.fault
    if insertion.count > 1 or insertion.gathered.observations:
        raise InvalidInput("a change brings no entities along: link those there are by their @iot.id", place="body")
    with in_words():
        async with connection.transaction():
            return await _change(connection, entity_id, new, insertion, sight)


async def _change(
    connection: AsyncConnection[TupleRow], entity_id: int, new: Creatable, insertion: Insertion, sight: Sight | None
) -> Changed:
    gathered = insertion.gathered
    found = await see_all(connection, [gathered], [sight])
    ids = found.take_ids(gathered) | {insertion.made: entity_id}
    real = resolve(gathered, ids, found.shapes)
    rows = {table: list(its) for table, its in real.rows.items()}
    table = _table_of(gathered, insertion.made)
    own = next(row for row in rows[table] if row["id"] == entity_id)
    rows[table].remove(own)
    rows.pop("observations_latest", None)
    moves = list(real.moves)
    if isinstance(new, NewHistoricalLocation):
        moves = []
        await _replace_pairs(connection, _PAIRS, "historicallocation_id", entity_id, rows)
    if isinstance(new, NewMultiDatastream):
        await _replace_pairs(connection, _PROPERTIES, "datastream_id", entity_id, rows)
    place = await _place_of(connection, entity_id) if isinstance(new, NewLocation) else None
    await _update(connection, table, entity_id, own)
    left = _left(real, rows, entity_id)._replace(moves=moves)
    await put_rows(connection, [left])
    if isinstance(new, NewSeries):
        await forget_features(connection, sorted(real.things))
    if isinstance(new, NewLocation) and place != await _place_of(connection, entity_id):
        await release_features(connection, entity_id)
    return Changed(real.things, frozenset(entities_of(left)))


def _left(real: Resolved, rows: dict[LiteralString, list[Row]], entity_id: int) -> Resolved:
    """Give what remains to be made besides the entity's own row; the entity itself is not new."""
    return real._replace(rows={table: its for table, its in rows.items() if its}, fresh=real.fresh - {entity_id})


def _table_of(gathered: Gathered, made: int) -> LiteralString:
    return next(table for table, rows in gathered.rows.items() for row in rows if row.get("id") == made)


async def _replace_pairs(
    connection: AsyncConnection[TupleRow],
    table: LiteralString,
    column: LiteralString,
    entity_id: int,
    rows: dict[LiteralString, list[Row]],
) -> None:
    """Take an entity's pairs out, where new ones come in their place."""
    if rows.get(table):
        query = sql.SQL("DELETE FROM {} WHERE {} = %s").format(sql.Identifier(table), sql.Identifier(column))
        await connection.execute(query, [entity_id])


async def _update(connection: AsyncConnection[TupleRow], table: LiteralString, entity_id: int, own: Row) -> None:
    names = [name for name in own if name not in _KEPT]
    columns = sql.SQL(", ").join(map(sql.Identifier, names))
    query = sql.SQL(
        "UPDATE {table} SET ({columns}) = (SELECT {columns} FROM json_populate_record(NULL::{table}, %s::json))"
        " WHERE id = %s"
    ).format(table=sql.Identifier(table), columns=columns)
    await connection.execute(query, [store.encode_row({name: own[name] for name in names}), entity_id])


async def _place_of(connection: AsyncConnection[TupleRow], location_id: int) -> object:
    cursor = await connection.execute("SELECT geom::text FROM observations_location WHERE id = %s", [location_id])
    return await cursor.fetchone()
