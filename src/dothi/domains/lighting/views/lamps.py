"""The page of lamps."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from dothi.domains.lighting import service
from dothi.domains.lighting.types import Lamp, LampState
from dothi.web.guard import actor_of, permission_required


@permission_required("lighting.lamp.view")
@require_safe
def list_lamps(request: HttpRequest) -> HttpResponse:
    """Show all lamps in a table."""
    lamps = service.list_lamps(actor_of(request))
    states = {state.id: state for state in service.LAMPS.states}
    language = get_language() or ""
    rows = [(lamp, states[lamp.state].symbol, states[lamp.state].names.of(language)) for lamp in lamps]
    return render(request, "lighting/lamps.html", {"layer": service.LAMPS, "rows": rows, **_figures(lamps)})


def _figures(lamps: list[Lamp]) -> dict[str, int]:
    """Count what stands above the table; a late lamp counts as neither on nor off."""
    return {
        "on": sum(lamp.state is LampState.ON and not lamp.is_late for lamp in lamps),
        "late": sum(lamp.is_late for lamp in lamps),
    }
