"""How the shapes of units measure beside what is stated of the units."""

from collections.abc import Iterable, Sequence
from typing import Final, NamedTuple

FAR_APART: Final = 0.02
"""Parts of the stated area: what an act states and what its map draws differ by some per cent, most in the country."""


class Measured(NamedTuple):
    """What a unit's shape measures and what is stated of the unit (None: nothing), in square kilometres."""

    name: str
    measured_km2: float
    stated_km2: float | None


class Deviation(NamedTuple):
    """A unit, or several together, whose shape measures otherwise than is stated, in square kilometres."""

    name: str
    measured_km2: float
    stated_km2: float

    @property
    def share(self) -> float:
        """By what part of the stated area the shape is larger (negative: smaller)."""
        return self.measured_km2 / self.stated_km2 - 1


def deviations(told: Iterable[Measured]) -> list[Deviation]:
    """Give those of units whose shape measures far otherwise than is stated of them, the farthest first."""
    found = [Deviation(name, measured, stated) for name, measured, stated in told if stated]
    return sorted((each for each in found if abs(each.share) > FAR_APART), key=lambda each: -abs(each.share))


def together(told: Sequence[Measured]) -> Deviation | None:
    """Give what units measure together beside what is stated of them, None where that is not of each of them."""
    stated = [each.stated_km2 for each in told if each.stated_km2]
    if not told or len(stated) < len(told):
        return None
    return Deviation("", sum(each.measured_km2 for each in told), sum(stated))
