"""How entries are chained, so that a change to any of them shows."""

import hashlib
from collections.abc import Iterable
from datetime import UTC
from typing import Final

import msgspec

from dothi.core.audit.types import Entry, Link

GENESIS: Final = Link(number=0, body="", digest="0" * 64)
"""What stands before the first entry."""

_encoder: Final = msgspec.json.Encoder(order="sorted")


def chain(entry: Entry, *, previous: Link) -> Link:
    """Give the link that carries an entry behind the newest one; times are written in UTC."""
    body = _encoder.encode(msgspec.structs.replace(entry, at=entry.at.astimezone(UTC))).decode()
    return Link(number=previous.number + 1, body=body, digest=digest_of(body, previous=previous.digest))


def digest_of(body: str, *, previous: str) -> str:
    """Give the SHA-256 (hex) of a body behind the digest before it."""
    return hashlib.sha256(f"{previous}\n{body}".encode()).hexdigest()


def find_break(links: Iterable[Link]) -> int | None:
    """Give the number of the first link that does not fit, or None when the chain holds.

    Links come in order and are numbered from 1 without a gap.
    """
    previous = GENESIS
    for link in links:
        if link.number != previous.number + 1 or link.digest != digest_of(link.body, previous=previous.digest):
            return previous.number + 1
        previous = link
    return None
