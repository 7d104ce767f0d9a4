"""Version 1.0 of SensorThings (OGC 15-078r6), for whose clients the same service answers at addresses of its own."""

from typing import Final

import msgspec

from dothi.core.observations.query.tables import BY_SET
from dothi.core.observations.query.types import (
    Arithmetic,
    Call,
    Comparator,
    Comparison,
    Connective,
    Entity,
    Expand,
    Expression,
    Literal,
    Logical,
    Not,
    Options,
    Order,
)

CURRENT: Final = ("/sensorthings/v1.1", "/v1.1")
FIRST: Final = ("/sensorthings/v1.0", "/v1.0")
PREFIXES: Final = (*CURRENT, *FIRST)
_TASKING: Final = (Entity.ACTUATOR, Entity.TASKING_CAPABILITY, Entity.TASK)
FIRST_SETS: Final = tuple(name for name, table in BY_SET.items() if table.entity not in _TASKING)
"""The entity sets that version 1.0 knows."""
_NULL: Final = Literal(None)


def is_first(base: str) -> bool:
    """Tell whether an address of the service, which has no slash at its end, is that of version 1.0."""
    return base.endswith(FIRST)


def as_first(options: Options) -> Options:
    """Give options as version 1.0 means them: `a ne b` holds of values alone, and of nothing that is null.

    How the link to the next page words them stays as it was. Raises nothing.
    """
    return msgspec.structs.replace(
        options,
        filter=None if options.filter is None else _known(options.filter),
        order=tuple(Order(_known(each.expression), each.descending) for each in options.order),
        expand=tuple(Expand(each.navigation, as_first(each.options)) for each in options.expand),
    )


def _known(expression: Expression) -> Expression:
    match expression:
        case Comparison(operator, left, right):
            found = Comparison(operator, _known(left), _known(right))
            return _with_values(found) if operator is Comparator.NE else found
        case Logical(connective, arguments):
            return Logical(connective, tuple(map(_known, arguments)))
        case Not(argument):
            return Not(_known(argument))
        case Call(function, arguments):
            return Call(function, tuple(map(_known, arguments)))
        case Arithmetic(operator, left, right):
            return Arithmetic(operator, _known(left), _known(right))
    return expression


def _with_values(unequal: Comparison) -> Expression:
    """Ask besides that both sides have a value, but where the request asks for that itself (`x ne null`)."""
    sides = (unequal.left, unequal.right)
    if _NULL in sides:
        return unequal
    have = tuple(Comparison(Comparator.NE, side, _NULL) for side in sides if not isinstance(side, Literal))
    return Logical(Connective.AND, (unequal, *have)) if have else unequal
