"""Feeders that are lost and gateways that are silent: findings about a cabinet that stand for those of its lamps."""

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from dothi.domains.lighting.rules.detection.evidence import is_settled, share_at
from dothi.domains.lighting.rules.detection.state import Cabinets, State
from dothi.domains.lighting.rules.detection.timers import Timer, Turn, advance, forget
from dothi.domains.lighting.types.detection import Bools, Expected, Floats

DEAD_SHARE: Final = 0.3
"""Of the nominal voltage: a sag leaves more, a lost phase less."""
GOOD_SHARE: Final = 0.9
"""Of the nominal voltage: below it lamps may go out by themselves, so that current says nothing of the feeder."""
LOST_SHARE: Final = 0.1
BACK_SHARE: Final = 0.5
"""Of the current that a phase's lamps should draw: below the first it is lost, above the second well."""
LEAST_A: Final = 0.5
"""A phase that should draw less can't be judged by its current."""
POWER_FACTOR: Final = 0.95
SILENT_SHARE: Final = 0.8
"""Of a phase's or a cabinet's lamps, to say that all of them are silent: the rest may be messages that were late."""
HEARD_SHARE: Final = 0.5
SHORT_MIN: Final = 3
"""So many minutes without a message are more than chance."""
LOST_AFTER: Final = 5
"""Minutes of symptoms after which a feeder is lost. One phase alone without current or voltage needs no second look;
all of them may be a short outage, and lamps without a word may be the radio's."""
LOST_BACK_AFTER: Final = 3
GATEWAY_AFTER: Final = 10
GATEWAY_BACK_AFTER: Final = 2
FEWEST: Final = 3
"""With fewer lamps on a phase, that they are silent says nothing of the phase."""


class Phases(NamedTuple):
    """What is said of phases, [m, 3], and of their cabinets, [m]."""

    voltage_v: Floats
    current_a: Floats
    expected_a: Floats
    silent_share: Floats
    """Of the phase's lamps, those that have been silent for a while."""
    lamps: NDArray[np.int64]
    """How many lamps the phase has."""
    nominal_v: float

    def of_cabinet(self, row: slice) -> "Phases":
        """Give the phases of one cabinet, of which alone voltage and current are known."""
        return self._replace(
            expected_a=self.expected_a[row], silent_share=self.silent_share[row], lamps=self.lamps[row]
        )  # fmt: skip

    def lost(self) -> Bools:
        """Tell the phases that have no voltage, or no current though their lamps should light."""
        with np.errstate(invalid="ignore"):
            dead = self.voltage_v < DEAD_SHARE * self.nominal_v
            idle = (self.expected_a >= LEAST_A) & (self.current_a < LOST_SHARE * self.expected_a)
        return dead | (idle & self._is_fed())

    def well(self) -> Bools:
        """Tell the phases that have voltage, and current or lamps that are heard."""
        rests = (self.expected_a < LEAST_A) & (self.silent_share < 1 - HEARD_SHARE)
        return self._is_fed() & (self._draws() | rests)

    def alone(self) -> Bools:
        """Tell the lost phases beside which another one of the cabinet is fed: this is no outage of the grid."""
        lost = self.lost()
        return lost & (self._is_fed() & ~lost).any(axis=1, keepdims=True)

    def mute(self) -> Bools:
        """Tell the phases whose lamps are silent by day, while the cabinet speaks and another phase's lamps do."""
        heard = ~np.isnan(self.voltage_v).all(axis=1, keepdims=True)
        others = ((self.silent_share < 1 - HEARD_SHARE) & (self.lamps > 0)).any(axis=1, keepdims=True)
        silent = (self.silent_share >= SILENT_SHARE) & (self.lamps >= FEWEST)
        return heard & others & silent & (self.expected_a < LEAST_A)

    def _is_fed(self) -> Bools:
        with np.errstate(invalid="ignore"):
            return np.asarray(self.voltage_v >= GOOD_SHARE * self.nominal_v)

    def _draws(self) -> Bools:
        with np.errstate(invalid="ignore"):
            return (self.expected_a >= LEAST_A) & (self.current_a >= BACK_SHARE * self.expected_a)


def expect_current(state: State, expected: Expected) -> Floats:
    """Give the least current that each phase should draw, in A, [c, 3]: of lamps whose level doesn't change now.

    It is 0 where less than half of a phase's lamps should light: the few may be out by themselves.
    """
    sites = state.sites
    counts = is_settled(state.lamps, expected) & ~expected.is_exempt & ~state.lamps.failed.active
    power_w = np.where(counts, share_at(expected.level_percent) * sites.rated_w, 0.0)
    lit, lamps = _per_phase(state, (power_w > 0).astype(float)), _per_phase(state, np.ones(len(power_w)))
    amps = _per_phase(state, power_w) / (POWER_FACTOR * sites.nominal_v)
    return np.where(lit * 2 >= lamps, amps, 0.0)


def judge_feeders(timer: Timer, minute: int, phases: Phases) -> tuple[Timer, Turn]:
    """Judge phases, [m, 3], by voltage and current, and by day by lamps that are silent."""
    alone = phases.alone()
    symptom = phases.lost() | phases.mute()
    # While it is in doubt nothing is said of the phase's lamps, so a doubt ends with the first minute that shows none.
    return advance(
        forget(timer, ~symptom & ~np.isnan(phases.voltage_v)),
        minute=minute,
        symptom=symptom,
        healthy=phases.well() & ~symptom,
        on_after=LOST_AFTER,
        off_after=LOST_BACK_AFTER,
        weight=np.where(alone, LOST_AFTER, 1).astype(np.int16),
    )


def judge_message(timer: Timer, minute: int, phases: Phases) -> tuple[Timer, Turn]:
    """Judge phases by a message between two minutes: what needs a second look or a delay waits for the minute's end."""
    alone = phases.alone()
    nothing = np.zeros_like(alone)
    return advance(
        timer, minute=minute, symptom=alone, healthy=nothing, on_after=LOST_AFTER, off_after=LOST_BACK_AFTER,
        weight=LOST_AFTER,
    )  # fmt: skip


def read_phases(state: State, expected: Expected, voltage_v: Floats, current_a: Floats) -> Phases:
    """Gather what is said of every phase of every cabinet."""
    lamps = _per_phase(state, np.ones(len(state.sites.lamp_id)))
    silent = _per_phase(state, (state.lamps.unheard >= SHORT_MIN).astype(float))
    return Phases(
        voltage_v=voltage_v,
        current_a=current_a,
        expected_a=expect_current(state, expected),
        silent_share=silent / np.maximum(lamps, 1),
        lamps=lamps.astype(np.int64),
        nominal_v=state.sites.nominal_v,
    )


def judge_gateways(state: State, minute: int, heard: Bools) -> tuple[Cabinets, Turn]:
    """Judge whether cabinets are silent together with their lamps; `heard` [c] are those of which anything came."""
    cabinets = state.cabinets
    lamps = np.bincount(state.sites.cabinet, minlength=len(heard))
    mute = np.bincount(state.sites.cabinet, state.lamps.unheard >= SHORT_MIN, minlength=len(heard))
    share = mute / np.maximum(lamps, 1)
    unheard = np.where(heard, 0, np.minimum(cabinets.unheard + 1, 30_000)).astype(np.int16)
    symptom = ~heard & (share >= SILENT_SHARE)
    timer, turn = advance(
        cabinets.silent,
        minute=minute,
        symptom=symptom,
        healthy=heard | (share < HEARD_SHARE),
        on_after=GATEWAY_AFTER - SHORT_MIN,
        off_after=GATEWAY_BACK_AFTER,
    )
    return cabinets._replace(silent=timer, unheard=unheard), turn


def covered_lamps(state: State) -> Bools:
    """Tell the lamps whose feeder is lost or whose gateway is silent, or may turn out to be, [n]."""
    sites, cabinets = state.sites, state.cabinets
    lost = cabinets.lost.active | (cabinets.lost.on > 0)
    silent = cabinets.silent.active | (cabinets.silent.on > 0)
    return np.asarray(lost[sites.cabinet, sites.phase] | silent[sites.cabinet])


def _per_phase(state: State, values: Floats) -> Floats:
    sites = state.sites
    cabinets = len(sites.cabinet_id)
    sums = np.bincount(sites.cabinet * 3 + sites.phase, values, minlength=3 * cabinets)
    return sums.astype(np.float64).reshape(cabinets, 3)
