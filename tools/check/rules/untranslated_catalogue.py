"""Every string that code or a template marks for translation is in its package's Vietnamese catalogue, translated."""

from collections.abc import Iterator
from pathlib import Path

import polib

from tools.check.finding import Finding
from tools.check.messages import CATALOGUE, extract, packages_with_strings
from tools.check.tree import Tree

Key = tuple[str | None, str]
SOURCE = Path("src/dothi")


def check(tree: Tree) -> Iterator[Finding]:
    """Compare what gettext finds now with the catalogues that are there."""
    try:
        found = extract(tree)
    except RuntimeError as error:
        yield Finding("src/dothi", 1, str(error))
        return
    for package in packages_with_strings(tree):
        path = tree.root / SOURCE / package / CATALOGUE
        catalogue = polib.pofile(str(path)) if path.exists() else polib.POFile()
        yield from _compare(package, found.get(package, polib.POFile()), catalogue)


def _compare(package: Path, found: polib.POFile, catalogue: polib.POFile) -> Iterator[Finding]:
    name = (SOURCE / package / CATALOGUE).as_posix()
    kept = {_key(entry): entry for entry in catalogue if not entry.obsolete}
    wanted = {_key(entry) for entry in found}
    for entry in found:
        if _key(entry) not in kept:
            place, line = entry.occurrences[0]
            message = f"{entry.msgid!r} is not in {name}"
            yield Finding((SOURCE / place).as_posix(), int(line or 1), message)
    for entry in catalogue:
        fault = _fault(entry, wanted)
        if fault:
            yield Finding(name, entry.linenum, f"{entry.msgid!r} {fault}")


def _key(entry: polib.POEntry) -> Key:
    return entry.msgctxt, entry.msgid


def _fault(entry: polib.POEntry, wanted: set[Key]) -> str:
    if entry.obsolete or _key(entry) not in wanted:
        return "is no longer in the code: take it out"
    if "fuzzy" in entry.flags:
        return "is marked fuzzy: read the translation and take the mark away"
    return "" if entry.translated() else "has no translation"
