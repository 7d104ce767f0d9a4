"""The way from devices to the platform: some messages are lost, doubled or late."""

import math
from typing import Final

import numpy as np
from numpy.typing import NDArray

SENT: Final = 0
LOST: Final = 1
LATE: Final = 2
DOUBLED: Final = 3
SILENT: Final = 4
"""What becomes of a message; SILENT: there never was one."""

LOST_SHARE: Final = 0.03
LATE_SHARE: Final = 0.01
DOUBLED_SHARE: Final = 0.01
LATEST_MIN: Final = 10

Fates = NDArray[np.uint8]

_SHARES: Final = (LOST_SHARE, LATE_SHARE, DOUBLED_SHARE)
_MEAN: Final = -math.log(1 - sum(_SHARES))
"""How often, on average, chance hits each message, so that it misses as many as go through well (Poisson)."""


class Channel:
    """Decides what becomes of each message, by a seeded chance."""

    def __init__(self, chance: np.random.Generator) -> None:
        self._chance = chance

    def fates(self, messages: int, silent: NDArray[np.bool_]) -> Fates:
        """Draw the fate of so many messages of each device, [messages, devices]."""
        fate = np.zeros((messages, len(silent)), dtype=np.uint8)
        # Few are hit, so it is cheaper to draw who they are than to ask each.
        hits = int(self._chance.poisson(_MEAN * fate.size))
        which = self._chance.random(hits) * sum(_SHARES)
        fate.ravel()[self._chance.integers(0, fate.size, hits)] = LOST + np.searchsorted(np.cumsum(_SHARES[:2]), which)
        fate[:, silent] = SILENT
        return fate

    def delays_min(self, count: int) -> NDArray[np.float64]:
        """Draw by how many minutes late messages come, more than one and up to ten."""
        return self._chance.uniform(1, LATEST_MIN, count)


def has_arrived(fates: Fates) -> NDArray[np.bool_]:
    """Tell which messages arrive within their minute."""
    return np.asarray((fates == SENT) | (fates == DOUBLED))
