"""Which names a new domain may have, and what is made of a name."""

import keyword
import re
from pathlib import Path
from typing import NamedTuple

SLUG = re.compile(r"^[a-z][a-z0-9]{1,23}$")
KIND = re.compile(r"^[A-Z][A-Za-z0-9]*$")
RESERVED = frozenset(
    {
        "admin", "api", "auth", "common", "config", "contenttypes", "core", "domains", "features", "gis", "health",
        "helpers", "kernel", "language", "lib", "map", "messages", "metrics", "postgres", "procrastinate", "protocols",
        "sensorthings", "sessions", "shared", "static", "tests", "tiles", "utils", "web",
    }
)  # fmt: skip
"""Addresses, Django's own apps and the house's folders."""


class Domain(NamedTuple):
    """What the template needs to know of a domain."""

    slug: str
    kind: str
    name_vi: str
    name_en: str
    both_languages: str


def find_fault(slug: str, *, root: Path) -> str:
    """Say in one line why a name can't be taken, empty if it can."""
    if not SLUG.match(slug):
        return f"{slug!r} is no name for a domain: small letters and digits, 2 to 24 of them, a letter first (waste)"
    if keyword.iskeyword(slug) or slug in RESERVED:
        return f"{slug!r} already means something else: choose another name"
    taken = [group for group in ("core", "domains") if (root / "src" / "dothi" / group / slug).exists()]
    return f"src/dothi/{taken[0]}/{slug} is there already" if taken else ""


def describe(slug: str, *, kind: str = "", vi: str = "", en: str = "") -> Domain:
    """Fill in what was not said: the kind and the English name follow the slug, the Vietnamese one the English.

    Raises ValueError for a kind or name that would break the files it is written into.
    """
    english = en or slug.capitalize()
    domain = Domain(slug, kind or slug.capitalize(), vi or english, english, "done" if vi else "todo")
    if not KIND.match(domain.kind):
        raise ValueError(f"{domain.kind!r} is no kind: letters and digits, a capital first (WasteBin)")
    if any(sign in name for sign in '"\\\n|`$' for name in (domain.name_vi, domain.name_en)):
        raise ValueError("a name holds no quotation marks, backslashes, bars or line breaks")
    return domain
