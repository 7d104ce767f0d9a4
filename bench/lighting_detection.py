"""Lighting's faults found from data: nights of all 6,000 simulated lamps through the rules, held against the truth."""

import argparse
import time
from collections import Counter
from datetime import UTC, datetime, timedelta
from statistics import median, quantiles
from typing import Final, NamedTuple

import numpy as np

from bench._lighting_expected import Command, Expectation
from bench._lighting_scores import KIND_OF, Event, Raised, Score, blame, read_truth, score
from bench.report import Figure, figure
from dothi.domains.lighting.rules import detection
from dothi.domains.lighting.types.detection import CabinetSample, Finding, FindingKind, Sample, Sites
from simulators.lighting.city import City
from simulators.lighting.faults import COMMANDS, NEGATIVES, Plan
from simulators.lighting.fleet import Fleet, build_fleet
from simulators.lighting.frame import Frame
from simulators.lighting.planning import BENCH_COUNTS, bench_plan

# The simulated city measures, loses and delays as devices do. The rules see what arrived, and what is expected by the
# programme, the commands issued and the powers registered: never the truth. All planned faults count, and how findings
# are held against them is said at `score`. Seeds 1 to 5 and 101 to 103 were used for tuning: they prove nothing.

BEGIN: Final = datetime(2026, 11, 2, 5, 0, tzinfo=UTC)
"""Noon in the city."""
NIGHTS: Final = 14
MINUTE: Final = timedelta(minutes=1)
GOAL: Final = ">=0.97"
CHANGE: Final = 0.1
LEAST_A: Final = 2.0
"""Of a smaller current a tenth is noise."""


class Run(NamedTuple):
    """What came of all nights."""

    raised: list[Raised]
    truth: list[Event]
    step_ms: list[float]
    message_ms: list[float]


class Messages:
    """What cabinets say between two minutes: whichever's current has changed by more than a tenth says so at once."""

    def __init__(self, cabinets: int) -> None:
        self._current_a = np.full((cabinets, 3), np.nan)

    def of(self, frame: Frame) -> list[CabinetSample]:
        """Give the messages that come of a minute; a value that was lost is not known, as an older one may mislead."""
        before = self._current_a
        self._current_a = np.where(np.isnan(frame.cabinet_current_a), before, frame.cabinet_current_a)
        changed = np.abs(self._current_a - before) > CHANGE * np.maximum(before, LEAST_A)
        return [
            CabinetSample(cabinet, frame.cabinet_voltage_v[cabinet], frame.cabinet_current_a[cabinet])
            for cabinet in np.flatnonzero(changed.any(axis=1)).tolist()
        ]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take the seed of city and plan, and how long to look."""
    parser.add_argument("--seed", type=int, default=1, help="of lamps, noise and faults")
    parser.add_argument("--nights", type=int, default=NIGHTS, help="fewer have fewer faults")
    parser.add_argument("--explain", action="store_true", help="list false findings and missed faults")


def measure(options: argparse.Namespace) -> list[Figure]:
    """Run the nights and score every kind."""
    fleet = build_fleet()
    share = min(options.nights / NIGHTS, 1.0)
    counts = {kind: round(count * share) for kind, count in BENCH_COUNTS.items()}
    plan = bench_plan(fleet, seed=options.seed, begin=BEGIN, nights=options.nights, counts=counts)
    run = live(fleet, plan, seed=options.seed, nights=options.nights)
    scores = {kind: score(kind, run.raised, run.truth) for kind in KIND_OF.values()}
    if options.explain:
        explain(scores, run.truth)
    figures = [each for kind, one in scores.items() for each in _figures_of(kind, one)]
    false = sum((blame(one.false, run.truth) for one in scores.values()), Counter[str]())
    negatives = Counter(each.kind for each in run.truth if not each.is_fault)
    figures.append(figure("hard negatives", [negatives.total()], "events", goal=">=500"))
    figures.extend(
        figure(f"false alarms by {kind}", [false[kind]], "alarms", limit=negatives[kind]) for kind in NEGATIVES
    )
    figures.append(figure("false alarms by nothing known", [false[""]], "alarms"))
    figures.append(figure("a minute of all lamps, median", [median(run.step_ms)], "ms"))
    figures.append(figure("a cabinet's message, median", [median(run.message_ms)], "ms"))
    return figures


def live(fleet: Fleet, plan: Plan, *, seed: int, nights: int) -> Run:
    """Let the city live for so many nights, and the rules look at every minute of it."""
    city = City(fleet, seed, plan)
    commands = [
        Command(each.begin_s, each.end_s, np.array(each.lamps), each.strength)
        for each in plan.events
        if each.kind in COMMANDS
    ]
    expectation = Expectation(fleet, BEGIN, nights, commands)
    state = detection.fresh_state(_sites(fleet, city))
    raised: list[Raised] = []
    step_ms, message_ms = [], []
    messages = Messages(fleet.cabinets)
    for number in range(nights * 1440):
        at = BEGIN + number * MINUTE
        frame = city.step(at)
        expected = expectation.at(at)
        findings = []
        for message in messages.of(frame):
            started = time.perf_counter()
            state, at_once = detection.step_cabinet(state, at, message, expected)
            message_ms.append((time.perf_counter() - started) * 1000)
            findings.extend(at_once)
        started = time.perf_counter()
        if not np.array_equal(state.sites.rated_w, city.rated_w):
            state = detection.with_sites(state, _sites(fleet, city))
        state, found = detection.step(state, at, _sample(frame), expected)
        step_ms.append((time.perf_counter() - started) * 1000)
        findings.extend(found)
        raised.extend(_raised(fleet, each, at) for each in findings if each.kind is FindingKind.RAISE)
    return Run(raised, read_truth(city.truth), step_ms, message_ms)


def _sites(fleet: Fleet, city: City) -> Sites:
    """Give what is registered of the lamps now."""
    return Sites(
        lamp_id=np.arange(fleet.lamps),
        cabinet_id=np.arange(fleet.cabinets),
        cabinet=fleet.cabinet,
        phase=fleet.phase,
        rated_w=city.rated_w.copy(),
    )


def _sample(frame: Frame) -> Sample:
    return Sample(
        power_w=frame.power_w,
        level_percent=frame.level_percent,
        voltage_v=frame.voltage_v,
        flags=frame.flags,
        cabinet_voltage_v=frame.cabinet_voltage_v,
        cabinet_current_a=frame.cabinet_current_a,
    )


def _raised(fleet: Fleet, finding: Finding, at: datetime) -> Raised:
    serials = fleet.cabinet_serials if finding.members else fleet.serials
    return Raised(KIND_OF[finding.rule], serials[finding.subject], finding.key, at)


def _figures_of(kind: str, one: Score) -> list[Figure]:
    minutes = one.minutes if len(one.minutes) > 1 else [float("nan")] * 2
    return [
        figure(f"{kind}: precision", [one.precision], "", goal=GOAL),
        figure(f"{kind}: recall", [one.recall], "", goal=GOAL),
        figure(f"{kind}: time to detect, median", [median(minutes)], "min"),
        figure(f"{kind}: time to detect, 95 %", [quantiles(minutes, n=20)[-1]], "min"),
        figure(f"{kind}: faults", [one.faults], "faults", goal=">=200"),
        figure(f"{kind}: false findings", [len(one.false)], "findings"),
    ]


def explain(scores: dict[str, Score], truth: list[Event]) -> None:
    """Print what was false or missed, and what else was true of the same lamp or cabinet then."""
    for kind, one in scores.items():
        for each in one.false:
            near = [
                f"{event.kind} {event.begin:%d %H:%M}–{event.end:%d %H:%M}"
                for event in truth
                if each.serial in event.touched and event.begin <= each.at <= event.end + timedelta(days=1)
            ]
            print(f"false {kind} {each.serial} {each.phase} at {each.at:%d %H:%M}: {', '.join(near)}")
        for event in one.missed:
            print(f"missed {kind} {event.serial} {event.phase} {event.begin:%d %H:%M}–{event.end:%d %H:%M}")
