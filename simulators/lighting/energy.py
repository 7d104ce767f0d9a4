"""Energy and hours of light in closed form: what registers show after any time by programme, without stepping."""

from typing import Final, NamedTuple

import numpy as np

from simulators.lighting.frame import Floats, Ints
from simulators.lighting.physics import STANDBY_W, WARM_UP_EXCESS, WARM_UP_MIN, share_at
from simulators.lighting.programme import DAY_MIN, Programme, local_noon_s
from simulators.lighting.sun import DAY_S, night

HOUR_S: Final = 3600.0
WARM_UP_H: Final = WARM_UP_EXCESS * WARM_UP_MIN / 60 / 2
"""What starting cold costs, as hours of full power: the excess falls evenly to nothing."""


class Use(NamedTuple):
    """What passed since a beginning, for moments [t] at places [c]."""

    full_h: Floats
    """Hours of full power that give the same energy, standby apart."""
    lit_h: Floats
    dark_h: Floats
    """Hours not lit."""

    def energy_kwh(self, full_w: Floats, place: Ints) -> Floats:
        """Give the energy of lamps [n] of some power at places, [t, n]."""
        return np.asarray((self.full_h[:, place] * full_w + self.dark_h[:, place] * STANDBY_W) / 1000)


def use_since(begin_s: float, moments_s: Floats, *, lon: Floats, lat: Floats, programme: Programme) -> Use:
    """Integrate a programme from a beginning to each of the moments, at each place; [t, c]."""
    noons = _noons(begin_s, float(np.max(moments_s)), programme.zone)
    sunset, sunrise = night(lon[None, :], lat[None, :], noons[:, None])
    on, off = sunset + programme.on_offset_min * 60, sunrise + programme.off_offset_min * 60
    shape = (len(moments_s), len(lon))
    full_h, lit_h = np.zeros(shape), np.zeros(shape)
    for start, end, level in programme.segments():
        # A polar night goes from noon to noon of the sun, which is not quite the clock's.
        first = np.maximum(np.maximum(on, noons[:, None] + start * 60) if start else on, begin_s)
        last = np.minimum(off, noons[:, None] + end * 60) if end < DAY_MIN else off
        for number, moment in enumerate(moments_s):
            hours = np.clip(np.minimum(last, moment) - first, 0, None).sum(axis=0) / HOUR_S
            lit_h[number] += hours if level > 0 else 0.0
            full_h[number] += hours * float(share_at(level))
    for number, moment in enumerate(moments_s):
        warming = np.clip((np.minimum(off, moment) - np.maximum(on, begin_s)) / (WARM_UP_MIN * 60), 0, 1)
        full_h[number] += warming.sum(axis=0) * WARM_UP_H
    passed_h = (np.asarray(moments_s, dtype=float)[:, None] - begin_s) / HOUR_S
    return Use(full_h, lit_h, passed_h - lit_h)


def _noons(begin_s: float, end_s: float, zone: str) -> Floats:
    """Give the local noons before every night that lies between two moments."""
    # Counted from a noon, as a day of 23 or 25 hours then never moves a moment into another day.
    noon = local_noon_s(begin_s, zone) - DAY_S
    days = int((end_s - noon) // DAY_S) + 2
    return np.array([local_noon_s(noon + day * DAY_S, zone) for day in range(days)])
