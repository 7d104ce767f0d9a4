"""Where shapes measure far otherwise than is stated of the units they are of."""

from collections.abc import Iterable
from typing import Final, NamedTuple

FAR_APART: Final = 0.02
"""Parts of the stated area: what an act states and what its map draws differ by some per cent, most in the country."""


class Deviation(NamedTuple):
    """A unit whose shape measures otherwise than is stated of it, in square kilometres."""

    name: str
    measured_km2: float
    stated_km2: float

    @property
    def share(self) -> float:
        """By what part of the stated area the shape is larger (negative: smaller)."""
        return self.measured_km2 / self.stated_km2 - 1


def deviations(told: Iterable[tuple[str, float, float | None]]) -> list[Deviation]:
    """Give those of units (name, measured and stated km²) whose shape measures far otherwise, the farthest first."""
    found = [Deviation(name, measured, stated) for name, measured, stated in told if stated]
    return sorted((each for each in found if abs(each.share) > FAR_APART), key=lambda each: -abs(each.share))
