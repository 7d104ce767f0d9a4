"""Who sees a layer and who may change it: the one place where visibility and departments meet permissions."""

from typing import Final

from dothi.core.accounts import policy
from dothi.core.accounts.types import Actor, Subject
from dothi.core.places.layers.types import Layer, Visibility

VIEW: Final = "places.layer.view"
VIEW_INTERNAL: Final = "places.layer.view_internal"
VIEW_RESTRICTED: Final = "places.layer.view_restricted"
EDIT: Final = "places.layer.edit"
PUBLISH: Final = "places.layer.publish"
MANAGE: Final = "places.layer.manage"


def may_see(actor: Actor, layer: Layer) -> bool:
    """Tell whether an actor sees a layer.

    A restricted one is seen by whoever may see such layers of the department that owns it, and by whoever edits it.
    """
    if not actor.may(VIEW):
        return False
    if layer.visibility is Visibility.PUBLIC:
        return True
    if actor.kind == "visitor":
        return False
    if layer.visibility is Visibility.INTERNAL:
        return actor.may(VIEW_INTERNAL)
    return any(policy.may(actor, each, of=subject_of(layer)) for each in (VIEW_RESTRICTED, EDIT))


def subject_of(layer: Layer) -> Subject:
    """Give what a layer belongs to."""
    return Subject(department=layer.owner, is_public=layer.visibility is Visibility.PUBLIC)
