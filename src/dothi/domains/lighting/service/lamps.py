"""The door to lamps: what others may ask of lamps."""

from pathlib import Path
from typing import Final

from dothi.core.accounts import service as accounts
from dothi.core.accounts.types import Actor
from dothi.core.observations import service as observations
from dothi.domains.lighting import rules
from dothi.domains.lighting.types import Lamp
from dothi.kernel import clock
from dothi.kernel.manifest import read_manifest

LAMPS: Final = read_manifest(Path(__file__).parents[1] / "manifest.toml").layers[0]
VIEW: Final = LAMPS.permission


def list_lamps(actor: Actor) -> list[Lamp]:
    """List the lamps an actor may see, by name, with their newest readings, in one query.

    Raises Unauthenticated or Forbidden.
    """
    accounts.require(actor, VIEW)
    now = clock.now()
    things = observations.list_things(actor, kind=LAMPS.kind)
    lamps = [rules.lamp_of(thing, now=now, late_after_s=LAMPS.late_after_s) for thing in things]
    return sorted(lamps, key=lambda lamp: (lamp.name, lamp.id))
