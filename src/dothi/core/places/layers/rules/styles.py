"""How layers are drawn by default, by what they are for: paint in the terms of MapLibre's style specification."""

from collections.abc import Mapping
from typing import Any, Final

from dothi.core.places.layers.types import Layer, Role

_DEFAULTS: Final[Mapping[Role, Mapping[str, Any]]] = {
    Role.PARCELS: {"line": "#8a6d3b", "width": 0.8, "fill": "#8a6d3b", "opacity": 0.06, "min_zoom": 14},
    Role.ZONING: {"line": "#6f5fa8", "width": 1, "fill": "#6f5fa8", "opacity": 0.18, "min_zoom": 9},
    Role.BUILDINGS: {"line": "#6b7785", "width": 0.6, "fill": "#6b7785", "opacity": 0.35, "min_zoom": 13},
    Role.ROADS: {"line": "#59636e", "width": 1.6, "fill": "#59636e", "opacity": 0, "min_zoom": 10},
    Role.WATER: {"line": "#3d7ea6", "width": 1.2, "fill": "#3d7ea6", "opacity": 0.3, "min_zoom": 8},
    Role.UTILITIES: {"line": "#4d7c6f", "width": 1.2, "fill": "#4d7c6f", "opacity": 0.2, "min_zoom": 12},
    Role.LAND_COVER: {"line": "#5d7f4c", "width": 0.6, "fill": "#5d7f4c", "opacity": 0.22, "min_zoom": 8},
    Role.FACILITIES: {"line": "#33536f", "width": 1.2, "fill": "#33536f", "opacity": 0.5, "min_zoom": 10},
    Role.BOUNDARIES: {"line": "#4a4a55", "width": 1.4, "fill": "#4a4a55", "opacity": 0, "min_zoom": 6},
    Role.OTHER: {"line": "#4a5a6a", "width": 1, "fill": "#4a5a6a", "opacity": 0.15, "min_zoom": 8},
}
"""Muted, as colour is for what is abnormal; `opacity` is the fill's."""


def style_of(layer: Layer) -> dict[str, Any]:
    """Give how a layer is drawn: the default of its role, and over it what is set of its own."""
    return {**_DEFAULTS[layer.role], **layer.style}
