"""Names without their marks, so that who types "phu loi" or "di an" finds Phú Lợi and Dĩ An."""

import unicodedata
from typing import Final

from dothi.kernel.manifest import Names
from dothi.kernel.text import fold_words as fold

__all__ = ["KINDS", "fold", "part"]

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


def part(full_name: str) -> tuple[Names | None, str]:
    """Part a Vietnamese name into its kind and the name itself: "Phường Phú Lợi" → (Phường, "Phú Lợi").

    The kind is None where the name begins with none.
    """
    clean = unicodedata.normalize("NFC", " ".join(full_name.split()))
    for word, kind in KINDS.items():
        if clean.casefold().startswith(f"{word} "):
            return kind, clean[len(word) + 1 :]
    return None, clean
