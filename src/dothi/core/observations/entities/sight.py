"""What whoever is limited may link: what they see, and what they made; to them all else is not there."""

from collections.abc import Collection
from typing import Final, LiteralString

from psycopg import AsyncConnection, sql
from psycopg.rows import TupleRow
from psycopg.sql import SQL, Composable

from dothi.core.observations.entities.types import Sight
from dothi.core.observations.query.reach import confine, is_newest_about
from dothi.core.observations.query.scope import Context, all_of, column
from dothi.core.observations.query.tables import TABLES
from dothi.core.observations.query.types import Entity

_SHARED: Final = frozenset(
    {Entity.LOCATION, Entity.SENSOR, Entity.OBSERVED_PROPERTY, Entity.FEATURE_OF_INTEREST, Entity.ACTUATOR}
)
"""Entities that are no Thing's own, and keep who made them."""


async def find_seen(
    connection: AsyncConnection[TupleRow], entity: Entity, ids: Collection[int], sight: Sight
) -> set[int]:
    """Give those of some entities that may be linked.

    A feature that is no Thing's place is so while the newest Observation of a Datastream within reach is about it: to
    look through all that there ever were takes as long as there are many.
    """
    context = Context(sight.reach)
    alias = context.alias()
    ways: list[Composable] = []
    if entity in _SHARED and sight.maker:
        ways.append(SQL("{} = {}").format(column(alias, "made_by"), context.parameter(sight.maker, "text")))
    ways.append(all_of(confine(context, TABLES[entity], alias)))
    if entity is Entity.FEATURE_OF_INTEREST:
        ways.append(is_newest_about(context, alias))
    statement = SQL("SELECT {id} FROM {relation} {alias} WHERE {id} = ANY({ids}) AND ({ways})").format(
        id=column(alias, "id"),
        relation=sql.Identifier(TABLES[entity].relation),
        alias=alias,
        ids=context.parameter(sorted(ids), "bigint[]"),
        ways=SQL(" OR ").join(ways),
    )
    cursor = await connection.execute(statement, context.parameters)
    return {number for (number,) in await cursor.fetchall()}


_ENTITIES: Final[dict[LiteralString, Entity]] = {
    TABLES[entity].relation: entity for entity in Entity if entity is not Entity.MULTI_DATASTREAM
}
"""Which entity a table holds; a MultiDatastream is seen as a Datastream is."""


async def find_seen_links(
    connection: AsyncConnection[TupleRow], links: Collection[tuple[LiteralString, int]], sight: Sight
) -> set[tuple[LiteralString, int]]:
    """Give those of some links, as table and id, that may be made."""
    by_table: dict[LiteralString, set[int]] = {}
    for table, number in links:
        by_table.setdefault(table, set()).add(number)
    return {
        (table, number)
        for table, ids in by_table.items()
        for number in await find_seen(connection, _ENTITIES[table], ids, sight)
    }
