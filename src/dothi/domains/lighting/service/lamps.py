"""The door to lamps: what others may ask of lamps."""

from pathlib import Path
from typing import Final

from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import Actor
from dothi.core.observations import service as observations
from dothi.core.observations.series import service as series
from dothi.core.observations.types import ThingReading
from dothi.domains.lighting import rules
from dothi.domains.lighting.rules import readings
from dothi.domains.lighting.rules.search import fold
from dothi.domains.lighting.types import Lamp
from dothi.kernel import clock
from dothi.kernel.errors import NotFound
from dothi.kernel.manifest import read_manifest

LAMPS: Final = read_manifest(Path(__file__).parents[1] / "manifest.toml").layers[0]
VIEW: Final = LAMPS.permission


def list_lamps(actor: Actor, *, street: str = "", cabinet: str = "") -> list[Lamp]:
    """List the lamps an actor may see, by name, with their newest readings, in two queries.

    Those of one street (its slug) or of one cabinet (its serial) alone, where that is given. Raises Unauthenticated or
    Forbidden.
    """
    accounts.require(actor, VIEW)
    wanted = {"street": street, "cabinet": cabinet}
    where = {name: value for name, value in wanted.items() if value}
    newest = series.read_newest(actor, kind=LAMPS.kind, names=readings.STREAMS, where=where)
    lamps = rules.lamps_of(newest, now=clock.now(), late_after_s=LAMPS.late_after_s)
    return sorted(lamps, key=lambda lamp: (fold(lamp.name), lamp.id))


def get_lamp(actor: Actor, lamp_id: int) -> tuple[Lamp, ThingReading]:
    """Give a lamp, and its Thing as the record has it, in one query.

    Raises NotFound for what is no lamp or what the actor may not see, Unauthenticated or Forbidden.
    """
    accounts.require(actor, VIEW)
    thing = observations.get_thing(actor, lamp_id)
    if thing.kind != LAMPS.kind:
        raise NotFound(f"no lamp {lamp_id}")
    return rules.lamp_of(thing, now=clock.now(), late_after_s=LAMPS.late_after_s), thing
