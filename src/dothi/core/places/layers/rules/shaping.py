"""The shape of a single feature as people write it: WKT in WGS 84, to the centimetre, and what is wrong with one."""

from typing import Final

import numpy as np
import shapely

from dothi.core.places.layers.rules import mending
from dothi.core.places.layers.types import Said, Saying

MOST_VERTICES: Final = 2000
"""Of a shape that is written by hand; a larger one comes by a file."""
LONGEST_TEXT: Final = 200_000
DIGITS: Final = 7
"""Of a degree: about a centimetre."""


def is_editable(shape: shapely.Geometry) -> bool:
    """Tell whether a shape is small enough to be written by hand."""
    return int(shapely.get_num_coordinates(shape)) <= MOST_VERTICES


def text_of(shape: shapely.Geometry) -> str:
    """Write a shape."""
    text: str = shapely.to_wkt(shape, rounding_precision=DIGITS)
    return text


def read(text: str) -> shapely.Geometry | None:
    """Read a shape; None for what is none."""
    shape: shapely.Geometry | None = shapely.from_wkt(text, on_invalid="ignore")
    return shape


def problem_of(shape: shapely.Geometry, before: shapely.Geometry) -> Said | None:
    """Say why a shape can't take the place of the one before, None where it can.

    It is not repaired: whoever drew it does that. One polygon or many, one line or many are the same kind.
    """
    judged = mending.judge(np.array([shape], dtype=object))
    if 0 in judged.problems:
        return judged.problems[0][0]
    return None if _kind(shape) == _kind(before) else Said(Saying.OTHER_KIND)


def _kind(shape: shapely.Geometry) -> str:
    kind: str = shape.geom_type
    return kind.removeprefix("Multi")
