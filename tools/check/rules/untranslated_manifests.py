"""Whatever a manifest names for people, it names in Vietnamese and in English."""

import tomllib
from collections.abc import Iterator

from tools.check.finding import Finding
from tools.check.tree import Tree

LANGUAGES = ("vi", "en")
NAMED = frozenset({"layers", "states", "pages", "permissions", "alarm_rules", "kinds", "quantities"})


def check(tree: Tree) -> Iterator[Finding]:
    """Find entries of manifests that lack a name in a language."""
    for path in tree.files("manifest.toml", under="src/dothi"):
        try:
            manifest = tomllib.loads(tree.text(path))
        except tomllib.TOMLDecodeError as error:
            yield Finding(tree.name(path), 1, str(error))
            continue
        for place in _unnamed(manifest, "manifest"):
            yield Finding(tree.name(path), 1, place)


def _unnamed(entry: dict[str, object], place: str) -> Iterator[str]:
    """Walk an entry and what stands inside it."""
    names = entry.get("names")
    for language in LANGUAGES:
        if not (isinstance(names, dict) and str(names.get(language, "")).strip()):
            yield f"{place} has no name in {language!r}"
    for group in NAMED.intersection(entry):
        inside = entry[group]
        for number, child in enumerate(inside if isinstance(inside, list) else [], 1):
            if isinstance(child, dict):
                yield from _unnamed(child, f"{place} › {group} › {child.get('id') or child.get('path') or number}")
