"""How entries are chained, so that a change to any of them shows."""

import hashlib
from collections.abc import Iterable
from datetime import UTC
from typing import Final

import msgspec

from dothi.core.audit.types import ChainedEntry, Entry

GENESIS: Final = "0" * 64
"""The digest before the first entry."""

_encoder: Final = msgspec.json.Encoder(order="sorted")


def digest_of(entry: Entry, *, previous: str) -> str:
    """Give the SHA-256 (hex) of an entry behind the digest before it; times count in UTC, keys in sorted order."""
    normal = msgspec.structs.replace(entry, at=entry.at.astimezone(UTC))
    return hashlib.sha256(previous.encode() + b"\n" + _encoder.encode(normal)).hexdigest()


def find_break(chain: Iterable[ChainedEntry]) -> int | None:
    """Give the number of the first entry that does not fit, or None when the chain holds.

    Entries come in order and are numbered from 1 without a gap.
    """
    previous = GENESIS
    for expected, link in enumerate(chain, start=1):
        if link.number != expected or link.digest != digest_of(link.entry, previous=previous):
            return expected
        previous = link.digest
    return None
