"""Reads the query options' expressions: a grammar for lark, and what each of its rules stands for."""

from datetime import UTC, date, datetime, time, timedelta
from functools import cache
from pathlib import Path as FilePath
from typing import Any, Final, TypeVar

import msgspec
from lark import Lark, Token, Transformer, UnexpectedInput, UnexpectedToken, v_args
from lark.exceptions import LarkError, VisitError

from dothi.core.observations.query.buckets import check_width
from dothi.core.observations.query.types import (
    Arithmetic,
    Call,
    Comparator,
    Comparison,
    Connective,
    Expand,
    Expression,
    Geometry,
    Interval,
    Literal,
    Logical,
    Not,
    Operator,
    Options,
    Order,
    Path,
)
from dothi.kernel.errors import InvalidInput
from dothi.protocols.sensorthings.expansions import merge, nested

MAX_LENGTH: Final = 8_000
"""The longest expression, in characters."""
_DIGITS: Final = 400
T = TypeVar("T")


def parse_filter(text: str) -> Expression:
    """Read the value of $filter. Raises InvalidInput that names the column."""
    found: Expression = _parse(text, "filter")
    return found


def parse_order(text: str) -> tuple[Order, ...]:
    """Read the value of $orderby. Raises InvalidInput that names the column."""
    found: tuple[Order, ...] = _parse(text, "orderby")
    return found


def parse_select(text: str) -> tuple[str, ...]:
    """Read the value of $select. Raises InvalidInput that names the column."""
    found: tuple[str, ...] = _parse(text, "select")
    return found


def parse_expand(text: str) -> tuple[Expand, ...]:
    """Read the value of $expand. Raises InvalidInput that names the column."""
    found: tuple[Expand, ...] = _parse(text, "expand")
    return found


def _parse(text: str, start: str) -> Any:  # noqa: ANN401  what a rule stands for depends on the rule
    place = f"${start}"
    if len(text) > MAX_LENGTH:
        raise InvalidInput(f"{place} is longer than {MAX_LENGTH} characters", place=place)
    try:
        return _parser().parse(text, start=start)
    except InvalidInput as error:
        raise InvalidInput(str(error), place=error.place or place) from error
    except UnexpectedInput as error:
        is_end = isinstance(error, UnexpectedToken) and error.token.type == "$END"
        column = len(text) + 1 if is_end else error.column
        raise InvalidInput(f"{place} can't be read at column {column}", place=f"{place}:{column}") from error
    except VisitError as error:
        reason = error.orig_exc
        message = str(reason) if isinstance(reason, InvalidInput) else f"{place} can't be read: {reason}"
        raise InvalidInput(message, place=place) from error
    except (LarkError, RecursionError, ValueError, OverflowError) as error:
        raise InvalidInput(f"{place} can't be read: {error}", place=place) from error


@cache
def _parser() -> Lark:
    grammar = FilePath(__file__).with_name("grammar.lark").read_text("utf-8")
    starts = ["filter", "orderby", "select", "expand"]
    return Lark(grammar, parser="lalr", start=starts, transformer=_Meaning(), maybe_placeholders=True)


def parse_moment(text: str) -> datetime:
    """Read a time with its zone, as UTC. Raises ValueError or OverflowError."""
    return datetime.fromisoformat(text).astimezone(UTC)


@v_args(inline=True)
class _Meaning(Transformer[Token, Any]):
    """Gives what each rule of the grammar stands for; called from the leaves up, so that nothing recurses."""

    def filter(self, expression: Expression) -> Expression:
        return expression

    def disjunction(self, *parts: Expression) -> Expression:
        return parts[0] if len(parts) == 1 else Logical(Connective.OR, parts)

    def conjunction(self, *parts: Expression) -> Expression:
        return parts[0] if len(parts) == 1 else Logical(Connective.AND, parts)

    def negation(self, argument: Expression) -> Expression:
        return Not(argument)

    def comparator(self, word: Token) -> Comparator:
        return Comparator(word.value)

    def comparison(self, left: Expression, comparator: Comparator, right: Expression) -> Expression:
        return Comparison(comparator, left, right)

    def membership(self, left: Expression, *choices: Expression) -> Expression:
        return self.disjunction(*(Comparison(Comparator.EQ, left, choice) for choice in choices))

    def arithmetic(self, left: Expression, word: Token, right: Expression) -> Expression:
        return Arithmetic(Operator(word.value), left, right)

    def path(self, text: Token) -> Path:
        return Path(tuple(text.split("/")))

    def call(self, name: Token, *arguments: Expression | None) -> Call:
        return Call(name.value, tuple(argument for argument in arguments if argument is not None))

    def number(self, text: Token) -> Literal:
        if len(text) > _DIGITS:
            raise InvalidInput(f"a number has more than {_DIGITS} digits")
        if text.lstrip("-").isdigit():
            return Literal(int(text))
        found = float(text)
        if abs(found) == float("inf"):
            raise InvalidInput(f"{text[:40]} is too large for a number")
        return Literal(found)

    def string(self, text: Token) -> Literal:
        return Literal(text[1:-1].replace("''", "'"))

    def true(self, _: Token) -> Literal:
        return Literal(True)

    def false(self, _: Token) -> Literal:
        return Literal(False)

    def null(self, _: Token) -> Literal:
        return Literal(None)

    def interval(self, text: Token) -> Literal:
        begin, end = (parse_moment(part) for part in text.split("/"))
        if end < begin:
            raise InvalidInput(f"{text} ends before it begins")
        return Literal(Interval(begin, end))

    def timestamp(self, text: Token) -> Literal:
        return Literal(parse_moment(text))

    def date(self, text: Token) -> Literal:
        return Literal(date.fromisoformat(text))

    def clock(self, text: Token) -> Literal:
        return Literal(time.fromisoformat(text))

    def duration(self, text: Token) -> Literal:
        return Literal(msgspec.convert(text.split("'")[1], timedelta))

    def geography(self, text: Token) -> Literal:
        return Literal(Geometry(text.split("'")[1]))

    def order(self, expression: Expression, way: Token | None) -> Order:
        return Order(expression, descending=way == "desc")

    def orderby(self, *orders: Order) -> tuple[Order, ...]:
        return orders

    def keyword(self, text: Token) -> Token:
        return text

    def name(self, text: Token) -> str:
        return str(text.value)

    def select(self, *names: str) -> tuple[str, ...]:
        return names

    def expand(self, *expands: Expand) -> tuple[Expand, ...]:
        return merge(expands)

    def expansion(self, path: Token, *options: dict[str, Any] | None) -> Expand:
        found: dict[str, Any] = {}
        for option in options:
            for name, value in (option or {}).items():
                if name in found:
                    raise InvalidInput(f"${name} is given twice for {path}")
                found[name] = value
        return nested(path.split("/"), Options(**found))

    def filter_option(self, expression: Expression) -> dict[str, Any]:
        return {"filter": expression}

    def orderby_option(self, *orders: Order) -> dict[str, Any]:
        return {"order": orders}

    def select_option(self, *names: str) -> dict[str, Any]:
        return {"select": names}

    def expand_option(self, *expands: Expand) -> dict[str, Any]:
        return {"expand": merge(expands)}

    def top_option(self, text: Token) -> dict[str, Any]:
        return {"top": read_count(text, "$top")}

    def skip_option(self, text: Token) -> dict[str, Any]:
        return {"skip": read_count(text, "$skip")}

    def count_option(self, word: Token) -> dict[str, Any]:
        return {"count": word in ("true", "exact"), "exact": word == "exact"}

    def width_option(self, text: Token) -> dict[str, Any]:
        return {"width": read_width(text)}


def read_width(text: str) -> timedelta:
    """Read a duration (ISO 8601) of days, hours, minutes and seconds. Raises InvalidInput."""
    try:
        return check_width(msgspec.convert(str(text), timedelta))
    except (msgspec.MsgspecError, OverflowError) as error:
        raise InvalidInput(f"{text[:40]!r} is no duration such as PT1H or P1D", place="$aggregate") from error


def read_count(text: str, place: str) -> int:
    """Read a whole number that is not negative. Raises InvalidInput."""
    if not (text.isascii() and text.isdigit()) or len(text) > 18:
        raise InvalidInput(f"{place} is a whole number from 0, not {text[:40]!r}", place=place)
    return int(text)
