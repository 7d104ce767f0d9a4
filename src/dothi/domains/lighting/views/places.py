"""The pages of a street, a lamp and a control cabinet."""

from collections import Counter
from collections.abc import Sequence
from typing import Final, NamedTuple

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_safe

from dothi.core.accounts.types import Actor
from dothi.core.observations.series.types import Chart, Step
from dothi.domains.lighting import service
from dothi.domains.lighting.rules.overview import along
from dothi.domains.lighting.rules.readings import programme_of, text_of
from dothi.domains.lighting.service import cabinets as cabinet_service
from dothi.domains.lighting.service import days, history, schedules
from dothi.domains.lighting.service import overview as overviews
from dothi.domains.lighting.service.figures import may_see_alarms
from dothi.domains.lighting.types import Lamp
from dothi.domains.lighting.types.command import Aim
from dothi.domains.lighting.types.history import Span
from dothi.domains.lighting.types.overview import CabinetPlace
from dothi.domains.lighting.types.schedule import Cabinet, Programme
from dothi.domains.lighting.views.band import Band, draw
from dothi.domains.lighting.views.commands import command_context
from dothi.domains.lighting.views.words import LampRow, alarm_rows, due_of, lamp_rows, rated_limit
from dothi.kernel import clock
from dothi.kernel.errors import NotFound
from dothi.web.guard import actor_of, city, permission_required

ROWS: Final = 50
"""Lamps on one page of a street's table; the strip above it shows all."""
ALARMS: Final = 20
PAUSE_MS: Final = 3_000
SPANS: Final = {
    Span.DAY: gettext_lazy("24 hours"),
    Span.MONTH: gettext_lazy("30 days"),
    Span.YEAR: gettext_lazy("1 year"),
}
READINGS: Final = {
    "power": gettext_lazy("Power"),
    "light level": gettext_lazy("Light level"),
    "voltage": gettext_lazy("Voltage"),
    "energy": gettext_lazy("Energy register"),
    "operating hours": gettext_lazy("Operating hours"),
}
STEPS: Final = {Step.MONTH: gettext_lazy("by month"), Step.DAY: gettext_lazy("by day")}


class Tonight(NamedTuple):
    """A programme of the coming night, and for how many of a street's cabinets it is."""

    band: Band
    cabinets: int


class Phase(NamedTuple):
    """A phase of a cabinet: its newest readings, None where nothing came, and its lamps."""

    name: str
    voltage: object
    current: object
    rows: list[LampRow]
    on: int
    late: int


@permission_required("lighting.lamp.view")
@require_safe
def show_street(request: HttpRequest, slug: str) -> HttpResponse:
    """Show a street's lamps as they stand, its cabinets and alarms, its energy, and the coming night."""
    actor = actor_of(request)
    lamps = along(service.list_lamps(actor, street=slug))
    if not lamps:
        raise NotFound(f"no street {slug}")
    serials = {lamp.cabinet for lamp in lamps}
    cabinets = [each for each in cabinet_service.list_cabinets(actor) if each.serial in serials or each.street == slug]
    ids = [*(lamp.id for lamp in lamps), *(cabinet.id for cabinet in cabinets)]
    tallies = overviews.tally_alarms(actor, ids)
    rows = lamp_rows(lamps, tallies)
    energy = days.add_up(days.energy_of(actor, lamps, days.last_days()))
    per_cabinet = Counter(lamp.cabinet for lamp in lamps)
    context = {
        "name": lamps[0].street_name,
        "programme": lamps[0].programme_name,
        "rows": rows,
        "page": Paginator(rows, ROWS).get_page(request.GET.get("page")),
        "cabinets": [(each, per_cabinet[each.serial]) for each in cabinets],
        "alarms": alarm_rows(overviews.list_open_alarms(actor, ids, limit=ALARMS)),
        "may_see_alarms": may_see_alarms(actor),
        "open_alarms": sum(tally.about for tally in tallies.values()),
        "energy": energy,
        "has_backfill": days.has_backfill(actor, lamps),
        "tonight": _tonight(actor, cabinets),
        "night": schedules.coming_night(),
        **_counts(lamps),
        **command_context(actor, Aim.STREET, slug, lamps=len(lamps)),
    }
    return render(request, "lighting/street.html", context)


def _counts(lamps: list[Lamp]) -> dict[str, object]:
    return {
        "lamps": len(lamps),
        "on": sum(lamp.is_on for lamp in lamps),
        "late": sum(lamp.is_late for lamp in lamps),
        "simulated": any(lamp.simulated for lamp in lamps),
        "newest_at": max((lamp.observed_at for lamp in lamps if lamp.observed_at), default=None),
        "pause": PAUSE_MS,
    }


def _tonight(actor: Actor, cabinets: list[CabinetPlace]) -> list[Tonight]:
    """Give the coming night, once for each programme that cabinets have."""
    if not actor.may(schedules.VIEW) or not cabinets:
        return []
    night = schedules.coming_night()
    chosen = schedules.programmes_for(actor, [_as_cabinet(each) for each in cabinets], night)
    counts = Counter[Programme](choice.programme for _cabinet, choice in chosen)
    return [
        Tonight(draw(schedules.preview(actor, programme, night), city().zone, now=clock.now()), count)
        for programme, count in counts.most_common()
    ]


def _as_cabinet(place: CabinetPlace) -> Cabinet:
    return Cabinet(place.id, place.name, place.serial, place.street, place.programme, None, None)


@permission_required("lighting.lamp.view")
@require_safe
def show_lamp(request: HttpRequest, lamp_id: int) -> HttpResponse:
    """Show what a lamp is, how it is now, its alarms, and what it sent over a day, a month or a year."""
    actor = actor_of(request)
    lamp, thing = service.get_lamp(actor, lamp_id)
    span = _chosen(request.GET.get("span"), Span.DAY)
    step = Step.DAY if request.GET.get("by") == Step.DAY else Step.MONTH
    at = cabinet_service.list_cabinets(actor, serial=lamp.cabinet) if lamp.cabinet else []
    place = _as_cabinet(at[0]) if at else Cabinet(0, "", lamp.cabinet, lamp.street, lamp.programme, None, None)
    past = history.lamp_history(actor, lamp, place, span=span, step=step)
    [row] = lamp_rows([lamp], overviews.tally_alarms(actor, [lamp.id]))
    context = {
        "row": row,
        "lamp": lamp,
        "thing": thing,
        "cabinet": at[0] if at else None,
        "shown": [(thing.readings.get(name), label) for name, label in READINGS.items()],
        "history": past,
        "spans": [(each.value, name, each is span) for each, name in SPANS.items()],
        "steps": [(each.value, name, each is step) for each, name in STEPS.items()],
        "limits": rated_limit(lamp),
        "due_power": due_of(past.due, at_full=lamp.rated_power_w),
        "due_level": due_of(past.due, at_full=100.0),
        "alarms": alarm_rows(overviews.list_open_alarms(actor, [lamp.id], limit=ALARMS)),
        "past_alarms": alarm_rows(overviews.list_past_alarms(actor, lamp.id, limit=ALARMS)),
        "may_see_alarms": may_see_alarms(actor),
        "pause": PAUSE_MS,
        **command_context(actor, Aim.LAMP, str(lamp.id)),
    }
    return render(request, "lighting/lamp.html", context)


def _chosen(given: str | None, usual: Span) -> Span:
    return Span(given) if given in {each.value for each in Span} else usual


@permission_required("lighting.lamp.view")
@require_safe
def show_cabinet(request: HttpRequest, cabinet_id: int) -> HttpResponse:
    """Show a cabinet's phases now and over a day, its lamps by phase, and its alarms."""
    actor = actor_of(request)
    thing = cabinet_service.get_cabinet(actor, cabinet_id)
    serial = text_of(thing.properties, "serial")
    lamps = along(service.list_lamps(actor, cabinet=serial)) if serial else []
    tallies = overviews.tally_alarms(actor, [thing.id, *(lamp.id for lamp in lamps)])
    past = history.cabinet_history(actor, thing.id)
    rows = lamp_rows(lamps, tallies)
    streets = list(dict.fromkeys((lamp.street, lamp.street_name) for lamp in lamps if lamp.street))
    phases = [
        _phase(phase, thing.readings.get(f"voltage {phase}"), thing.readings.get(f"current {phase}"), rows)
        for phase in history.PHASES
    ]
    context = {
        "thing": thing,
        "serial": serial,
        "programme": programme_of(thing.properties),
        "streets": streets,
        "phases": phases,
        "others": [row for row in rows if row.lamp.phase not in history.PHASES],
        "history": past,
        "voltage_names": _phase_names(past.voltage),
        "current_names": _phase_names(past.current),
        "alarms": alarm_rows(overviews.list_open_alarms(actor, [thing.id, *(lamp.id for lamp in lamps)], limit=ALARMS)),
        "past_alarms": alarm_rows(overviews.list_past_alarms(actor, thing.id, limit=ALARMS)),
        "may_see_alarms": may_see_alarms(actor),
        "heard_at": max((each.at for each in thing.readings.values()), default=None),
        **_counts(lamps),
        **command_context(actor, Aim.CABINET, serial, lamps=len(lamps)),
    }
    return render(request, "lighting/cabinet.html", context)


def _phase_names(drawn: Sequence[Chart]) -> list[str]:
    """Name the lines of phases; a Datastream's name ends with its phase."""
    return [_("phase %(phase)s") % {"phase": chart.name[-1]} for chart in drawn]


def _phase(name: str, voltage: object, current: object, rows: list[LampRow]) -> Phase:
    own = [row for row in rows if row.lamp.phase == name]
    return Phase(
        name,
        voltage,
        current,
        own,
        on=sum(row.lamp.is_on for row in own),
        late=sum(row.lamp.is_late for row in own),
    )
