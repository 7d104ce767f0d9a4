"""Writes files as geographic systems do, for tests of what reads them."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import numpy as np
import osmium
import pyogrio
import pyproj
import shapely
from osmium.osm.mutable import Node, Way

DRIVERS = {".gpkg": "GPKG", ".geojson": "GeoJSON", ".shp": "ESRI Shapefile", ".fgb": "FlatGeobuf"}


def write(
    path: Path,
    shapes: Sequence[shapely.Geometry | None],
    columns: Mapping[str, Sequence[str]],
    *,
    crs: str | None = "EPSG:4326",
    layer: str | None = None,
    append: bool = False,
) -> Path:
    """Write shapes, given in WGS 84, with text columns, in a reference system; None writes no system at all."""
    change = pyproj.Transformer.from_crs("EPSG:4326", crs or "EPSG:4326", always_xy=True)

    def moved(points: np.ndarray) -> np.ndarray:
        return np.column_stack(change.transform(points[:, 0], points[:, 1]))

    kept = [None if shape is None else shapely.transform(shape, moved) for shape in shapes]
    pyogrio.raw.write(
        path,
        geometry=np.array([None if shape is None else shapely.to_wkb(shape) for shape in kept], dtype=object),
        field_data=[np.array(values, dtype=object) for values in columns.values()],
        fields=list(columns),
        geometry_type="Unknown" if path.suffix != ".shp" else "Polygon",
        crs=crs,
        driver=DRIVERS[path.suffix],
        layer=layer,
        append=append,
        encoding="UTF-8",
    )
    return path


def write_osm(path: Path) -> Path:
    """Write a small extract: two roads, a river, a path, a town, and a road whose last node is missing."""
    places = {1: (106.60, 11.00), 2: (106.62, 11.01), 3: (106.64, 11.02), 4: (106.60, 11.04), 5: (106.61, 11.05)}
    ways = {
        10: (
            [1, 2, 3],
            {"highway": "trunk", "name": "Đại lộ Bình Dương", "name:en": "Bình Dương Boulevard", "ref": "QL.13"},
        ),
        11: ([3, 4], {"highway": "residential"}),
        12: ([4, 5], {"waterway": "river", "name": "Sông Sài Gòn"}),
        13: ([1, 5], {"highway": "footway"}),
        14: ([2, 99], {"highway": "primary", "name": "Cụt"}),
    }
    with osmium.SimpleWriter(str(path)) as writer:
        for node_id, location in places.items():
            tags = {"place": "town", "name": "Bến Cát"} if node_id == 5 else {}
            writer.add_node(Node(id=node_id, location=location, tags=tags))
        for way_id, (nodes, tags) in ways.items():
            writer.add_way(Way(id=way_id, nodes=nodes, tags=tags))
    return path
