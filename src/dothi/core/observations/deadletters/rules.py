"""How much of a message that could not be used is kept, and how it is shown."""

from datetime import timedelta
from typing import Final

KEPT_FOR: Final = timedelta(days=30)
MOST_KEPT: Final = 1_000_000
LONGEST_PAYLOAD: Final = 65_536
"""Bytes of a payload that are kept: enough to see what is wrong with it, too few to fill a disk."""
LONGEST_TEXT: Final = 1_000
EXCERPT: Final = 120
"""Characters of a payload that a list shows."""


def tidy(source: str, reason: str, payload: bytes) -> tuple[str, str, bytes]:
    """Give a dead letter as it can be stored: no longer than what is kept, and text that PostgreSQL takes."""
    if len(payload) > LONGEST_PAYLOAD:
        reason = f"{reason[: LONGEST_TEXT // 2]} (the first {LONGEST_PAYLOAD} of {len(payload)} bytes are kept)"
    return _text(source), _text(reason), payload[:LONGEST_PAYLOAD]


def _text(text: str) -> str:
    whole = text[:LONGEST_TEXT].replace("\x00", "\\x00")
    return whole.encode("utf-8", "backslashreplace").decode()


def printable(text: str) -> str:
    """Give a text so that it stands on one line of any terminal and moves nothing there."""
    return "".join(sign if sign.isprintable() else ascii(sign)[1:-1] for sign in text)


def excerpt_of(payload: bytes) -> str:
    """Give the beginning of a payload, printable; what is left out shows as an ellipsis."""
    text = printable(payload[: EXCERPT * 4].decode("utf-8", "backslashreplace"))
    is_whole = len(text) <= EXCERPT and len(payload) <= EXCERPT * 4
    return text if is_whole else text[:EXCERPT] + "…"
