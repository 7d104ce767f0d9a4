"""Starts the process that reads a file, and gives what it says: nothing is parsed where the record is written."""

import subprocess
import sys
import tempfile
from collections.abc import Iterator
from functools import lru_cache
from pathlib import Path
from typing import Final

import msgspec

from dothi.core.places.layers.reading import protocol
from dothi.core.places.layers.reading.protocol import End, Failure, Order, Portion, Wants
from dothi.core.places.layers.types import Bounds, Wish
from dothi.kernel.errors import InvalidInput

DRIVERS: Final = frozenset({"GPKG", "ESRI Shapefile", "GeoJSON", "FlatGeobuf", "KML", "LIBKML", "OSM"})
"""What GDAL may open; all its other drivers are switched off, those that follow references to elsewhere among them."""
MOST_BYTES: Final = 4_000_000_000
MOST_MEMORY: Final = 4_000_000_000
MOST_SECONDS: Final = 3600
_LIST: Final = "import pyogrio; print('\\n'.join(pyogrio.list_drivers()))"


def read(
    path: Path,
    wish: Wish,
    *,
    wants: Wants,
    name: str = "",
    city: Bounds | None = None,
    memory: int = MOST_MEMORY,
    size: int = MOST_BYTES,
) -> Iterator[Portion | End]:
    """Read a file in a process of its own; gives portions of it, and at last the report.

    The process has `memory` bytes at most, takes `size` bytes of a file at most, however it is packed, reaches no
    network, and ends when the caller stops to ask. What lies far from `city` is told. Raises InvalidInput for whatever
    can't be read, or not within that.
    """
    with tempfile.TemporaryDirectory(prefix="dothi-layer-") as scratch:
        order = Order(
            path=str(path.absolute()),
            name=name or path.name,
            scratch=scratch,
            wish=wish,
            wants=wants,
            memory=memory,
            size=size,
            seconds=MOST_SECONDS,
            city=city,
        )
        yield from _talk(order)


def _talk(order: Order) -> Iterator[Portion | End]:
    child = subprocess.Popen(
        [sys.executable, "-m", "dothi.core.places.layers.reading.child"],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        env=_environment(order.scratch),
        cwd=order.scratch,
    )
    assert child.stdin is not None  # noqa: S101  (both are pipes)
    assert child.stdout is not None  # noqa: S101
    try:
        protocol.send(child.stdin, order)
        while True:
            frame = protocol.receive(child.stdout)
            if frame is None:
                raise InvalidInput(
                    f"{order.name} can't be read within the memory and time that a file may take", place="file"
                )
            if isinstance(frame, Failure):
                raise InvalidInput(frame.message, place=frame.place)
            yield frame
            if isinstance(frame, End):
                return
    except (BrokenPipeError, msgspec.DecodeError) as error:
        raise InvalidInput(f"{order.name} can't be read", place="file") from error
    finally:
        child.kill()
        child.wait()
        child.stdin.close()
        child.stdout.close()


def _environment(scratch: str) -> dict[str, str]:
    """Give the whole environment of the process: nothing of ours, secrets and addresses least of all, reaches it."""
    skipped = ",".join(each for each in _drivers() if each not in DRIVERS)
    return {
        "PYTHONPATH": ":".join(each for each in sys.path if each),
        "LC_ALL": "C.UTF-8",
        "OGR_SKIP": skipped,
        "GDAL_SKIP": skipped,
        "GDAL_DRIVER_PATH": "disable",
        "GDAL_DISABLE_READDIR_ON_OPEN": "FALSE",
        "CPL_VSIL_CURL_ALLOWED_EXTENSIONS": ".none",
        "GDAL_HTTP_MAX_RETRY": "0",
        "CPL_TMPDIR": scratch,
        "PROJ_NETWORK": "OFF",
        "OPENBLAS_NUM_THREADS": "1",
        "OMP_NUM_THREADS": "1",
        "ARROW_DEFAULT_MEMORY_POOL": "system",
    }


@lru_cache(maxsize=1)
def _drivers() -> tuple[str, ...]:
    """Name all drivers that GDAL has here; asked in a process of its own, so that this one need not load GDAL."""
    environment = {"PYTHONPATH": ":".join(each for each in sys.path if each)}
    told = subprocess.run([sys.executable, "-c", _LIST], capture_output=True, check=True, env=environment, timeout=120)
    return tuple(told.stdout.decode().split("\n")[:-1])
