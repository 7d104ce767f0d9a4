"""The built front end: which files belong to the entry, by the manifest that the build leaves."""

import json
from collections.abc import Iterable, Mapping
from functools import lru_cache
from pathlib import Path
from typing import Any, Final

import msgspec

FOLDER: Final = Path(__file__).parent / "static" / "build"
SOURCE: Final = "frontend/src/"
ENTRY: Final = f"{SOURCE}main.ts"
SPRITE: Final = "frontend/src/theme/generated/icons.svg"


class Build(msgspec.Struct, frozen=True):
    """Paths of built files relative to the build's folder; empty where there is no build."""

    script: str = ""
    styles: tuple[str, ...] = ()
    sprite: str = ""
    modules: dict[str, tuple[str, ...]] = {}
    """Of each module that is loaded later, by its path below `frontend/src`, the files it is made of."""


def current(folder: Path = FOLDER) -> Build:
    """Read the manifest of the build; read anew when the build is newer."""
    manifest = folder / "manifest.json"
    try:
        changed_ns = manifest.stat().st_mtime_ns
    except FileNotFoundError:
        return Build()
    return _read(manifest, changed_ns)


@lru_cache(maxsize=4)
def _read(manifest: Path, _changed_ns: int) -> Build:
    entries = json.loads(manifest.read_text("utf-8"))
    entry = entries[ENTRY]
    return Build(
        script=entry["file"],
        styles=tuple(entry.get("css", ())),
        sprite=entries.get(SPRITE, {}).get("file", ""),
        modules={
            name.removeprefix(SOURCE).removesuffix(".ts"): tuple(_parts(entries, name))
            for name, found in entries.items()
            if found.get("isDynamicEntry") and name.startswith(SOURCE)
        },
    )


def _parts(entries: Mapping[str, Any], name: str) -> Iterable[str]:
    """Give the files that a module needs before it can run, each once, its own last; the entry's are there already."""
    found: dict[str, None] = {}
    for each in entries[name].get("imports", ()):
        if each != ENTRY:
            found |= dict.fromkeys(_parts(entries, each))
    return [*found, *entries[name].get("css", ()), entries[name]["file"]]
