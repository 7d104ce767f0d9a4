"""What is said between who wants a file read and the process that reads it: framed MessagePack."""

from enum import StrEnum
from typing import IO, Any, Final

import msgspec

from dothi.core.places.layers.types import Bounds, Report, Wish

_LENGTH: Final = 4
MOST_FRAME: Final = 1_000_000_000


class Wants(StrEnum):
    """What is to be sent of the features of a file, beside the report."""

    NOTHING = "nothing"
    ROWS = "rows"
    """Those that can be taken into a layer, as rows for COPY."""
    PIECES = "pieces"
    """All of them as they are, unjudged."""


class Order(msgspec.Struct, frozen=True):
    """Which file is to be read and how; `scratch` is a folder for what is unpacked.

    `city` is where features are expected, None for anywhere. Limits: `memory` and `size` in bytes, `seconds` of
    processor time.
    """

    path: str
    name: str
    scratch: str
    wish: Wish
    wants: Wants
    memory: int
    size: int
    seconds: int
    city: Bounds | None = None


class Piece(msgspec.Struct, frozen=True, array_like=True):
    """One feature as it is: attributes by the file's own names, WKB in WGS 84, and how many vertices that has.

    A shape that can't be read is None, and so is one with more vertices than are taken.
    """

    attributes: dict[str, Any]
    wkb: bytes | None
    vertices: int


class Portion(msgspec.Struct, frozen=True, tag="portion"):
    """Some features, as was asked for; `done` of `total` are through, 0 where that is not known."""

    done: int
    total: int
    rows: bytes = b""
    pieces: tuple[Piece, ...] = ()


class Failure(msgspec.Struct, frozen=True, tag="failure"):
    """Why a file can't be read; `place` as in InvalidInput."""

    message: str
    place: str


class End(msgspec.Struct, frozen=True, tag="end"):
    """All is read."""

    report: Report


Frame = Portion | Failure | End
_encoder: Final = msgspec.msgpack.Encoder()
_decoder: Final = msgspec.msgpack.Decoder(Frame)


def send(stream: IO[bytes], frame: Any) -> None:  # noqa: ANN401  (a frame or an order)
    """Write one message."""
    body = _encoder.encode(frame)
    stream.write(len(body).to_bytes(_LENGTH, "big"))
    stream.write(body)
    stream.flush()


def receive(stream: IO[bytes]) -> Frame | None:
    """Read one message, None at the end. Raises msgspec.DecodeError for what is none."""
    body = read_body(stream)
    frame: Frame | None = None if body is None else _decoder.decode(body)
    return frame


def read_body(stream: IO[bytes]) -> bytes | None:
    """Read the bytes of one message, None where the stream ends before or within it."""
    head = stream.read(_LENGTH)
    size = int.from_bytes(head, "big")
    if len(head) < _LENGTH or size > MOST_FRAME:
        return None
    body = stream.read(size)
    return body if len(body) == size else None
