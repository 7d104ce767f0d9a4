"""One minute of detection, or one cabinet's message: from a state and what arrived to the next state and findings."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np
from numpy.typing import NDArray

from dothi.domains.lighting.rules.detection import burning, cabinets, power, silence
from dothi.domains.lighting.rules.detection.evidence import Evidence, epoch_minute, read_evidence, settle
from dothi.domains.lighting.rules.detection.state import Lamps, State
from dothi.domains.lighting.rules.detection.timers import Timer, Turn, with_rows, withdraw
from dothi.domains.lighting.types.detection import (
    Bools,
    CabinetSample,
    Expected,
    FaultRule,
    Finding,
    FindingKind,
    Sample,
)

PHASES: Final = "ABC"
MANY_CABINETS: Final = 3
"""Of so many cabinets not all fall silent at once by themselves: when nothing comes at all, the fault is ours."""
FOLLOWS_MIN: Final = 20
"""A lamp's condition that began at most so long before its feeder's or gateway's is a part of that."""

Turns = list[tuple[FaultRule, Timer, Turn]]


def step(state: State, at: datetime, sample: Sample, expected: Expected) -> tuple[State, list[Finding]]:
    """Take one minute of all lamps and cabinets; gives the next state and what came and went.

    `at` is the full minute, aware. Minutes come in order, each once; the arrays have the shapes of `state.sites`. What
    did not arrive is NaN: it raises nothing but silence. Findings of one step about one subject and rule are unique.
    """
    minute = epoch_minute(at)
    state = state._replace(lamps=settle(state.lamps, expected))
    heard, spoke = silence.heard_lamps(sample), silence.heard_cabinets(sample)
    if not heard.any() and not spoke.any() and len(spoke) >= MANY_CABINETS:
        return state, []
    state = state._replace(lamps=silence.count_unheard(state.lamps, heard))
    state, found = _judge_cabinets(state, minute, sample, expected, spoke)
    covered = cabinets.covered_lamps(state)
    seen = read_evidence(state, minute, sample, expected, heard=heard, covered=covered)
    lamps, turns = _judge_lamps(state, seen, sample, covered)
    found.extend(_lamp_findings(turns, at))
    return state._replace(lamps=lamps), found


def step_cabinet(
    state: State, at: datetime, sample: CabinetSample, expected: Expected
) -> tuple[State, list[Finding]]:  # fmt: skip
    """Take what one cabinet said between two minutes; raises a lost feeder at once where nothing else can be meant.

    `at` is aware, at or after the last minute that `step` took. `sample` holds what came of the cabinet within a few
    seconds and NaN for what didn't: a value from before a sag or a switch beside one from after it would mislead.
    `expected` is of all lamps, with the commands sent until now. Nothing is cleared here; `step` goes on from the
    state given.
    """
    minute, row = epoch_minute(at), slice(sample.cabinet, sample.cabinet + 1)
    voltage_v, current_a = (np.asarray(each, dtype=float)[None] for each in (sample.voltage_v, sample.current_a))
    phases = cabinets.read_phases(state, expected, voltage_v, current_a).of_cabinet(row)
    lost = state.cabinets.lost
    one, turn = cabinets.judge_message(lost.rows(row), minute, phases)
    state = state._replace(cabinets=state.cabinets._replace(lost=lost.with_rows(row, one)))
    none = np.zeros_like(lost.active)
    return _with_members(state, minute, Turn(with_rows(none, row, turn.came), none), Turn(none[:, 0], none[:, 0]))


def _judge_cabinets(
    state: State, minute: int, sample: Sample, expected: Expected, spoke: Bools
) -> tuple[State, list[Finding]]:  # fmt: skip
    phases = cabinets.read_phases(state, expected, sample.cabinet_voltage_v, sample.cabinet_current_a)
    lost, feeders = cabinets.judge_feeders(state.cabinets.lost, minute, phases)
    known, gateways = cabinets.judge_gateways(state, minute, spoke)
    return _with_members(state._replace(cabinets=known._replace(lost=lost)), minute, feeders, gateways)


def _judge_lamps(state: State, seen: Evidence, sample: Sample, covered: Bools) -> tuple[Lamps, Turns]:
    lamps, sites = state.lamps, state.sites
    lamps, silent = silence.judge_silent(lamps, seen, covered)
    lamps, cycling = burning.judge_cycling(lamps, seen)
    lamps, failed = burning.judge_failed(lamps, seen, sample.flags)
    lamps, day = burning.judge_burning(lamps, seen)
    draw = power.read_draw(lamps, seen, sites)
    lamps, dimming = power.judge_dimming(lamps, seen, draw)
    lamps, learnt = power.learn(lamps, seen, draw, sites)
    lamps, drift = power.judge_drift(lamps, seen, learnt, sites)
    return lamps, [
        (FaultRule.LAMP_SILENT, lamps.silent, silent),
        (FaultRule.LAMP_CYCLING, lamps.cycling, cycling),
        (FaultRule.LAMP_FAILED, lamps.failed, failed),
        (FaultRule.LAMP_DAY_BURNING, lamps.burning, day),
        (FaultRule.LAMP_DIMMING_FAILED, lamps.dimming, dimming),
        (FaultRule.LAMP_POWER_DRIFT, lamps.drift, drift),
    ]


def _lamp_findings(turns: Turns, at: datetime) -> Iterator[Finding]:
    for rule, timer, turn in turns:
        for lamp in np.flatnonzero(turn.came).tolist():
            yield Finding(rule, FindingKind.RAISE, lamp, _moment(timer.since[lamp]))
        for lamp in np.flatnonzero(turn.went).tolist():
            yield Finding(rule, FindingKind.CLEAR, lamp, at)


def _with_members(state: State, minute: int, feeders: Turn, gateways: Turn) -> tuple[State, list[Finding]]:
    """Tell of feeders and gateways, and withdraw what was said of their lamps since."""
    sites, found = state.sites, list[Finding]()
    for cabinet, phase in np.argwhere(feeders.came | feeders.went).tolist():
        members = np.flatnonzero((sites.cabinet == cabinet) & (sites.phase == phase))
        since = int(state.cabinets.lost.since[cabinet, phase])
        if feeders.came[cabinet, phase]:
            found.append(_raise(FaultRule.FEEDER_LOST, cabinet, since, members, key=PHASES[phase]))
            state, withdrawn = _withdraw(state, minute, since, members)
            found.extend(withdrawn)
        else:
            found.append(Finding(FaultRule.FEEDER_LOST, FindingKind.CLEAR, cabinet, _moment(minute), PHASES[phase]))
    for cabinet in np.flatnonzero(gateways.came | gateways.went).tolist():
        members = np.flatnonzero(sites.cabinet == cabinet)
        since = minute - int(state.cabinets.unheard[cabinet]) + 1
        if gateways.came[cabinet]:
            found.append(_raise(FaultRule.GATEWAY_SILENT, cabinet, since, members))
            state, withdrawn = _withdraw(state, minute, since, members)
            found.extend(withdrawn)
        else:
            found.append(Finding(FaultRule.GATEWAY_SILENT, FindingKind.CLEAR, cabinet, _moment(minute)))
    return state, found


def _raise(rule: FaultRule, cabinet: int, since: int, members: NDArray[np.intp], key: str = "") -> Finding:
    return Finding(rule, FindingKind.RAISE, cabinet, _moment(since), key, tuple(members.tolist()))


def _withdraw(state: State, minute: int, since: int, members: NDArray[np.intp]) -> tuple[State, list[Finding]]:
    """Take back that lamps failed or are silent, where it began with what now stands for them."""
    lamps = state.lamps
    here = np.zeros(len(state.sites.lamp_id), np.bool_)
    here[members] = True
    failed, silent = (here & each.active & (each.since >= since - FOLLOWS_MIN) for each in (lamps.failed, lamps.silent))
    found = [
        Finding(rule, FindingKind.CLEAR, lamp, _moment(minute))
        for rule, late in ((FaultRule.LAMP_FAILED, failed), (FaultRule.LAMP_SILENT, silent))
        for lamp in np.flatnonzero(late).tolist()
    ]
    lamps = lamps._replace(failed=withdraw(lamps.failed, failed), silent=withdraw(lamps.silent, silent))
    return state._replace(lamps=lamps), found


def _moment(minute: int) -> datetime:
    return datetime.fromtimestamp(0, UTC) + timedelta(minutes=int(minute))
