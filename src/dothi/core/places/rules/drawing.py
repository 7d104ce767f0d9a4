"""Shapes as they are drawn: boundaries once between two areas, fewer points, and coordinates to the metre."""

from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import shapely
from shapely.geometry import mapping

DIGITS: Final = 5
"""Of a degree: about a metre."""


def simplified(shapes: Sequence[shapely.Geometry], tolerance: float) -> list[shapely.Geometry]:
    """Give areas with fewer points, so that neighbours still share their boundary; tolerance in degrees."""
    return list(shapely.coverage_simplify(np.array(shapes, dtype=object), tolerance)) if shapes else []


def boundaries(shapes: Sequence[shapely.Geometry]) -> list[shapely.LineString]:
    """Give the boundaries of areas as lines, one that two share only once."""
    rings = [ring for shape in shapes for ring in lines_of(shape.boundary)]
    if not rings:
        return []
    # Snapped to what is drawn, so that what neighbours tell a hair apart falls together.
    noded = shapely.union_all(rings, grid_size=10.0**-DIGITS)
    return lines_of(shapely.line_merge(noded))


def lines_of(shape: shapely.Geometry) -> list[shapely.LineString]:
    """Give the lines of a shape."""
    return [part for part in shapely.get_parts(shape).tolist() if part.geom_type in {"LineString", "LinearRing"}]


def geometry(shape: shapely.Geometry) -> dict[str, Any]:
    """Write a shape as a GeoJSON geometry."""
    return dict(mapping(shapely.transform(shape, lambda points: np.round(points, DIGITS))))


def feature(shape: shapely.Geometry, **properties: object) -> dict[str, Any]:
    """Write a GeoJSON feature."""
    return {"type": "Feature", "properties": properties, "geometry": geometry(shape)}
