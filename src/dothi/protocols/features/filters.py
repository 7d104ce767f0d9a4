"""What a CQL2 filter may say: tipg hands any function on to the database, so what is not listed is refused."""

from collections.abc import Collection, Mapping
from typing import Any, Final

from dothi.kernel.errors import InvalidInput

LONGEST: Final = 8_000
"""Characters of a filter."""
DEEPEST: Final = 24
"""How deep one may be nested."""
OPERATIONS: Final = frozenset(
    {
        *("and", "or", "not", "=", "<>", "<", ">", "<=", ">=", "like", "between", "in", "isnull", "casei"),
        *("+", "-", "*", "/", "%", "div", "^"),
        *(
            f"s_{relation}"
            for relation in (
                *("intersects", "equals", "disjoint", "touches", "within", "overlaps", "crosses", "contains"),
            )
        ),
        *(f"t_{relation}" for relation in ("after", "before", "disjoint", "equals", "intersects", "during")),
    }
)


def check(told: object, *, columns: Collection[str], depth: int = 0) -> None:
    """See that a filter, as CQL2 JSON, holds listed operations and attributes of the layer alone.

    Raises InvalidInput.
    """
    if depth > DEEPEST:
        raise InvalidInput("the filter is nested too deep", place="filter")
    if isinstance(told, list | tuple):
        for each in told:
            check(each, columns=columns, depth=depth + 1)
    elif isinstance(told, Mapping):
        _check_node(told, columns, depth)
    elif not isinstance(told, str | int | float | bool | None):
        raise InvalidInput("the filter holds what is no value", place="filter")


def _check_node(node: Mapping[str, Any], columns: Collection[str], depth: int) -> None:
    if "op" in node:
        if not isinstance(node["op"], str) or node["op"].lower() not in OPERATIONS:
            raise InvalidInput(f"the filter may not use {node['op']!s:.40}", place="filter")
        check(node.get("args", []), columns=columns, depth=depth + 1)
    elif "property" in node:
        if not isinstance(node["property"], str) or node["property"] not in columns:
            raise InvalidInput(f"the layer has no attribute {node['property']!s:.60}", place="filter")
    elif not (node.keys() <= {"date", "timestamp", "interval", "bbox", "type", "coordinates", "geometries"}):
        raise InvalidInput("the filter holds what CQL2 does not know", place="filter")
    else:
        for each in node.values():
            check(each, columns=columns, depth=depth + 1)
