"""Illustrative cells around official centres, for units whose boundaries are not known (yet)."""

from collections.abc import Mapping, Sequence
from math import cos, radians
from typing import Final

import numpy as np
import shapely
from numpy.typing import NDArray

Centre = tuple[float, float]


def cells(centres: Sequence[Centre], outline: shapely.Geometry) -> list[shapely.MultiPolygon]:
    """Part an outline among centres [n], longitude and latitude: each gets what lies nearest to it (Voronoi cells).

    The cells are in the centres' order, don't overlap and fill the outline; one is empty where its centre is too far
    outside. Raises ValueError where two centres are the same.
    """
    if len(set(centres)) != len(centres):
        raise ValueError("two centres are at the same place")
    if len(centres) == 1:
        return [as_multipolygon(outline)]
    # Degrees of longitude are shorter than those of latitude: distances are compared in a plane where they are not.
    stretch = cos(radians(outline.centroid.y))
    plane = shapely.transform(outline, lambda points: points * (stretch, 1.0))
    points = shapely.MultiPoint([(lon * stretch, lat) for lon, lat in centres])
    found = shapely.get_parts(shapely.voronoi_polygons(points, extend_to=plane, ordered=True))
    clipped = shapely.intersection(found, plane)
    return [as_multipolygon(shapely.transform(each, lambda points: points / (stretch, 1.0))) for each in clipped]


LEAST_PART: Final = 0.05
"""Of a cell: a unit that the law gives a part gets no less, as its centre alone says too little to give it a sliver."""


def divide(cell: shapely.MultiPolygon, among: Mapping[str, Centre]) -> dict[str, shapely.MultiPolygon]:
    """Part a cell among units by what lies nearest to their centres; each gets something.

    Where one of them would get next to nothing, the centres are moved onto its middle and only their directions
    count: the law gives each of them a part.
    """
    parts = dict(zip(among, cells(list(among.values()), cell), strict=True))
    if all(part.area >= LEAST_PART * cell.area for part in parts.values()):
        return parts
    middle = np.asarray(cell.representative_point().coords[0])
    pulled = {key: _towards(middle, np.asarray(centre), within=cell) for key, centre in among.items()}
    return dict(zip(pulled, cells(list(pulled.values()), cell), strict=True))


def _towards(middle: NDArray[np.float64], centre: NDArray[np.float64], *, within: shapely.Geometry) -> Centre:
    """Give a point near the middle of a cell, in the direction of a centre."""
    reach = np.sqrt(within.area) / 10
    step = centre - middle
    lon, lat = middle + step / (np.linalg.norm(step) or 1.0) * reach
    return float(lon), float(lat)


def as_multipolygon(shape: shapely.Geometry) -> shapely.MultiPolygon:
    """Give the polygons of a shape, as one; lines and points that a cut left are dropped."""
    parts = [part for part in _polygons(shape) if not part.is_empty]
    return shapely.MultiPolygon(parts)


def _polygons(shape: shapely.Geometry) -> list[shapely.Polygon]:
    if isinstance(shape, shapely.Polygon):
        return [shape]
    return [part for each in getattr(shape, "geoms", ()) for part in _polygons(each)]
