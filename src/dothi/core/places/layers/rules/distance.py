"""Whether what a file holds lies where the city is."""

from typing import Final

import numpy as np
from numpy.typing import NDArray

from dothi.core.places.layers.types import Bounds, Said, Saying

FAR: Final = 1.0
"""Degrees, some 110 km."""


def warnings(found: Bounds, city: Bounds) -> tuple[Said, ...]:
    """Say where bounds (west, south, east, north) lie beside those of the city, where that is odd."""
    if meets(found, city):
        return () if _meets_all(found, city) else (Said(Saying.SOME_FAR),)
    west, south, east, north = found
    if meets((south, west, north, east), city):
        return (Said(Saying.EXCHANGED),)
    return (Said(Saying.ALL_FAR),)


def find_far(bounds: NDArray[np.float64], city: Bounds) -> NDArray[np.bool_]:
    """Tell which of the bounds [n, 4] reach far from those of the city; what has none (NaN) is not far."""
    low = bounds[:, :2] < np.array(city[:2]) - FAR
    high = bounds[:, 2:] > np.array(city[2:]) + FAR
    return np.asarray((low | high).any(axis=1))


def meets(one: Bounds, other: Bounds) -> bool:
    """Tell whether bounds come near others."""
    return (
        one[0] <= other[2] + FAR and one[2] >= other[0] - FAR and one[1] <= other[3] + FAR and one[3] >= other[1] - FAR
    )


def _meets_all(found: Bounds, city: Bounds) -> bool:
    west, south, east, north = city
    return found[0] >= west - FAR and found[1] >= south - FAR and found[2] <= east + FAR and found[3] <= north + FAR
