"""Text as people search it: without case and diacritics."""

import unicodedata
from typing import Final

_MARK: Final = "Mn"


def fold(text: str) -> str:
    """Give a text without case and diacritics; đ, which decomposition leaves, becomes d."""
    parts = unicodedata.normalize("NFD", text.casefold().replace("đ", "d"))
    return "".join(part for part in parts if unicodedata.category(part) != _MARK)
