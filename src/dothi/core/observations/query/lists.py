"""Compiles lists: one page of entities by a key, with the link to the next page, and the lists inside them."""

from typing import Final, LiteralString

import msgspec
from psycopg import sql
from psycopg.sql import SQL, Composable

from dothi.core.observations.query import buckets, keys, output
from dothi.core.observations.query.conditions import condition
from dothi.core.observations.query.keys import Key
from dothi.core.observations.query.output import Part, Selection
from dothi.core.observations.query.reach import confine, confine_from
from dothi.core.observations.query.scope import Context, Scope, all_of, column, named, reach, restriction
from dothi.core.observations.query.tables import LATEST, Navigation, Table
from dothi.core.observations.query.types import (
    DEFAULT_TOP,
    MAX_EXPANDED_TOP,
    MAX_TOP,
    Entity,
    Expand,
    Form,
    Options,
    Order,
    Path,
)
from dothi.kernel.errors import InvalidInput

NEWEST: Final = (Order(Path(("phenomenonTime",)), descending=True),)


class Writing(msgspec.Struct, frozen=True):
    """What all parts of an answer share: the statement, and the SQL of the address that links begin with."""

    context: Context
    base: Composable


class Source(msgspec.Struct, frozen=True):
    """Where the entities of a list come from: a whole table, or those of one parent."""

    table: Table
    navigation: Navigation | None = None
    parent: Table | None = None
    parent_id: Composable | None = None

    @property
    def within(self) -> Entity | None:
        """The entity they are reached through."""
        return None if self.parent is None else self.parent.entity


class _Rows(msgspec.Struct, frozen=True):
    """What of a source passes: its scope, the conditions and the keys of its order."""

    scope: Scope
    alias: Composable
    conditions: list[Composable]
    keys: list[Key]


def whole(source: Source, options: Options, writing: Writing, *, links: list[Part], form: Form) -> Composable:
    """Give the JSON object of a list that is a whole answer; `links` is the address of the list itself."""
    if form is Form.REFERENCES:
        options = msgspec.structs.replace(options, select=("selfLink",), expand=())
    found = _page(source, options, writing, name="", links=links, limit=MAX_TOP)
    return output.join(["{", SQL("substr({}, 2)").format(found), "}"])


def count(source: Source, options: Options, context: Context) -> Composable:
    """Give the exact number of a list's entities as text."""
    rows = _rows(source, options, context)
    return SQL("(SELECT count(*)::text FROM {} WHERE {})").format(rows.scope.tables(), all_of(rows.conditions))


def estimate(source: Source, options: Options, context: Context) -> Composable:
    """Have PostgreSQL say by its statistics, as a plan in JSON, how many entities a list has."""
    rows = _rows(source, options, context)
    return SQL("EXPLAIN (FORMAT JSON) SELECT FROM {} WHERE {}").format(rows.scope.tables(), all_of(rows.conditions))


def places(source: Source, options: Options, context: Context, *, at_most: int) -> Composable:
    """Give the ids of a list's entities as rows; of Observations with their Datastreams' ids and phenomenonTimes."""
    rows = _rows(source, options, context)
    names: tuple[LiteralString, ...] = ("id",)
    if source.table.entity is Entity.OBSERVATION:
        names = ("id", "datastream_id", "phenomenon_time")
    return SQL("SELECT DISTINCT {} FROM {} WHERE {} LIMIT {}").format(
        SQL(", ").join([column(rows.alias, name) for name in names]),
        rows.scope.tables(),
        all_of(rows.conditions),
        context.parameter(at_most, "bigint"),
    )


def entity(source: Source, alias: Composable, options: Options, writing: Writing) -> Composable:
    """Give the JSON object of one entity, whose row `alias` names, with what it expands."""
    table = source.table
    expanded = {expand.navigation for expand in options.expand}
    selection = Selection(table, options.select)
    selection.leave_out(expanded)
    parts = output.members(table, alias, selection, writing.context, base=writing.base, within=source.within)
    for expand in options.expand:
        parts += _expanded(table, alias, expand, writing)
    if parts and isinstance(parts[0], str):
        return output.join(["{", parts[0].removeprefix(","), *parts[1:], "}"])
    return output.join(["{", SQL("substr({}, 2)").format(output.join(parts)), "}"])


def _expanded(table: Table, alias: Composable, expand: Expand, writing: Writing) -> list[Part]:
    navigation = table.find_navigation(expand.navigation)
    if navigation is None:
        raise InvalidInput(f"{table.entity} has no {expand.navigation}", place="$expand")
    target = writing.context.table(navigation.entity)
    if navigation.many:
        source = Source(target, navigation=navigation, parent=table, parent_id=column(alias, "id"))
        links = [*output.address(table, alias, writing.base), f"/{navigation.name}"]
        return [_page(source, expand.options, writing, name=navigation.name, links=links, limit=MAX_EXPANDED_TOP)]
    other = writing.context.alias()
    text = entity(Source(target), other, expand.options, writing)
    where = [SQL("{} = {}").format(column(other, "id"), column(alias, navigation.source)), *restriction(target, other)]
    found = SQL("(SELECT {} FROM {} WHERE {})").format(text, named(target.relation, other), all_of(where))
    return [f',"{navigation.name}":', SQL("coalesce({}, 'null')").format(found)]


def _rows(source: Source, options: Options, context: Context) -> _Rows:
    alias = context.alias()
    item, pairs = None, None
    conditions: list[Composable] = list(restriction(source.table, alias))
    if source.navigation is not None and source.parent_id is not None:
        item, reached, pairs = reach(context, source.navigation, alias, source.parent_id)
        conditions.append(reached)
    if source.parent is None:
        conditions += confine(context, source.table, alias)
    else:
        conditions += confine_from(context, source.parent, source.table, alias)
    scope = Scope.of_table(context, source.table, alias, item)
    if options.filter is not None:
        conditions.append(condition(options.filter, scope))
    rank = column(pairs, source.navigation.rank) if pairs and source.navigation and source.navigation.rank else None
    found = keys.of_order(options.order or _default_order(source), scope, rank=None if options.order else rank)
    return _Rows(scope, alias, conditions, found)


def _default_order(source: Source) -> tuple[Order, ...]:
    """Order a Datastream's Observations by time, as they are stored; all else goes by its id."""
    is_series = source.navigation is not None and source.navigation.target == "datastream_id"
    return (Order(Path(("phenomenonTime",))),) if is_series and source.table.entity is Entity.OBSERVATION else ()


def _is_by_time(source: Source, options: Options) -> bool:
    """Tell whether a list is of one Datastream's Observations in the order of time."""
    order = options.order or _default_order(source)
    is_series = _default_order(source) != () and options.width is None
    return is_series and bool(order) and order[0].expression == Path(("phenomenonTime",))


class _Page(msgspec.Struct, frozen=True):
    """The parts of a list's page: the rows with their number in `row`, the total, and the link to the next page.

    `token` is of one row, `bound` follows it; `name` is the list's own in an entity, and empty where it is the whole
    answer.
    """

    numbered: Composable
    shown: Composable
    top: int
    token: Composable
    total: list[Part]
    name: str
    links: list[Part]
    options: Options
    bound: Composable | None = None

    @property
    def within(self) -> Composable:
        """The condition that a row is of the page, and not the one more."""
        return SQL("{} <= {}").format(column(self.shown, "row"), sql.Literal(self.top))

    @property
    def last_token(self) -> Composable:
        """The token of the page's last row, as an aggregate."""
        last = SQL("{} = {}").format(column(self.shown, "row"), sql.Literal(self.top))
        return SQL("max({}) FILTER (WHERE {})").format(self.token, last)

    def following(self, count: Composable, token: Composable, context: Context) -> list[Part]:
        """Give the link to the next page, where there are more rows than the page holds."""
        if not self.top:
            return []
        whole = token if self.bound is None else SQL("{} || {}").format(token, self.bound)
        link = output.join(_next_link(self.name, self.links, self.options, whole, context))
        return [SQL("CASE WHEN {} > {} THEN {} ELSE '' END").format(count, sql.Literal(self.top), link)]


def page_of(
    source: Source, options: Options, context: Context, *, name: str, links: list[Part], limit: int = MAX_TOP
) -> _Page:
    """Compile what a page is made from. Raises InvalidInput."""
    top = min(DEFAULT_TOP if options.top is None else options.top, limit)
    rows = _rows(source, options, context)
    total: list[Part] = []
    if options.estimated is not None:
        total = [f',"{name}@iot.count":{options.estimated},"{name}@iot.countIsEstimate":true']
    elif options.count:
        total = [f',"{name}@iot.count":', count(source, options, context)]
    conditions = list(rows.conditions)
    if options.after is not None:
        conditions.append(keys.after(rows.keys, options.after, context))
    is_by_time = _is_by_time(source, options)
    if is_by_time and options.until is not None:
        conditions.append(keys.within(rows.keys[0], context.bound(options.until)))
    shown, kept = context.alias(), context.alias()
    numbered = SQL("SELECT {0}.*, row_number() OVER () AS row FROM ({1}) {0}").format(
        kept, _limited(source.table, rows, conditions, options, top, context)
    )
    token = keys.token(len(rows.keys), shown)
    bound = keys.bound_of(rows.keys[0], column(shown, "key0")) if is_by_time and not name else None
    return _Page(numbered, shown, top, token, total, name, links, options, bound)


def _page(
    source: Source, options: Options, writing: Writing, *, name: str, links: list[Part], limit: int
) -> Composable:
    """Give the members of a JSON object that hold a page of a list, each with a comma before it."""
    if _is_newest(source, options):
        return _newest(source, options, writing, name=name, links=links)
    if options.width is not None:
        page, text = _stretches(source, options, writing.context, name=name, links=links, limit=limit)
    else:
        page = page_of(source, options, writing.context, name=name, links=links, limit=limit)
        text = entity(source, page.shown, options, writing)
    values = SQL("coalesce(string_agg({}, ',') FILTER (WHERE {}), '')").format(text, page.within)
    following = page.following(SQL("count(*)"), page.last_token, writing.context)
    body = output.join([*page.total, *following, f',"{name or "value"}":[', values, "]"])
    return SQL("(SELECT {} FROM ({}) {})").format(body, page.numbered, page.shown)


def _stretches(
    source: Source, options: Options, context: Context, *, name: str, links: list[Part], limit: int
) -> tuple[_Page, Composable]:
    """Compile a page of stretches of time, and the JSON of one."""
    if source.table.entity is not Entity.OBSERVATION or source.navigation is None or _default_order(source) == ():
        raise InvalidInput("only the Observations of a Datastream are aggregated", place="$aggregate")
    top = min(DEFAULT_TOP if options.top is None else options.top, limit)
    rows = _rows(source, options, context)
    shown, kept = context.alias(), context.alias()
    found = buckets.compile_buckets(
        rows.scope.tables(), rows.alias, rows.conditions, options, shown, context, limit=top + 1
    )
    numbered = SQL("SELECT {0}.*, row_number() OVER () AS row FROM ({1}) {0}").format(kept, found.rows)
    return _Page(numbered, shown, top, found.token, [], name, links, options), found.text


def _limited(
    table: Table, rows: _Rows, conditions: list[Composable], options: Options, top: int, context: Context
) -> Composable:
    """Give the rows of a page and one more, which tells that there is a next page."""
    skipped = SQL(" OFFSET {}").format(context.parameter(options.skip, "bigint")) if options.skip else SQL("")
    # The limit is no parameter, so that a plan which is kept knows how few rows are wanted.
    written = [column(rows.alias, name) for name in output.columns_of(table, Selection(table, options.select))]
    return SQL("SELECT {} FROM {} WHERE {} ORDER BY {} LIMIT {}{}").format(
        SQL(", ").join([*written, *keys.columns(rows.keys)]),
        rows.scope.tables(),
        all_of(conditions),
        SQL(", ").join([key.ordering() for key in rows.keys]),
        sql.Literal(top + 1),
        skipped,
    )


def _next_link(name: str, links: list[Part], options: Options, token: Composable, context: Context) -> list[Part]:
    kept: list[Part] = [context.parameter(options.link + "&", "text")] if options.link else []
    return [f',"{name}@iot.nextLink":"', *links, "?", *kept, "$skiptoken=", token, '"']


def _is_newest(source: Source, options: Options) -> bool:
    """Tell whether a Datastream's newest Observation alone is wanted: it is kept beside it, whatever the history."""
    return (
        source.table.entity is Entity.OBSERVATION
        and source.navigation is not None
        and source.navigation.target == "datastream_id"
        and options.top == 1
        and options.order == NEWEST
        and not (options.skip or options.count or options.filter or options.after or options.width)
    )


def _newest(source: Source, options: Options, writing: Writing, *, name: str, links: list[Part]) -> Composable:
    context = writing.context
    kept = context.alias()
    where = SQL("{} = {} AND {} IS NOT NULL").format(
        column(kept, "datastream_id"), source.parent_id, column(kept, "observation_id")
    )
    tables: Composable = named(LATEST.relation, kept)
    row, table = kept, source.table
    if Selection(source.table, options.select).wants_only(LATEST.fields):
        table = LATEST
    else:
        row = context.alias()
        same = [
            SQL("{} = {}").format(column(row, one), column(kept, other))
            for one, other in (
                ("datastream_id", "datastream_id"), ("phenomenon_time", "phenomenon_time"), ("id", "observation_id"),
            )
        ]  # fmt: skip
        tables = SQL("{} JOIN {} ON {}").format(tables, named(source.table.relation, row), all_of(same))
    text = entity(msgspec.structs.replace(source, table=table), row, options, writing)
    token = keys.token_of([column(kept, "phenomenon_time"), column(kept, "observation_id")])
    following = SQL("CASE WHEN {} > 1 THEN {} ELSE '' END").format(
        column(kept, "stored"), output.join(_next_link(name, links, options, token, context))
    )
    key = f',"{name or "value"}":['
    found = output.join([following, key, text, "]"])
    return SQL("coalesce((SELECT {} FROM {} WHERE {}), {})").format(found, tables, where, sql.Literal(key + "]"))
