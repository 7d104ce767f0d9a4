"""Files for a layer: given, looked at, taken or not; each step by a form that works without a script."""

from collections.abc import Callable
from typing import Final

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext
from django.views.decorators.http import require_POST, require_safe

from dothi.core.accounts.guard import actor_of, permission_required
from dothi.core.places.layers import service
from dothi.core.places.layers.types import Upload
from dothi.core.places.layers.views import words
from dothi.core.places.layers.views.forms import UploadForm, WishForm
from dothi.core.places.layers.views.listing import row_of
from dothi.kernel.errors import Conflict, InvalidInput

LOOK_AGAIN_S: Final = 2
"""How often the page of a running upload asks how far it is."""


@permission_required(service.EDIT)
@require_POST
def give_file(request: HttpRequest, slug: str) -> HttpResponse:
    """Keep a file that was given, and have it examined."""
    form = UploadForm(request.POST, request.FILES)
    if not form.is_valid():
        service.get_layer(actor_of(request), slug)
        messages.error(request, gettext("Choose a file, and look at what is said of it."))
        return redirect("places:layer", slug)
    file = form.cleaned_data["file"]
    try:
        upload = service.receive(actor_of(request), slug, file.name, file.chunks(), form.wish())
    except InvalidInput:
        messages.error(request, gettext("Files of this kind or size are not taken."))
        return redirect("places:layer", slug)
    return redirect("places:upload", slug, upload.id)


@permission_required(service.EDIT)
@require_safe
def show_upload(request: HttpRequest, slug: str, upload_id: int) -> HttpResponse:
    """Show how far a file is, and what was found in it."""
    actor = actor_of(request)
    layer = service.get_layer(actor, slug)
    upload = service.get_upload(actor, slug, upload_id)
    report = upload.report
    place, _tab, said = upload.problem.partition("\t")
    answer = render(
        request,
        "places/layers/upload.html",
        {
            "row": row_of(layer),
            "upload": upload,
            "state": words.UPLOADS[upload.state],
            "percent": min(100 * upload.done // upload.total, 100) if upload.total else None,
            "hint": words.HINTS.get(place, words.HINTS["file"]) if upload.problem else "",
            "said": said,
            "problems": _problems(upload),
            "remarks": words.remarks(report.remarks) if report else [],
            "warnings": words.warnings(report) if report else [],
            "types": [(field, words.TYPES[field.type]) for field in report.fields] if report else [],
            "form": WishForm(initial=_initial(upload)) if upload.path and not upload.is_running else None,
        },
    )
    if upload.is_running:
        answer["Refresh"] = str(LOOK_AGAIN_S)
    return answer


def _problems(upload: Upload) -> list[tuple[str, str, int]]:
    if upload.report is None:
        return []
    return [(words.said(each.problem), words.done(each.remedy), each.count) for each in upload.report.problems]


def _initial(upload: Upload) -> dict[str, object]:
    return {name: getattr(upload.wish, name) for name in WishForm.base_fields}


@permission_required(service.EDIT)
@require_POST
def examine_again(request: HttpRequest, slug: str, upload_id: int) -> HttpResponse:
    """Have a file read in another way."""
    form = WishForm(request.POST)
    upload = service.get_upload(actor_of(request), slug, upload_id)
    if form.is_valid():
        _try(request, lambda: service.examine_again(actor_of(request), slug, upload.id, form.wish()))
    return redirect("places:upload", slug, upload_id)


@permission_required(service.EDIT)
@require_POST
def accept(request: HttpRequest, slug: str, upload_id: int) -> HttpResponse:
    """Have a file taken."""
    leave_out = request.POST.get("leave_out") == "yes"
    _try(request, lambda: service.accept(actor_of(request), slug, upload_id, leave_out=leave_out))
    return redirect("places:upload", slug, upload_id)


@permission_required(service.EDIT)
@require_POST
def cancel(request: HttpRequest, slug: str, upload_id: int) -> HttpResponse:
    """Have an upload ended."""
    _try(request, lambda: service.cancel(actor_of(request), slug, upload_id))
    return redirect("places:upload", slug, upload_id)


def _try(request: HttpRequest, deed: Callable[[], object]) -> None:
    try:
        deed()
    except Conflict:
        messages.error(request, gettext("That can't be done now: look at how it stands."))
