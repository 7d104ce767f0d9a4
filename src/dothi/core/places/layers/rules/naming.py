"""What layers and their attributes may be called, so that each is a view, a column and a part of an address."""

import re
from collections.abc import Iterable
from typing import Final

from dothi.core.places.rules.naming import fold
from dothi.kernel.errors import InvalidInput

LONGEST_SLUG: Final = 48
LONGEST_NAME: Final = 48
_SLUG: Final = re.compile(r"[a-z][a-z0-9_]*")
TAKEN: Final = frozenset({"id", "key", "label", "geom", "fid", "geometry"})
"""Columns that each view has of its own."""


def check_slug(slug: str) -> str:
    """Give a layer's slug back. Raises InvalidInput for one that is none."""
    if not _SLUG.fullmatch(slug) or len(slug) > LONGEST_SLUG:
        raise InvalidInput(
            f"{slug!r} is no name of a layer: letters a to z, digits and _, at most {LONGEST_SLUG}",
            place="slug",
        )
    return slug


def slug_of(text: str) -> str:
    """Give a slug for whatever something is called: "Thửa đất 2026" → "thua_dat_2026"."""
    made = fold(text).replace(" ", "_")[:LONGEST_SLUG].strip("_")
    return made if made[:1].isalpha() else f"n_{made}".strip("_")


def field_names(titles: Iterable[str]) -> list[str]:
    """Give a name for each of the source's attributes, in order: plain letters, and no two alike.

    "Tờ bản đồ" → "to_ban_do"; what a view has already gets a _ behind.
    """
    names: list[str] = []
    for title in titles:
        stem = slug_of(title)[:LONGEST_NAME]
        name, number = f"{stem}_" if stem in TAKEN else stem, 2
        while name in names:
            name, number = f"{stem}_{number}", number + 1
        names.append(name)
    return names
