"""When alarms' conditions held, from the steps of their history."""

from collections.abc import Iterable
from datetime import datetime

from dothi.core.alarms.types import Deed, Spell


def spells_of(switches: Iterable[tuple[Deed, datetime]]) -> tuple[Spell, ...]:
    """Give the times for which one alarm's condition held, from its raises and clears in the order of time."""
    found: list[Spell] = []
    began: datetime | None = None
    for deed, at in switches:
        if deed is Deed.RAISE:
            began = began or at
        elif began is not None:
            found.append(Spell(began, at))
            began = None
    return (*found, Spell(began, None)) if began is not None else tuple(found)
