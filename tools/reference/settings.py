"""The reference page of the settings, made from `dothi.config.environment`."""

from collections.abc import Iterator

import msgspec

from dothi.config import environment
from tools.reference.table import code, table

TITLE = "Settings"
INTRODUCTION = (
    "Dothi reads these environment variables once, at start, and no others. One it can't use stops it with one line."
)


def body() -> str:
    """Write the table of all settings. A setting's words stand beside it in the code, in both languages."""
    docs = environment.documentation()
    rows = []
    for field in msgspec.structs.fields(environment.Environment):
        variable = environment.variable_of(field.name)
        doc = docs.get(variable)
        rows.append([code(variable), _default(field), doc.vi if doc else "", doc.en if doc else ""])
    return table(["Variable", "Default", "Tiếng Việt", "English"], rows)


def faults() -> Iterator[str]:
    """Name the settings that lack an explanation in a language."""
    docs = environment.documentation()
    for field in environment.Environment.__struct_fields__:
        variable = environment.variable_of(field)
        doc = docs.get(variable)
        if doc is None or not doc.vi.strip() or not doc.en.strip():
            yield f"the setting {variable} has no explanation (Doc) in both languages"


def _default(field: msgspec.structs.FieldInfo) -> str:
    if field.default is msgspec.NODEFAULT:
        return "needed"
    return code(str(field.default).lower() if isinstance(field.default, bool) else field.default) or "empty"
