"""Compiles a whole question into one SQL statement that gives its answer as JSON text."""

from collections.abc import Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Final, LiteralString

import msgspec
from psycopg import sql
from psycopg.sql import SQL, Composable, Composed

from dothi.core.observations.query import lists, output, rows
from dothi.core.observations.query.lists import Source, Writing
from dothi.core.observations.query.output import Part, property_text
from dothi.core.observations.query.reach import OWNED, confine
from dothi.core.observations.query.scope import Context, all_of, column, reach, restriction
from dothi.core.observations.query.tables import BY_SET, Navigation, Table
from dothi.core.observations.query.types import Entity, Form, Options, Query, Step
from dothi.kernel import clock
from dothi.kernel.errors import InvalidInput, NotFound

_REMEMBERED: Final = 256
"""How many questions are remembered as compiled: for a page of 1,000 rows compiling takes longer than all the rest."""
_REMEMBERED_LENGTH: Final = 1_000
"""The longest wording of one, in characters."""


_ANY_TIME: Final = datetime(1970, 1, 1, tzinfo=UTC)
"""Stands for the bound of a page in what is remembered."""


class Statement(msgspec.Struct, frozen=True):
    """SQL that gives one row with one text, or no row where what is asked does not exist.

    `seen`, `moments` and `bounds` name parameters: see `Context`.
    """

    sql: bytes
    parameters: dict[str, object]
    has_geometry: bool
    seen: tuple[str, ...]
    moments: tuple[str, ...]
    bounds: tuple[str, ...]


class Shape(msgspec.Struct, frozen=True):
    """What a path leads to: a list of entities, one entity, or a property of one and a part of that."""

    entity: Entity
    is_list: bool
    property: tuple[str, ...] = ()


Place = tuple[int, int, datetime]
"""Where an Observation is: its id, its Datastream's and its phenomenonTime."""


class _Way(msgspec.Struct, frozen=True):
    """Where a path of steps leads: the table, what must exist on the way, and how the entities are found.

    `confined` says that the entity itself must be seen to be within reach: what led to it does not say so.
    """

    table: Table
    source: Source
    conditions: tuple[Composable, ...]
    id: Composable | None
    property: tuple[str, ...] = ()
    confined: bool = True


def compile_query(query: Query) -> Statement:
    """Compile a question, or take what was compiled for it, or for another page of the same list.

    Raises InvalidInput for what can't be asked, NotFound for a path that does not exist, Forbidden for what is barred.
    """
    link, seen, until = query.options.link, query.options.after or (), query.options.until
    if not (link or seen) or len(link) > _REMEMBERED_LENGTH or query.options.estimated is not None:
        return _compile(query)
    shape = tuple(None if text is None else "" for text in seen)
    options = query.options
    if seen:
        options = msgspec.structs.replace(options, after=shape, until=until and _ANY_TIME)
    found = _remembered(msgspec.structs.replace(query, options=options))
    given = dict(zip(found.seen, (text for text in seen if text is not None), strict=False))
    late = given | dict.fromkeys(found.moments, clock.now()) | dict.fromkeys(found.bounds, until)
    return msgspec.structs.replace(found, parameters=found.parameters | late)


def _compile(query: Query) -> Statement:
    context = Context(query.reach, barred=query.barred)
    base = context.parameter(msgspec.json.encode(query.base).decode()[1:-1], "text")
    way = _follow(query.steps, context)
    answer = _answer(query, way, context, base)
    found = SQL("SELECT {} WHERE {}" if way.id is None else "{}").format(answer, all_of(way.conditions))
    return _statement(found, context)


_remembered: Final = lru_cache(_REMEMBERED)(_compile)


def _statement(sql: Composed, context: Context) -> Statement:
    late = tuple(context.seen), tuple(context.moments), tuple(context.bounds)
    return Statement(sql.as_bytes(), context.parameters, context.has_geometry, *late)


def compile_places(query: Query, *, at_most: int) -> Statement:
    """Compile a question for a list to one for where its entities are, as rows. Raises what `compile_query` raises."""
    context = Context(query.reach, barred=query.barred)
    way = _follow(query.steps, context)
    if way.id is not None:
        raise InvalidInput("a filter goes with a list", place="$filter")
    rows = lists.places(way.source, query.options, context, at_most=at_most)
    found = SQL("SELECT * FROM ({}) {} WHERE {}").format(rows, context.alias(), all_of(way.conditions))
    return _statement(found, context)


def compile_estimate(query: Query) -> Statement | None:
    """Compile the question how many entities a list has, by estimate; None where none is wanted."""
    if not query.options.count or query.options.exact or query.form not in (Form.ENTITIES, Form.REFERENCES, Form.ROWS):
        return None
    context = Context(query.reach, barred=query.barred)
    way = _follow(query.steps, context)
    if way.id is not None:
        return None
    plan = lists.estimate(way.source, query.options, context)
    return _statement(SQL("{}").format(plan), context)


def entity_of(query: Query) -> Entity:
    """Give the kind of entities that a question is about. Raises NotFound for a path that does not exist."""
    return _follow(query.steps, Context()).table.entity


def shape_of(steps: Sequence[Step]) -> Shape:
    """Tell what a path leads to. Raises NotFound for a path that does not exist."""
    way = _follow(steps, Context())
    return Shape(way.table.entity, way.id is None, way.property)


def compile_stored(places: Sequence[Place], *, base: str) -> Statement:
    """Compile what gives Observations, found by their keys, as rows of id and JSON object."""
    context = Context()
    columns = list(zip(*places, strict=True)) or [(), (), ()]
    kinds: tuple[LiteralString, ...] = ("bigint[]", "bigint[]", "timestamptz[]")
    given = [context.parameter(list(column), kind) for column, kind in zip(columns, kinds, strict=True)]
    address = context.parameter(msgspec.json.encode(base).decode()[1:-1], "text")
    alias, table = context.alias(), context.table(Entity.OBSERVATION)
    found = SQL(
        "SELECT n.id, {text} FROM unnest({given}) AS n(id, stream, moment) JOIN {relation} {row}"
        " ON {row}.datastream_id = n.stream AND {row}.phenomenon_time = n.moment AND {row}.id = n.id ORDER BY n.id"
    ).format(
        text=lists.entity(Source(table), alias, Options(), Writing(context, address)),
        given=SQL(", ").join(given),
        relation=sql.Identifier(table.relation),
        row=alias,
    )
    return _statement(found, context)


def _answer(query: Query, way: _Way, context: Context, base: Composable) -> Composable:
    if way.id is None:
        if query.form is Form.COUNT:
            return lists.count(way.source, query.options, context)
        if query.form is Form.VALUE:
            raise InvalidInput("a list has no bare value", place="$value")
        links: list[Part] = [base, context.parameter(path_of(query.steps), "text")]
        if query.form is Form.ROWS:
            return rows.whole(way.source, query.options, Writing(context, base), links=links)
        return lists.whole(way.source, query.options, Writing(context, base), links=links, form=query.form)
    alias = context.alias()
    text: Composable
    if way.property:
        text = _property(query.form, way, alias, context)
    elif query.form is Form.REFERENCES:
        text = output.join(output.reference(way.table, alias, base))
    elif query.form is Form.ENTITIES:
        text = lists.entity(way.source, alias, query.options, Writing(context, base))
    else:
        raise InvalidInput("an entity has no such form", place=f"${query.form}")
    where = [*_is_here(way, alias, context), *way.conditions]
    return SQL("SELECT {} FROM {} {} WHERE {}").format(text, sql.Identifier(way.table.relation), alias, all_of(where))


def _property(form: Form, way: _Way, alias: Composable, context: Context) -> Composable:
    """Give one property as `{"name": value}`, or its bare value."""
    name, *rest = way.property
    field = way.table.find_field("@iot.id" if name == "id" else name)
    if field is None:
        raise NotFound(f"{way.table.entity} has no {name}")
    if form not in (Form.ENTITIES, Form.VALUE):
        raise InvalidInput("a property has no such form", place=f"${form}")
    text: Composable = SQL("({})").format(property_text(field, alias, context))
    if rest:
        text = SQL("(({}::jsonb #> {})::text)").format(text, context.parameter(rest, "text[]"))
    if form is Form.VALUE:
        return SQL("({}::jsonb #>> '{{}}')").format(text)
    key = msgspec.json.encode(way.property[-1]).decode()
    return SQL("({} || {} || '}}')").format(context.parameter("{" + key + ":", "text"), text)


def _follow(steps: Sequence[Step], context: Context) -> _Way:
    """Follow a path from its entity set. Raises NotFound for a name that does not exist there."""
    table = BY_SET.get(steps[0].name)
    if table is None:
        raise NotFound(f"there is no {steps[0].name}")
    way = _entity_way(context.table(table.entity), steps[0], context)
    for place, step in enumerate(steps[1:], start=1):
        if way.id is None:
            raise NotFound(f"{step.name} is of one {way.table.entity}: name its id")
        navigation = way.table.find_navigation(step.name)
        if navigation is None:
            return msgspec.structs.replace(way, property=tuple(step.name for step in steps[place:]))
        way = _next(way, navigation, step, context)
    return way


def _entity_way(table: Table, step: Step, context: Context) -> _Way:
    if step.id is None:
        return _Way(table, Source(table), (), None)
    return _Way(table, Source(table), (), context.parameter(step.id, "bigint"))


def _next(way: _Way, navigation: Navigation, step: Step, context: Context) -> _Way:
    """Go one navigation further; what was reached so far must exist."""
    assert way.id is not None  # noqa: S101  the caller has looked
    target = context.table(navigation.entity)
    here = context.alias()
    exists = SQL("EXISTS (SELECT FROM {} {} WHERE {})").format(
        sql.Identifier(way.table.relation), here, all_of(_is_here(way, here, context))
    )
    conditions = (*way.conditions, exists)
    if not navigation.many:
        if step.id is not None:
            raise NotFound(f"{navigation.name} takes no id")
        there = context.alias()
        found = SQL("(SELECT {} FROM {} {} WHERE {} = {})").format(
            column(there, navigation.source),
            sql.Identifier(way.table.relation),
            there,
            column(there, "id"),
            way.id,
        )
        return _Way(target, Source(target), conditions, found, confined=False)
    if step.id is None:
        return _Way(target, Source(target, navigation=navigation, parent=way.table, parent_id=way.id), conditions, None)
    child = context.parameter(step.id, "bigint")
    linked = _linked(navigation, way.id, child, context)
    return _Way(target, Source(target), (*conditions, linked), child, confined=way.table.entity not in OWNED)


def _is_here(way: _Way, alias: Composable, context: Context) -> list[Composable]:
    """Give the conditions that a row is the entity a way leads to."""
    found: list[Composable] = [SQL("{} = {}").format(column(alias, "id"), way.id), *restriction(way.table, alias)]
    return [*found, *confine(context, way.table, alias)] if way.confined else found


def _linked(navigation: Navigation, parent: Composable, child: Composable, context: Context) -> Composable:
    alias = context.alias()
    found = reach(context, navigation, alias, parent)
    here = all_of([found.condition, SQL("{} = {}").format(column(alias, "id"), child)])
    return SQL("EXISTS (SELECT FROM {} WHERE {})").format(found.tables, here)


def path_of(steps: Sequence[Step]) -> str:
    """Write a path as addresses have it."""
    return "".join(f"/{step.name}" if step.id is None else f"/{step.name}({step.id})" for step in steps)


def read_reference(answer: bytes) -> tuple[Entity, int]:
    """Read the answer to a question for one entity's reference, whose `base` was empty."""
    name, _, number = msgspec.json.decode(answer)["@iot.selfLink"][1:-1].partition("(")
    return BY_SET[name].entity, int(number)
