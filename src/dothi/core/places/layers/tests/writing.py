"""Layers and their features, made directly for tests of what comes after the import."""

import msgspec

from dothi.core.accounts.types import SYSTEM
from dothi.core.places.layers import service
from dothi.core.places.layers.types import Layer, LayerDraft, Role, Visibility
from dothi.kernel.manifest import Names


def make_layer(slug: str = "parcels", **told: object) -> Layer:
    """Make an empty layer."""
    draft = LayerDraft(slug, Names(vi="Thửa đất", en="Parcels"), Role.PARCELS, visibility=Visibility.PUBLIC)
    return service.create_layer(SYSTEM, msgspec.structs.replace(draft, **told))
