"""Writes a syntax tree back as query options: for the links to next pages, and as the parser's counterpart."""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from urllib.parse import quote

import msgspec

from dothi.core.observations.query.types import (
    Arithmetic,
    Call,
    Comparison,
    Expand,
    Expression,
    Geometry,
    Interval,
    Literal,
    Logical,
    Not,
    Options,
    Order,
    Path,
    Scalar,
)

_SAFE = "$,;()'=/:@"


def with_link(options: Options) -> Options:
    """Give options that know how a link to their next page words them."""
    return msgspec.structs.replace(options, link=link_of(options))


def link_of(options: Options) -> str:
    """Word options as the query part of an address, without what says where a page begins."""
    return "&".join(f"{name}={quote(text, safe=_SAFE)}" for name, text in _options(options))


def write_options(options: Options) -> str:
    """Word options as they stand within an expansion."""
    return ";".join(f"{name}={text}" for name, text in _options(options, paged=True))


def _options(options: Options, *, paged: bool = False) -> Iterator[tuple[str, str]]:
    if options.filter is not None:
        yield "$filter", write(options.filter)
    if options.order:
        yield "$orderby", ",".join(_order(order) for order in options.order)
    if options.select:
        yield "$select", ",".join(options.select)
    if options.expand:
        yield "$expand", ",".join(write_expand(expand) for expand in options.expand)
    if options.top is not None:
        yield "$top", str(options.top)
    if options.skip and paged:
        yield "$skip", str(options.skip)
    if options.width is not None:
        yield "$aggregate", str(msgspec.to_builtins(options.width))
    if options.count:
        yield "$count", "exact" if options.exact else "true"


def write_expand(expand: Expand) -> str:
    """Word an expansion."""
    inner = write_options(expand.options)
    return f"{expand.navigation}({inner})" if inner else expand.navigation


def _order(order: Order) -> str:
    return write(order.expression, inner=True) + (" desc" if order.descending else "")


def write(expression: Expression, *, inner: bool = False) -> str:
    """Word an expression; `inner` puts brackets round what would not stay together."""
    match expression:
        case Literal(value):
            return _literal(value)
        case Path(steps):
            return "/".join(steps)
        case Call(function, arguments):
            return f"{function}({','.join(write(argument) for argument in arguments)})"
        case Not(argument):
            text = f"not {write(argument, inner=True)}"
        case Logical(connective, arguments):
            text = f" {connective} ".join(write(argument, inner=True) for argument in arguments)
        case Comparison(operator, left, right) | Arithmetic(operator, left, right):
            text = f"{write(left, inner=True)} {operator} {write(right, inner=True)}"
    return f"({text})" if inner else text


def _literal(value: Scalar) -> str:
    match value:
        case None:
            return "null"
        case bool():
            return "true" if value else "false"
        case int() | float():
            return repr(value)
        case str():
            return "'" + value.replace("'", "''") + "'"
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case date() | time():
            return value.isoformat()
        case timedelta():
            return f"duration'{msgspec.to_builtins(value)}'"
        case Interval(begin, end):
            return f"{_literal(begin)}/{_literal(end)}"
        case Geometry(wkt):
            return f"geography'{wkt}'"
