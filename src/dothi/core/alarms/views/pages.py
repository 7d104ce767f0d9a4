"""The queue of alarms, and the page of one."""

from collections.abc import Mapping
from typing import Final
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_safe

from dothi.core.accounts.guard import actor_of, permission_required
from dothi.core.accounts.types import Actor
from dothi.core.alarms import service
from dothi.core.alarms.types import QUEUE, Alarm, Filter, State
from dothi.core.alarms.views import words

TABS: Final[Mapping[str, tuple[Promise, tuple[State, ...]]]] = {
    "all": (_("All"), QUEUE),
    **{state.value: (words.STATES[state], (state,)) for state in (*QUEUE, State.SHELVED)},
}
MORE: Final[Mapping[str, tuple[Promise, tuple[State, ...]]]] = {
    state.value: (words.STATES[state], (state,)) for state in (State.SUPPRESSED, State.OUT_OF_SERVICE, State.NORMAL)
}
SHELVE_FOR: Final[Mapping[int, Promise]] = {
    15: _("15 minutes"),
    60: _("1 hour"),
    240: _("4 hours"),
    480: _("8 hours"),
    1440: _("1 day"),
    4320: _("3 days"),
}
"""For how many minutes of the city's time an alarm can be shelved from its page."""


@permission_required(service.VIEW)
@require_safe
def show_queue(request: HttpRequest) -> HttpResponse:
    """Show the alarms of one tab, most pressing first."""
    actor = actor_of(request)
    tab = request.GET.get("state", "all")
    asked = _filter(request, tab if tab in TABS or tab in MORE else "all")
    page = service.list_alarms(actor, asked, after=request.GET.get("after", ""))
    counts = {state: sum(numbers.values()) for state, numbers in service.count_alarms(actor, asked).items()}
    rows = [words.row_of(alarm, page.things.get(alarm.point.thing_id)) for alarm in page.alarms]
    return render(
        request,
        "alarms/queue.html",
        {
            "rows": rows,
            "tabs": _tabs(request, TABS, asked, counts),
            "more": _tabs(request, MORE, asked, counts),
            "priorities": words.PRIORITIES.items(),
            "chosen_priority": next(iter(asked.priorities), 0),
            "services": _services(),
            "chosen_service": asked.domain,
            "state": request.GET.get("state", ""),
            "is_first": not request.GET.get("after"),
            "first": _address(request, after=""),
            "following": _address(request, after=page.next) if page.next else "",
            "may_acknowledge": actor.may(service.ACKNOWLEDGE),
            "can_acknowledge": any(_can_acknowledge(row.alarm) for row in rows),
        },
    )


def _filter(request: HttpRequest, tab: str) -> Filter:
    """Read what is asked for; what makes no sense restricts nothing."""
    priority = request.GET.get("priority", "")
    domain = request.GET.get("service", "")
    return Filter(
        states=(TABS.get(tab) or MORE[tab])[1],
        priorities=(int(priority),) if priority in {"1", "2", "3", "4"} else (),
        domain=domain if domain in dict(_services()) else "",
    )


def _tabs(
    request: HttpRequest,
    tabs: Mapping[str, tuple[Promise, tuple[State, ...]]],
    asked: Filter,
    counts: Mapping[State, int],
) -> list[dict[str, object]]:
    return [
        {
            "name": name,
            "address": _address(request, state=tab, after=""),
            "is_current": states == asked.states,
            "count": None if states == (State.NORMAL,) else sum(counts.get(state, 0) for state in states),
        }
        for tab, (name, states) in tabs.items()
    ]


def _services() -> list[tuple[str, str]]:
    """List the services that can raise alarms, with their names."""
    language = get_language() or ""
    return sorted({(found.domain, found.names.of(language)) for found in service.rules_by_id().values()})


def _address(request: HttpRequest, **changed: str) -> str:
    """Give this page's address with some of its questions changed; an empty one is left out."""
    asked = {name: str(request.GET[name]) for name in ("state", "priority", "service", "after") if name in request.GET}
    left = {name: value for name, value in (asked | changed).items() if value}
    return f"?{urlencode(left)}" if left else request.path


def _can_acknowledge(alarm: Alarm) -> bool:
    return not alarm.standing.is_acknowledged and not alarm.standing.is_hidden


@permission_required(service.VIEW)
@require_safe
def show_alarm(request: HttpRequest, alarm_id: int) -> HttpResponse:
    """Show one alarm with its way, its members, what to do, and what can be done with it."""
    actor = actor_of(request)
    account = service.get_alarm(actor, alarm_id)
    return render(
        request,
        "alarms/alarm.html",
        {
            "row": words.row_of(account.alarm, account.thing),
            "account": account,
            "history": words.history_of(account),
            "facts": words.facts_of(account.alarm),
            "procedure": words.procedure_of(account.alarm),
            "shelve_for": SHELVE_FOR.items(),
            **_deeds(actor, account.alarm),
        },
    )


def _deeds(actor: Actor, alarm: Alarm) -> dict[str, bool]:
    """Say which deeds are open to an actor, by permission and by the alarm's state."""
    is_open = alarm.state is not State.NORMAL
    is_out, is_shelved = alarm.state is State.OUT_OF_SERVICE, alarm.state is State.SHELVED
    may_shelve, may_disable = actor.may(service.SHELVE), actor.may(service.DISABLE)
    return {
        "can_acknowledge": actor.may(service.ACKNOWLEDGE) and _can_acknowledge(alarm),
        "can_shelve": may_shelve and is_open and not is_out and not is_shelved,
        "can_unshelve": may_shelve and is_shelved,
        "can_remove": may_disable and is_open and not is_out,
        "can_return": may_disable and is_out,
    }
