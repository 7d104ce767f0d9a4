"""The door to control cabinets as the pages show them."""

from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import Actor
from dothi.core.observations import service as observations
from dothi.core.observations.series import service as series
from dothi.core.observations.types import ThingReading
from dothi.domains.lighting.rules.overview import cabinets_of
from dothi.domains.lighting.service.lamps import VIEW
from dothi.domains.lighting.service.schedules import CABINET_KIND
from dothi.domains.lighting.types.overview import CabinetPlace
from dothi.kernel.errors import NotFound


def list_cabinets(actor: Actor, *, serial: str = "") -> list[CabinetPlace]:
    """List the cabinets an actor may see, or the one of a serial, by name, in one query.

    Raises Unauthenticated or Forbidden.
    """
    accounts.require(actor, VIEW)
    where = {"serial": serial} if serial else None
    return cabinets_of(series.read_newest(actor, kind=CABINET_KIND, where=where).things)


def get_cabinet(actor: Actor, cabinet_id: int) -> ThingReading:
    """Give a cabinet with its newest readings. Raises NotFound for what is none, Unauthenticated or Forbidden."""
    accounts.require(actor, VIEW)
    thing = observations.get_thing(actor, cabinet_id)
    if thing.kind != CABINET_KIND:
        raise NotFound(f"no control cabinet {cabinet_id}")
    return thing
