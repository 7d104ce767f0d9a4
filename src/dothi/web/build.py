"""The built front end: which files belong to the entry, by the manifest that the build leaves."""

import json
from functools import lru_cache
from pathlib import Path
from typing import Final

import msgspec

FOLDER: Final = Path(__file__).parent / "static" / "build"
ENTRY: Final = "frontend/src/main.ts"
SPRITE: Final = "frontend/src/theme/generated/icons.svg"


class Build(msgspec.Struct, frozen=True):
    """Paths of built files relative to the build's folder; empty where there is no build."""

    script: str = ""
    styles: tuple[str, ...] = ()
    sprite: str = ""


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
        script=entry["file"], styles=tuple(entry.get("css", ())), sprite=entries.get(SPRITE, {}).get("file", "")
    )
