"""Which area a point lies in: many points at once, against the shapes of one day."""

from collections.abc import Sequence

import numpy as np
import shapely
from numpy.typing import ArrayLike, NDArray


class Locator:
    """Answers which of some areas points lie in; it never changes, so threads may share it.

    Where shapes overlap (they should not), the one that comes first wins; a point on the boundary of two belongs to
    the first as well.
    """

    def __init__(self, codes: Sequence[str], shapes: Sequence[shapely.Geometry]) -> None:
        self._codes = np.array([*codes, ""], dtype=object)
        self._shapes = np.array(shapes, dtype=object)
        shapely.prepare(self._shapes)

    def codes_of(self, lons: ArrayLike, lats: ArrayLike) -> list[str]:
        """Give the codes [n] of the areas that points [n] lie in, WGS 84 degrees; "" for a point in none."""
        return [str(code) for code in self._codes[self.places_of(lons, lats)]]

    def places_of(self, lons: ArrayLike, lats: ArrayLike) -> NDArray[np.intp]:
        """Give the places [n] among the areas of those that points [n] lie in, -1 for a point in none."""
        points = shapely.points(np.asarray(lons, dtype=float), np.asarray(lats, dtype=float))
        place = np.full(len(points), len(self._codes), dtype=np.intp)
        # The tree is of the points: each area, prepared once, is then asked about those within its bounds.
        area, which = shapely.STRtree(points).query(self._shapes, predicate="intersects")
        np.minimum.at(place, which, area)
        place[place == len(self._codes)] = -1
        return place
