"""Names without their marks, so that who types "phu loi" or "di an" finds Phú Lợi and Dĩ An."""

import re
import unicodedata
from typing import Final

from dothi.kernel.manifest import Names

_NOT_LETTERS: Final = re.compile(r"[^0-9a-z]+")
KINDS: Final = {
    "tỉnh": Names(vi="Tỉnh", en="Province"),
    "thành phố": Names(vi="Thành phố", en="City"),
    "quận": Names(vi="Quận", en="District"),
    "huyện": Names(vi="Huyện", en="District"),
    "thị xã": Names(vi="Thị xã", en="Town"),
    "phường": Names(vi="Phường", en="Ward"),
    "xã": Names(vi="Xã", en="Commune"),
    "thị trấn": Names(vi="Thị trấn", en="Township"),
    "đặc khu": Names(vi="Đặc khu", en="Special zone"),
}
"""What units of Vietnam are called in front of their names, in Vietnamese and in English."""


def fold(text: str) -> str:
    """Give a text in small letters without Vietnamese marks, words apart by one space.

    Decomposition takes the marks off vowels and leaves đ as it is, which is a letter of its own.
    """
    plain = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return _NOT_LETTERS.sub(" ", "".join(c for c in plain if not unicodedata.combining(c))).strip()


def part(full_name: str) -> tuple[Names | None, str]:
    """Part a Vietnamese name into its kind and the name itself: "Phường Phú Lợi" → (Phường, "Phú Lợi").

    The kind is None where the name begins with none.
    """
    clean = unicodedata.normalize("NFC", " ".join(full_name.split()))
    for word, kind in KINDS.items():
        if clean.casefold().startswith(f"{word} "):
            return kind, clean[len(word) + 1 :]
    return None, clean


def rank(asked: str, name: str) -> int | None:
    """Say how well a name fits what was asked: 0 is the very name, None not at all.

    In order: the same letter by letter, the same without marks, beginning so, a word beginning so, somewhere inside.
    """
    wanted, found = fold(asked), fold(name)
    if not wanted or wanted not in found:
        return None
    if unicodedata.normalize("NFC", asked.strip().casefold()) == unicodedata.normalize("NFC", name.casefold()):
        return 0
    if wanted == found:
        return 1
    if found.startswith(wanted):
        return 2
    return 3 if f" {wanted}" in found else 4
