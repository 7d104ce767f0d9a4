"""Which layers there are: what somebody sees of them, and what is said of each."""

from typing import Any

from django.db import transaction

from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import Actor, Subject
from dothi.core.audit import service as audit
from dothi.core.places.layers.rules import naming, reaching
from dothi.core.places.layers.service.permissions import MANAGE, VIEW, layer_for, seen
from dothi.core.places.layers.store import layers as store
from dothi.core.places.layers.store import shown
from dothi.core.places.layers.types import Layer, LayerDraft, Role, Visibility
from dothi.kernel import clock, events
from dothi.kernel.errors import InvalidInput
from dothi.kernel.events import LayersChanged, Publish

CHANGEABLE = frozenset({"name_vi", "name_en", "role", "owner", "licence", "visibility", "description", "style"})


def list_layers(actor: Actor, *, role: Role | None = None, is_published: bool | None = None) -> list[Layer]:
    """List the layers that the actor sees, by slug; of one role, or those with something shown. Raises Forbidden."""
    accounts.require(actor, VIEW)
    return [
        layer
        for layer in store.list_layers()
        if reaching.may_see(actor, layer)
        and (role is None or layer.role is role)
        and (is_published is None or bool(layer.published) is is_published)
    ]


def list_hidden_roles(actor: Actor) -> list[Role]:
    """Name what each published layer is for that the actor does not see, to say that something is left out.

    Raises Forbidden.
    """
    accounts.require(actor, VIEW)
    return [layer.role for layer in store.list_layers() if layer.published and not reaching.may_see(actor, layer)]


def get_layer(actor: Actor, slug: str) -> Layer:
    """Give a layer. Raises Forbidden, NotFound for one that is not there or not for the actor's eyes."""
    return seen(actor, slug)


def create_layer(actor: Actor, draft: LayerDraft) -> Layer:
    """Make a layer, empty as yet. Audited.

    Raises Forbidden, InvalidInput for a slug that is none, Conflict for one that is taken.
    """
    accounts.require(actor, MANAGE, of=Subject(department=draft.owner))
    naming.check_slug(draft.slug)
    if not draft.names.vi.strip() or not draft.names.en.strip():
        raise InvalidInput("a layer has a name in Vietnamese and in English", place="name")
    with transaction.atomic():
        layer = store.add_layer(draft, at=clock.now(), who=actor.reference)
        told = {"slug": layer.slug, "role": layer.role, "visibility": layer.visibility, "owner": layer.owner}
        audit.record(actor.reference, MANAGE, subject=f"layer:{layer.slug}", after=told)
    return layer


def change_layer(actor: Actor, slug: str, *, publish: Publish = events.publish, **values: Any) -> Layer:
    """Change what is said of a layer: any of `CHANGEABLE`, as in its table. Audited.

    Raises Forbidden, also where the layer would go to a department over which the actor may not; NotFound; InvalidInput
    for what is no role or visibility.
    """
    layer = layer_for(actor, slug, MANAGE)
    if unknown := sorted(set(values) - CHANGEABLE):
        raise InvalidInput(f"{unknown[0]} of a layer can't be changed", place=unknown[0])
    for name, kind in (("role", Role), ("visibility", Visibility)):
        if name in values and values[name] not in set(kind):
            raise InvalidInput(f"{values[name]} is no {name}", place=name)
    if "owner" in values:
        accounts.require(actor, MANAGE, of=Subject(department=values["owner"]))
    with transaction.atomic():
        before = {name: _value(layer, name) for name in values}
        changed = store.change_layer(layer.id, **values)
        if changed.published and "name_vi" in values:
            shown.put_view(changed)
        audit.record(actor.reference, MANAGE, subject=f"layer:{slug}", before=before, after=values)
    publish(LayersChanged([layer.id]))
    return changed


def _value(layer: Layer, name: str) -> Any:  # noqa: ANN401  (whatever the column holds)
    return getattr(layer.names, name.removeprefix("name_")) if name.startswith("name_") else getattr(layer, name)
