"""What holds for detection whatever happens: for any lamps, any nights, and whatever gets lost."""

from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple

import numpy as np
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dothi.domains.lighting.rules import detection
from dothi.domains.lighting.tests.town import BEGIN, Change, Town, nothing, told
from dothi.domains.lighting.types.detection import Expected, FaultRule, Finding, Ints, Sample

SILENCE = {FaultRule.LAMP_SILENT, FaultRule.GATEWAY_SILENT}


class Stage(NamedTuple):
    """So many minutes in which lamps should have a level."""

    level: int
    minutes: int


stages = st.lists(st.builds(Stage, st.sampled_from([0, 20, 70, 100]), st.integers(1, 50)), min_size=1, max_size=5)
seeds = st.integers(0, 2**32 - 1)
steady = settings(max_examples=20, suppress_health_check=[HealthCheck.too_slow])


class Night(NamedTuple):
    """Minutes of a town as they arrived, and what was expected in each."""

    town: Town
    samples: list[Sample]
    expected: list[Expected]


def night_of(seed: int, spent: list[Stage], *, faulty: bool) -> Night:
    """Let a town do what is expected; `faulty` breaks lamps, feeders and gateways in it, by the seed."""
    town = Town(seed=seed)
    chance = np.random.default_rng([seed, 1])
    samples, expected = [], []
    for stage in spent:
        wanted = town.expected(stage.level)
        broken = breaking(town, chance) if faulty else nothing
        samples += [town.minute(wanted, broken) for _ in range(stage.minutes)]
        expected += [wanted] * stage.minutes
    return Night(town, samples, expected)


def breaking(town: Town, chance: np.random.Generator) -> Change:
    """Give a change that breaks what a chance picks."""
    dark, bright, mute = (chance.random(town.lamps) < 0.1 for _ in range(3))
    cabinets = len(town.sites.cabinet_id)
    lost, silent = chance.random((cabinets, 3)) < 0.1, chance.random(cabinets) < 0.2

    def change(sample: Sample) -> None:
        cut = mute | lost[town.sites.cabinet, town.sites.phase] | silent[town.sites.cabinet]
        sample.power_w[dark] = 0.0
        sample.power_w[bright] = town.true_w[bright]
        for array in sample[:4]:
            array[cut] = np.nan
        sample.cabinet_current_a[lost] = 0.0
        sample.cabinet_voltage_v[silent] = sample.cabinet_current_a[silent] = np.nan

    return change


def run(state: detection.State, night: Night, begin: int = 0, end: int | None = None) -> tuple[bytes, list[Finding]]:
    """Step through minutes of a night; gives the last state as bytes, and what came and went."""
    found = []
    for number in range(begin, len(night.samples) if end is None else end):
        at = BEGIN + timedelta(minutes=number)
        state, findings = detection.step(state, at, night.samples[number], night.expected[number])
        found.extend(findings)
    return detection.dump_state(state), found


@steady
@given(seeds, stages)
def test_healthy_lamps_give_no_finding(seed: int, spent: list[Stage]) -> None:
    night = night_of(seed, spent, faulty=False)
    assert run(detection.fresh_state(night.town.sites), night)[1] == []


@steady
@given(seeds, stages, st.floats(0, 1))
def test_a_run_resumed_from_bytes_is_the_uninterrupted_run(seed: int, spent: list[Stage], share: float) -> None:
    night = night_of(seed, spent, faulty=True)
    sites, middle = night.town.sites, int(share * len(night.samples))
    whole, found = run(detection.fresh_state(sites), night)
    half, first = run(detection.fresh_state(sites), night, end=middle)
    rest, second = run(detection.load_state(half, sites), night, begin=middle)
    assert first + second == found
    assert rest == whole


@steady
@given(seeds, stages)
def test_lamps_in_another_order_give_the_same_findings(seed: int, spent: list[Stage]) -> None:
    night = night_of(seed, spent, faulty=True)
    sites = night.town.sites
    order = np.random.default_rng(seed).permutation(night.town.lamps)
    moved = replace(
        sites, lamp_id=sites.lamp_id[order], cabinet=sites.cabinet[order], phase=sites.phase[order],
        rated_w=sites.rated_w[order],
    )  # fmt: skip
    samples = [Sample._make([*(array[order] for array in each[:4]), *each[4:]]) for each in night.samples]
    expected = [Expected._make(array[order] for array in each) for each in night.expected]
    _, found = run(detection.fresh_state(sites), night)
    _, others = run(detection.fresh_state(moved), Night(night.town, samples, expected))
    assert named(others, moved.lamp_id) == named(found, sites.lamp_id)


def named(findings: list[Finding], lamp_id: Ints) -> list[tuple[object, ...]]:
    """Tell findings by the ids of their lamps, in an order of their own."""
    of_cabinet = {FaultRule.FEEDER_LOST, FaultRule.GATEWAY_SILENT}
    return sorted(
        (each.since, each.rule, each.kind, each.key, each.subject if each.rule in of_cabinet else lamp_id[each.subject],
         sorted(lamp_id[list(each.members)].tolist()))
        for each in findings
    )  # fmt: skip


@steady
@given(seeds, stages, st.floats(0, 1), st.floats(0, 1), st.floats(0, 0.5))
def test_what_is_missing_raises_nothing_but_silence(
    seed: int, spent: list[Stage], values: float, cabinets: float, lamps: float
) -> None:
    night = night_of(seed, spent, faulty=False)
    chance = np.random.default_rng([seed, 2])
    away = chance.random(len(night.town.sites.cabinet_id)) < cabinets
    # Whole phases that are silent beside others that speak are feeders that may be lost, so half of each phase speaks.
    mute = away[night.town.sites.cabinet] | ((chance.random(night.town.lamps) < lamps) & (np.arange(45) % 5 < 2))
    for sample in night.samples:
        for array in sample:
            array[chance.random(array.shape) < values * 0.5] = np.nan
        for array in sample[:4]:
            array[mute] = np.nan
        sample.cabinet_voltage_v[away] = sample.cabinet_current_a[away] = np.nan
    _, found = run(detection.fresh_state(night.town.sites), night)
    assert {each.rule for each in found} <= SILENCE


@steady
@given(seeds, st.integers(0, 44))
def test_a_state_goes_on_when_lamps_are_added_and_taken_away(seed: int, gone: int) -> None:
    night = night_of(seed, [Stage(100, 40)], faulty=False)
    night.town.live_through(night.samples, night.expected[0])
    state, sites = night.town.state, night.town.sites
    stay = np.arange(night.town.lamps) != gone
    fewer = replace(
        sites, lamp_id=sites.lamp_id[stay], cabinet=sites.cabinet[stay], phase=sites.phase[stay],
        rated_w=sites.rated_w[stay],
    )  # fmt: skip
    less = detection.load_state(detection.dump_state(state), fewer)
    np.testing.assert_array_equal(less.lamps.full_w, state.lamps.full_w[stay])
    again = detection.with_sites(less, sites)
    np.testing.assert_array_equal(again.lamps.full_w[stay], state.lamps.full_w[stay])
    assert (again.lamps.full_count[gone], again.lamps.settled[gone]) == (0, 0)
    assert again.lamps.silent.on[gone] < 0


@pytest.mark.parametrize("data", [b"", b"x" * 40, detection.dump_state(Town().state)[:-9]])
def test_bytes_that_are_no_state_are_refused(data: bytes) -> None:
    with pytest.raises(detection.StateUnreadable, match="no state of detection"):
        detection.load_state(data, Town().sites)


def test_a_state_of_another_version_is_refused(monkeypatch: pytest.MonkeyPatch) -> None:
    data = detection.dump_state(Town().state)
    monkeypatch.setattr("dothi.domains.lighting.rules.detection.state.VERSION", 2)
    with pytest.raises(detection.StateUnreadable, match="version 1, not 2"):
        detection.load_state(data, Town().sites)


def test_broken_towns_are_seen() -> None:
    """Proves that the runs compared above have findings of most rules to compare."""
    night = night_of(4, [Stage(0, 60), Stage(100, 60), Stage(70, 60), Stage(100, 60)], faulty=True)
    _, found = run(detection.fresh_state(night.town.sites), night)
    assert len({rule for rule, *_ in told(found)}) >= 6
