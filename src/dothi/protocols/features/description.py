"""The description of the addresses as OpenAPI 3.0, which the standard's class `oas30` asks for: FastAPI writes 3.1."""

from collections.abc import Mapping
from typing import Any, Final

VERSION: Final = "3.0.3"
_NULL: Final = {"type": "null"}
_BOX: Final = {"type": "array", "items": {"type": "number"}, "minItems": 4, "maxItems": 6}
"""West, south, east, north; or with heights between, which are passed over."""


def as_30(told: Any) -> Any:  # noqa: ANN401  (a part of a JSON document)
    """Say a description, or a part of one, in the words of OpenAPI 3.0.

    What may be null is told by `nullable`; a constant is a choice of one; of examples of a schema the first is left;
    positions of an array share one kind; limits that are not reached are told beside them.
    """
    if isinstance(told, list):
        return [as_30(each) for each in told]
    if not isinstance(told, Mapping):
        return told
    made = {name: as_30(value) for name, value in told.items()}
    if "openapi" in made:
        made["openapi"] = VERSION
    if isinstance(made.get("anyOf"), list) and _NULL in made["anyOf"]:
        made = _nullable(made)
    if "const" in made:
        made["enum"] = [made.pop("const")]
    if isinstance(made.get("examples"), list):
        made["example"] = made.pop("examples")[0]
    if isinstance(made.get("prefixItems"), list):
        kinds = made.pop("prefixItems")
        made["items"] = kinds[0] if all(each == kinds[0] for each in kinds) else {}
    return _limited(made)


def _nullable(told: dict[str, Any]) -> dict[str, Any]:
    kinds = [each for each in told["anyOf"] if each != _NULL]
    rest = {name: value for name, value in told.items() if name != "anyOf"}
    if len(kinds) == 1 and "$ref" not in kinds[0]:
        return {**kinds[0], **rest, "nullable": True}
    return {**rest, "anyOf": kinds, "nullable": True}


def _limited(told: dict[str, Any]) -> dict[str, Any]:
    for name in ("minimum", "maximum"):
        bound = f"exclusive{name.capitalize()}"
        if isinstance(told.get(bound), int | float) and not isinstance(told[bound], bool):
            told[name], told[bound] = told[bound], True
    return told


def with_forms(told: dict[str, Any]) -> dict[str, Any]:
    """Tell of each parameter of a query that its values stand in one text, and of limits that they begin at 1."""
    for operations in told["paths"].values():
        for operation in operations.values():
            for parameter in operation.get("parameters", ()):
                if parameter["in"] == "query":
                    parameter |= {"style": "form", "explode": False}
                if parameter["name"] == "limit":
                    parameter["schema"]["minimum"] = 1
                if parameter["name"] == "bbox":
                    parameter["schema"] = _BOX
    return told
