"""A stored entity as the document that would make it again: what a change begins with, and what it is held against."""

from typing import Final

from psycopg import AsyncConnection, sql
from psycopg.rows import TupleRow

from dothi.core.observations.query import fetch
from dothi.core.observations.query.tables import TABLES, Table
from dothi.core.observations.query.types import MAX_EXPANDED_TOP, Entity, Expand, Options, Query, Reach, Step

_LINKED: Final = Options(select=("id",), top=MAX_EXPANDED_TOP)


async def lock_entity(connection: AsyncConnection[TupleRow], entity: Entity, entity_id: int) -> bool:
    """Keep others from changing an entity until the transaction ends; False where it is not there."""
    found = sql.SQL("SELECT FROM {} WHERE id = %s FOR UPDATE").format(sql.Identifier(TABLES[entity].relation))
    cursor = await connection.execute(found, [entity_id])
    return await cursor.fetchone() is not None


async def read_document(
    connection: AsyncConnection[TupleRow], entity: Entity, entity_id: int, *, reach: Reach | None
) -> bytes | None:
    """Give an entity's own properties and links as JSON, None for one that is not there or beyond reach."""
    table = TABLES[entity]
    options = Options(select=_own(table), expand=tuple(Expand(name, _LINKED) for name in _links(table)))
    return await fetch(connection, Query((Step(table.set_name, entity_id),), base="", options=options, reach=reach))


def _own(table: Table) -> tuple[str, ...]:
    """Give the properties that whoever makes an entity says, as the spans of its Observations are the record's."""
    return tuple(field.name for field in table.fields[1:] if not field.through)


def _links(table: Table) -> tuple[str, ...]:
    return tuple(link.name for link in table.navigations if not link.many or link.rank)
