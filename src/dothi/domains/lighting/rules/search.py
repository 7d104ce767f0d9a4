"""Finding lamps and cabinets by what people type: serials and names, diacritics aside."""

from collections.abc import Iterable
from typing import Protocol, TypeVar

from dothi.kernel.text import fold


class Named(Protocol):
    """Whatever has a name and a serial."""

    @property
    def name(self) -> str:
        """What people call it."""

    @property
    def serial(self) -> str:
        """What its maker calls it."""


Found = TypeVar("Found", bound=Named)


def matching(asked: str, all_of_them: Iterable[Found], *, most: int) -> list[Found]:
    """Give up to `most` whose name and serial contain every word that is asked for; whole matches come first."""
    words = fold(asked).split()
    if not words:
        return []
    whole = " ".join(words)
    found = []
    for each in all_of_them:
        name, serial = fold(each.name), fold(each.serial)
        if all(word in name or word in serial for word in words):
            found.append((whole not in (name, serial), not name.startswith(whole), each.name, each.serial, each))
    return [row[-1] for row in sorted(found, key=lambda row: row[:4])[:most]]
