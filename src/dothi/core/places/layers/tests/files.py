"""Files of parcels that tests write themselves, in every format that is taken."""

import json
import zipfile
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq
import pyogrio
import pyproj
import shapely

WEST, SOUTH = 106.70, 11.00
DRIVERS = {".gpkg": "GPKG", ".geojson": "GeoJSON", ".shp": "ESRI Shapefile", ".fgb": "FlatGeobuf", ".kml": "KML"}


def square(x: float, y: float, size: float = 1.0) -> shapely.Polygon:
    """Give a square at thousandths of a degree from a corner."""
    return shapely.box(WEST + x / 1000, SOUTH + y / 1000, WEST + (x + size) / 1000, SOUTH + (y + size) / 1000)


def write(
    path: Path,
    shapes: Sequence[shapely.Geometry | None],
    columns: Mapping[str, Sequence[Any]],
    *,
    crs: str = "EPSG:4326",
    encoding: str | None = None,
) -> Path:
    """Write a file with the driver that its name asks for; shapes are given in WGS 84 and written in `crs`."""
    change = pyproj.Transformer.from_crs("EPSG:4326", crs, always_xy=True)
    moved = [
        None if s is None else shapely.transform(s, lambda p: np.column_stack(change.transform(*p.T))) for s in shapes
    ]
    wkb = np.empty(len(moved), dtype=object)
    wkb[:] = [None if shape is None else shapely.to_wkb(shape) for shape in moved]
    kinds = {shape.geom_type for shape in shapes if shape is not None}
    pyogrio.raw.write(
        path,
        wkb,
        [np.array(list(values)) for values in columns.values()],
        list(columns),
        driver=DRIVERS[path.suffix],
        geometry_type=kinds.pop() if len(kinds) == 1 else "Unknown",
        crs=crs,
        encoding=encoding,
    )
    return path


def zipped(path: Path, *, but: Sequence[str] = ()) -> Path:
    """Pack a Shapefile, without some of its parts."""
    target = path.with_suffix(".zip")
    with zipfile.ZipFile(target, "w") as archive:
        for part in sorted(path.parent.glob(f"{path.stem}.*")):
            if part.suffix not in {".zip", *but}:
                archive.write(part, part.name)
    return target


def parquet(path: Path, shapes: Sequence[shapely.Geometry], columns: Mapping[str, Sequence[Any]]) -> Path:
    """Write a GeoParquet file."""
    table = pa.table({**columns, "geometry": pa.array(shapely.to_wkb(np.array(shapes)), pa.binary())})
    geo = {"version": "1.1.0", "primary_column": "geometry", "columns": {"geometry": {"encoding": "WKB"}}}
    pq.write_table(table.replace_schema_metadata({"geo": json.dumps(geo)}), path)
    return path


def collection(path: Path, *features: tuple[Mapping[str, Any], Any]) -> Path:
    """Write GeoJSON as it is given, right or wrong: properties and geometry of each feature."""
    told = [{"type": "Feature", "properties": p, "geometry": g} for p, g in features]
    path.write_text(json.dumps({"type": "FeatureCollection", "features": told}), encoding="utf-8")
    return path
