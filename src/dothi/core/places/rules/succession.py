"""Figures of units that are no more, read on those that came after them, and back: by share of area, with bounds."""

from collections import defaultdict
from collections.abc import Iterable, Mapping
from typing import Final, NamedTuple

from dothi.core.places.types import Succession

WHOLE: Final = 1 - 1e-9
"""A share from here on is all of it: shares are measured, and sums of floats are no integers."""


class Carried(NamedTuple):
    """A figure that was carried over, with the least and the most it can be wherever things lie within a unit."""

    value: float
    least: float
    most: float

    @property
    def is_exact(self) -> bool:
        """Whether it holds whatever lies where."""
        return self.least == self.most


def carry_on(figures: Mapping[int, float], successions: Iterable[Succession]) -> Mapping[int, Carried]:
    """Carry figures that can be added (people, kWh; not rates), by old unit, over to the new ones.

    A unit that went whole to one successor is exact there. Of one that was divided, each successor is given its share
    of area; it may have all of it or nothing. Figures are not negative.
    """
    sums: dict[int, list[Carried]] = defaultdict(list)
    for each in successions:
        if each.predecessor_id in figures:
            sums[each.successor_id].append(_part(figures[each.predecessor_id], each.share))
    return {area_id: _total(parts) for area_id, parts in sums.items()}


def carry_back(
    figures: Mapping[int, float], successions: Iterable[Succession], *, km2: Mapping[int, float]
) -> Mapping[int, Carried]:
    """Carry figures of the new units back to the old ones; `km2` are the areas of the old units.

    A new unit's figure is parted among those it came from, by the area that each gave. Figures are not negative.
    """
    told = [each for each in successions if each.successor_id in figures]
    given = {(each.predecessor_id, each.successor_id): each.share * km2[each.predecessor_id] for each in told}
    received: dict[int, float] = defaultdict(float)
    for (_, successor_id), area in given.items():
        received[successor_id] += area
    sums: dict[int, list[Carried]] = defaultdict(list)
    for (predecessor_id, successor_id), area in given.items():
        share = area / received[successor_id] if received[successor_id] else 0.0
        sums[predecessor_id].append(_part(figures[successor_id], share))
    return {area_id: _total(parts) for area_id, parts in sums.items()}


def missing_shares(successions: Iterable[Succession]) -> Mapping[int, float]:
    """Give, by predecessor, how far its shares are from making up all of it (positive: something is lost)."""
    sums: dict[int, float] = defaultdict(float)
    for each in successions:
        sums[each.predecessor_id] += each.share
    return {area_id: 1 - total for area_id, total in sums.items()}


def _part(figure: float, share: float) -> Carried:
    if share >= WHOLE:
        return Carried(figure, figure, figure)
    return Carried(figure * share, 0.0, figure)


def _total(parts: Iterable[Carried]) -> Carried:
    values, least, most = zip(*parts, strict=True)
    return Carried(sum(values), sum(least), sum(most))
