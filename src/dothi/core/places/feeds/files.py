"""Files of areas as geographic systems write them, read as layers' are: apart from this process, and within limits."""

import json
from collections.abc import Iterable
from pathlib import Path
from typing import Final

import shapely

from dothi.core.places.layers.reading import process
from dothi.core.places.layers.reading.protocol import End, Piece, Wants
from dothi.core.places.layers.types import Wish
from dothi.core.places.types import FileFeature, FileLayer
from dothi.kernel.errors import InvalidInput

MOST_BYTES: Final = 500_000_000
MOST_FEATURES: Final = 200_000


def read(path: Path, *, layer: str = "", crs: str = "") -> FileLayer:
    """Read one layer of a file: attributes as text, shapes in WGS 84 whatever system they came in.

    `crs` ("EPSG:9210", or anything PROJ knows) stands in for the file's own where that says none. Raises InvalidInput
    for a kind of file that is not read, a file that can't be, one without a reference system, several layers with none
    named, and whatever is too large, packed or not.
    """
    features: list[FileFeature] = []
    for frame in process.read(path, Wish(sublayer=layer, crs=crs), wants=Wants.PIECES, size=MOST_BYTES):
        if isinstance(frame, End):
            told = frame.report
            return FileLayer(told.sublayer or path.stem, told.crs, told.digest, tuple(features))
        features += _features(frame.pieces, len(features))
        if len(features) > MOST_FEATURES:
            raise InvalidInput(f"{path.name} has more than {MOST_FEATURES} features", place="file")
    raise InvalidInput(f"{path.name} ended before its end", place="file")


def _features(pieces: Iterable[Piece], before: int) -> Iterable[FileFeature]:
    for number, piece in enumerate(pieces, before + 1):
        attributes = {name: _text(value) for name, value in piece.attributes.items()}
        shape = None if piece.wkb is None else shapely.from_wkb(piece.wkb, on_invalid="ignore")
        yield FileFeature(number, attributes, shape, piece.vertices)


def _text(value: object) -> str:
    if value is None:
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)
