"""What tells features apart: their keys, and the digest of all that is said of one; and rows for PostgreSQL's COPY."""

import hashlib
from collections.abc import Mapping
from typing import Any, Final

import msgspec

from dothi.core.places.rules.naming import fold

LONGEST_KEY: Final = 200
_ESCAPES: Final = str.maketrans({"\\": "\\\\", "\t": "\\t", "\n": "\\n", "\r": "\\r", "\0": ""})
_encoder: Final = msgspec.json.Encoder()


def document(attributes: Mapping[str, Any]) -> bytes:
    """Write attributes as JSON; a NUL, which PostgreSQL's text has none of, is left out."""
    return _encoder.encode(attributes).replace(b"\\u0000", b"")


def digest_of(attributes: bytes, wkb: bytes) -> bytes:
    """Give the 16 bytes that name what is said of a feature: equal digests, equal features."""
    return hashlib.blake2b(wkb, key=hashlib.blake2b(attributes, digest_size=32).digest(), digest_size=16).digest()


def key_of(value: object) -> str:
    """Write what the source calls a feature as text, "" for nothing."""
    if value is None or value == "":
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return str(value).strip()[:LONGEST_KEY]


def row(key: str, label: str, digest: bytes, attributes: bytes, wkb: bytes) -> bytes:
    """Write one feature for COPY in text format: key, label, folded, digest, attributes, geom."""
    texts = "\t".join((key.translate(_ESCAPES), label.translate(_ESCAPES), fold(label)))
    return b"%s\t\\\\x%s\t%s\t%s\n" % (
        texts.encode(),
        digest.hex().encode(),
        attributes.replace(b"\\", b"\\\\"),
        wkb.hex().encode(),
    )
