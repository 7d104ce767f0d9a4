"""Compiles expressions: values, comparisons, and conditions through navigations to many."""

from collections.abc import Callable, Iterable, Iterator
from typing import Final, LiteralString, assert_never

from psycopg.sql import SQL, Composable

from dothi.core.observations.query import functions
from dothi.core.observations.query.comparisons import compare
from dothi.core.observations.query.reach import confine_from
from dothi.core.observations.query.scope import Prefix, Scope, all_of
from dothi.core.observations.query.tables import Kind
from dothi.core.observations.query.types import (
    Arithmetic,
    Call,
    Comparison,
    Connective,
    Expression,
    Literal,
    Logical,
    Not,
    Operator,
    Path,
)
from dothi.core.observations.query.values import Value, coerce, of_literal, of_path, word_of
from dothi.kernel import clock
from dothi.kernel.errors import InvalidInput


def condition(expression: Expression, scope: Scope) -> Composable:
    """Compile a condition: what it gives is true where the condition holds, and false or null where not.

    A path through many holds when it holds for one of them. Within an AND all paths through the same navigation speak
    of the same one; each part of an OR, and what NOT turns round, speaks of its own. Raises InvalidInput.
    """
    if isinstance(expression, Logical):
        if expression.connective is Connective.OR:
            return SQL("({})").format(SQL(" OR ").join([condition(part, scope) for part in expression.arguments]))
        return _conjunction(list(expression.arguments), scope)
    if isinstance(expression, Not):
        return SQL("({} IS NOT TRUE)").format(condition(expression.argument, scope))
    opened = {prefix for path in _paths(expression) for prefix in scope.unopened(path.steps)}
    return _exists(scope, opened, [expression], _single) if opened else _single([expression], scope)


def _conjunction(parts: list[Expression], scope: Scope) -> Composable:
    """Put the parts that speak of the same one of many into one EXISTS, where some of them can't hold without it."""
    needs = [_roots(part, scope) for part in parts]
    required = {root for part in parts for root in _required(part, scope)}
    shared = {root for root in required if sum(root in found for found in needs) > 1}
    groups: list[tuple[set[Prefix], list[Expression]]] = []
    for part, found in zip(parts, needs, strict=True):
        roots, members = found & shared, [part]
        for group in [group for group in groups if group[0] & roots]:
            groups.remove(group)
            roots, members = roots | group[0], group[1] + members
        groups.append((roots, members))
    return all_of(
        _exists(scope, roots, members, _conjunction) if roots else all_of(condition(part, scope) for part in members)
        for roots, members in groups
    )


def _roots(expression: Expression, scope: Scope) -> set[Prefix]:
    """Give the outermost navigations to many that an expression's paths go through and that are not opened yet."""
    return {unopened[0] for path in _paths(expression) if (unopened := scope.unopened(path.steps))}


def _required(expression: Expression, scope: Scope) -> set[Prefix]:
    """Give those of the roots without one of which the condition can't hold."""
    match expression:
        case Not():
            return set()
        case Logical(Connective.AND, arguments):
            return set().union(*(_required(argument, scope) for argument in arguments))
        case Logical(_, arguments):
            return set.intersection(*(_required(argument, scope) for argument in arguments))
    return _roots(expression, scope)


def _exists(
    scope: Scope,
    prefixes: Iterable[Prefix],
    members: list[Expression],
    build: Callable[[list[Expression], Scope], Composable],
) -> Composable:
    inner = scope.open(prefixes, confine_from)
    asked = build(members, inner)
    return SQL("EXISTS (SELECT FROM {} WHERE {})").format(inner.tables(), all_of([*inner.conditions, asked]))


def _single(expressions: list[Expression], scope: Scope) -> Composable:
    (expression,) = expressions
    if isinstance(expression, Comparison):
        return compare(
            expression.operator, value(expression.left, scope), value(expression.right, scope), scope.context
        )
    found = value(expression, scope)
    if found.kind not in (Kind.BOOLEAN, Kind.JSON):
        raise InvalidInput(f"a condition is needed, not {word_of(found.kind)}", place=_place(expression))
    return SQL("({})").format(coerce(found, Kind.BOOLEAN, _place(expression)))


def _paths(expression: Expression) -> Iterator[Path]:
    """Give all paths of an expression."""
    match expression:
        case Path():
            yield expression
        case Comparison(_, left, right) | Arithmetic(_, left, right):
            yield from _paths(left)
            yield from _paths(right)
        case Logical(_, arguments) | Call(_, arguments):
            for argument in arguments:
                yield from _paths(argument)
        case Not(argument):
            yield from _paths(argument)
        case Literal():
            return
        case _ as never:
            assert_never(never)


def _place(expression: Expression) -> str:
    match expression:
        case Path(steps):
            return "/".join(steps)
        case Call(function, _):
            return function
    return ""


def value(expression: Expression, scope: Scope) -> Value:
    """Compile a value. Raises InvalidInput."""
    match expression:
        case Literal():
            return of_literal(expression, scope.context)
        case Path():
            return of_path(expression, scope)
        case Arithmetic(operator, left, right):
            return _arithmetic(operator, value(left, scope), value(right, scope))
        case Call():
            return _call(expression, scope)
        case _:
            return Value(Kind.BOOLEAN, SQL("({} IS TRUE)").format(condition(expression, scope)))


_NUMERIC: Final[dict[Operator, LiteralString]] = {
    Operator.ADD: "({0}::float8 + {1}::float8)",
    Operator.SUB: "({0}::float8 - {1}::float8)",
    Operator.MUL: "({0}::float8 * {1}::float8)",
    Operator.DIV: "({0}::float8 / nullif({1}::float8, 0))",
    Operator.MOD: "({0}::float8 - {1}::float8 * trunc({0}::float8 / nullif({1}::float8, 0)))",
}
_SIGNS: Final[dict[Operator, LiteralString]] = {Operator.ADD: "+", Operator.SUB: "-"}
_TEMPORAL: Final = (Kind.TIME, Kind.PERIOD)


def _arithmetic(operator: Operator, left: Value, right: Value) -> Value:
    sign = _SIGNS.get(operator)
    if (sign is not None and Kind.DURATION in (left.kind, right.kind)) or left.kind in _TEMPORAL:
        return _time_arithmetic(operator, sign, left, right)
    parts = (SQL("({})").format(coerce(side, Kind.NUMBER, operator)) for side in (left, right))
    return Value(Kind.NUMBER, SQL(_NUMERIC[operator]).format(*parts))


def _time_arithmetic(operator: Operator, sign: LiteralString | None, left: Value, right: Value) -> Value:
    """Move times by durations, take times from each other, and add durations."""
    if sign is None:
        raise InvalidInput(f"{operator} does not go with {word_of(left.kind)}", place=operator)
    if operator is Operator.ADD and left.kind is Kind.DURATION and right.kind in _TEMPORAL:
        left, right = right, left
    moved = "({} " + sign + " {})"
    if right.kind is Kind.DURATION and left.kind in (*_TEMPORAL, Kind.DURATION):
        end = None if left.end is None else SQL(moved).format(left.end, right.sql)
        return Value(left.kind, SQL(moved).format(left.sql, right.sql), end=end)
    if operator is Operator.SUB and left.kind in _TEMPORAL and right.kind in _TEMPORAL:
        return Value(Kind.DURATION, SQL(moved).format(left.sql, right.sql))
    raise InvalidInput(f"{operator} does not go with {word_of(left.kind)} and {word_of(right.kind)}", place=operator)


def _call(call: Call, scope: Scope) -> Value:
    if call.function == functions.NOW and not call.arguments:
        now = clock.now()
        return Value(Kind.TIME, scope.context.moment(now), constant=Literal(now))
    found = functions.find(call.function, len(call.arguments))
    if found is None:
        known = call.function in functions.NAMES
        reason = f"it does not take {len(call.arguments)} arguments" if known else "there is no such function"
        raise InvalidInput(reason, place=call.function)
    arguments: dict[str, Composable] = {}
    for place, (kind, argument) in enumerate(zip(found.takes, call.arguments, strict=True)):
        given = value(argument, scope)
        if kind is Kind.PERIOD:
            if given.kind not in _TEMPORAL:
                raise InvalidInput(f"{call.function} needs a time, not {word_of(given.kind)}", place=call.function)
            arguments[f"a{place}"] = given.sql
            arguments[f"a{place}e"] = given.sql if given.end is None else given.end
        else:
            arguments[f"a{place}"] = coerce(given, kind, call.function)
    return Value(found.gives, SQL(found.sql).format(**arguments))
