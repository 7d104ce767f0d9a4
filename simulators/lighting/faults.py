"""What goes wrong, and what only looks like it: kinds, events with begin and end, and how one is told as truth."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import UTC, datetime
from enum import IntFlag, StrEnum
from typing import Any, Final

import numpy as np

from simulators.lighting.fleet import PHASES, Fleet
from simulators.lighting.frame import Ints


class Flag(IntFlag):
    """What a controller says of its lamp, in TALQ's words; it notices only a part of what is wrong."""

    LAMP_FAILURE = 1
    DIMMING_FAILURE = 2
    CYCLING_FAILURE = 4
    RELAY_FAILURE = 8
    LAMP_POWER_TOO_HIGH = 16
    LAMP_POWER_TOO_LOW = 32
    SUPPLY_LOSS = 64


class Kind(StrEnum):
    """Faults, then hard negatives: what a detector must not take for a fault."""

    LAMP_OUT = "lamp_out"
    """The driver is fed and the lamp is dark: 0 to 3 W, whatever level the controller reports."""
    DAY_BURNING = "day_burning"
    """The relay sticks: full power by day."""
    CYCLING = "cycling"
    """The lamp goes out and comes back, every few minutes."""
    DIMMING_NOT_OBEYED = "dimming_not_obeyed"
    """Full light instead of the level reported (variant 0), or one level kept for ever (variant 1)."""
    POWER_DRIFT = "power_drift"
    """Power moves slowly away from the rating, by 15 to 40 %, mostly down."""
    FEEDER_LOST = "feeder_lost"
    """A cabinet's phase feeds nothing: by a blown fuse (variant 0) or without voltage (variant 1)."""
    LAMP_SILENT = "lamp_silent"
    """A controller says nothing; its lamp goes on."""
    GATEWAY_SILENT = "gateway_silent"
    """A cabinet says nothing, and none of its lamps can."""
    GRID_DIP = "grid_dip"
    """The grid's voltage sags over some cabinets for a few minutes; some lamps go out and start again."""
    PLANNED_DIMMING = "planned_dimming"
    """Lamps are commanded to another level by night."""
    MAINTENANCE = "maintenance"
    """A crew has lamps switched on by day, by command."""
    REPLACED_LAMP = "replaced_lamp"
    """A lamp is replaced by one of another power, with a new meter; it is registered so."""
    FOG = "fog"
    """Lamps of a street or of the city are commanded on by day."""


LAMP_FAULTS: Final = (
    Kind.LAMP_OUT,
    Kind.DAY_BURNING,
    Kind.CYCLING,
    Kind.DIMMING_NOT_OBEYED,
    Kind.POWER_DRIFT,
    Kind.LAMP_SILENT,
)
CABINET_FAULTS: Final = (Kind.FEEDER_LOST, Kind.GATEWAY_SILENT)
FAULTS: Final = (*LAMP_FAULTS, *CABINET_FAULTS)
COMMANDS: Final = (Kind.PLANNED_DIMMING, Kind.MAINTENANCE, Kind.FOG)
"""Negatives that are override commands."""
NEGATIVES: Final = (Kind.GRID_DIP, *COMMANDS, Kind.REPLACED_LAMP)


@dataclass(frozen=True, slots=True)
class Event:
    """One fault or negative, from begin to end (its repair), in seconds of Unix time."""

    id: str
    kind: Kind
    begin_s: float
    end_s: float
    lamps: tuple[int, ...] = ()
    """The lamps it is about: one, or a feeder's, a cabinet's, or those that are commanded."""
    cabinet: int = -1
    phase: int = -1
    strength: float = 0.0
    """By kind: lamp_out W drawn · cycling the period in min · dimming_not_obeyed the level kept · power_drift the final
    share of power, signed · grid_dip the share of voltage left · a command's level · replaced_lamp the new rating in W.
    """
    variant: int = 0
    full_s: float = 0.0
    """power_drift: when its strength is reached."""
    visible_s: float = 0.0
    """From when on signals show it: a lamp that fails by day can't be told from one that is off."""
    flagged: bool = False
    """Whether the lamp's controller notices it."""
    cabinets: tuple[int, ...] = field(default=())
    """grid_dip: where."""

    @property
    def is_fault(self) -> bool:
        """Tell a fault from a hard negative."""
        return self.kind in FAULTS

    def truth(self, fleet: Fleet, *, event: str, at_s: float) -> dict[str, Any]:
        """Give the line of the truth for its begin or end."""
        told: dict[str, Any] = {
            "id": self.id,
            "event": event,
            "class": "fault" if self.is_fault else "negative",
            "kind": str(self.kind),
            "serial": self.serial(fleet),
            "at": _iso(at_s),
        }
        if self.phase >= 0:
            told["phase"] = PHASES[self.phase]
        if len(self.lamps) != 1 or self.cabinet >= 0:
            told["members"] = [fleet.serials[lamp] for lamp in self.lamps]
        if event == "begin":
            told |= {"visible_at": _iso(max(self.visible_s, at_s)), "until": _iso(self.end_s), "variant": self.variant}
            told |= {"strength": round(self.strength, 4), "flagged": self.flagged}
        return told

    def serial(self, fleet: Fleet) -> str:
        """Give the serial of the lamp or cabinet that it is about."""
        if self.cabinet >= 0:
            return fleet.cabinet_serials[self.cabinet]
        return fleet.serials[self.lamps[0]] if self.lamps else fleet.cabinet_serials[self.cabinets[0]]


@dataclass(frozen=True, slots=True)
class Plan:
    """What will happen, in order of begin."""

    events: tuple[Event, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "events", tuple(sorted(self.events, key=lambda each: (each.begin_s, each.id))))

    def count(self, kind: Kind) -> int:
        """Count the events of a kind."""
        return sum(each.kind is kind for each in self.events)


NOTHING: Final = Plan()


def members_of(fleet: Fleet, cabinet: int, phase: int = -1) -> tuple[int, ...]:
    """Give the lamps of a cabinet, or of one phase of it."""
    here = fleet.cabinet == cabinet
    if phase >= 0:
        here &= fleet.phase == phase
    return tuple(int(lamp) for lamp in np.flatnonzero(here))


def lamps_of(events: Iterable[Event]) -> Ints:
    """Give the lamps of events, one after the other."""
    return np.array([lamp for event in events for lamp in event.lamps], dtype=np.int64)


def _iso(epoch_s: float) -> str:
    return datetime.fromtimestamp(epoch_s, tz=UTC).isoformat()
