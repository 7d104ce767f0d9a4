"""Units of measurement: recorded as they are given, and read as UCUM where they can be."""

import logging
from typing import Final

import msgspec

from dothi.core.observations.units.rules import read

__all__ = ["ucum_of"]

log: Final = logging.getLogger(__name__)

MOST_WARNED: Final = 1_000
"""So many units that can't be read are logged, each once."""

_warned: Final[set[bytes]] = set()


def ucum_of(unit: str | bytes | None) -> str | None:
    """Give the UCUM code of a unitOfMeasurement (JSON), or None with a warning where it can't be read."""
    raw = unit.encode() if isinstance(unit, str) else unit or b"null"
    try:
        found = msgspec.json.decode(raw)
    except (msgspec.MsgspecError, UnicodeDecodeError, RecursionError):
        found = None
    code = read(found) if isinstance(found, dict) else None
    if code is None and raw not in _warned and len(_warned) < MOST_WARNED:
        _warned.add(raw)
        log.warning("a unit of measurement can't be read as UCUM: %s", raw[:400].decode("utf-8", "replace"))
    return code
