"""The process that reads one file: takes an order, sends what can be taken of each feature, and a report at last."""

import os
import resource
import sys
from collections.abc import Callable, Iterator
from hashlib import file_digest, sha256
from pathlib import Path
from typing import Final

import msgspec
import numpy as np
import pyogrio
import shapely

from dothi.core.places.layers.reading import protocol
from dothi.core.places.layers.reading.judging import Judge
from dothi.core.places.layers.reading.protocol import End, Failure, Order, Piece, Portion, Wants
from dothi.core.places.layers.reading.sources import Source, open_file
from dothi.core.places.layers.reading.systems import mover_of, name_of, system_of
from dothi.core.places.layers.reading.tables import Batch
from dothi.core.places.layers.rules.mending import Shapes
from dothi.core.places.rules.mending import MOST_VERTICES
from dothi.kernel.errors import InvalidInput

NICENESS: Final = 5


def main() -> None:
    """Read the order from standard input and answer on standard output."""
    body = protocol.read_body(sys.stdin.buffer)
    if body is None:
        return
    order = msgspec.msgpack.decode(body, type=Order)
    _limit(order)
    # What libraries print must not come between the frames.
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)
    try:
        for frame in run(order):
            protocol.send(out, frame)
    except InvalidInput as error:
        protocol.send(out, Failure(str(error), error.place))
    except MemoryError:
        protocol.send(out, Failure(f"{order.name} needs more memory than a file may take", "file"))


def _limit(order: Order) -> None:
    resource.setrlimit(resource.RLIMIT_AS, (order.memory, order.memory))
    resource.setrlimit(resource.RLIMIT_CPU, (order.seconds, order.seconds))
    resource.setrlimit(resource.RLIMIT_FSIZE, (order.size, order.size))
    resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    os.nice(NICENESS)
    pyogrio.set_gdal_config_options({"OGR_GEOJSON_MAX_OBJ_SIZE": 1000, "SHAPE_RESTORE_SHX": "NO"})


def run(order: Order) -> Iterator[Portion | End]:
    """Read a file as ordered. Raises InvalidInput for what can't be read."""
    wish = order.wish
    source = open_file(Path(order.path), wish, name=order.name, scratch=Path(order.scratch), most=order.size)
    system = system_of(source.crs, wish.crs, order.name)
    judge = Judge(source, wish, crs=name_of(system), city=order.city)
    move = mover_of(system)
    for batch in _batches(source, order.name):
        shapes = _shapes(batch, move)
        if order.wants is Wants.PIECES:
            judge.read += len(shapes)
            yield Portion(judge.read, source.total, pieces=_pieces(source.titles, batch, shapes))
        else:
            rows = judge.take(batch.columns, shapes, wants_rows=order.wants is Wants.ROWS)
            yield Portion(judge.read, source.total, rows=rows)
    yield End(judge.report(digest_of(Path(order.path))))


def _pieces(titles: list[str], batch: Batch, shapes: Shapes) -> tuple[Piece, ...]:
    vertices = shapely.get_num_coordinates(shapes)
    kept = shapes.copy()
    kept[vertices > MOST_VERTICES] = None
    told = zip(*batch.columns, strict=True) if batch.columns else [()] * len(shapes)
    return tuple(
        Piece(dict(zip(titles, values, strict=True)), wkb, count)
        for values, wkb, count in zip(told, shapely.to_wkb(kept, include_srid=False), vertices.tolist(), strict=True)
    )


def _batches(source: Source, name: str) -> Iterator[Batch]:
    """Give the batches; what goes wrong in the middle of a file is told as what is wrong with the file."""
    batches = source.batches()
    while True:
        try:
            batch = next(batches, None)
        except InvalidInput:
            raise
        except (OSError, ValueError, RuntimeError, pyogrio.errors.DataSourceError) as error:
            raise InvalidInput(f"{name} can't be read to its end: {str(error)[:300]}", place="file") from error
        if batch is None:
            return
        yield batch


def _shapes(batch: Batch, move: Callable[[Shapes], Shapes]) -> Shapes:
    # Rings of too few points and the like can't be made shapes at all: None, which is told of each.
    wkb = np.empty(len(batch.wkb), dtype=object)
    wkb[:] = batch.wkb
    return move(shapely.from_wkb(wkb, on_invalid="ignore"))


def digest_of(path: Path) -> str:
    """Name the content of a file; of a Shapefile, of all the files that are it."""
    digest = sha256()
    for part in sorted(path.parent.glob(f"{path.stem}.*")) if path.suffix.lower() == ".shp" else [path]:
        with part.open("rb") as file:
            digest.update(file_digest(file, "sha256").digest())
    return digest.hexdigest()


if __name__ == "__main__":
    main()
