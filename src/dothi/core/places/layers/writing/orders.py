"""What a file of a revision is to be, and the process that writes it."""

import subprocess
import sys
from pathlib import Path
from typing import Final

import msgspec

from dothi.core.places.layers.types import Field
from dothi.kernel.errors import Unavailable

FORMATS: Final = {
    "gpkg": "application/geopackage+sqlite3",
    "parquet": "application/vnd.apache.parquet",
    "csv": "text/csv; charset=utf-8",
}
"""What revisions are written as, by ending, and the media type of each."""
MOST_SECONDS: Final = 900


class Order(msgspec.Struct, frozen=True):
    """Which features are to be written where: those of a layer's table as of a revision, in a reference system."""

    database_url: str
    layer_id: int
    number: int
    name: str
    fields: tuple[Field, ...]
    format: str
    crs: str
    path: str


def write(order: Order) -> Path:
    """Write a file; gives its path. Raises Unavailable where that fails."""
    done = subprocess.run(
        [sys.executable, "-m", "dothi.core.places.layers.writing.child"],
        input=msgspec.msgpack.encode(order),
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
        env={"PYTHONPATH": ":".join(each for each in sys.path if each), "LC_ALL": "C.UTF-8", "PROJ_NETWORK": "OFF"},
        timeout=MOST_SECONDS,
        check=False,
    )
    if done.returncode:
        last = done.stderr.decode(errors="replace").strip().split("\n")[-1]
        raise Unavailable(f"the file could not be written: {last[:300]}")
    return Path(order.path)
