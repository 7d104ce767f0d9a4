"""The reference page of the manifest's keys, made from `dothi.kernel.manifest`."""

import ast
import inspect
from collections.abc import Iterator
from typing import get_args, get_type_hints

import msgspec

from dothi.kernel import manifest
from tools.reference.table import code, table

TITLE = "Manifest keys"
INTRODUCTION = (
    "Each package of `core/` and `domains/` says in its `manifest.toml` what it is, shows, permits and keeps. These "
    "are all the keys; one that is not listed is refused. A key without a default must be given."
)
FILLED_BY_LOADER = frozenset({"package"})
Struct = type[msgspec.Struct]


def body() -> str:
    """Write a table for each part of the manifest."""
    return "\n".join(_section(place, struct) for place, struct in _parts("", manifest.Manifest))


def faults() -> Iterator[str]:
    """Name the keys that say nothing of themselves: a line of text under the field in the code."""
    for place, struct in _parts("", manifest.Manifest):
        words = _field_words(struct)
        for field in _fields(struct):
            if not words.get(field.encode_name):
                yield f"the manifest key `{place + field.encode_name}` has no line that explains it"


def _parts(place: str, struct: Struct) -> Iterator[tuple[str, Struct]]:
    """Walk the structs of the manifest, each with the place of its keys; a struct used in many places comes once."""
    seen: set[Struct] = set()
    waiting = [(place, struct)]
    while waiting:
        here, current = waiting.pop(0)
        if current in seen:
            continue
        seen.add(current)
        yield here, current
        hints = get_type_hints(current)
        waiting += [
            (f"{here}{field.encode_name}.", inner)
            for field in _fields(current)
            for inner in _structs(hints[field.name])
        ]


def _structs(hint: object) -> list[Struct]:
    if isinstance(hint, type) and issubclass(hint, msgspec.Struct):
        return [hint]
    return [struct for part in get_args(hint) for struct in _structs(part)]


def _fields(struct: Struct) -> list[msgspec.structs.FieldInfo]:
    return [field for field in msgspec.structs.fields(struct) if field.name not in FILLED_BY_LOADER]


def _field_words(struct: Struct) -> dict[str, str]:
    """Read the texts that stand under the fields of a class."""
    definition = ast.parse(inspect.getsource(struct)).body[0]
    words = {}
    if isinstance(definition, ast.ClassDef):
        for field, after in zip(definition.body, definition.body[1:], strict=False):
            is_text = isinstance(after, ast.Expr) and isinstance(after.value, ast.Constant)
            if isinstance(field, ast.AnnAssign) and isinstance(field.target, ast.Name) and is_text:
                words[field.target.id] = inspect.cleandoc(str(after.value.value))  # type: ignore[attr-defined]
    return words


def _section(place: str, struct: Struct) -> str:
    words = _field_words(struct)
    rows = [[code(field.encode_name), _default(field), words.get(field.encode_name, "")] for field in _fields(struct)]
    head = code(f"[{place.rstrip('.')}]") if place else "The file itself"
    return f"## {head}\n\n{inspect.getdoc(struct)}\n\n{table(['Key', 'Default', 'What it says'], rows)}"


def _default(field: msgspec.structs.FieldInfo) -> str:
    if field.required:
        return "needed"
    if field.default is msgspec.NODEFAULT or not field.default or isinstance(field.default, msgspec.Struct):
        return "empty"
    return code(field.default)
