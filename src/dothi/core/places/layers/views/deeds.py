"""What is done to revisions and to single features, by forms that work without a script."""

from collections.abc import Callable

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from dothi.core.accounts.guard import actor_of, permission_required
from dothi.core.places.layers import service
from dothi.core.places.layers.types import Feature, Layer, Revision
from dothi.core.places.layers.views import words
from dothi.core.places.layers.views.forms import AttributesForm
from dothi.core.places.layers.views.listing import row_of
from dothi.core.places.layers.views.pages import map_of
from dothi.kernel.errors import Conflict, NotFound


@permission_required(service.PUBLISH)
@require_POST
def review(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Note that a draft is right."""
    return _do(request, slug, number, lambda: service.review(actor_of(request), slug, number))


@permission_required(service.PUBLISH)
@require_POST
def publish(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Show a reviewed revision to all."""
    return _do(request, slug, number, lambda: service.publish_revision(actor_of(request), slug, number))


@permission_required(service.EDIT)
@require_POST
def discard(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Drop a draft."""
    service.get_revision(actor_of(request), slug, number)
    _do(request, slug, number, lambda: service.discard(actor_of(request), slug, number))
    return redirect("places:layer", slug)


@permission_required(service.EDIT)
@require_POST
def restore(request: HttpRequest, slug: str, number: int) -> HttpResponse:
    """Make a draft of what an earlier revision held."""
    return _do(request, slug, number, lambda: service.restore(actor_of(request), slug, number))


def _do(request: HttpRequest, slug: str, number: int, deed: Callable[[], Revision]) -> HttpResponse:
    """Do it, and lead to the revision that came of it; what no longer fits is said."""
    try:
        number = deed().number
    except Conflict:
        messages.error(request, gettext("That can't be done now: look at how it stands."))
    return redirect("places:revision", slug, number)


@permission_required(service.VIEW)
@require_safe
def show_feature(request: HttpRequest, slug: str, fid: int) -> HttpResponse:
    """Show a feature: its attributes, where it lies, what it has been, and a form to change it."""
    return _page(request, slug, fid)


def _page(request: HttpRequest, slug: str, fid: int, *, form: AttributesForm | None = None) -> HttpResponse:
    """Show a feature, with a form that was filled in wrongly where there is one."""
    actor = actor_of(request)
    layer = service.get_layer(actor, slug)
    feature = service.get_feature(actor, slug, fid)
    may_edit = service.may_edit(actor, layer)
    titles = {field.name: field.title or field.name for field in layer.fields}
    try:
        newest = service.find_newest(actor, slug, fid) if may_edit else feature
    except NotFound:
        newest = feature
    return render(
        request,
        "places/layers/feature.html",
        {
            "row": row_of(layer),
            "feature": feature,
            "told": [(titles.get(name, name), value) for name, value in feature.attributes.items()],
            "versions": service.list_versions(actor, slug, fid),
            "map": {**map_of(layer, bounds=_around(feature.shape.bounds), chosen=fid), "shape": "id_geom"},
            "may_edit": may_edit,
            "is_edited": newest != feature,
            "form": (form or _form(layer, newest)) if may_edit else None,
            "kind": words.ROLES[layer.role],
        },
        status=200 if form is None else 422,
    )


def _form(layer: Layer, newest: Feature) -> AttributesForm:
    return AttributesForm(told=layer.fields, shape=newest.shape, initial=dict(newest.attributes))


def _around(bounds: tuple[float, float, float, float]) -> tuple[float, float, float, float]:
    west, south, east, north = bounds
    margin = max(east - west, north - south, 0.0005)
    return (west - margin, south - margin, east + margin, north + margin)


@permission_required(service.EDIT)
@require_POST
def change_feature(request: HttpRequest, slug: str, fid: int) -> HttpResponse:
    """Keep a feature's attributes and its shape in the draft of edits."""
    actor = actor_of(request)
    layer = service.get_layer(actor, slug)
    newest = service.find_newest(actor, slug, fid)
    form = AttributesForm(request.POST, told=layer.fields, shape=newest.shape)
    if not form.is_valid():
        messages.error(request, gettext("Nothing is kept: a value is not as its column asks."))
        return _page(request, slug, fid, form=form)
    deed = _deed(lambda: service.change_feature(actor, slug, fid, attributes=form.attributes(), shape=form.shape()))
    return _lead(request, slug, fid, deed)


@permission_required(service.EDIT)
@require_POST
def remove_feature(request: HttpRequest, slug: str, fid: int) -> HttpResponse:
    """Take a feature out, in the draft of edits."""
    return _lead(request, slug, fid, _deed(lambda: service.remove_feature(actor_of(request), slug, fid)))


def _deed(deed: Callable[[], Revision]) -> Revision | None:
    try:
        return deed()
    except Conflict:
        return None


def _lead(request: HttpRequest, slug: str, fid: int, revision: Revision | None) -> HttpResponse:
    if revision is None:
        messages.error(request, gettext("Another draft is open: publish or discard it first."))
        return redirect("places:feature", slug, fid)
    messages.success(request, gettext("Kept in a draft; it is shown to all when it is reviewed and published."))
    return redirect("places:revision", slug, revision.number)
