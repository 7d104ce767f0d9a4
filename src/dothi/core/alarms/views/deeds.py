"""What people do to alarms from the pages; each deed leads back to where it was done."""

from collections.abc import Callable
from datetime import timedelta

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.urls import reverse
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext, ngettext
from django.views.decorators.http import require_POST

from dothi.core.accounts.guard import actor_of, permission_required
from dothi.core.alarms import service
from dothi.core.alarms.views.pages import SHELVE_FOR
from dothi.kernel import clock
from dothi.kernel.errors import Conflict, InvalidInput


@permission_required(service.ACKNOWLEDGE)
@require_POST
def acknowledge(request: HttpRequest, alarm_id: int) -> HttpResponse:
    """Acknowledge one alarm, with a note."""
    return _do(
        request,
        alarm_id,
        gettext("The alarm is acknowledged."),
        lambda: service.acknowledge(actor_of(request), alarm_id, note=request.POST.get("note", "").strip()),
    )


@permission_required(service.ACKNOWLEDGE)
@require_POST
def acknowledge_many(request: HttpRequest) -> HttpResponse:
    """Acknowledge the alarms that were chosen in the queue."""
    chosen = request.POST.getlist("alarm")
    if not all(each.isdecimal() and len(each) < 19 for each in chosen):
        raise InvalidInput("alarms are chosen by their numbers", place="alarm")
    if chosen:
        done = service.acknowledge_many(actor_of(request), [int(each) for each in chosen])
        count = sum(alarm.standing.is_acknowledged for alarm in done)
        words = ngettext("%(count)s alarm is acknowledged.", "%(count)s alarms are acknowledged.", count)
        messages.success(request, words % {"count": count})
    else:
        messages.info(request, gettext("No alarm was chosen."))
    target = request.POST.get("next", "")
    is_ours = url_has_allowed_host_and_scheme(target, allowed_hosts={request.get_host()})
    return HttpResponseRedirect(target if is_ours else reverse("alarms:queue"))


@permission_required(service.SHELVE)
@require_POST
def shelve(request: HttpRequest, alarm_id: int) -> HttpResponse:
    """Shelve one alarm for one of the offered times."""
    minutes = request.POST.get("minutes", "")
    if minutes not in map(str, SHELVE_FOR):
        raise InvalidInput("choose for how long", place="minutes")
    until = clock.now() + timedelta(minutes=int(minutes))
    return _do(
        request,
        alarm_id,
        gettext("The alarm is shelved. It comes back by itself."),
        lambda: service.shelve(actor_of(request), alarm_id, until=until, reason=request.POST.get("reason", "")),
    )


@permission_required(service.SHELVE)
@require_POST
def unshelve(request: HttpRequest, alarm_id: int) -> HttpResponse:
    """Show a shelved alarm again."""
    return _do(
        request,
        alarm_id,
        gettext("The alarm is shown again."),
        lambda: service.unshelve(actor_of(request), alarm_id),
    )


@permission_required(service.DISABLE)
@require_POST
def remove_from_service(request: HttpRequest, alarm_id: int) -> HttpResponse:
    """Take one alarm out of service."""
    return _do(
        request,
        alarm_id,
        gettext("The alarm is out of service until someone returns it."),
        lambda: service.remove_from_service(actor_of(request), alarm_id, reason=request.POST.get("reason", "")),
    )


@permission_required(service.DISABLE)
@require_POST
def return_to_service(request: HttpRequest, alarm_id: int) -> HttpResponse:
    """Return one alarm to service."""
    return _do(
        request,
        alarm_id,
        gettext("The alarm is in service again."),
        lambda: service.return_to_service(actor_of(request), alarm_id),
    )


def _do(request: HttpRequest, alarm_id: int, done: str, deed: Callable[[], object]) -> HttpResponse:
    """Carry out a deed and lead back to the alarm, saying what became of it.

    A script that asks for JSON stays where it is: 204 says that it is done, 409 that the alarm has changed meanwhile.
    """
    is_script = request.headers.get("Accept") == "application/json"
    try:
        deed()
    except Conflict:
        if is_script:
            return HttpResponse(status=409)
        messages.warning(request, gettext("Nothing was done: the alarm has changed meanwhile. This is how it is now."))
    else:
        if is_script:
            return HttpResponse(status=204)
        messages.success(request, done)
    return HttpResponseRedirect(reverse("alarms:alarm", args=[alarm_id]))
