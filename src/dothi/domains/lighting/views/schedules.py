"""The schedule editor: all schedules with the coming night, making and changing one, for whom, and exceptions."""

from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import redirect, render
from django.utils.formats import date_format
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from dothi.core.accounts.types import Actor
from dothi.domains.lighting.service import schedules as service
from dothi.domains.lighting.types.schedule import (
    Assignment,
    Cabinet,
    CalendarException,
    Overview,
    Programme,
    Recurrence,
    Schedule,
    Scope,
    Source,
)
from dothi.domains.lighting.views import schedule_forms as forms
from dothi.domains.lighting.views.band import Band, draw
from dothi.kernel import clock
from dothi.kernel.errors import Conflict
from dothi.web.guard import actor_of, city, permission_required


class ScheduleRow(NamedTuple):
    """A schedule as the page shows it; without one it is what devices start with."""

    schedule: Schedule | None
    name: str
    band: Band
    cabinets: int
    lamps: int


class Held(NamedTuple):
    """An assignment or an exception as the page shows it; `nights` says when an exception holds."""

    row: Assignment | CalendarException
    whom: str
    scope: str
    schedule: str
    nights: str = ""


@permission_required("lighting.schedule.view")
@require_safe
def list_schedules(request: HttpRequest) -> HttpResponse:
    """Show all schedules with the coming night, for whom they are, and the exceptions."""
    actor = actor_of(request)
    seen = service.overview(actor, service.coming_night())
    cabinets = [cabinet for cabinet, _choice in seen.choices]
    context = {
        "overview": seen,
        "rows": _rows(actor, seen),
        "exceptional": sum(choice.source is Source.EXCEPTION for _cabinet, choice in seen.choices),
        "lamps": sum(cabinet.lamps for cabinet in cabinets),
        "assignments": [_held(each, seen) for each in seen.assignments],
        "exceptions": [_held(each, seen)._replace(nights=_nights(each)) for each in seen.exceptions],
        "may_edit": actor.may(service.EDIT),
        "assign_form": forms.AssignForm(cabinets=cabinets, schedules=_choices(seen.schedules)),
        "sun": draw(service.preview(actor, service.device_programme(), seen.night), city().zone),
    }
    return render(request, "lighting/schedules.html", context)


@permission_required("lighting.schedule.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def create_schedule(request: HttpRequest) -> HttpResponse:
    """Make a schedule, beginning with what devices start with."""
    return _edit(request, Schedule(0, "", "", service.device_programme(), False))


@permission_required("lighting.schedule.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def edit_schedule(request: HttpRequest, schedule_id: int) -> HttpResponse:
    """Change a schedule."""
    return _edit(request, service.get_schedule(actor_of(request), schedule_id))


@permission_required("lighting.schedule.edit")
@require_POST
def delete_schedule(request: HttpRequest, schedule_id: int) -> HttpResponse:
    """Remove a schedule that nobody has."""
    try:
        service.delete_schedule(actor_of(request), schedule_id)
        messages.success(request, _("The schedule is removed."))
    except Conflict:
        messages.error(request, _("The schedule is in use. Take it from whom it is for and from its exceptions first."))
    return _to_list()


@permission_required("lighting.schedule.edit")
@require_POST
def assign_schedule(request: HttpRequest) -> HttpResponse:
    """Give a programme, a street or a cabinet a schedule."""
    actor = actor_of(request)
    found = service.list_schedules(actor)
    form = forms.AssignForm(request.POST, cabinets=service.list_cabinets(actor), schedules=_choices(found))
    if form.is_valid():
        scope, key = forms.scope_and_key(form.cleaned_data["whom"])
        service.assign(actor, form.cleaned_data["schedule"], scope=scope, key=key)
        messages.success(request, _("The schedule is assigned."))
    else:
        messages.error(request, _("Choose for whom, and which schedule."))
    return _to_list()


@permission_required("lighting.schedule.edit")
@require_POST
def delete_assignment(request: HttpRequest, assignment_id: int) -> HttpResponse:
    """Take an assignment back."""
    service.unassign(actor_of(request), assignment_id)
    messages.success(request, _("The assignment is removed."))
    return _to_list()


@permission_required("lighting.schedule.edit")
@require_http_methods(["GET", "HEAD", "POST"])
def create_exception(request: HttpRequest) -> HttpResponse:
    """Make an exception by calendar."""
    actor = actor_of(request)
    form = forms.ExceptionForm(
        request.POST if request.method == "POST" else None,
        cabinets=service.list_cabinets(actor),
        schedules=_choices(service.list_schedules(actor)),
        holidays=service.list_holidays(actor),
    )
    if request.method == "POST" and form.is_valid():
        service.add_exception(actor, form.exception())
        messages.success(request, _("The exception is kept."))
        return _to_list()
    return render(request, "lighting/exception.html", {"form": form}, status=400 if form.errors else 200)


@permission_required("lighting.schedule.edit")
@require_POST
def delete_exception(request: HttpRequest, exception_id: int) -> HttpResponse:
    """Remove an exception."""
    service.delete_exception(actor_of(request), exception_id)
    messages.success(request, _("The exception is removed."))
    return _to_list()


def _edit(request: HttpRequest, schedule: Schedule) -> HttpResponse:
    """Show a schedule's form; on POST keep it, or with `preview` only show the night it would make."""
    actor, posted = actor_of(request), request.method == "POST"
    if not posted:
        form, steps = forms.schedule_form(schedule), forms.step_forms(steps=schedule.programme.steps)
        return _form_page(request, actor, schedule, form, steps, schedule.programme)
    form, steps = forms.ScheduleForm(request.POST), forms.step_forms(request.POST)
    if not (form.is_valid() & steps.is_valid()):
        return _form_page(request, actor, schedule, form, steps, None)
    programme = forms.programme_in(form, steps)
    if "preview" in request.POST:
        return _form_page(request, actor, schedule, form, forms.step_forms(steps=programme.steps), programme)
    given = form.cleaned_data
    service.save_schedule(
        actor,
        name_vi=given["name_vi"],
        name_en=given["name_en"],
        programme=programme,
        is_default=given["is_default"],
        schedule_id=schedule.id,
    )
    messages.success(request, _("The schedule is kept."))
    return _to_list()


def _form_page(
    request: HttpRequest,
    actor: Actor,
    schedule: Schedule,
    form: forms.ScheduleForm,
    steps: forms.BaseStepFormSet,
    programme: Programme | None,
) -> HttpResponse:
    band = _band(actor, programme) if programme else None
    context = {"schedule": schedule, "form": form, "steps": steps, "band": band, "night": service.coming_night()}
    return render(request, "lighting/schedule.html", context, status=200 if programme else 400)


def _band(actor: Actor, programme: Programme) -> Band:
    here = service.in_city_zone(programme)
    return draw(service.preview(actor, here, service.coming_night()), city().zone, now=clock.now())


def _rows(actor: Actor, seen: Overview) -> list[ScheduleRow]:
    """One row a schedule, and one for what devices start with where a cabinet has nothing else, or nobody anything."""
    cabinets, lamps = Counter[int | None](), Counter[int | None]()
    for cabinet, choice in seen.choices:
        if choice.source is not Source.EXCEPTION:
            cabinets[choice.schedule_id] += 1
            lamps[choice.schedule_id] += cabinet.lamps
    language = get_language() or ""
    rows = [
        ScheduleRow(each, each.name(language), _band(actor, each.programme), cabinets[each.id], lamps[each.id])
        for each in seen.schedules
    ]
    if cabinets[None] or not rows:
        start = _band(actor, service.device_programme())
        rows.append(ScheduleRow(None, _("What controllers start with"), start, cabinets[None], lamps[None]))
    return rows


def _held(row: Assignment | CalendarException, seen: Overview) -> Held:
    language = get_language() or ""
    names = {schedule.id: schedule.name(language) for schedule in seen.schedules}
    name = _("Full light all night") if row.schedule_id is None else names[row.schedule_id]
    cabinets = [cabinet for cabinet, _choice in seen.choices]
    return Held(row, called(row.scope, row.key, cabinets), row.scope.value, name)


def _nights(exception: CalendarException) -> str:
    """Say when an exception holds."""
    first, last = exception.first, exception.last
    if first is None or last is None:
        return _holiday_nights(exception)
    is_yearly = exception.recurrence is Recurrence.YEARLY
    days = [date_format(day, "d/m" if is_yearly else "d/m/Y") for day in sorted({first, last})]
    return _("%(days)s, every year") % {"days": "–".join(days)} if is_yearly else "–".join(days)


def _holiday_nights(exception: CalendarException) -> str:
    words = {"nights": exception.nights, "days": abs(exception.offset), "holiday": exception.holiday}
    if exception.offset < 0:
        return _("Nights: %(nights)s, from %(days)s day(s) before %(holiday)s, every year") % words
    if exception.offset > 0:
        return _("Nights: %(nights)s, from %(days)s day(s) after %(holiday)s, every year") % words
    return _("Nights: %(nights)s, from %(holiday)s, every year") % words


def called(scope: Scope, key: str, cabinets: Sequence[Cabinet]) -> str:
    """Give what people call whom a scope and key name."""
    if scope is Scope.CITY:
        return _("The whole city")
    if scope is Scope.STREET:
        return next((each.street_name for each in cabinets if each.street == key), key)
    if scope is Scope.CABINET:
        return next((each.name for each in cabinets if each.serial == key), key)
    if scope is Scope.PROGRAMME:
        return next((each.programme_name for each in cabinets if each.programme == key), key)
    return key


def _choices(schedules: Sequence[Schedule]) -> forms.Choices:
    language = get_language() or ""
    return [(str(schedule.id), schedule.name(language)) for schedule in schedules]


def _to_list() -> HttpResponseRedirect:
    return redirect("lighting:schedules")
