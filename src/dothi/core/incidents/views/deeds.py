"""What people do to work orders; a form leads back to where it was, a script hears what became of it."""

from collections.abc import Callable
from typing import Final

from django.contrib import messages
from django.core.files.uploadedfile import UploadedFile
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect, JsonResponse
from django.urls import reverse
from django.utils.functional import Promise
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_POST

from dothi.core.accounts.guard import actor_of, permission_required
from dothi.core.incidents import service
from dothi.core.incidents.photos import MOST_BYTES
from dothi.core.incidents.types import Act, Deed, Picture
from dothi.kernel.errors import Conflict, InvalidInput, TooLarge

SAID: Final = {
    Deed.ASSIGN: _("The work order is assigned."),
    Deed.ATTACH: _("The alarm belongs to the work order now."),
    Deed.ACCEPT: _("You have taken the work order on."),
    Deed.START: _("The work has begun."),
    Deed.NOTE: _("It is noted."),
    Deed.FINISH: _("The work is reported done."),
    Deed.APPROVE: _("The work is approved, and the order is over."),
    Deed.RETURN: _("The work order goes back to the crew."),
    Deed.CANCEL: _("The work order is withdrawn."),
}
LONGEST_AGO_S: Final = 30 * 24 * 3600
CHANGED: Final = _("Nothing was done: the work order has changed meanwhile. This is how it is now.")
HOLDS: Final = _(
    "An alarm of this work order still holds. Approve it when the alarm is over, or return it to the crew."
)
NO_PHOTO: Final = _("This photo can't be opened. Take it as JPEG, PNG or WebP.")
TOO_LARGE: Final = _("This photo is too large: at most 20 MB and 80 million pixels.")
WORDS_LACK: Final = _("Write in a few words what was done, or why.")
NOT_SO: Final = _("Something in the form is not as it should be.")
View = Callable[[HttpRequest, int], HttpResponse]


def view_of(deed: Deed) -> View:
    """Make the view of one deed, which carries that deed's permission."""

    @permission_required(service.PERMISSIONS[deed])
    @require_POST
    def do(request: HttpRequest, order_id: int) -> HttpResponse:
        try:
            order = service.carry_out(actor_of(request), order_id, _act(request, deed))
        except Conflict:
            return _refused(request, order_id, HOLDS if deed is Deed.APPROVE else CHANGED, status=409)
        except InvalidInput as error:
            return _refused(request, order_id, _reason(error), status=413 if isinstance(error, TooLarge) else 400)
        if _wants_json(request):
            return JsonResponse({"state": order.state.value})
        messages.success(request, SAID[deed])
        return HttpResponseRedirect(_target(request, order_id))

    return do


def _act(request: HttpRequest, deed: Deed) -> Act:
    """Read a deed from a form. Raises InvalidInput."""
    said = request.POST
    keeps_place = bool(said.get("keeps_place"))
    pictures = [_picture(each, keeps_place=keeps_place) for each in request.FILES.getlist("photo") if each]
    alarm = said.get("alarm", "0")
    return Act(
        deed=deed,
        note=said.get("note", "").replace("\r\n", "\n"),
        key=said.get("key", ""),
        ago_s=_seconds(said.get("ago_s", "")),
        assignee=said.get("assignee", ""),
        alarm_id=int(alarm) if alarm.isdecimal() and len(alarm) < 19 else 0,
        pictures=tuple(pictures),
    )


def _picture(file: "UploadedFile[bytes]", *, keeps_place: bool) -> Picture:
    if (file.size or 0) > MOST_BYTES:
        raise TooLarge("a photo is too large", place="photo")
    return Picture(file.read(), keeps_place=keeps_place)


def _seconds(text: str) -> float:
    """Read how long ago a deed was done; what makes no sense is now."""
    return float(min(int(text), LONGEST_AGO_S)) if text.isdecimal() and len(text) < 10 else 0.0


def _reason(error: InvalidInput) -> Promise:
    if isinstance(error, TooLarge):
        return TOO_LARGE
    return {"photo": NO_PHOTO, "note": WORDS_LACK}.get(error.place, NOT_SO)


def _refused(request: HttpRequest, order_id: int, reason: Promise, *, status: int) -> HttpResponse:
    if _wants_json(request):
        return JsonResponse({"message": str(reason)}, status=status)
    messages.warning(request, str(reason))
    return HttpResponseRedirect(_target(request, order_id))


def _wants_json(request: HttpRequest) -> bool:
    return request.headers.get("Accept", "") == "application/json"


def _target(request: HttpRequest, order_id: int) -> str:
    """Say where the form leads back to: to the page it was on."""
    target = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()})
    return target if is_ours else reverse("incidents:order", args=[order_id])
