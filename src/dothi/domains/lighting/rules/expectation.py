"""What each lamp should do in a minute: by the programme its cabinet has, and by the commands it has answered."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, NamedTuple

import numpy as np

from dothi.domains.lighting.rules import schedule, sun
from dothi.domains.lighting.rules.detection import SETTLE_MIN
from dothi.domains.lighting.types.detection import Bools, Expected, Floats, Ints
from dothi.domains.lighting.types.schedule import Programme

SETTLE: Final = timedelta(minutes=SETTLE_MIN)


class Places(NamedTuple):
    """Where cabinets stand, in degrees [c]: of lamps of one cabinet the sun sets within seconds of each other."""

    lat: Floats
    lon: Floats


class Held(NamedTuple):
    """Lamps that were commanded a level, or of which it isn't known whether they were; arrays [k].

    `begin_s` and `until_s` are seconds of Unix time, infinite where there is no end. `level_percent` is NaN where a
    command has no known outcome: whatever the lamp does then, it may be right.
    """

    lamp: Ints
    level_percent: Floats
    begin_s: Floats
    until_s: Floats


def expect(
    at: datetime, programmes: Sequence[Programme], places: Places, cabinet_of: Ints, held: Held
) -> Expected:  # fmt: skip
    """Give what lamps [n] should do at a moment; `programmes` has what each cabinet's controller runs [c]."""
    now_s, soon_s = at.timestamp(), (at + SETTLE).timestamp()
    by_cabinet = _levels(programmes, places, np.array([now_s, soon_s]))
    dark = sun.elevation(places.lat, places.lon, np.full(len(places.lat), now_s)) < sun.HORIZON
    now, unknown = _hold(by_cabinet[cabinet_of, 0], held, now_s)
    soon, _ = _hold(by_cabinet[cabinet_of, 1], held, soon_s)
    return Expected(
        level_percent=now,
        is_exempt=unknown,
        is_dark=np.asarray(dark[cabinet_of]),
        is_changing=np.asarray(soon != now),
    )


def _levels(programmes: Sequence[Programme], places: Places, moments_s: Floats) -> Floats:
    """Give the level of each cabinet's programme [c, moments]; most cabinets share one."""
    found = np.zeros((len(programmes), len(moments_s)))
    for programme in set(programmes):
        here = np.array([each == programme for each in programmes])
        found[here] = schedule.levels(programme, places.lat[here], places.lon[here], moments_s)
    return found


def _hold(levels: Floats, held: Held, now_s: float) -> tuple[Floats, Bools]:
    """Put commands in force in the place of the programme; tells too of which lamps nothing is known."""
    levels, unknown = levels.copy(), np.zeros(len(levels), np.bool_)
    in_force = (held.begin_s <= now_s) & (now_s < held.until_s)
    is_known = in_force & ~np.isnan(held.level_percent)
    levels[held.lamp[is_known]] = held.level_percent[is_known]
    unknown[held.lamp[in_force & ~is_known]] = True
    return levels, unknown
