"""A layer as it is served."""

from typing import NamedTuple

from dothi.core.places.layers.types import Layer

Bounds = tuple[float, float, float, float]


class Shown(NamedTuple):
    """A published layer, and the bounds of its features: west, south, east, north in degrees; None if not known."""

    layer: Layer
    bounds: Bounds | None
