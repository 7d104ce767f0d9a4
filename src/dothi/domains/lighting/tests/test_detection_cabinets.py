"""What detection says of feeders and gateways, and how that stands for what could be said of their lamps."""

from datetime import timedelta

import numpy as np
import pytest

from dothi.domains.lighting.rules.detection import cabinets
from dothi.domains.lighting.tests.town import BEGIN, Change, Town, told
from dothi.domains.lighting.types.detection import CabinetSample, FaultRule, FindingKind, Sample

CABINET, PHASE = 1, 2
RAISE, CLEAR = FindingKind.RAISE, FindingKind.CLEAR
LOST = (FaultRule.FEEDER_LOST, RAISE, CABINET, "C")
FOUND = (FaultRule.FEEDER_LOST, CLEAR, CABINET, "C")
MUTE = (FaultRule.GATEWAY_SILENT, RAISE, CABINET, "")
HEARD = (FaultRule.GATEWAY_SILENT, CLEAR, CABINET, "")


def hush(sample: Sample, lamps: tuple[int, ...]) -> None:
    """Let nothing come of lamps."""
    for array in (sample.power_w, sample.level_percent, sample.voltage_v, sample.flags):
        array[list(lamps)] = np.nan


def loses_a_phase(town: Town, *, by: str) -> Change:
    """Blow a fuse, or take a phase's voltage: its lamps are dead."""

    def change(sample: Sample) -> None:
        sample.cabinet_current_a[CABINET, PHASE] = 0.0
        if by == "voltage":
            sample.cabinet_voltage_v[CABINET, PHASE] = 0.0
        hush(sample, town.members(CABINET, PHASE))

    return change


def says_nothing(town: Town) -> Change:
    """Cut a cabinet off with all its lamps."""

    def change(sample: Sample) -> None:
        sample.cabinet_voltage_v[CABINET] = sample.cabinet_current_a[CABINET] = np.nan
        hush(sample, tuple(np.flatnonzero(town.sites.cabinet == CABINET).tolist()))

    return change


@pytest.mark.parametrize("by", ["fuse", "voltage"])
def test_a_lost_feeder_is_one_finding_of_that_very_minute_and_none_of_its_lamps(by: str) -> None:
    town = Town(lost_share=0)
    night = town.expected(100)
    town.live(30, night)
    begin = town.at
    found = town.live(1, night, loses_a_phase(town, by=by))
    assert told(found) == [LOST]
    assert found[0].members == town.members(CABINET, PHASE)
    assert found[0].since == begin
    assert town.live(120, night, loses_a_phase(town, by=by)) == []
    assert told(town.live(60, night)) == [FOUND]


@pytest.mark.parametrize("by", ["fuse", "voltage"])
def test_by_day_a_lost_feeder_shows_by_its_voltage_or_by_lamps_without_a_word(by: str) -> None:
    town = Town()
    day = town.expected(0)
    town.live(30, day)
    assert told(town.live(120, day, loses_a_phase(town, by=by))) == [LOST]
    assert told(town.live(60, day)) == [FOUND]


def test_a_lost_feeder_is_told_at_a_cabinets_message_and_not_once_more() -> None:
    town = Town(lost_share=0)
    night = town.expected(100)
    town.live(30, night)
    quiet = town.minute(night)
    message = CabinetSample(CABINET, quiet.cabinet_voltage_v[CABINET], quiet.cabinet_current_a[CABINET])
    assert town.hear(message, night) == []
    dead = message._replace(current_a=message.current_a * [1, 1, 0])
    assert told(town.hear(dead, night)) == [LOST]
    assert town.hear(dead, night) == []
    assert town.live(90, night, loses_a_phase(town, by="fuse")) == []
    assert told(town.live(30, night)) == [FOUND]


@pytest.mark.parametrize("why", ["commanded off", "dawn", "outage", "sag", "voltage unknown"])
def test_a_cabinets_message_without_current_is_no_lost_feeder(why: str) -> None:
    town = Town(lost_share=0)
    night = town.expected(100)
    town.live(30, night)
    voltage, current = np.full(3, 230.0), np.zeros(3)
    expected = night
    if why == "commanded off":
        expected = town.expected(0, dark=True)
    elif why == "dawn":
        expected = town.expected(100, changing=True)
    elif why == "outage":
        voltage = np.zeros(3)
    elif why == "sag":
        voltage, current = np.full(3, 130.0), np.array([0.0, 0.6, 0.4])
    else:
        voltage, current = np.full(3, np.nan), np.array([0.0, 2.0, 2.0])
    assert town.hear(CabinetSample(CABINET, voltage, current), expected) == []


def test_a_few_lamps_that_were_commanded_on_by_day_and_are_out_are_no_lost_feeder() -> None:
    town = Town(lost_share=0)
    level = np.zeros(town.lamps)
    level[list(town.members(CABINET, PHASE)[:2])] = 100.0

    def is_out(sample: Sample) -> None:
        sample.cabinet_current_a[CABINET, PHASE] = 0.0
        sample.power_w[level > 0] = 0.0

    found = town.live(60, town.expected(level, dark=False), is_out)
    assert {each.rule for each in found} == {FaultRule.LAMP_FAILED}


def test_many_lamps_that_fail_after_a_dark_minute_are_told_of_each() -> None:
    def is_out(sample: Sample) -> None:
        sample.cabinet_voltage_v[:] = sample.cabinet_current_a[:] = 0.0

    def some_fail(sample: Sample) -> None:
        sample.cabinet_current_a[CABINET, PHASE] *= 0.4
        sample.power_w[list(failed)] = 0.0

    town = Town(lost_share=0)
    night = town.expected(100)
    failed = town.members(CABINET, PHASE)[:3]
    town.live(30, night)
    assert town.live(1, night, is_out) == []
    found = town.live(30, night, some_fail)
    assert sorted(told(found)) == sorted((FaultRule.LAMP_FAILED, RAISE, lamp, "") for lamp in failed)


def test_a_short_outage_of_a_whole_cabinet_is_no_lost_feeder_and_a_long_one_is_three() -> None:
    def is_out(sample: Sample) -> None:
        sample.cabinet_voltage_v[CABINET] = sample.cabinet_current_a[CABINET] = 0.0
        hush(sample, tuple(np.flatnonzero(town.sites.cabinet == CABINET).tolist()))

    town = Town()
    night = town.expected(100)
    town.live(30, night)
    assert town.live(cabinets.LOST_AFTER - 1, night, is_out) == []
    assert town.live(60, night) == []
    found = town.live(60, night, is_out)
    assert {each.key for each in found} == {"A", "B", "C"}
    assert {(each.rule, each.subject) for each in found} == {(FaultRule.FEEDER_LOST, CABINET)}


def test_a_silent_gateway_is_one_finding_and_none_of_its_lamps() -> None:
    town = Town()
    night = town.expected(100)
    town.live(30, night)
    begin = town.at
    found = town.live(300, night, says_nothing(town))
    assert told(found) == [MUTE]
    assert found[0].members == tuple(np.flatnonzero(town.sites.cabinet == CABINET).tolist())
    assert found[0].since == begin
    assert told(town.live(60, night)) == [HEARD]


def test_what_was_said_of_lamps_since_their_gateway_fell_silent_is_taken_back_and_older_things_are_not() -> None:
    town = Town(lost_share=0)
    night = town.expected(100)
    lamps = np.flatnonzero(town.sites.cabinet == CABINET).tolist()
    old, new = lamps[0], tuple(lamps[1:11])

    def some(sample: Sample) -> None:
        hush(sample, (old, *new))

    assert {each.subject for each in town.live(20, night, lambda sample: hush(sample, (old,)))} == {old}
    town.live(30, night, lambda sample: hush(sample, (old,)))
    assert {each.subject for each in town.live(16, night, some)} == set(new)
    found = town.live(60, night, says_nothing(town))
    assert {each.subject for each in found if each.kind is CLEAR} == set(new)
    assert [each for each in told(found) if each[1] is RAISE] == [MUTE]


def test_a_lamp_that_stays_silent_after_its_gateway_is_told_of_then() -> None:
    town = Town()
    night = town.expected(100)
    lamp = int(np.flatnonzero(town.sites.cabinet == CABINET)[0])
    town.live(60, night, says_nothing(town))
    found = town.live(60, night, lambda sample: hush(sample, (lamp,)))
    assert told(found) == [HEARD, (FaultRule.LAMP_SILENT, RAISE, lamp, "")]


def test_when_nothing_comes_at_all_no_single_one_is_silent() -> None:
    def lose_all(sample: Sample) -> None:
        for array in sample:
            array[:] = np.nan

    town = Town()
    assert town.live(60, town.expected(100)) == []
    assert town.live(600, town.expected(100), lose_all) == []
    assert town.live(60, town.expected(100)) == []
    assert town.at == BEGIN + timedelta(minutes=720)
