"""The demo's page: break simulated devices and mend them, and watch what follows; there is none in production."""

from typing import Any

from django.conf import settings
from django.contrib import messages
from django.http import HttpRequest, HttpResponse, HttpResponseRedirect
from django.shortcuts import render
from django.urls import reverse
from django.utils.dateparse import parse_datetime
from django.utils.translation import get_language, gettext
from django.views.decorators.http import require_POST, require_safe

from dothi.kernel.errors import InvalidInput, NotFound, Unavailable
from dothi.web import guard, simulators
from dothi.web.simulators import Fault, Kinds, Simulator

BREAK = "live.demo.break"
FIRST = 3
"""How many kinds of faults are shown at once; the others unfold."""


def _simulators() -> list[Simulator]:
    """Give the demo's simulators. Raises NotFound where this is no demo."""
    if not settings.IS_DEMO:
        raise NotFound("this is no demo")
    return simulators.parse(settings.SIMULATORS)


def _find(name: str) -> Simulator:
    found = next((each for each in _simulators() if each.name == name), None)
    if found is None:
        raise NotFound(f"no simulator {name}")
    return found


@guard.permission_required(BREAK)
@require_safe
def show(request: HttpRequest) -> HttpResponse:
    """Show what can be broken in each simulator, and what is broken now."""
    language = get_language() or ""
    return render(request, "web/demo.html", {"panels": [_panel(each, language) for each in _simulators()]})


def _panel(simulator: Simulator, language: str) -> dict[str, Any]:
    try:
        kinds, faults = simulator.list_kinds(), simulator.list_faults()
    except Unavailable:
        return {"id": simulator.name, "name": simulator.name, "is_away": True}
    shown = [(each, each.names.of(language)) for each in kinds.kinds]
    return {
        "id": simulator.name,
        "name": kinds.names.of(language),
        "first": shown[:FIRST],
        "more": shown[FIRST:],
        "by_hand": [_row(each, kinds, language) for each in faults if each.by_hand],
        "others": [_row(each, kinds, language) for each in faults if not each.by_hand],
    }


def _row(fault: Fault, kinds: Kinds, language: str) -> dict[str, Any]:
    kind = next((each for each in kinds.kinds if each.id == fault.kind), None)
    name = next((each.name for each in kind.targets if each.serial == fault.serial), "") if kind else ""
    return {
        "id": fault.id,
        "kind": kind.names.of(language) if kind else fault.kind,
        "serial": fault.serial,
        "name": name,
        "phase": fault.phase,
        "members": len(fault.members),
        "at": parse_datetime(fault.at),
    }


@guard.permission_required(BREAK)
@require_POST
def break_it(request: HttpRequest) -> HttpResponse:
    """Break something in a simulator."""
    simulator = _find(request.POST.get("simulator", ""))
    fixed = {"simulator", "kind", "serial", "csrfmiddlewaretoken"}
    choices = {name: str(value) for name, value in request.POST.items() if name not in fixed}
    try:
        simulator.break_it(request.POST.get("kind", ""), request.POST.get("serial", "").strip(), choices)
    except InvalidInput:
        messages.warning(request, gettext("That can't be broken: there is no such device, or it is broken already."))
    except Unavailable:
        messages.warning(request, gettext("The simulator does not answer."))
    else:
        messages.success(request, gettext("It is broken. The alarm comes as soon as the devices tell of it."))
    return HttpResponseRedirect(reverse("web:demo"))


@guard.permission_required(BREAK)
@require_POST
def mend(request: HttpRequest) -> HttpResponse:
    """Mend something in a simulator."""
    simulator = _find(request.POST.get("simulator", ""))
    try:
        count = simulator.mend(request.POST.get("which", ""))
    except Unavailable:
        messages.warning(request, gettext("The simulator does not answer."))
    else:
        said = gettext("It is mended.") if count else gettext("Nothing of that was broken any more.")
        messages.success(request, said)
    return HttpResponseRedirect(reverse("web:demo"))
