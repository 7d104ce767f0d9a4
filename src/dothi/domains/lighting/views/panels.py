"""What lighting adds to the pages of others."""

from typing import Any

from dothi.core.accounts.types import Actor
from dothi.core.incidents.types import Order
from dothi.core.observations import service as observations
from dothi.core.observations.types import ThingReading
from dothi.domains.lighting.rules.readings import text_of
from dothi.domains.lighting.service import LAMPS
from dothi.domains.lighting.service import cabinets as cabinet_service
from dothi.domains.lighting.service.history import PHASES
from dothi.domains.lighting.service.schedules import CABINET_KIND
from dothi.kernel.errors import Forbidden, NotFound


def order_panel(actor: Actor, subject: Order) -> dict[str, Any] | None:
    """Give where a lamp or a cabinet hangs, and how the cabinet's phases are; None for any other device."""
    try:
        thing = observations.get_thing(actor, subject.thing_id)
    except (NotFound, Forbidden):  # gone, or not for this actor: the order stands without it
        return None
    if thing.kind == CABINET_KIND:
        return _cabinet(thing, "")
    if thing.kind != LAMPS.kind:
        return None
    serial = text_of(thing.properties, "cabinet")
    found = cabinet_service.list_cabinets(actor, serial=serial) if serial else []
    phase = text_of(thing.properties, "phase")
    if not found:
        return {"cabinet": None, "serial": serial, "phase": phase, "phases": [], "lamp": thing}
    return _cabinet(observations.get_thing(actor, found[0].id), phase) | {"lamp": thing}


def _cabinet(thing: ThingReading, phase: str) -> dict[str, Any]:
    return {
        "cabinet": thing,
        "serial": text_of(thing.properties, "serial"),
        "phase": phase,
        "phases": [
            (name, thing.readings.get(f"voltage {name}"), thing.readings.get(f"current {name}")) for name in PHASES
        ],
    }
