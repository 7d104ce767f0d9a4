"""What detection of faults takes and gives: lamps and cabinets as arrays, minutes, expectations, findings."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Bools = NDArray[np.bool_]


@dataclass(frozen=True, eq=False, slots=True)
class Sites:
    """The lamps [n] and cabinets [c] that detection watches, as they are registered; the ids are their Things'."""

    lamp_id: Ints
    cabinet_id: Ints
    cabinet: Ints
    """Index into `cabinet_id` of the cabinet that feeds and connects each lamp, [n]."""
    phase: Ints
    """0, 1, 2 for A, B, C, [n]."""
    rated_w: Floats
    """The power each lamp is registered with, [n]."""
    nominal_v: float = 230.0
    """The mains' phase voltage; a voltage is judged by its share of this."""


class Sample(NamedTuple):
    """What arrived of one minute. NaN: nothing did. Lamps' arrays are [n], cabinets' [c, 3] for the phases A, B, C."""

    power_w: Floats
    level_percent: Floats
    voltage_v: Floats
    flags: Floats
    """A sum of TALQ's bits; 1 is a lamp's failure."""
    cabinet_voltage_v: Floats
    cabinet_current_a: Floats


class CabinetSample(NamedTuple):
    """What a cabinet said within some seconds: its phases' voltages and currents, [3] each, NaN for what is missing."""

    cabinet: int
    """Index into `Sites.cabinet_id`."""
    voltage_v: Floats
    current_a: Floats


class Expected(NamedTuple):
    """What each lamp should do in a minute, by its programme and the commands it was sent, [n]."""

    level_percent: Floats
    """What the command in force asks for, or else the programme."""
    is_exempt: Bools
    """Nothing is judged but silence: a crew is at the lamp, or what became of a command to it isn't known yet."""
    is_dark: Bools
    """The sun is down where the lamp stands."""
    is_changing: Bools
    """The level will be another one some minutes from now (`detection.SETTLE_MIN`): lamps' clocks differ, and one that
    is ahead obeys already."""


class FaultRule(StrEnum):
    """The alarm rules whose conditions are found from data."""

    LAMP_FAILED = "lighting.lamp.failed"
    LAMP_DAY_BURNING = "lighting.lamp.day_burning"
    LAMP_CYCLING = "lighting.lamp.cycling"
    LAMP_DIMMING_FAILED = "lighting.lamp.dimming_failed"
    LAMP_POWER_DRIFT = "lighting.lamp.power_drift"
    LAMP_SILENT = "lighting.lamp.silent"
    FEEDER_LOST = "lighting.feeder.lost"
    GATEWAY_SILENT = "lighting.gateway.silent"


class FindingKind(StrEnum):
    """Whether a condition came or went."""

    RAISE = "raise"
    CLEAR = "clear"


class Finding(NamedTuple):
    """A condition that came or went: which rule, about which lamp or cabinet, since when.

    `subject` is an index into `Sites.lamp_id`, or into `Sites.cabinet_id` for the rules about a feeder or a gateway.
    `key` is the feeder's phase, "A", "B" or "C", and empty elsewhere. `members` are indices of lamps.
    """

    rule: FaultRule
    kind: FindingKind
    subject: int
    since: datetime
    """For a raise, when the condition was first seen; for a clear, when it was seen to be gone."""
    key: str = ""
    members: tuple[int, ...] = ()
