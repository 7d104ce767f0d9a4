"""What the lamps' controllers want: their light programme by the sun, unless a command overrides it."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Final

import numpy as np

from simulators.lighting.fleet import Fleet
from simulators.lighting.frame import Bools, Floats, Ints
from simulators.lighting.physics import Clocks
from simulators.lighting.programme import DEFAULT, Programme
from simulators.lighting.sun import SIN_HORIZON, hour_angle, sun_at

S_PER_RADIAN: Final = 86_400 / (2 * np.pi)


class Controllers:
    """All lamps' controllers: programme and override of each, run by clocks of their own."""

    def __init__(self, fleet: Fleet, clocks: Clocks) -> None:
        self._fleet = fleet
        self._clocks = clocks
        self._sin_lat = np.sin(np.radians(fleet.lat))
        self._cos_lat = np.cos(np.radians(fleet.lat))
        self._programmes = [DEFAULT]
        self._programme_of = np.zeros(fleet.lamps, dtype=np.int64)
        self._override = np.full(fleet.lamps, np.nan)
        self._until_s = np.full(fleet.lamps, np.inf)
        self._error_hour = -1.0
        self._set_offsets()

    @property
    def override_percent(self) -> Floats:
        """The level each lamp is commanded to, [n]; NaN where it follows its programme."""
        return self._override

    def programme_of(self, lamp: int) -> Programme:
        """Give the programme that a lamp runs."""
        return self._programmes[int(self._programme_of[lamp])]

    def set_programme(self, lamps: Sequence[int] | Ints, programme: Programme) -> None:
        """Hand lamps another programme, for good."""
        if programme not in self._programmes:
            self._programmes.append(programme)
        self._programme_of[np.asarray(lamps)] = self._programmes.index(programme)
        self._set_offsets()

    def override(self, lamps: Sequence[int] | Ints, level_percent: float, until_s: float = np.inf) -> None:
        """Hold lamps at a level until a moment of Unix time, or until they are resumed."""
        self._override[np.asarray(lamps)] = level_percent
        self._until_s[np.asarray(lamps)] = until_s

    def resume(self, lamps: Sequence[int] | Ints) -> None:
        """Let lamps go back to their programme."""
        self._override[np.asarray(lamps)] = np.nan
        self._until_s[np.asarray(lamps)] = np.inf

    def kept(self) -> tuple[tuple[Programme, ...], Ints, Floats, Floats]:
        """Give what controllers don't forget: programmes, which each lamp has, override levels and until when."""
        return tuple(self._programmes), self._programme_of, self._override, self._until_s

    def levels(self, epoch_s: float) -> Floats:
        """Give the level that each controller sets at a moment, [n] in percent."""
        self._override[self._until_s <= epoch_s] = np.nan
        at = datetime.fromtimestamp(epoch_s, tz=UTC)
        by_programme = np.array([programme.level_at(at) for programme in self._programmes])
        wanted = np.where(self._is_on(epoch_s), by_programme[self._programme_of], 0.0)
        return np.where(np.isnan(self._override), wanted, self._override)

    def _is_on(self, epoch_s: float) -> Bools:
        """Tell where the sun, seen through each clock and with each programme's offsets, is down."""
        sun = sun_at(epoch_s)
        if epoch_s // 3600 != self._error_hour:
            # Clocks drift by seconds a day: once an hour is enough.
            self._error_hour = epoch_s // 3600
            self._place = np.radians(self._fleet.lon) + self._clocks.error_s(epoch_s) / S_PER_RADIAN
        angle = float(hour_angle(0.0, epoch_s, sun)) + self._place
        if self._has_offsets:
            # Offsets move the sun along its day: by some minutes in the evening, by others in the morning.
            angle = angle - np.where(np.sin(angle) > 0, self._on_offset, self._off_offset)
        height = self._sin_lat * np.sin(sun.declination) + self._cos_lat * np.cos(sun.declination) * np.cos(angle)
        return np.asarray(height < SIN_HORIZON)

    def _set_offsets(self) -> None:
        on = np.array([each.on_offset_min for each in self._programmes]) * 60 / S_PER_RADIAN
        off = np.array([each.off_offset_min for each in self._programmes]) * 60 / S_PER_RADIAN
        self._on_offset, self._off_offset = on[self._programme_of], off[self._programme_of]
        self._has_offsets = bool(self._on_offset.any() or self._off_offset.any())
