"""Text as people search it: without case and diacritics."""

import re
import unicodedata
from typing import Final

_MARK: Final = "Mn"
_NOT_LETTERS: Final = re.compile(r"[^0-9a-z]+")


def fold(text: str) -> str:
    """Give a text without case and diacritics; đ, which decomposition leaves, becomes d."""
    parts = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return "".join(part for part in parts if unicodedata.category(part) != _MARK)


def fold_words(text: str) -> str:
    """Give a text folded, its words apart by one space: "Phường  Dĩ An" → "phuong di an".

    The database's `places_fold` says the same, so that an index over it answers what is asked in these words.
    """
    return _NOT_LETTERS.sub(" ", fold(text)).strip()
