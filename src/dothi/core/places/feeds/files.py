"""Files of shapes as geographic systems write them: GeoPackage, GeoJSON, Shapefile, FlatGeobuf, KML."""

import hashlib
import json
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import numpy as np
import pyogrio
import pyproj
import shapely
from numpy.typing import NDArray
from pyogrio.errors import DataLayerError, DataSourceError

from dothi.core.places.types import FileFeature, FileLayer
from dothi.kernel.errors import InvalidInput

WGS84: Final = "EPSG:4326"
DRIVERS: Final = {
    ".gpkg": "GPKG",
    ".geojson": "GeoJSON",
    ".json": "GeoJSON",
    ".shp": "ESRI Shapefile",
    ".fgb": "FlatGeobuf",
    ".kml": "KML",
}
"""What is read, by how the file's name ends: GDAL would open much else, and follow references to elsewhere."""
MOST_BYTES: Final = 500_000_000
MOST_FEATURES: Final = 200_000


def read(path: Path, *, layer: str = "", crs: str = "") -> FileLayer:
    """Read one layer of a file: attributes as text, shapes in WGS 84 whatever system they came in.

    `crs` ("EPSG:9210", or anything PROJ knows) stands in for the file's own where that says none. Raises InvalidInput
    for a kind of file that is not read, a file that can't be, one without a reference system, several layers with none
    named, and whatever is too large.
    """
    driver = DRIVERS.get(path.suffix.lower())
    if driver is None:
        raise InvalidInput(f"{path.name} is none of {', '.join(sorted(DRIVERS))}", place="file")
    if path.stat().st_size > MOST_BYTES:
        raise InvalidInput(f"{path.name} is larger than {MOST_BYTES // 1_000_000} MB", place="file")
    try:
        name = _layer_of(path, layer)
        told = pyogrio.read_info(path, layer=name)
        if told["features"] > MOST_FEATURES:
            raise InvalidInput(f"{path.name} has more than {MOST_FEATURES} features", place="file")
        system = system_of(told["crs"], crs, path.name)
        _, _, shapes, columns = pyogrio.raw.read(path, layer=name, datetime_as_string=True)
    except (DataSourceError, DataLayerError, UnicodeDecodeError, ValueError) as error:
        raise InvalidInput(f"{path.name} can't be read: {error}", place="file") from error
    attributes = _rows(list(told["fields"]), columns, len(shapes))
    return FileLayer(
        name=name,
        crs=system.to_string(),
        digest=_digest(path),
        features=tuple(
            FileFeature(number=number, attributes=row, shape=shape)
            for number, (row, shape) in enumerate(zip(attributes, to_wgs84(shapes, system), strict=True), 1)
        ),
    )


def _layer_of(path: Path, asked: str) -> str:
    names = [str(name) for name, _ in pyogrio.list_layers(path)]
    if asked:
        if asked not in names:
            raise InvalidInput(f"there is no layer {asked}: there are {', '.join(names)}", place="layer")
        return asked
    if len(names) != 1:
        raise InvalidInput(f"which layer is meant? There are {', '.join(names) or 'none'}", place="layer")
    return names[0]


def system_of(told: str | None, asked: str, name: str) -> pyproj.CRS:
    """Give the reference system of a file: what is asked for, else what it says. Raises InvalidInput for none."""
    if not asked and not told:
        raise InvalidInput(f"{name} says no reference system: name it, such as EPSG:9210 or EPSG:4326", place="crs")
    try:
        return pyproj.CRS.from_user_input(asked or told)
    except pyproj.exceptions.CRSError as error:
        raise InvalidInput(f"no reference system is called {asked or told}", place="crs") from error


def to_wgs84(wkb: NDArray[np.object_], system: pyproj.CRS) -> list[shapely.Geometry | None]:
    """Give shapes in longitude and latitude, WGS 84; what can't be read as a shape is None."""
    shapes = shapely.from_wkb(wkb, on_invalid="ignore")
    if system == pyproj.CRS.from_user_input(WGS84):
        return list(shapes)
    change = pyproj.Transformer.from_crs(system, WGS84, always_xy=True)

    def moved(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(change.transform(points[:, 0], points[:, 1]))

    return list(shapely.transform(shapes, moved))


def _rows(fields: Sequence[str], columns: Sequence[NDArray[np.object_]], count: int) -> list[dict[str, str]]:
    texts = [[_text(value) for value in column.tolist()] for column in columns]
    return [{field: texts[place][row] for place, field in enumerate(fields)} for row in range(count)]


def _text(value: object) -> str:
    if value is None or (isinstance(value, float) and np.isnan(value)):
        return ""
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    return value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, default=str)


def _digest(path: Path) -> str:
    """Name the content: of a Shapefile, of all the files that are it."""
    digest = hashlib.sha256()
    for part in sorted(path.parent.glob(f"{path.stem}.*")) if path.suffix.lower() == ".shp" else [path]:
        with part.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()
