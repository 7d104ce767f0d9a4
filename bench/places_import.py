"""A million parcels from a GeoPackage in VN-2000 into a layer, beside the raw COPY of the same rows, and ogr2ogr."""

import argparse
import shutil
import subprocess
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import numpy as np
import psycopg
import pyarrow as pa
import pyogrio
import shapely
from numpy.typing import NDArray
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from bench._running import Running, running
from bench.report import Figure, figure

GOAL_S: Final = 180
"""Seconds for a million parcels."""
VN2000: Final = "EPSG:9210"
CORNER: Final = (590_000.0, 1_210_000.0)
SIDE_M: Final = 18.0
BATCH: Final = 50_000
CHANGED: Final = 100
"""Of the second file, one parcel in so many is other than in the first."""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be chosen."""
    parser.add_argument("--rows", type=int, default=1_000_000, help="parcels in the file")
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument("--seed", type=int, default=1)


def measure(options: argparse.Namespace) -> list[Figure]:
    """Measure the command with the whole of Dothi running beside: preview, import and publication, then a change."""
    first, again, raw, gdal = [], [], [], []
    with running() as dothi, tempfile.TemporaryDirectory() as name:
        one = write_parcels(Path(name) / "one.gpkg", rows=options.rows, seed=options.seed)
        two = write_parcels(Path(name) / "two.gpkg", rows=options.rows, seed=options.seed, changed=CHANGED)
        for run in range(options.runs):
            first.append(_import(dothi, one, f"parcels_{run}"))
            again.append(_import(dothi, two, f"parcels_{run}"))
            raw.append(_copy(dothi.database_url, f"parcels_{run}", options.rows))
            if shutil.which("ogr2ogr"):
                gdal.append(_ogr2ogr(dothi.database_url, one, options.rows))
    goal = f"<={GOAL_S * options.rows / 1_000_000:g}"
    return [
        figure("preview, import, publish", first, "s", goal=goal, limit=min(raw)),
        figure("the next file, 1 % changed", again, "s"),
        *([figure("ogr2ogr by COPY into a plain table", gdal, "s")] if gdal else []),
    ]


def write_parcels(path: Path, *, rows: int, seed: int, changed: int = 0) -> Path:
    """Write seeded parcels, squares with bent sides of 9 vertices, in rows side by side; gives the path.

    With `changed`, one in so many has another use.
    """
    chance = np.random.default_rng(seed)
    bent = chance.normal(0, 0.6, (rows, 8, 2))
    uses = chance.choice(np.array(["ODT", "CLN", "LUC", "SKC", "TMD", "DGT"]), rows)
    if changed:
        uses[::changed] = "ONT"
    fields = [("ma_thua", pa.string()), ("to_ban_do", pa.int32()), ("so_thua", pa.int32()), ("loai_dat", pa.string())]
    metadata = {"ARROW:extension:name": "geoarrow.wkb"}
    own = [pa.field(*each) for each in fields]
    schema = pa.schema([*own, pa.field("dien_tich", pa.float64()), pa.field("geom", pa.binary(), metadata=metadata)])

    def batches() -> Iterator[pa.RecordBatch]:
        for begin in range(0, rows, BATCH):
            places = np.arange(begin, min(begin + BATCH, rows))
            shapes = _parcels(places, bent[places], width=int(np.sqrt(rows)))
            sheets, numbers = places // 1000, places % 1000
            keys = [f"{sheet}-{number}" for sheet, number in zip(sheets.tolist(), numbers.tolist(), strict=True)]
            columns = [keys, sheets, numbers, uses[places], shapely.area(shapes), shapely.to_wkb(shapes)]
            arrays = [pa.array(each, kind) for each, kind in zip(columns, schema.types, strict=True)]
            yield pa.record_batch(arrays, schema=schema)

    pyogrio.raw.write_arrow(
        pa.RecordBatchReader.from_batches(schema, batches()),
        path,
        driver="GPKG",
        layer="parcels",
        geometry_name="geom",
        geometry_type="Polygon",
        crs=VN2000,
    )
    return path


def _parcels(places: NDArray[np.int64], bent: NDArray[np.float64], *, width: int) -> NDArray[np.object_]:
    """Give squares [n] of 9 points, each point moved by `bent` [n, 8, 2] metres, with a path between neighbours."""
    turn = np.array([(0, 0), (0.5, 0), (1, 0), (1, 0.5), (1, 1), (0.5, 1), (0, 1), (0, 0.5)]) * SIDE_M
    corners = np.column_stack([places % width, places // width]) * (SIDE_M + 4) + CORNER
    points = corners[:, None, :] + turn[None] + bent
    shapes: NDArray[np.object_] = shapely.polygons(np.concatenate([points, points[:, :1]], axis=1))
    return shapes


def _import(dothi: Running, path: Path, slug: str) -> float:
    began = time.perf_counter()
    options = ["--name-vi", slug, "--role", "parcels", "--key-field", "ma_thua", "--publish", "--yes"]
    dothi.dothi("places", "import-layer", str(path), "--layer", slug, *options)
    return time.perf_counter() - began


def _copy(url: str, slug: str, rows: int) -> float:
    """Time the raw COPY of the same rows into a plain table with the same indexes made after it."""
    columns = "layer_id, fid, since, key, label, folded, digest, attributes, geom"
    with psycopg.connect(url, autocommit=True) as connection:
        [layer] = connection.execute("SELECT id FROM places_layer WHERE slug = %s", [slug]).fetchone() or [0]
        query = f"COPY (SELECT {columns} FROM places_feature_{int(layer)} WHERE since = 1) TO STDOUT"
        with connection.cursor().copy(query) as out:
            data = b"".join(bytes(block) for block in out)
        connection.execute("DROP TABLE IF EXISTS bench_raw")
        connection.execute("CREATE TABLE bench_raw (LIKE places_feature INCLUDING DEFAULTS)")
        began = time.perf_counter()
        with connection.cursor().copy(f"COPY bench_raw ({columns}) FROM STDIN") as into:
            into.write(data)
        connection.execute("CREATE INDEX ON bench_raw USING gist (geom)")
        connection.execute("CREATE INDEX ON bench_raw (key)")
        connection.execute("CREATE INDEX ON bench_raw (layer_id, fid, since)")
        seconds = time.perf_counter() - began
        [count] = connection.execute("SELECT count(*) FROM bench_raw").fetchone() or [0]
        connection.execute("DROP TABLE bench_raw")
    if count != rows:
        raise RuntimeError(f"{rows} rows should have been copied, not {count}")
    return seconds


def _ogr2ogr(url: str, path: Path, rows: int) -> float:
    """Time GDAL's own way into a plain table with one index over shapes: nothing is examined, repaired or compared."""
    words = ["-t_srs", "EPSG:4326", "-nln", "bench_ogr", "-overwrite", "--config", "PG_USE_COPY", "YES"]
    database = f"PG:{make_conninfo('', **conninfo_to_dict(url))}"
    began = time.perf_counter()
    subprocess.run(["ogr2ogr", "-f", "PostgreSQL", database, str(path), *words], check=True)
    seconds = time.perf_counter() - began
    with psycopg.connect(url, autocommit=True) as connection:
        [count] = connection.execute("SELECT count(*) FROM bench_ogr").fetchone() or [0]
        connection.execute("DROP TABLE bench_ogr")
    if count != rows:
        raise RuntimeError(f"ogr2ogr took {count} rows, not {rows}")
    return seconds
