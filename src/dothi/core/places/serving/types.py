"""A layer as it is served."""

from typing import NamedTuple

from dothi.core.places.layers.types import Bounds, Feature, Layer, Role


class Shown(NamedTuple):
    """A published layer, and the bounds of its features: west, south, east, north in degrees; None if not known."""

    layer: Layer
    bounds: Bounds | None


class Called(NamedTuple):
    """A feature found by name: its layer, number, label and key, and a point on it, longitude and latitude."""

    layer: Layer
    fid: int
    label: str
    key: str
    lon: float
    lat: float


class Touching(NamedTuple):
    """What of a layer lies at a place, as of the revision that was shown on the day; `is_cut` where there is more."""

    layer: Layer
    revision: int
    features: tuple[Feature, ...]
    is_cut: bool


class Ground(NamedTuple):
    """All layers' features at a place, and what the layers are for that the asker may not see."""

    touching: tuple[Touching, ...]
    hidden: tuple[Role, ...]
