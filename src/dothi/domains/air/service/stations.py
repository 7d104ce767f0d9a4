"""The door to stations: where they are and what they last sent."""

from pathlib import Path
from typing import Final

from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import Actor
from dothi.core.observations import service as observations
from dothi.domains.air import rules
from dothi.domains.air.types import Station
from dothi.kernel import clock
from dothi.kernel.errors import NotFound
from dothi.kernel.manifest import read_manifest

STATIONS: Final = read_manifest(Path(__file__).parents[1] / "manifest.toml").layers[0]
VIEW: Final = STATIONS.permission
RESIDENT_ROLE: Final = "viewer"
"""In this role, and as a visitor, residents look: so they see what is public, whatever visitors may else see."""


def list_stations(actor: Actor) -> list[Station]:
    """List the stations an actor may see by name, with their newest hours, in one query.

    Raises Unauthenticated or Forbidden.
    """
    accounts.require(actor, VIEW)
    now = clock.now()
    found = observations.list_things(actor, kind=STATIONS.kind)
    stations = [rules.station_of(each, now=now, late_after_s=STATIONS.late_after_s) for each in found]
    return sorted(stations, key=lambda station: (station.name, station.id))


def list_public_stations() -> list[Station]:
    """List the stations that everybody may know of, as `list_stations` does; it asks for no permission."""
    return list_stations(resident())


def resident() -> Actor:
    """Give whoever reads the public page: a visitor, who sees what is public."""
    return accounts.visitor(RESIDENT_ROLE)


def get_station(actor: Actor, station_id: int) -> Station:
    """Give a station, in one query.

    Raises NotFound for what is no station or what the actor may not see, Unauthenticated or Forbidden.
    """
    accounts.require(actor, VIEW)
    thing = observations.get_thing(actor, station_id)
    if thing.kind != STATIONS.kind:
        raise NotFound(f"no station {station_id}")
    return rules.station_of(thing, now=clock.now(), late_after_s=STATIONS.late_after_s)
