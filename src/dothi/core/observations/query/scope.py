"""Names and joins of one statement: which table each navigation of an expression stands for, and the parameters."""

from collections.abc import Callable, Iterable
from datetime import datetime
from typing import Final, LiteralString, NamedTuple

from psycopg import sql
from psycopg.sql import Composable, Composed, Identifier

from dothi.core.observations.query.tables import TABLES, Field, Navigation, Table
from dothi.core.observations.query.types import Entity
from dothi.core.observations.query.types import Reach as Limits
from dothi.kernel.errors import Forbidden, InvalidInput

Prefix = tuple[str, ...]


class Context:
    """What all parts of one statement share: its parameters and the names it has given.

    `seen`, `moments` and `bounds` name the parameters that differ each time the same is asked: the keys of the last row
    seen, the time of asking, and how far a page reaches in time.
    """

    def __init__(self, reach: Limits | None = None, *, barred: frozenset[Entity] = frozenset()) -> None:
        self.reach: Final = reach
        self._barred = barred
        self.parameters: Final[dict[str, object]] = {}
        self.seen: Final[list[str]] = []
        self.moments: Final[list[str]] = []
        self.bounds: Final[list[str]] = []
        self.has_geometry = False
        self._aliases = 0

    def table(self, entity: Entity) -> Table:
        """Give the table of an entity that the statement is about to read. Raises Forbidden where it is barred."""
        if entity in self._barred:
            raise Forbidden(f"{entity} is not for whoever asks")
        return TABLES[entity]

    def alias(self) -> Identifier:
        """Give a table name that is new to the statement."""
        self._aliases += 1
        return Identifier(f"t{self._aliases}")

    def parameter(self, value: object, kind: LiteralString) -> Composed:
        """Keep a value as a parameter of an SQL type; nothing of a request reaches the statement in another way."""
        name = f"p{len(self.parameters)}"
        self.parameters[name] = value
        return sql.SQL("{}::{}").format(sql.Placeholder(name), sql.SQL(kind))

    def seen_key(self, text: str | None, kind: LiteralString) -> Composed:
        """Keep a key of the last row seen as a parameter of an SQL type: PostgreSQL reads it before it plans."""
        found = self.parameter(text, kind)
        self.seen.append(next(reversed(self.parameters)))
        return found

    def moment(self, now: datetime) -> Composed:
        """Keep the time of asking as a parameter."""
        found = self.parameter(now, "timestamptz")
        self.moments.append(next(reversed(self.parameters)))
        return found

    def bound(self, until: datetime) -> Composed:
        """Keep how far a page reaches in time as a parameter."""
        found = self.parameter(until, "timestamptz")
        self.bounds.append(next(reversed(self.parameters)))
        return found


def column(alias: Composable, name: LiteralString) -> Composed:
    """Give a column of a table in the statement."""
    return sql.SQL("{}.{}").format(alias, Identifier(name))


def restriction(table: Table, alias: Composable) -> list[Composed]:
    """Give the conditions that make a table's rows those of the entity."""
    if table.only is None:
        return []
    name, expected = table.only
    return [sql.SQL("{}" if expected else "NOT {}").format(column(alias, name))]


def all_of(conditions: Iterable[Composable]) -> Composable:
    """Join conditions by AND; of none, TRUE."""
    parts = list(conditions)
    return sql.SQL("({})").format(sql.SQL(" AND ").join(parts)) if parts else sql.SQL("TRUE")


Confine = Callable[[Context, Table, Table, Composable], list[Composable]]
"""Gives the conditions that rows of the second table, reached from the first, may be seen."""


class Scope:
    """The tables an expression can name: those of its own FROM, and those around it.

    A navigation to one is joined where its start stands, the first time it is named; one to many must be opened.
    """

    def __init__(self, context: Context, *, around: "Scope | None" = None) -> None:
        self.context: Final = context
        self.conditions: list[Composable] = []
        self._around = around
        self._items: list[tuple[LiteralString, Composable]] = []
        self._bound: dict[Prefix, tuple[Table, Composable]] = {}

    @classmethod
    def of_table(cls, context: Context, table: Table, alias: Composable, item: Composable | None = None) -> "Scope":
        """Begin with one table, of whose entity expressions speak; `item` is what stands for it after FROM."""
        scope = cls(context)
        scope._items.append(("CROSS JOIN", named(table.relation, alias) if item is None else item))
        scope._bound[()] = (table, alias)
        return scope

    def tables(self) -> Composed:
        """Give what stands after FROM, once all expressions are compiled."""
        first, *rest = self._items
        parts: list[Composable] = [first[1]]
        parts += [sql.SQL("{} {}").format(sql.SQL(way), item) for way, item in rest]
        return sql.SQL(" ").join(parts)

    def locate(self, prefix: Prefix, *, path: Prefix = ()) -> tuple[Table, Composable]:
        """Give the table of a navigation and its name in the statement.

        Raises InvalidInput for a navigation that does not exist, or that leads to many where one is needed.
        """
        found = self._find(prefix)
        if found is not None:
            return found[1]
        _, here, navigation = self._start_of(prefix, path or prefix)
        if navigation.many:
            place = "/".join(path or prefix)
            raise InvalidInput(f"{navigation.name} leads to many: it can't be used here", place=place)
        owner = self._find(prefix[:-1])
        target = self.context.table(navigation.entity)
        alias = self.context.alias()
        link = sql.SQL("{} = {}").format(column(alias, "id"), column(here, navigation.source))
        joined = sql.SQL("{} ON {}").format(named(target.relation, alias), all_of([link, *restriction(target, alias)]))
        (owner[0] if owner else self)._join(prefix, "LEFT JOIN", joined, target, alias)
        return target, alias

    def locate_through(self, prefix: Prefix, field: Field) -> Composable:
        """Give the name of the table that holds a field for the entity at the end of a navigation."""
        table, alias = self.locate(prefix)
        key = (*prefix, f"@{field.through}")
        found = self._find(key)
        if found is not None:
            return found[1][1]
        owner = self._find(prefix)
        held = self.context.alias()
        joined = sql.SQL("{} ON {} = {}").format(
            named(field.through, held), column(held, "datastream_id"), column(alias, "id")
        )
        (owner[0] if owner else self)._join(key, "LEFT JOIN", joined, table, held)
        return held

    def unopened(self, path: Prefix) -> list[Prefix]:
        """Give the navigations to many along a path that have no table yet, outermost first.

        Raises InvalidInput when the path has a part that does not exist before a property is reached.
        """
        found: list[Prefix] = []
        table = self.locate(())[0]
        for length, name in enumerate(path, start=1):
            navigation = table.find_navigation(name)
            if navigation is None:
                break
            table = TABLES[navigation.entity]
            if navigation.many and self._find(path[:length]) is None:
                found.append(path[:length])
        return found

    def open(self, prefixes: Iterable[Prefix], confine: Confine) -> "Scope":
        """Give a scope inside this one in which navigations to many name one of those many that may be seen."""
        inner = Scope(self.context, around=self)
        for prefix in sorted(prefixes, key=len):
            inner._enter(prefix, confine)
        return inner

    def _enter(self, prefix: Prefix, confine: Confine) -> None:
        start, here, navigation = self._start_of(prefix, prefix)
        target = self.context.table(navigation.entity)
        alias = self.context.alias()
        found = reach(self.context, navigation, alias, column(here, "id"))
        self.conditions += [found.condition, *restriction(target, alias), *confine(self.context, start, target, alias)]
        self._join(prefix, "CROSS JOIN", found.tables, target, alias)

    def _start_of(self, prefix: Prefix, path: Prefix) -> tuple[Table, Composable, Navigation]:
        table, alias = self.locate(prefix[:-1], path=path)
        navigation = table.find_navigation(prefix[-1])
        if navigation is None:
            raise InvalidInput(f"{table.entity} has no {prefix[-1]}", place="/".join(path))
        return table, alias, navigation

    def _join(self, key: Prefix, way: LiteralString, item: Composable, table: Table, alias: Composable) -> None:
        self._items.append((way, item))
        self._bound[key] = (table, alias)

    def _find(self, prefix: Prefix) -> "tuple[Scope, tuple[Table, Composable]] | None":
        if prefix in self._bound:
            return self, self._bound[prefix]
        return None if self._around is None else self._around._find(prefix)


class Reach(NamedTuple):
    """How the many of an entity are found; `pairs` names the table of pairs where there is one."""

    tables: Composed
    condition: Composed
    pairs: Composable | None


def reach(context: Context, navigation: Navigation, alias: Composable, source_id: Composable) -> Reach:
    """Give the tables and the condition by which the many of an entity are found; `alias` names the target."""
    relation = TABLES[navigation.entity].relation
    if not navigation.link:
        condition = sql.SQL("{} = {}").format(column(alias, navigation.target), source_id)
        return Reach(named(relation, alias), condition, None)
    pairs = context.alias()
    # In brackets, so that what is joined before does not mix with this join.
    joined = sql.SQL("({} JOIN {} ON {} = {})").format(
        named(navigation.link, pairs),
        named(relation, alias),
        column(alias, "id"),
        column(pairs, navigation.target),
    )
    return Reach(joined, sql.SQL("{} = {}").format(column(pairs, navigation.source), source_id), pairs)


def named(relation: LiteralString, alias: Composable) -> Composed:
    """Give a table under a name of the statement."""
    return sql.SQL("{} {}").format(Identifier(relation), alias)
