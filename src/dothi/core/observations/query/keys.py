"""Paging by key: the order of a list, the token of its last row, and the condition that resumes after it."""

from collections.abc import Sequence
from typing import Final, LiteralString

import msgspec
from psycopg.sql import SQL, Composable, Identifier

from dothi.core.observations.query.conditions import value
from dothi.core.observations.query.scope import Context, Scope, column
from dothi.core.observations.query.tables import Kind
from dothi.core.observations.query.types import Order, Path
from dothi.core.observations.query.values import Value, as_json, word_of
from dothi.kernel.errors import InvalidInput

_TYPES: Final[dict[Kind, LiteralString]] = {
    Kind.NUMBER: "float8",
    Kind.TEXT: "text",
    Kind.BOOLEAN: "boolean",
    Kind.TIME: "timestamptz",
    Kind.PERIOD: "timestamptz",
    Kind.DURATION: "interval",
    Kind.DATE: "date",
    Kind.CLOCK: "time",
    Kind.JSON: "jsonb",
}


class Key(msgspec.Struct, frozen=True):
    """One part of the order of a list; null comes before everything, as OData has it."""

    sql: Composable
    type: LiteralString
    descending: bool
    nullable: bool

    def ordering(self) -> Composable:
        """Give the part of ORDER BY. Where there are no nulls it is written so that an index serves it."""
        nulls: LiteralString = "" if not self.nullable else " NULLS LAST" if self.descending else " NULLS FIRST"
        way: LiteralString = " DESC" if self.descending else " ASC"
        return SQL("{}" + way + nulls).format(self.sql)

    def is_after(self, seen: Composable | None) -> Composable:
        """Give the condition that a row comes after a value of this key; None is null."""
        if seen is None:
            return SQL("FALSE") if self.descending else SQL("{} IS NOT NULL").format(self.sql)
        if not self.descending:
            return SQL("{} > {}").format(self.sql, seen)
        later = SQL("{} < {}").format(self.sql, seen)
        return SQL("({} OR {} IS NULL)").format(later, self.sql) if self.nullable else later

    def is_equal(self, seen: Composable | None) -> Composable:
        """Give the condition that a row has a value of this key."""
        return SQL("{} IS NULL").format(self.sql) if seen is None else SQL("{} = {}").format(self.sql, seen)


def of_order(order: Sequence[Order], scope: Scope, *, rank: Composable | None) -> list[Key]:
    """Compile an order; the id comes last, so that no two rows are equal. Raises InvalidInput."""
    table, alias = scope.locate(())
    found = [] if rank is None else [Key(rank, "int", descending=False, nullable=False)]
    for part in order:
        if isinstance(part.expression, Path) and part.expression.steps in (("id",), ("@iot.id",)):
            found.append(Key(column(alias, "id"), "bigint", descending=part.descending, nullable=False))
            return found
        key = value(part.expression, scope)
        if key.kind not in _TYPES:
            raise InvalidInput(f"a list can't be ordered by {word_of(key.kind)}", place="$orderby")
        field = table.find_field(part.expression.steps[0]) if isinstance(part.expression, Path) else None
        is_plain = field is not None and not field.nullable and field.kind is not Kind.JSON
        kind = "text" if _is_whole(key) else _TYPES[key.kind]
        found.append(Key(_sortable(key), kind, descending=part.descending, nullable=not is_plain))
    return [*found, Key(column(alias, "id"), "bigint", descending=False, nullable=False)]


def _is_whole(key: Value) -> bool:
    """Tell whether a key is all that a JSON column holds: that has no order but that of its text."""
    return key.member is not None and not key.member[1]


def _sortable(key: Value) -> Composable:
    if _is_whole(key):
        return SQL('({}::text COLLATE "C")').format(key.sql)
    if key.kind is Kind.JSON:
        return SQL("({})").format(as_json(key))
    if key.kind is Kind.NUMBER:
        return SQL("({})::float8").format(key.sql)
    return key.sql


def columns(found: Sequence[Key]) -> list[Composable]:
    """Give the keys as columns that `token` finds again."""
    return [SQL("{} AS {}").format(key.sql, Identifier(f"key{place}")) for place, key in enumerate(found)]


def token(count: int, alias: Composable) -> Composable:
    """Give the token of a row whose keys are columns."""
    return token_of([SQL("{}.{}").format(alias, Identifier(f"key{place}")) for place in range(count)])


def token_of(parts: Sequence[Composable]) -> Composable:
    """Give a token: the keys as a JSON array of texts, in hexadecimal digits, which stand in addresses as they are.

    One is made for each Datastream whose newest Observation is expanded: base64 would have to be translated for
    addresses, which takes five times as long as all the rest of it.
    """
    texts = SQL(", ").join([SQL("{}::text").format(part) for part in parts])
    return SQL("encode(convert_to(json_build_array({})::text, 'UTF8'), 'hex')").format(texts)


def bound_of(key: Key, name: Composable) -> Composable:
    """Give, for the end of a token, until when the next page reaches that takes twice as long as the page, or a day.

    In microseconds since 1970. `key` is the order's first, a time, `name` its column in the rows of the page.
    """
    way: LiteralString = "min({0}) - " if key.descending else "max({0}) + "
    moment = SQL(way + "greatest(2 * (max({0}) - min({0})), '1 day')").format(name)
    return SQL("('-' || (extract(epoch FROM {}) * 1000000)::bigint)").format(moment)


def within(key: Key, until: Composable) -> Composable:
    """Give the condition that a row comes before that bound."""
    return SQL("{} > {}" if key.descending else "{} < {}").format(key.sql, until)


def after(found: Sequence[Key], seen: Sequence[str | None], context: Context) -> Composable:
    """Give the condition that a row comes after the one whose keys were seen.

    Raises InvalidInput for another list's keys.
    """
    if len(found) != len(seen):
        raise InvalidInput("the token is that of another list", place="$skiptoken")
    values = [None if text is None else context.seen_key(text, key.type) for key, text in zip(found, seen, strict=True)]
    options: list[Composable] = []
    equal: list[Composable] = []
    for key, given in zip(found, values, strict=True):
        options.append(SQL("({})").format(SQL(" AND ").join([*equal, key.is_after(given)])))
        equal.append(key.is_equal(given))
    whole = SQL("({})").format(SQL(" OR ").join(options))
    first = found[0]
    if values[0] is None or (first.descending and first.nullable):
        return whole
    # This follows from the rest; it is what an index can begin at.
    sign: LiteralString = "<=" if first.descending else ">="
    return SQL("{} " + sign + " {} AND {}").format(first.sql, values[0], whole)
