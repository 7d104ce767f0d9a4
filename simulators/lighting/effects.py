"""How faults show: each kind changes level, power, supply or speech of its lamps, as arrays."""

from collections.abc import Iterable
from typing import Final, NamedTuple

import numpy as np

from simulators.lighting.faults import Event, Flag, Kind
from simulators.lighting.fleet import Fleet
from simulators.lighting.frame import Bools, Floats, Ints
from simulators.lighting.physics import STANDBY_W, draw_w

FLAG_OF: Final = {
    Kind.LAMP_OUT: Flag.LAMP_FAILURE,
    Kind.DAY_BURNING: Flag.RELAY_FAILURE,
    Kind.CYCLING: Flag.CYCLING_FAILURE,
    Kind.DIMMING_NOT_OBEYED: Flag.DIMMING_FAILURE,
}


class Lamps(NamedTuple):
    """What lamps do at one moment, [n]; effects change the arrays in place."""

    level_percent: Floats
    """What the controller wants."""
    reported_percent: Floats
    power_w: Floats
    lit_min: Floats
    """For how long each is lit without a break."""
    full_w: Floats


class _Faulty(NamedTuple):
    """The lamps with one kind of fault, as columns."""

    lamp: Ints
    begin_s: Floats
    full_s: Floats
    strength: Floats
    variant: Ints

    @classmethod
    def of(cls, events: list[Event]) -> "_Faulty":
        """Write events of single lamps as columns."""
        return cls(
            np.array([each.lamps[0] for each in events], dtype=np.int64),
            np.array([each.begin_s for each in events]),
            np.array([each.full_s for each in events]),
            np.array([each.strength for each in events]),
            np.array([each.variant for each in events], dtype=np.int64),
        )


class Effects:
    """The faults and dips that act now; `set` takes them anew whenever one begins or ends."""

    def __init__(self, fleet: Fleet, chance: np.random.Generator) -> None:
        self._fleet = fleet
        self._rides_through = chance.uniform(0.5, 0.8, fleet.lamps)
        """Down to which share of voltage each lamp's driver goes on."""
        self.set(())

    def set(self, events: Iterable[Event]) -> None:
        """Take all events that act now."""
        by_kind: dict[Kind, list[Event]] = {kind: [] for kind in Kind}
        for event in events:
            by_kind[event.kind].append(event)
        singles = (Kind.LAMP_OUT, Kind.DAY_BURNING, Kind.CYCLING, Kind.DIMMING_NOT_OBEYED, Kind.POWER_DRIFT)
        self._faulty = {kind: _Faulty.of(by_kind[kind]) for kind in singles if by_kind[kind]}
        self._set_supply(by_kind)
        self._set_speech(by_kind)
        self._flagged = [each for each in (each for kind in singles for each in by_kind[kind]) if each.flagged]

    def _set_supply(self, by_kind: dict[Kind, list[Event]]) -> None:
        cabinets = self._fleet.cabinets
        self.is_fed = np.ones((cabinets, 3), dtype=bool)
        """[c, 3] whether current can flow."""
        self.voltage_share = np.ones((cabinets, 3))
        """[c, 3] what is left of the mains voltage."""
        for event in by_kind[Kind.FEEDER_LOST]:
            self.is_fed[event.cabinet, event.phase] = False
            if event.variant == 1:
                self.voltage_share[event.cabinet, event.phase] = 0.0
        for event in by_kind[Kind.GRID_DIP]:
            self.voltage_share[list(event.cabinets)] *= event.strength
        self.is_lamp_fed: Bools = self.is_fed.ravel()[self._fleet.feeder]
        share = self.voltage_share.ravel()[self._fleet.feeder]
        self.has_dropped: Bools = self.is_lamp_fed & (share < self._rides_through)
        """[n] lamps that went out by a dip."""

    def _set_speech(self, by_kind: dict[Kind, list[Event]]) -> None:
        self.is_cabinet_silent = np.zeros(self._fleet.cabinets, dtype=bool)
        for event in by_kind[Kind.GATEWAY_SILENT]:
            self.is_cabinet_silent[event.cabinet] = True
        self.is_silent: Bools = ~self.is_lamp_fed | self.is_cabinet_silent[self._fleet.cabinet]
        for event in (*by_kind[Kind.LAMP_SILENT], *by_kind[Kind.REPLACED_LAMP]):
            self.is_silent[event.lamps[0]] = True

    def apply(self, lamps: Lamps, now_s: float) -> None:
        """Change what healthy lamps would do into what these do."""
        for kind, faulty in self._faulty.items():
            _EFFECTS[kind](lamps, faulty, now_s)
        lamps.power_w[~self.is_lamp_fed | self.has_dropped] = 0.0

    def flags(self, now_s: float) -> Floats:
        """Give what controllers have noticed, [n]."""
        flags = np.where(self.has_dropped, float(Flag.SUPPLY_LOSS), 0.0)
        for event in self._flagged:
            if now_s >= event.visible_s:
                low_or_high = Flag.LAMP_POWER_TOO_LOW if event.strength < 0 else Flag.LAMP_POWER_TOO_HIGH
                flags[event.lamps[0]] += float(FLAG_OF.get(event.kind, low_or_high))
        return flags


def _go_out(lamps: Lamps, faulty: _Faulty, _now_s: float) -> None:
    wanted = lamps.level_percent[faulty.lamp] > 0
    lamps.power_w[faulty.lamp] = np.where(wanted, faulty.strength, STANDBY_W)


def _burn_by_day(lamps: Lamps, faulty: _Faulty, _now_s: float) -> None:
    at = faulty.lamp
    unwanted = lamps.level_percent[at] == 0
    full = draw_w(lamps.full_w[at], np.full(len(at), 100.0), lamps.lit_min[at])
    lamps.power_w[at] = np.where(unwanted, full, lamps.power_w[at])
    lamps.reported_percent[at] = np.where(unwanted & (faulty.variant == 1), 100.0, lamps.reported_percent[at])


def _cycle(lamps: Lamps, faulty: _Faulty, now_s: float) -> None:
    passed_min = (now_s - faulty.begin_s) / 60
    off = (passed_min % faulty.strength) < faulty.strength / 2
    at = faulty.lamp
    lamps.power_w[at] = np.where(off, STANDBY_W, lamps.power_w[at])


def _ignore_level(lamps: Lamps, faulty: _Faulty, _now_s: float) -> None:
    at = faulty.lamp
    lit = lamps.level_percent[at] > 0
    kept = draw_w(lamps.full_w[at], faulty.strength, lamps.lit_min[at])
    lamps.power_w[at] = np.where(lit, kept, lamps.power_w[at])
    lamps.reported_percent[at] = np.where(lit & (faulty.variant == 1), faulty.strength, lamps.reported_percent[at])


def _drift(lamps: Lamps, faulty: _Faulty, now_s: float) -> None:
    at = faulty.lamp
    reached = np.clip((now_s - faulty.begin_s) / np.maximum(faulty.full_s - faulty.begin_s, 1.0), 0, 1)
    lit = lamps.level_percent[at] > 0
    lamps.power_w[at] *= np.where(lit, 1 + faulty.strength * reached, 1.0)


_EFFECTS: Final = {
    Kind.LAMP_OUT: _go_out,
    Kind.DAY_BURNING: _burn_by_day,
    Kind.CYCLING: _cycle,
    Kind.DIMMING_NOT_OBEYED: _ignore_level,
    Kind.POWER_DRIFT: _drift,
}
