"""Reads a city's settings from a folder: one that is shipped, or any other."""

import tomllib
from pathlib import Path
from typing import Final

import msgspec

from dothi.kernel.city import City

SHIPPED: Final = Path(__file__).parent / "cities"
"""The folder of the cities that come with Dothi, one folder each."""


def load_city(name_or_path: str) -> City:
    """Read a city: a bare name is a shipped one, anything with a slash (or a folder that exists) is a path.

    Raises ValueError that names the file and what is wrong with it.
    """
    folder = _folder_of(name_or_path)
    file = folder / "city.toml"
    try:
        found = msgspec.convert(tomllib.loads(file.read_text("utf-8")), City, dec_hook=_to_path)
    except FileNotFoundError as error:
        shipped = ", ".join(sorted(path.parent.name for path in SHIPPED.glob("*/city.toml")))
        raise ValueError(f"no city {name_or_path!r}: {file} does not exist; shipped are: {shipped}") from error
    except (OSError, ValueError, msgspec.ValidationError, RecursionError) as error:
        raise ValueError(f"{file}: {error}") from error
    base_map = folder.resolve() / found.base_map
    if not base_map.is_file():
        raise ValueError(f"{file}: the base map {base_map} does not exist")
    return msgspec.structs.replace(found, base_map=base_map)


def absolute(name_or_path: str) -> str:
    """Give a name or path of a city so that it means the same to a process that runs in another folder."""
    folder = _folder_of(name_or_path)
    return name_or_path if folder.parent == SHIPPED else str(folder.resolve())


def _folder_of(name_or_path: str) -> Path:
    shipped = SHIPPED / name_or_path
    return shipped if "/" not in name_or_path and shipped.is_dir() else Path(name_or_path).expanduser()


def _to_path(kind: type, value: object) -> object:
    if kind is Path:
        return Path(str(value))
    raise NotImplementedError(kind)
