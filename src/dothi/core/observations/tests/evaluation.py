"""What a filter means, in plain Python and without a thought for speed: the tests' judge of the compiler."""

import math
from collections.abc import Mapping, Sequence
from typing import Any

from dothi.core.observations.query.types import (
    Arithmetic,
    Call,
    Comparator,
    Comparison,
    Connective,
    Expression,
    Literal,
    Logical,
    Not,
    Operator,
    Path,
)

Row = Mapping[str, Any]
MANY = "Datastreams"


def holds(expression: Expression, thing: Row, chosen: Row | None = None) -> bool:
    """Tell whether a condition holds of a Thing; `chosen` is the Datastream that paths speak of, where one is."""
    if isinstance(expression, Logical):
        if expression.connective is Connective.OR:
            return any(holds(part, thing, chosen) for part in expression.arguments)
        return _all_hold(expression.arguments, thing, chosen)
    if isinstance(expression, Not):
        return not holds(expression.argument, thing, chosen)
    if chosen is None and _speaks_of_many(expression):
        return any(holds(expression, thing, stream) for stream in thing[MANY])
    found = value(expression, thing, chosen)
    return found is True


def _all_hold(parts: Sequence[Expression], thing: Row, chosen: Row | None) -> bool:
    if chosen is not None:
        return all(holds(part, thing, chosen) for part in parts)
    about = [part for part in parts if _speaks_of_many(part)]
    together = about if len(about) > 1 and any(_requires(part) for part in about) else []
    alone = [part for part in parts if part not in together]
    shared = not together or any(all(holds(part, thing, stream) for part in together) for stream in thing[MANY])
    return shared and all(holds(part, thing) for part in alone)


def _requires(expression: Expression) -> bool:
    """Tell whether a condition can't hold without a Datastream."""
    match expression:
        case Not():
            return False
        case Logical(connective, arguments):
            found = (_requires(argument) for argument in arguments)
            return any(found) if connective is Connective.AND else all(found)
    return _speaks_of_many(expression)


def _speaks_of_many(expression: Expression) -> bool:
    match expression:
        case Path(steps):
            return steps[0] == MANY
        case Comparison(_, left, right) | Arithmetic(_, left, right):
            return _speaks_of_many(left) or _speaks_of_many(right)
        case Logical(_, arguments) | Call(_, arguments):
            return any(_speaks_of_many(argument) for argument in arguments)
        case Not(argument):
            return _speaks_of_many(argument)
    return False


def value(expression: Expression, thing: Row, chosen: Row | None) -> Any:
    """Give a value; None is null."""
    match expression:
        case Literal(found):
            return found
        case Path(steps):
            return _at(steps, thing, chosen)
        case Comparison(operator, left, right):
            return _compare(operator, value(left, thing, chosen), value(right, thing, chosen), expression)
        case Arithmetic(operator, left, right):
            return _reckon(operator, _number(value(left, thing, chosen)), _number(value(right, thing, chosen)))
        case Call(function, arguments):
            return _call(function, [value(argument, thing, chosen) for argument in arguments])
        case _:
            return holds(expression, thing, chosen)


def _at(steps: Sequence[str], thing: Row, chosen: Row | None) -> Any:
    found: Any = thing
    if steps[0] == MANY:
        found, steps = chosen, steps[1:]
    for step in steps:
        found = found.get(step) if isinstance(found, Mapping) else None
    return found


def _compare(operator: Comparator, left: Any, right: Any, whole: Comparison) -> bool:
    if operator is Comparator.NE:
        return not _compare(Comparator.EQ, left, right, whole)
    kinds = {kind for kind in (_kind(whole.left), _kind(whole.right)) if kind is not None}
    if kinds:
        left, right = (_as(side, next(iter(kinds))) for side in (left, right))
    if left is None or right is None:
        return operator is Comparator.EQ and left is right
    if operator is Comparator.EQ:
        return bool(left == right)
    return bool(
        {
            Comparator.LT: left < right,
            Comparator.LE: left <= right,
            Comparator.GT: left > right,
            Comparator.GE: left >= right,
        }[operator]
    )


def _kind(expression: Expression) -> type | None:
    """Give what an expression is known to be, None for a JSON value."""
    match expression:
        case Literal(bool()) | Comparison() | Logical() | Not():
            return bool
        case Literal(str()) | Path(("name",)) | Path((_, "name")):
            return str
        case Literal(int() | float()) | Arithmetic():
            return float
        case Call(function, _):
            return float if function in ("length", "indexof", "floor") else str if function == "tolower" else bool
    return None


def _as(found: Any, kind: type) -> Any:
    """Give a JSON value as a kind, null where it is of another."""
    if kind is float:
        return _number(found)
    return found if isinstance(found, kind) else None


def _number(found: Any) -> float | None:
    return None if isinstance(found, bool) or not isinstance(found, int | float) else float(found)


def _reckon(operator: Operator, left: float | None, right: float | None) -> float | None:
    if left is None or right is None:
        return None
    if operator in (Operator.DIV, Operator.MOD):
        if right == 0:
            return None
        return left / right if operator is Operator.DIV else left - right * math.trunc(left / right)
    return {Operator.ADD: left + right, Operator.SUB: left - right, Operator.MUL: left * right}[operator]


def _call(function: str, arguments: Sequence[Any]) -> Any:
    if function == "floor":
        number = _number(arguments[0])
        return None if number is None else math.floor(number)
    texts = [argument if isinstance(argument, str) else None for argument in arguments]
    if any(text is None for text in texts):
        return None
    first, *rest = (text or "" for text in texts)
    other = rest[0] if rest else ""
    match function:
        case "length":
            return len(first)
        case "tolower":
            return first.lower()
        case "indexof":
            return first.find(other)
        case "startswith":
            return first.startswith(other)
        case "endswith":
            return first.endswith(other)
    return first in other
