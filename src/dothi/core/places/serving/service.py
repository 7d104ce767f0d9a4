"""The door of what is served: the published layers for whoever asks, and the counts that keep tiles small."""

from django.db import transaction

from dothi.core.accounts.types import Actor
from dothi.core.places.layers import service as layers
from dothi.core.places.serving import store
from dothi.core.places.serving.types import Shown


def list_shown(actor: Actor) -> list[Shown]:
    """List the published layers for an actor's eyes, with their bounds. Raises Forbidden."""
    published = layers.list_layers(actor, is_published=True)
    bounds = store.bounds_of([(layer.id, layer.published) for layer in published])
    return [Shown(layer, bounds.get(layer.id)) for layer in published]


def count_cells(layer_id: int, revision: int) -> None:
    """Count the features of a revision that is published by cell: some seconds for a million. Asks no permission."""
    with transaction.atomic():
        store.count_cells(layer_id, revision)
