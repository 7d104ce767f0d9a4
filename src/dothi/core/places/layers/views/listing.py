"""The list of layers, and a new one."""

from typing import NamedTuple

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.functional import Promise
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_http_methods, require_safe

from dothi.core.accounts.guard import actor_of, permission_required
from dothi.core.places.layers import service
from dothi.core.places.layers.types import Layer
from dothi.core.places.layers.views.forms import LayerForm
from dothi.core.places.layers.views.words import ROLES, VISIBILITIES
from dothi.kernel.errors import Conflict


class Row(NamedTuple):
    """A layer as the list shows it."""

    layer: Layer
    name: str
    role: Promise
    visibility: Promise


def row_of(layer: Layer) -> Row:
    """Name a layer in the reader's language."""
    return Row(layer, layer.names.of(get_language() or ""), ROLES[layer.role], VISIBILITIES[layer.visibility])


@permission_required(service.VIEW)
@require_safe
def list_layers(request: HttpRequest) -> HttpResponse:
    """List the layers that whoever asks sees."""
    actor = actor_of(request)
    shown = service.list_revisions_shown(actor)
    rows = [(row_of(layer), shown.get(layer.id)) for layer in service.list_layers(actor)]
    hidden = len(service.list_hidden_roles(actor))
    return render(request, "places/layers/layers.html", {"rows": rows, "hidden": hidden})


@permission_required(service.MANAGE)
@require_http_methods(["GET", "HEAD", "POST"])
def new_layer(request: HttpRequest) -> HttpResponse:
    """Make a layer."""
    form = LayerForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        try:
            layer = service.create_layer(actor_of(request), form.draft())
        except Conflict:
            form.add_error("slug", gettext("There is a layer of this name already."))
        else:
            messages.success(request, gettext("The layer is made; it is empty as yet."))
            return redirect("places:layer", layer.slug)
    return render(request, "places/layers/new.html", {"form": form})
