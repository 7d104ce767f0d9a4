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
_TONES: Final = "\u0300\u0301\u0303\u0309\u0323"
_NUCLEI: Final = frozenset(
    [
        "a",
        "ă",
        "â",
        "e",
        "ê",
        "i",
        "o",
        "ô",
        "ơ",
        "u",
        "ư",
        "y",
        "ai",
        "ao",
        "au",
        "ay",
        "âu",
        "ây",
        "eo",
        "êu",
        "ia",
        "iê",
        "iêu",
        "iu",
        "oa",
        "oă",
        "oe",
        "oai",
        "oay",
        "oao",
        "oeo",
        "oi",
        "oo",
        "ôi",
        "ơi",
        "ua",
        "uâ",
        "uă",
        "uê",
        "uây",
        "ui",
        "uô",
        "uôi",
        "uơ",
        "uy",
        "uya",
        "uyê",
        "uyu",
        "ưa",
        "ưi",
        "ươ",
        "ươi",
        "ươu",
        "ưu",
        "yê",
        "yêu",
    ]
)
"""What stands between the consonants of a syllable, without tones."""
_SYLLABLE: Final = re.compile(
    r"(?:qu|gi(?=[aăâeêioôơuư])|[bcdđghklmnpqrstvx]*)(?P<nucleus>[aăâeêioôơuưy]+)(?:ch|ng|nh|[cmnpt])?"
)
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
    """Count words with marks that can be Vietnamese syllables, less those that can't."""
    score = 0
    for raw in texts:
        try:
            text = decode(raw, encoding)
        except InvalidInput:
            return -1_000_000
        words = [word for word in _WORD.findall(text) if not word.isascii()]
        score += sum(1 if _is_syllable(word) else -1 for word in words)
        score -= sum(not letter.isascii() and letter not in _VIETNAMESE for letter in text)
    return score


def _is_syllable(word: str) -> bool:
    """Tell whether a word is built as syllables are: one tone at most, one known nucleus, no capitals within."""
    if not (word.islower() or word.isupper() or word.istitle()):
        return False
    plain = unicodedata.normalize("NFD", word.lower())
    tones = sum(sign in _TONES for sign in plain)
    toneless = unicodedata.normalize("NFC", "".join(sign for sign in plain if sign not in _TONES))
    found = _SYLLABLE.fullmatch(toneless)
    return tones <= 1 and found is not None and found["nucleus"] in _NUCLEI
