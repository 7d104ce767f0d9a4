"""Reference systems of files: which one it is, and the way from it to longitude and latitude."""

from collections.abc import Callable
from typing import Final

import numpy as np
import pyproj
import shapely
from numpy.typing import NDArray

from dothi.kernel.errors import InvalidInput

WGS84: Final = "EPSG:4326"
SURE: Final = 70
"""Per cent: how alike a description must be to a system of EPSG's register to be called by its code."""

Shapes = NDArray[np.object_]


def system_of(told: str | None, asked: str, name: str) -> pyproj.CRS:
    """Give the reference system of a file: what is asked for, else what it says. Raises InvalidInput for none."""
    if not asked and not told:
        raise InvalidInput(f"{name} says no reference system: name it, such as EPSG:9210 or EPSG:4326", place="crs")
    try:
        system = pyproj.CRS.from_user_input(asked or told)
    except pyproj.exceptions.CRSError as error:
        raise InvalidInput(f"no reference system is called {(asked or told or '')[:80]}", place="crs") from error
    return system.sub_crs_list[0] if system.is_compound else system


def name_of(system: pyproj.CRS) -> str:
    """Give the short name of a system, "EPSG:9210", or its whole description where it has none."""
    found = system.to_authority(min_confidence=SURE)
    return ":".join(found) if found else system.to_string()


def mover_of(system: pyproj.CRS) -> Callable[[Shapes], Shapes]:
    """Give what moves shapes of a system to longitude and latitude; what lies outside of it becomes infinite."""
    target = pyproj.CRS.from_user_input(WGS84)
    if system in {target, pyproj.CRS.from_user_input("OGC:CRS84")}:
        return lambda shapes: shapes
    change = pyproj.Transformer.from_crs(system, target, always_xy=True)

    def moved(points: NDArray[np.float64]) -> NDArray[np.float64]:
        return np.column_stack(change.transform(points[:, 0], points[:, 1]))

    return lambda shapes: np.asarray(shapely.transform(shapes, moved), dtype=object)
