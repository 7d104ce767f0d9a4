"""Vietnamese text as older systems wrote it: windows-1258, and TCVN3 (the .Vn fonts); found out, and read."""

import re
import unicodedata
from collections.abc import Iterable
from typing import Final

from dothi.kernel.errors import InvalidInput

AUTO: Final = ""
ENCODINGS: Final = ("utf-8", "windows-1258", "tcvn3")
_TCVN3_AT: Final = {
    0xA1: "ĂÂÊÔƠƯĐăâêôơưđ",
    0xAF: "Ằ",
    0xB5: "àảãáạẲằẳẵắẴẮẦẨẪẤỀặầẩẫấậèỂẻẽéẹềểễếệìỉỄẾỒĩíịòỔỏõóọồổỗốộờởỡớợùỖủũúụừửữứựỳỷỹýỵỐ",
}
"""TCVN 5712:1993, VN3: runs of letters, by the byte of the first."""
TCVN3: Final = {start + offset: letter for start, run in _TCVN3_AT.items() for offset, letter in enumerate(run)}
_VIETNAMESE: Final = frozenset(TCVN3.values()) | {letter.upper() for letter in TCVN3.values()}
_WORD: Final = re.compile(r"[^\W\d_]+")


def decode(raw: bytes, encoding: str) -> str:
    """Read bytes in one of `ENCODINGS`; letters come composed. Raises InvalidInput for bytes that are no such text."""
    if encoding == "tcvn3":
        return _tcvn3(raw.decode("latin-1"))
    try:
        text = raw.decode("cp1258" if encoding == "windows-1258" else encoding or "utf-8")
    except (UnicodeDecodeError, LookupError) as error:
        raise InvalidInput(f"the text is not {encoding or 'utf-8'}: {error}", place="encoding") from error
    return unicodedata.normalize("NFC", text)


def mend(text: str, encoding: str) -> str:
    """Read text again that was taken for Latin-1 and is TCVN3; any other text comes composed.

    A text with letters beyond Latin-1 is right as it is.
    """
    if encoding == "tcvn3" and not text.isascii():
        try:
            return _tcvn3(text.encode("cp1252", errors="strict").decode("latin-1"))
        except UnicodeEncodeError:
            pass
    return unicodedata.normalize("NFC", text)


def _tcvn3(text: str) -> str:
    return text.translate(TCVN3)


def guess(samples: Iterable[bytes]) -> str:
    """Say in which of `ENCODINGS` some texts are: UTF-8 where they can be, else what reads as more Vietnamese."""
    texts = [raw for raw in samples if not raw.isascii()]
    try:
        for raw in texts:
            raw.decode("utf-8")
    except UnicodeDecodeError:
        return max(("windows-1258", "tcvn3"), key=lambda encoding: _likeness(texts, encoding))
    return "utf-8"


def _likeness(texts: Iterable[bytes], encoding: str) -> int:
    """Count letters of Vietnamese less what can't stand there: odd signs, and capitals in the middle of a word."""
    score = 0
    for raw in texts:
        try:
            text = decode(raw, encoding)
        except InvalidInput:
            return -1_000_000
        score += sum(_worth(letter) for letter in text if not letter.isascii())
        score -= 2 * sum(not (word.islower() or word.isupper() or word.istitle()) for word in _WORD.findall(text))
    return score


def _worth(letter: str) -> int:
    return 1 if letter in _VIETNAMESE else -2
