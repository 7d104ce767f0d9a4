"""The crew's pages, made for a phone in one hand: what is mine, what is my department's, and one order."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from dothi.core.accounts.guard import actor_of, permission_required
from dothi.core.incidents import service
from dothi.core.incidents.types import AT_WORK, Filter, State
from dothi.core.incidents.views import words
from dothi.core.incidents.views.pages import order_context

MOST = 30


@permission_required(service.WORK)
@require_safe
def show_crew(request: HttpRequest) -> HttpResponse:
    """Show what whoever looks has to do, then what nobody of the department has taken on, then what waits."""
    actor = actor_of(request)
    mine = service.list_orders(actor, Filter(states=AT_WORK, assignee=actor.reference), limit=MOST)
    free = service.list_orders(actor, Filter(states=AT_WORK, nobodys=True), limit=MOST)
    done = service.list_orders(actor, Filter(states=(State.DONE,), assignee=actor.reference), limit=MOST)
    return render(
        request,
        "incidents/crew.html",
        {
            "crew_config": {"who": actor.reference, "order": 0},
            "lists": [
                ("mine", words.rows_of(mine, {}), mine.count),
                ("free", words.rows_of(free, {}), free.count),
                ("done", words.rows_of(done, {}), done.count),
            ],
        },
    )


@permission_required(service.WORK)
@require_safe
def show_crew_order(request: HttpRequest, order_id: int) -> HttpResponse:
    """Show one order as a crew needs it on the street."""
    actor = actor_of(request)
    account = service.get_order(actor, order_id)
    context = order_context(actor, account) | {"crew_config": {"who": actor.reference, "order": order_id}}
    return render(request, "incidents/crew_order.html", context)
