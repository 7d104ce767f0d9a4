"""One minute of all lamps and cabinets as it arrives: what detectors and measurements read."""

from datetime import datetime
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


class Frame(NamedTuple):
    """What arrived of one minute. NaN: nothing came for it (lost, silent, or later than its minute).

    Lamps' arrays have the shape [n], cabinets' [c, 3] for the phases A, B, C.
    """

    at: datetime
    """The full minute, in UTC."""
    power_w: Floats
    energy_kwh: Floats
    """The register, which only grows until the meter is replaced."""
    level_percent: Floats
    voltage_v: Floats
    operating_h: Floats
    flags: Floats
    """A sum of `faults.Flag`."""
    cabinet_voltage_v: Floats
    cabinet_current_a: Floats


def new_chance(seed: int, use: int) -> np.random.Generator:
    """Give a source of chance of its own for each use, so that one more draw here changes nothing there."""
    return np.random.Generator(np.random.SFC64([seed, use]))
