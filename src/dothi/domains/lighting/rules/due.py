"""What was due over a time, as the edges of a line to draw."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final

from dothi.domains.lighting.types.schedule import Night

JUST_BEFORE: Final = timedelta(milliseconds=1)
"""So long before a switch the line still has the level of before."""


def between(nights: Sequence[Night], begin: datetime, end: datetime) -> list[tuple[datetime, int]]:
    """Give the levels in percent that were due between two moments, by nights in a row: the ends of each stretch.

    Nothing where the nights don't cover the whole time.
    """
    switches = [switch for night in nights for switch in night.switches]
    before = [switch.level for switch in switches if switch.at <= begin]
    if not before or nights[-1].end < end:
        return []
    edges = [(begin, before[-1])]
    for switch in switches:
        if begin < switch.at < end and switch.level != edges[-1][1]:
            edges += [(switch.at - JUST_BEFORE, edges[-1][1]), (switch.at, switch.level)]
    return [*edges, (end, edges[-1][1])]
