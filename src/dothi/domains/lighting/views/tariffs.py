"""The page of what energy is paid by and compared with: tariffs and baselines, each from a date on with its basis."""

from collections.abc import Sequence

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from dothi.core.accounts.types import Actor
from dothi.domains.lighting.service import energy, schedules
from dothi.domains.lighting.types.schedule import Cabinet
from dothi.domains.lighting.views.energy_forms import BaselineForm, TariffForm
from dothi.domains.lighting.views.schedules import called
from dothi.web.guard import actor_of, permission_required


@permission_required("lighting.energy.view")
@require_safe
def list_tariffs(request: HttpRequest) -> HttpResponse:
    """Show all tariffs and baselines, with forms for those who may enter them."""
    return _page(request)


@permission_required("lighting.energy.edit")
@require_POST
def add_tariff(request: HttpRequest) -> HttpResponse:
    """Keep a new tariff."""
    form = TariffForm(request.POST, prefix="tariff")
    if not form.is_valid():
        return _page(request, tariff=form)
    energy.add_tariff(actor_of(request), form.tariff())
    messages.success(request, _("The tariff is kept. Reports made from now on go by it."))
    return redirect("lighting:tariffs")


@permission_required("lighting.energy.edit")
@require_POST
def add_baseline(request: HttpRequest) -> HttpResponse:
    """Keep a new baseline."""
    actor = actor_of(request)
    form = BaselineForm(request.POST, cabinets=_cabinets(actor), prefix="baseline")
    if not form.is_valid():
        return _page(request, baseline=form)
    energy.add_baseline(actor, form.baseline())
    messages.success(request, _("The baseline is kept. Reports made from now on go by it."))
    return redirect("lighting:tariffs")


def _page(
    request: HttpRequest, *, tariff: TariffForm | None = None, baseline: BaselineForm | None = None
) -> HttpResponse:
    actor = actor_of(request)
    cabinets = _cabinets(actor)
    context = {
        "tariffs": energy.list_tariffs(actor)[::-1],
        "baselines": [(each, called(each.scope, each.key, cabinets)) for each in energy.list_baselines(actor)[::-1]],
        "may_edit": actor.may(energy.EDIT),
        "tariff_form": tariff or TariffForm(prefix="tariff"),
        "baseline_form": baseline or BaselineForm(cabinets=cabinets, prefix="baseline"),
        "is_wrong": tariff is not None or baseline is not None,
    }
    return render(request, "lighting/tariffs.html", context, status=400 if context["is_wrong"] else 200)


def _cabinets(actor: Actor) -> Sequence[Cabinet]:
    return schedules.list_cabinets(actor) if actor.may(schedules.VIEW) else ()
