"""The pages of work orders at a desk: the queue, one order, and its photos."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from django.conf import settings
from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _
from django.views.decorators.cache import cache_control
from django.views.decorators.http import require_safe

from dothi.core.accounts import service as accounts
from dothi.core.accounts.guard import actor_of, permission_required
from dothi.core.accounts.types import Actor
from dothi.core.incidents import service
from dothi.core.incidents.rules import states
from dothi.core.incidents.types import OPEN, Account, Deed, Filter, State
from dothi.core.incidents.views import words
from dothi.core.incidents.views.street_sketch import sketch_around
from dothi.core.observations.labels import service as labels

TABS: Final[Mapping[str, tuple[Promise, tuple[State, ...]]]] = {
    "open": (_("Open"), OPEN),
    **{
        state.value: (words.STATES[state], (state,))
        for state in (State.ISSUED, State.ACCEPTED, State.UNDER_WAY, State.DONE, State.RETURNED)
    },
}
MORE: Final[Mapping[str, tuple[Promise, tuple[State, ...]]]] = {
    state.value: (words.STATES[state], (state,)) for state in (State.APPROVED, State.CANCELLED)
}
QUESTIONS: Final = ("state", "department", "mine", "page")


@permission_required(service.VIEW)
@require_safe
def show_queue(request: HttpRequest) -> HttpResponse:
    """Show the orders of one tab, the most pressing first."""
    actor = actor_of(request)
    tab = request.GET.get("state", "open")
    name, chosen = TABS.get(tab) or MORE.get(tab) or TABS["open"]
    asked = Filter(
        states=chosen,
        department=request.GET.get("department", ""),
        assignee=actor.reference if request.GET.get("mine") else "",
    )
    text = request.GET.get("page", "1")
    number = int(text) if text.isdecimal() and len(text) < 7 else 1
    page = service.list_orders(actor, asked, number=number)
    names = words.department_names()
    counts = service.count_orders(actor, asked)
    pages = Paginator(range(page.count), service.ROWS).get_page(number)
    return render(
        request,
        "incidents/queue.html",
        {
            "rows": words.rows_of(page, names),
            "tabs": _tabs(request, TABS, chosen, counts),
            "more": _tabs(request, MORE, chosen, counts),
            "tab_name": name,
            "departments": words.named(service.list_departments(actor), names),
            "department": asked.department,
            "mine": bool(asked.assignee),
            "everyones": _address(request, mine="", page=""),
            "own": _address(request, mine="1", page=""),
            "state": request.GET.get("state", ""),
            "before": _address(request, page=str(number - 1)) if pages.has_previous() else "",
            "following": _address(request, page=str(number + 1)) if pages.has_next() else "",
            "may_create": actor.may(service.CREATE),
        },
    )


def _tabs(
    request: HttpRequest,
    tabs: Mapping[str, tuple[Promise, tuple[State, ...]]],
    chosen: tuple[State, ...],
    counts: Mapping[State, int],
) -> list[dict[str, object]]:
    return [
        {
            "name": name,
            "address": _address(request, state=tab, page=""),
            "is_current": wanted == chosen,
            "count": sum(counts.get(state, 0) for state in wanted),
        }
        for tab, (name, wanted) in tabs.items()
    ]


def _address(request: HttpRequest, **changed: str) -> str:
    """Give this page's address with some of its questions changed; an empty one is left out."""
    asked = {name: str(request.GET[name]) for name in QUESTIONS if name in request.GET}
    left = {name: value for name, value in (asked | changed).items() if value}
    return f"?{urlencode(left)}" if left else request.path


@permission_required(service.VIEW)
@require_safe
def show_order(request: HttpRequest, order_id: int) -> HttpResponse:
    """Show one order with its course, its alarms as they stand, its place, and what can be done with it."""
    actor = actor_of(request)
    account = service.get_order(actor, order_id)
    context = order_context(actor, account)
    if context["can_assign"]:
        context["workers"] = accounts.list_holders(service.WORK).items()
    return render(request, "incidents/order.html", context)


def order_context(actor: Actor, account: Account) -> dict[str, object]:
    """Give what both pages of an order show: at a desk, and the crew's."""
    things = labels.name_things(alarm.point.thing_id for alarm in account.alarms)
    return {
        "row": words.row_of_account(account),
        "order": account.order,
        "account": account,
        "issuer": account.people.get(account.order.issued_by, ""),
        "course": words.course_of(account),
        "alarms": words.alarm_rows(account.alarms, things),
        "task": words.task_lines(account.order),
        "sketch": sketch_around(account, city=settings.CITY, language=words.language()),
        "members": len(account.members),
        **{
            f"can_{deed.value}": actor.may(permission) and states.can(deed, account.order.standing)
            for deed, permission in service.PERMISSIONS.items()
        },
        "waits_for_alarm": states.can(Deed.APPROVE, account.order.standing) and not account.is_normal,
    }


@permission_required(service.VIEW)
@require_safe
@cache_control(private=True, max_age=31_536_000, immutable=True)
def show_photo(request: HttpRequest, order_id: int, digest: str) -> HttpResponse:
    """Send a photo of an order, or with `?small=1` the small one; its address names its content."""
    file = service.find_photo(actor_of(request), order_id, digest, small="small" in request.GET)
    return HttpResponse(file.read_bytes(), content_type="image/jpeg")
