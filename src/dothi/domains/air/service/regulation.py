"""The door to what air is judged by: the city's own file, else its country's that comes with Dothi."""

import tomllib
from functools import cache
from pathlib import Path
from typing import Final

import msgspec
from django.conf import settings

from dothi.domains.air.types import Regulation
from dothi.kernel.city import City

SHIPPED: Final = Path(__file__).with_name("regulations")
OWN: Final = "air.toml"
"""Beside the city's `city.toml`."""
NONE: Final = Regulation(unit="µg/m³")


def regulation() -> Regulation:
    """Give what the city judges its air by; without an index and limits where nobody wrote one.

    Raises ValueError that names the file and what is wrong with it.
    """
    city: City = settings.CITY
    own = city.base_map.parent / OWN
    if own.is_file():
        return read(own)
    shipped = SHIPPED / f"{(city.country or '').lower()}.toml"
    return read(shipped) if shipped.is_file() else NONE


@cache
def read(path: Path) -> Regulation:
    """Read a regulation. Raises ValueError that names the file and what is wrong with it."""
    try:
        return msgspec.convert(tomllib.loads(path.read_text("utf-8")), Regulation)
    except (ValueError, msgspec.ValidationError) as error:
        raise ValueError(f"{path}: {error}") from error
