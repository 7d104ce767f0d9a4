"""Shapes of areas as they come from files: what is wrong with them, and what can be done about it."""

from typing import Final, NamedTuple

import numpy as np
import shapely

from dothi.core.places.rules.cells import as_multipolygon

SMALL_CHANGE: Final = 0.01
"""A repair that changes the area by more than this share is no repair."""
MOST_VERTICES: Final = 2_000_000
"""Of one shape; the largest ward of a country has some ten thousand."""


class Mended(NamedTuple):
    """A shape that can be taken (None: it can't), the problem that was seen, and what was done; "" for none."""

    shape: shapely.MultiPolygon | None
    problem: str = ""
    remedy: str = ""


def mend(shape: shapely.Geometry | None, vertices: int = 0) -> Mended:
    """See whether a shape in WGS 84 is one or more valid polygons on the globe, and make it so where that is safe.

    `vertices` is how many it has where that is known: one of very many need not be given at all.
    """
    vertices = max(vertices, int(shapely.get_num_coordinates(shape)))
    if vertices > MOST_VERTICES:
        return Mended(None, f"its shape has {vertices} vertices, {MOST_VERTICES} are the most that are taken")
    if shape is None or shape.is_empty:
        return Mended(None, "it has no shape")
    points = shapely.get_coordinates(shape)
    if not np.isfinite(points).all():
        return Mended(None, "a coordinate is no number")
    if (np.abs(points) > (180, 90)).any():
        return Mended(None, "it lies beyond the globe: its reference system is another one")
    if not shape.geom_type.endswith("Polygon"):
        return Mended(None, f"it is a {shape.geom_type}, and an area is a polygon")
    flat = shapely.force_2d(shape)
    if flat.is_valid:
        return Mended(as_multipolygon(flat))
    return _repair(flat)


def _repair(shape: shapely.Geometry) -> Mended:
    problem = f"its shape is invalid: {shapely.is_valid_reason(shape)}"
    made = as_multipolygon(shapely.make_valid(shape, method="structure", keep_collapsed=False))
    if made.is_empty:
        return Mended(None, problem)
    before = abs(shape.area)
    change = abs(made.area - before) / before if before else 1.0
    if change > SMALL_CHANGE:
        return Mended(None, f"{problem}; to repair it would change its area by {change:.1%}")
    return Mended(made, problem, f"repaired, which changed its area by {change:.4%}")
