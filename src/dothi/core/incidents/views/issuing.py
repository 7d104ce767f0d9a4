"""The page by which a work order is issued, from an alarm or by hand for a Thing."""

import secrets

import msgspec
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_http_methods

from dothi.core.accounts import service as accounts
from dothi.core.accounts.guard import actor_of, permission_required
from dothi.core.accounts.types import Actor
from dothi.core.alarms import service as alarms
from dothi.core.alarms.views.words import Row, procedure_of, row_of
from dothi.core.incidents import service
from dothi.core.incidents.rules.deadlines import usual_deadline
from dothi.core.incidents.types import AT_WORK, Filter, Order, State
from dothi.core.incidents.views import words
from dothi.core.incidents.views.forms import OrderForm, local_text
from dothi.core.observations.labels import service as labels
from dothi.core.observations.labels.types import ThingLabel
from dothi.kernel import clock
from dothi.kernel.errors import InvalidInput, NotFound

USUAL_PRIORITY = 3


class Subject(msgspec.Struct, frozen=True):
    """What an order is to be issued for: alarms with their words, and the Thing."""

    thing_id: int
    thing: ThingLabel | None
    alarms: tuple[Row, ...]
    procedure: tuple[str, ...]

    @property
    def alarm_ids(self) -> tuple[int, ...]:
        """The ids of its alarms."""
        return tuple(row.alarm.id for row in self.alarms)


@permission_required(service.CREATE)
@require_http_methods(["GET", "HEAD", "POST"])
def issue_order(request: HttpRequest) -> HttpResponse:
    """Offer an order for `?alarm=ID` (several may be named) or `?thing=ID`, and issue it."""
    actor = actor_of(request)
    subject = _subject(actor, request)
    offered = _offer(subject)
    receivers = service.list_receivers(actor, subject.thing_id, offered=str(offered["department"]))
    form = OrderForm(
        request.POST if request.method == "POST" else None,
        people=accounts.list_holders(service.WORK),
        departments=[(each.code, words.indented(each)) for each in receivers],
        initial=offered,
    )
    if request.method == "POST" and form.is_valid() and (order := _issue(actor, form, subject)):
        messages.success(request, gettext("Work order %(number)s is issued.") % {"number": order.number})
        return HttpResponseRedirect(reverse("incidents:order", args=[order.id]))
    open_there = service.list_orders(actor, Filter(states=(*AT_WORK, State.DONE), thing_id=subject.thing_id), limit=5)
    context = {
        "form": form,
        "subject": subject,
        "open_there": words.rows_of(open_there, {}),
    }
    return render(request, "incidents/new.html", context, status=400 if form.errors else 200)


def _issue(actor: Actor, form: OrderForm, subject: Subject) -> Order | None:
    """Issue what was written; None, with the form saying why, where it is refused."""
    new = form.new_order(thing_id=subject.thing_id, alarm_ids=subject.alarm_ids)
    try:
        return service.issue(actor, new, key=form.cleaned_data["key"])
    except InvalidInput as error:
        field = error.place if error.place in form.fields else None
        form.add_error(field, gettext("This is not possible here. Choose something else."))
        return None


def _subject(actor: Actor, request: HttpRequest) -> Subject:
    """Read what the order is for. Raises NotFound, InvalidInput."""
    asked = [_number(text) for text in request.GET.getlist("alarm")]
    if not asked:
        thing_id = _number(request.GET.get("thing", ""))
        thing = labels.name_things([thing_id]).get(thing_id)
        reaching = labels.placed(actor.within(service.CREATE))
        if thing is None or not reaching.may_touch(thing_id, department=thing.department):
            raise NotFound(f"no Thing {thing_id}")
        return Subject(thing_id, thing, (), ())
    accounts_of = [alarms.get_alarm(actor, alarm_id) for alarm_id in dict.fromkeys(asked)]
    first = accounts_of[0]
    rows = tuple(row_of(each.alarm, each.thing) for each in accounts_of)
    return Subject(first.alarm.point.thing_id, first.thing, rows, tuple(procedure_of(first.alarm)))


def _number(text: str) -> int:
    if not text.isdecimal() or len(text) > 18:
        raise InvalidInput("name an alarm or a Thing by its number", place="alarm")
    return int(text)


def _offer(subject: Subject) -> dict[str, object]:
    """Fill the form as most orders are: everything can be changed."""
    first = subject.alarms[0] if subject.alarms else None
    priority = first.alarm.priority if first else USUAL_PRIORITY
    name = subject.thing.name if subject.thing else ""
    return {
        "title": f"{first.title} · {name}"[:200].strip(" ·") if first else name,
        "task": words.procedure_text(subject.procedure),
        "priority": priority,
        "department": words.department_of(first.alarm, subject.thing)
        if first
        else (subject.thing.department if subject.thing else ""),
        "deadline": local_text(usual_deadline(priority, now=clock.now())),
        "key": secrets.token_hex(16),
    }
