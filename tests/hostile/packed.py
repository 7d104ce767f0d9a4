"""Packed files that unpack to far more than they are."""

import gzip
import zipfile
from pathlib import Path

PACKED = (".zip", ".gz")
UNPACKED_BYTES = 60_000_000


def make_bomb(folder: Path, packed: str) -> Path:
    """Pack zeros as a Shapefile in a `.zip`, or as a GeoJSON file in a `.gz`."""
    zeros = b"\0" * UNPACKED_BYTES
    path = folder / f"bomb.geojson{packed}"
    if packed == ".gz":
        path.write_bytes(gzip.compress(zeros))
        return path
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        for suffix in (".shp", ".shx", ".dbf"):
            archive.writestr(f"layer{suffix}", zeros)
    return path
