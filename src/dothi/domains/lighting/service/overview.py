"""The door to the pages of the whole city and of a street: lamps by street, their alarms, and yesterday's figures."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from typing import Final

from dothi.core.accounts.types import Actor
from dothi.core.alarms import service as alarms
from dothi.core.alarms.types import Filter, Page, State, Tally
from dothi.domains.lighting.rules.overview import streets_of
from dothi.domains.lighting.service import days
from dothi.domains.lighting.service.cabinets import list_cabinets
from dothi.domains.lighting.service.figures import figures_of, may_see_alarms
from dothi.domains.lighting.service.lamps import list_lamps
from dothi.domains.lighting.types.overview import Overview

OPEN: Final = Filter(domain="lighting")
"""Lighting's alarms in the queue."""
NOBODYS: Final = Page(alarms=[], things={})


def overview(actor: Actor) -> Overview:
    """Give all lamps an actor may see, by street, with yesterday's figures; the queries are as many for any city.

    Raises Unauthenticated or Forbidden.
    """
    lamps = list_lamps(actor)
    cabinets = list_cabinets(actor)
    may_see = may_see_alarms(actor)
    yesterday = days.today() - timedelta(days=1)
    used = days.energy_of(actor, lamps, [yesterday])
    tallies = alarms.tally_things(actor, OPEN) if may_see else None
    return Overview(
        lamps=tuple(lamps),
        cabinets=tuple(cabinets),
        streets=streets_of(lamps, cabinets, used.kwh[:, 0], tallies),
        figures=figures_of(actor, lamps, cabinets, used),
        alarms=alarms.count_alarms(actor, OPEN) if may_see else None,
    )


def list_open_alarms(actor: Actor, thing_ids: Sequence[int], *, limit: int) -> Page:
    """List the open alarms about Things, or that stand for one of them; none for those who may not see alarms."""
    if not may_see_alarms(actor) or not thing_ids:
        return NOBODYS
    return alarms.list_alarms(actor, Filter(concerning=tuple(thing_ids)), limit=limit)


def list_past_alarms(actor: Actor, thing_id: int, *, limit: int) -> Page:
    """List the newest alarms that are over, about a Thing or that stood for it, as `list_open_alarms` does."""
    if not may_see_alarms(actor):
        return NOBODYS
    return alarms.list_alarms(actor, Filter(states=(State.NORMAL,), concerning=(thing_id,)), limit=limit)


def tally_alarms(actor: Actor, thing_ids: Sequence[int]) -> Mapping[int, Tally]:
    """Give how the open alarms of Things stand; nothing for those who may not see alarms."""
    if not may_see_alarms(actor) or not thing_ids:
        return {}
    return alarms.tally_things(actor, Filter(concerning=tuple(thing_ids)))
