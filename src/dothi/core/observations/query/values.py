"""Values of expressions: each with its kind and the SQL that gives it."""

import math
from datetime import date, datetime, time, timedelta
from typing import Final, LiteralString

import msgspec
from psycopg.sql import SQL, Composable
from psycopg.sql import Literal as SqlLiteral

from dothi.core.observations.query.scope import Context, Scope, column
from dothi.core.observations.query.tables import TABLES, Field, Kind
from dothi.core.observations.query.types import Geometry, Interval, Literal, Path, Scalar
from dothi.kernel.errors import InvalidInput


class Value(msgspec.Struct, frozen=True):
    """SQL with its kind.

    `end` is the end of a PERIOD; `number` gives a JSON value where it is a number kept by itself; `geometry` gives the
    same place as a geometry; `member` is a JSON column and the way into it; `constant` is what the request itself says.
    """

    kind: Kind
    sql: Composable
    end: Composable | None = None
    number: Composable | None = None
    geometry: Composable | None = None
    member: tuple[Composable, tuple[str, ...]] | None = None
    constant: Literal | None = None


NULL: Final = Value(Kind.NULL, SQL("NULL"), constant=Literal(None))
_BIGINT: Final = 2**63

_TYPES: Final[tuple[tuple[type, Kind, LiteralString], ...]] = (
    (bool, Kind.BOOLEAN, "boolean"),
    (str, Kind.TEXT, "text"),
    (datetime, Kind.TIME, "timestamptz"),
    (date, Kind.DATE, "date"),
    (time, Kind.CLOCK, "time"),
    (timedelta, Kind.DURATION, "interval"),
)


def of_literal(literal: Literal, context: Context) -> Value:
    """Give a literal as a parameter. Raises InvalidInput for a number that is not finite."""
    value = literal.value
    if value is None:
        return NULL
    if isinstance(value, Interval):
        begin, end = (context.parameter(moment, "timestamptz") for moment in (value.begin, value.end))
        return Value(Kind.PERIOD, begin, end=end, constant=literal)
    if isinstance(value, Geometry):
        context.has_geometry = True
        made = SQL("ST_GeomFromText({}, 4326)").format(context.parameter(value.wkt, "text"))
        return Value(Kind.GEOMETRY, made, geometry=made, constant=literal)
    for python, kind, name in _TYPES:
        if isinstance(value, python):
            return Value(kind, context.parameter(_clean(value), name), constant=literal)
    return Value(Kind.NUMBER, _number(value, context), constant=literal)


def _clean(value: Scalar) -> Scalar:
    if isinstance(value, str) and "\0" in value:
        raise InvalidInput("a text can't hold the character 0")
    return value


def _number(value: Scalar, context: Context) -> Composable:
    if not isinstance(value, int | float) or not math.isfinite(value):
        raise InvalidInput(f"{value!r} is no number that can be reckoned with")
    if isinstance(value, int) and -_BIGINT <= value < _BIGINT:
        return context.parameter(value, "bigint")
    return context.parameter(float(value), "double precision")


def of_path(path: Path, scope: Scope) -> Value:
    """Give a property. Raises InvalidInput for one that does not exist."""
    prefix, name, rest = split(path.steps, scope)
    table, alias = scope.locate(prefix, path=path.steps)
    field = table.fields[0] if name == "id" else table.find_field(name)
    if field is None:
        raise InvalidInput(f"{table.entity} has no property {name}", place="/".join(path.steps))
    if rest and field.kind is not Kind.JSON:
        raise InvalidInput(f"{name} has no parts", place="/".join(path.steps))
    holder = scope.locate_through(prefix, field) if field.through else alias
    return into(of_field(field, holder), rest, scope.context)


def split(steps: tuple[str, ...], scope: Scope) -> tuple[tuple[str, ...], str, tuple[str, ...]]:
    """Part a path into its navigations, the property, and the way into that."""
    table = scope.locate(())[0]
    for length, name in enumerate(steps):
        navigation = table.find_navigation(name)
        if navigation is None:
            return steps[:length], name, steps[length + 1 :]
        table = TABLES[navigation.entity]
    raise InvalidInput(f"{steps[-1]} is an entity; name one of its properties", place="/".join(steps))


def of_field(field: Field, alias: Composable) -> Value:
    """Give a property of a table as it is named in the statement."""
    main = column(alias, field.column)
    end = SQL("coalesce({}, {})").format(column(alias, field.end), main) if field.end else None
    return Value(
        field.kind,
        main,
        end=end,
        number=column(alias, field.number) if field.number else None,
        geometry=column(alias, field.geometry) if field.geometry else None,
        member=(main, ()) if field.kind is Kind.JSON and not field.number else None,
    )


def into(value: Value, steps: tuple[str, ...], context: Context) -> Value:
    """Go into a JSON value, by the names of members or the numbers of elements."""
    if not steps:
        return value
    if any("\0" in step for step in steps):
        raise InvalidInput("a name can't hold the character 0", place="/".join(steps))
    inner = SQL("({} #> {})").format(value.sql, context.parameter(list(steps), "text[]"))
    return Value(Kind.JSON, inner, member=value.member and (value.member[0], steps))


_FROM_JSON: Final[dict[Kind, tuple[LiteralString, LiteralString]]] = {
    Kind.NUMBER: ("number", "({0})::numeric"),
    Kind.TEXT: ("string", "{0} #>> '{{}}'"),
    Kind.BOOLEAN: ("boolean", "({0})::boolean"),
}


def coerce(value: Value, kind: Kind, place: str) -> Composable:
    """Give the SQL of a value as one of a kind, null where a JSON value is not of it. Raises InvalidInput otherwise."""
    if value.kind is kind and kind is not Kind.GEOMETRY:
        return value.sql
    if value.kind is Kind.NULL:
        return SQL("NULL")
    if kind is Kind.GEOMETRY and value.geometry is not None:
        return value.geometry
    if kind is Kind.TIME and value.kind is Kind.PERIOD:
        return value.sql
    if value.kind is Kind.JSON:
        if kind is Kind.NUMBER and value.number is not None:
            return value.number
        if kind in _FROM_JSON:
            name, cast = _FROM_JSON[kind]
            return SQL("CASE WHEN jsonb_typeof({0}) = {1} THEN " + cast + " END").format(value.sql, SqlLiteral(name))
    raise InvalidInput(f"{place} needs {_WORDS[kind]}, not {_WORDS[value.kind]}", place=place)


def as_json(value: Value) -> Composable:
    """Give the SQL of a JSON value, a number kept by itself included."""
    if value.number is None:
        return value.sql
    return SQL("coalesce(to_jsonb({}), {})").format(value.number, value.sql)


def is_null(value: Value) -> Composable:
    """Give the condition that a value is null, as SQL or as JSON has it."""
    if value.kind is not Kind.JSON:
        return SQL("({} IS NULL)").format(value.sql)
    absent = SQL("({0} IS NULL OR {0} = 'null')").format(value.sql)
    return absent if value.number is None else SQL("({} IS NULL AND {})").format(value.number, absent)


_WORDS: Final = {
    Kind.NUMBER: "a number",
    Kind.TEXT: "a text",
    Kind.BOOLEAN: "a condition",
    Kind.TIME: "a time",
    Kind.PERIOD: "a time interval",
    Kind.DURATION: "a duration",
    Kind.DATE: "a date",
    Kind.CLOCK: "a time of day",
    Kind.GEOMETRY: "a geometry",
    Kind.JSON: "a JSON value",
    Kind.NULL: "null",
}


def word_of(kind: Kind) -> str:
    """Name a kind for a message."""
    return _WORDS[kind]
