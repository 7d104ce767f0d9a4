"""Who may what with layers: what is not visible is not there for whoever asks."""

from dothi.core.accounts import policy
from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import Actor
from dothi.core.places.layers.rules import reaching
from dothi.core.places.layers.rules.reaching import EDIT, MANAGE, PUBLISH, VIEW, VIEW_INTERNAL, VIEW_RESTRICTED
from dothi.core.places.layers.store import layers as store
from dothi.core.places.layers.types import Layer
from dothi.kernel.errors import NotFound

__all__ = [
    "EDIT",
    "MANAGE",
    "PUBLISH",
    "VIEW",
    "VIEW_INTERNAL",
    "VIEW_RESTRICTED",
    "layer_for",
    "may_edit",
    "may_publish",
    "seen",
]


def seen(actor: Actor, slug: str) -> Layer:
    """Give a layer that the actor sees. Raises Forbidden, NotFound for any other."""
    accounts.require(actor, VIEW)
    layer = store.find_layer(slug)
    if layer is None or not reaching.may_see(actor, layer):
        raise NotFound(f"no layer {slug}")
    return layer


def layer_for(actor: Actor, slug: str, permission: str) -> Layer:
    """Give a layer over whose department the actor holds a permission. Raises Forbidden, NotFound."""
    layer = seen(actor, slug)
    accounts.require(actor, permission, of=reaching.subject_of(layer))
    return layer


def may_edit(actor: Actor, layer: Layer) -> bool:
    """Tell whether an actor may import into a layer and edit it."""
    return policy.may(actor, EDIT, of=reaching.subject_of(layer))


def may_publish(actor: Actor, layer: Layer) -> bool:
    """Tell whether an actor may review and publish revisions of a layer."""
    return policy.may(actor, PUBLISH, of=reaching.subject_of(layer))
