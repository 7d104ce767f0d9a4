"""Finds, for each layer of the manifests, the rule of its domain that describes a feature."""

from importlib import import_module

from dothi.core.live.types import LiveLayer
from dothi.kernel.manifest import Manifest


def live_layers(manifests: tuple[Manifest, ...]) -> list[LiveLayer]:
    """Give the layers of some manifests. Raises ValueError for a rule that the package's `rules.py` does not have."""
    found = []
    for manifest in manifests:
        for layer in manifest.layers:
            describe = getattr(import_module(f"{manifest.package}.rules"), layer.describe, None)
            if describe is None:
                raise ValueError(f"{manifest.package}.rules has no {layer.describe!r}, which layer {layer.id} names")
            found.append(LiveLayer(id=layer.id, kind=layer.kind, permission=layer.permission, describe=describe))
    return found
