"""Compiles comparisons so that they are never unknown where it matters, and so that indexes still serve."""

from typing import Final, LiteralString

import msgspec
from psycopg.sql import SQL, Composable

from dothi.core.observations.query.scope import Context
from dothi.core.observations.query.tables import Kind
from dothi.core.observations.query.types import Comparator
from dothi.core.observations.query.values import Value, as_json, coerce, is_null, word_of
from dothi.kernel.errors import InvalidInput

_SIGNS: Final[dict[Comparator, LiteralString]] = {
    Comparator.LT: "<",
    Comparator.LE: "<=",
    Comparator.GT: ">",
    Comparator.GE: ">=",
}
_PERIODS: Final[dict[Comparator, tuple[tuple[LiteralString, int, int], ...]]] = {
    Comparator.EQ: (("=", 0, 0), ("=", 1, 1)),
    Comparator.LT: (("<", 0, 0), ("<", 1, 0)),
    Comparator.LE: (("<=", 0, 1), ("<=", 1, 1)),
    Comparator.GT: ((">", 0, 0), (">", 0, 1)),
    Comparator.GE: ((">=", 0, 0),),
}
"""Which ends are compared, 0 the begin and 1 the end; where one of two follows from the other, an index serves it."""
_TEMPORAL: Final = (Kind.TIME, Kind.PERIOD)
_PLAIN: Final = (Kind.NUMBER, Kind.TEXT, Kind.BOOLEAN, Kind.DURATION, Kind.DATE, Kind.CLOCK)


def compare(operator: Comparator, left: Value, right: Value, context: Context) -> Composable:
    """Compile a comparison. Raises InvalidInput for kinds that can't be compared."""
    if operator is Comparator.NE:
        return SQL("({} IS NOT TRUE)").format(compare(Comparator.EQ, left, right, context))
    found = _compare(operator, left, right)
    weaker = None
    if operator is Comparator.EQ:
        weaker = _contained(left, right, context) or _contained(right, left, context)
    return found if weaker is None else SQL("({} AND {})").format(weaker, found)


def _compare(operator: Comparator, left: Value, right: Value) -> Composable:
    if Kind.NULL in (left.kind, right.kind):
        return _with_null(operator, right if left.kind is Kind.NULL else left)
    if left.kind in _TEMPORAL and right.kind in _TEMPORAL:
        return _periods(operator, left, right)
    if left.kind is Kind.JSON and right.kind is Kind.JSON:
        return _plain(operator, as_json(left), as_json(right), both_vary=True)
    texts = _in_texts(left, right)
    if texts is not None:
        return _plain(operator, *texts, both_vary=False)
    kind = right.kind if left.kind is Kind.JSON else left.kind
    if kind not in _PLAIN or (Kind.JSON not in (left.kind, right.kind) and left.kind is not right.kind):
        raise InvalidInput(
            f"{word_of(left.kind)} and {word_of(right.kind)} can't be compared by {operator}", place=operator
        )
    varies = left.constant is None and right.constant is None
    return _plain(operator, coerce(left, kind, operator), coerce(right, kind, operator), both_vary=varies)


def _in_texts(left: Value, right: Value) -> tuple[Composable, Composable] | None:
    """Give both sides as texts where a result is compared with a text of the request.

    A result may be of any sort, and clients put it in quotes: a number is then compared by its digits.
    """
    for value, other in ((left, right), (right, left)):
        if value.number is not None and other.kind is Kind.TEXT and other.constant is not None:
            text = SQL("coalesce({}::text, {})").format(value.number, coerce(value, Kind.TEXT, "result"))
            return (text, other.sql) if value is left else (other.sql, text)
    return None


def _with_null(operator: Comparator, other: Value) -> Composable:
    if operator is Comparator.EQ:
        return is_null(other)
    return SQL("FALSE")


def _plain(operator: Comparator, left: Composable, right: Composable, *, both_vary: bool) -> Composable:
    if operator is Comparator.EQ:
        # Two nulls are equal; but IS NOT DISTINCT FROM uses no index, and a constant is never null.
        return SQL("({} IS NOT DISTINCT FROM {})" if both_vary else "({} = {})").format(left, right)
    return SQL("({} " + _SIGNS[operator] + " {})").format(left, right)


def _periods(operator: Comparator, left: Value, right: Value) -> Composable:
    ends = [(side.sql, side.sql if side.end is None else side.end) for side in (left, right)]
    parts: list[Composable] = []
    seen: set[tuple[int, int]] = set()
    for sign, mine, other in _PERIODS[operator]:
        key = (mine if left.end is not None else 0, other if right.end is not None else 0)
        if key in seen:
            continue
        seen.add(key)
        parts.append(SQL("{} " + sign + " {}").format(ends[0][key[0]], ends[1][key[1]]))
    found = SQL("({})").format(SQL(" AND ").join(parts))
    if operator is Comparator.EQ and left.constant is None and right.constant is None:
        return SQL("({} OR {} IS NULL AND {} IS NULL)").format(found, left.sql, right.sql)
    return found


def _contained(value: Value, other: Value, context: Context) -> Composable | None:
    """Give a weaker condition than equality that an index on a JSON column serves, where there is one."""
    if value.member is None or other.constant is None or not value.member[1]:
        return None
    found: object = other.constant.value
    if not isinstance(found, str | int | float | bool) or any(step.lstrip("-").isdigit() for step in value.member[1]):
        return None
    for step in reversed(value.member[1]):
        found = {step: found}
    return SQL("{} @> {}").format(value.member[0], context.parameter(msgspec.json.encode(found).decode(), "jsonb"))
