"""Shapes of features as they come from files: what is wrong with them, and what can be done about it."""

from typing import Final, NamedTuple

import numpy as np
import shapely
from numpy.typing import NDArray

from dothi.core.places.layers.types import Said, Saying
from dothi.core.places.rules.mending import MOST_VERTICES

SMALL_CHANGE: Final = 0.01
"""A repair that changes the area by more than this share is told as one to be looked at."""
_LINES: Final = frozenset({"LineString", "MultiLineString", "LinearRing"})

Shapes = NDArray[np.object_]
Problem = tuple[Said, Said | None]
"""What is wrong with a shape, and what was done about it, None where nothing could be."""


class Judged(NamedTuple):
    """What became of shapes [n]: each as it can be taken (None: not), with problem and remedy by place."""

    shapes: Shapes
    problems: dict[int, Problem]


def judge(shapes: Shapes) -> Judged:
    """See whether shapes [n] in WGS 84 can be kept, and make valid what is not; heights are dropped.

    A shape can't be taken that is missing or empty, has a coordinate that is no number or beyond the globe, or more
    than `MOST_VERTICES` vertices. Polygons are repaired by the rule of structure (shapely.make_valid).
    """
    problems: dict[int, Problem] = {}
    made = shapes.copy()
    absent: NDArray[np.bool_] = shapely.is_missing(made) | shapely.is_empty(made)
    vertices = shapely.get_num_coordinates(made)
    _refuse(made, problems, absent, Said(Saying.NO_SHAPE))
    _refuse(made, problems, vertices > MOST_VERTICES, Said(Saying.TOO_MANY_VERTICES, number=MOST_VERTICES))
    _refuse(made, problems, _unnumbered(made), Said(Saying.NO_NUMBER))
    _refuse(made, problems, _beyond(made), Said(Saying.BEYOND_GLOBE))
    made = shapely.force_2d(made)
    broken = ~shapely.is_missing(made) & ~shapely.is_valid(made)
    for place in np.flatnonzero(broken).tolist():
        made[place], problems[place] = _repair(made[place])
    return Judged(made, problems)


def _refuse(made: Shapes, problems: dict[int, Problem], which: NDArray[np.bool_], problem: Said) -> None:
    for place in np.flatnonzero(which).tolist():
        problems.setdefault(place, (problem, None))
        made[place] = None


def _bounds(made: Shapes) -> NDArray[np.float64]:
    bounds: NDArray[np.float64] = shapely.bounds(made)
    return bounds


def _unnumbered(made: Shapes) -> NDArray[np.bool_]:
    """Find shapes with a coordinate that is NaN or infinite: what bounds leave out."""
    points, places = shapely.get_coordinates(made, return_index=True)
    found = np.zeros(len(made), dtype=bool)
    found[places[~np.isfinite(points).all(axis=1)]] = True
    return found


def _beyond(made: Shapes) -> NDArray[np.bool_]:
    bounds = _bounds(made)
    limits = np.array([-180.0, -90.0, 180.0, 90.0])
    low, high = bounds[:, :2] < limits[:2], bounds[:, 2:] > limits[2:]
    return np.asarray(low.any(axis=1) | high.any(axis=1))


def _repair(shape: shapely.Geometry) -> tuple[shapely.Geometry | None, Problem]:
    reason: str = shapely.is_valid_reason(shape).split("[")[0]
    if shape.geom_type in _LINES:
        return _repair_line(shape, Said(Saying.INVALID, reason))
    made = _same_kind(shapely.make_valid(shape, method="structure", keep_collapsed=False), shape)
    if made.is_empty:
        return None, (Said(Saying.NOTHING_LEFT, reason), None)
    before = abs(shape.area)
    change = abs(made.area - before) / before if before else 1.0  # loops that cancel out are no small change
    remedy = Saying.REPAIRED_MUCH if change > SMALL_CHANGE else Saying.REPAIRED_LITTLE
    return made, (Said(Saying.INVALID, reason), Said(remedy))


def _repair_line(shape: shapely.Geometry, problem: Said) -> tuple[shapely.Geometry | None, Problem]:
    """A line is invalid where it has one point only: there is no line then."""
    parts = [part for part in shapely.get_parts(shape).tolist() if part.length > 0]
    if not parts:
        return None, (problem, None)
    return shapely.MultiLineString(parts), (problem, Said(Saying.PARTS_LEFT_OUT))


def _same_kind(made: shapely.Geometry, shape: shapely.Geometry) -> shapely.Geometry:
    """Keep of a repaired polygon its polygons alone: lines and points are what collapsed."""
    if not shape.geom_type.endswith("Polygon"):
        return made
    parts = [part for part in shapely.get_parts(made).tolist() if part.geom_type == "Polygon"]
    return parts[0] if len(parts) == 1 else shapely.MultiPolygon(parts)
