"""What detection says of single lamps: when it speaks, and what it doesn't take for a fault."""

from datetime import timedelta

import numpy as np
import pytest

from dothi.domains.lighting.rules.detection import burning, power, silence
from dothi.domains.lighting.tests.town import BEGIN, Change, Town, told
from dothi.domains.lighting.types.detection import FaultRule, FindingKind, Sample

LAMP = 7
RAISE, CLEAR = FindingKind.RAISE, FindingKind.CLEAR


def draws(watts: float) -> Change:
    """Let the lamp draw so much, whatever it reports."""

    def change(sample: Sample) -> None:
        sample.power_w[LAMP] = watts

    return change


def shares(share: float) -> Change:
    """Let the lamp draw so much of what it would."""

    def change(sample: Sample) -> None:
        sample.power_w[LAMP] *= share

    return change


def says_nothing(sample: Sample) -> None:
    """Let nothing come of the lamp."""
    sample.power_w[LAMP] = sample.level_percent[LAMP] = sample.voltage_v[LAMP] = sample.flags[LAMP] = np.nan


def one(rule: FaultRule, kind: FindingKind) -> list[tuple[FaultRule, FindingKind, int, str]]:
    """Say the one finding there should be."""
    return [(rule, kind, LAMP, "")]


def test_a_dark_lamp_has_failed_whatever_level_it_reports_and_is_well_when_it_lights() -> None:
    town = Town(lost_share=0)
    night = town.expected(100)
    assert town.live(30, night) == []
    begin = town.at
    assert town.live(burning.FAILED_AFTER - 1, night, draws(1.5)) == []
    found = town.live(200, night, draws(1.5))
    assert told(found) == one(FaultRule.LAMP_FAILED, RAISE)
    assert found[0].since == begin
    assert told(town.live(60, night)) == one(FaultRule.LAMP_FAILED, CLEAR)


def test_a_controllers_flag_hastens_a_failure_and_is_none_by_itself() -> None:
    def flagged(sample: Sample) -> None:
        sample.flags[LAMP] = burning.LAMP_FAILURE

    def dark_and_flagged(sample: Sample) -> None:
        flagged(sample)
        sample.power_w[LAMP] = 0.0

    town = Town(lost_share=0)
    night = town.expected(100)
    assert town.live(60, night, flagged) == []
    assert told(town.live(burning.FAILED_AFTER // 2, night, dark_and_flagged)) == one(FaultRule.LAMP_FAILED, RAISE)


def test_a_failed_lamp_stays_so_by_day_when_nothing_can_be_seen() -> None:
    town = Town()
    assert told(town.live(40, town.expected(100), draws(0))) == one(FaultRule.LAMP_FAILED, RAISE)
    assert town.live(600, town.expected(0)) == []
    assert told(town.live(40, town.expected(100))) == one(FaultRule.LAMP_FAILED, CLEAR)


def test_a_lamp_that_lights_by_day_burns() -> None:
    town = Town()
    day = town.expected(0)
    assert town.live(30, day) == []
    assert told(town.live(60, day, draws(98))) == one(FaultRule.LAMP_DAY_BURNING, RAISE)
    assert told(town.live(60, day)) == one(FaultRule.LAMP_DAY_BURNING, CLEAR)


@pytest.mark.parametrize("why", ["fog", "maintenance", "dusk"])
def test_a_lamp_that_should_light_by_day_does_not_burn(why: str) -> None:
    town = Town()
    town.live(30, town.expected(0))
    if why == "fog":
        assert town.live(120, town.expected(100, dark=False)) == []
    elif why == "maintenance":
        assert town.live(120, town.expected(0, exempt=True), draws(98)) == []
    else:
        assert town.live(8, town.expected(0, changing=True), draws(98)) == []
        assert town.live(120, town.expected(100)) == []


@pytest.mark.parametrize("period", [4, 7, 12])
def test_a_lamp_that_goes_out_and_comes_back_cycles_and_has_not_failed(period: int) -> None:
    town = Town()
    night = town.expected(100)
    town.live(30, night)
    found = []
    for minute in range(120):
        found += town.live(1, night, draws(0.8) if minute % period < period / 2 else shares(1))
    assert told(found) == one(FaultRule.LAMP_CYCLING, RAISE)
    assert found[0].since < BEGIN + timedelta(minutes=30 + 3 * period)
    assert told(town.live(150, night)) == one(FaultRule.LAMP_CYCLING, CLEAR)


@pytest.mark.parametrize("reports", ["the level it was told", "the level it has"])
def test_a_lamp_that_keeps_full_light_does_not_dim_and_full_light_proves_nothing(reports: str) -> None:
    def keeps(sample: Sample) -> None:
        sample.power_w[LAMP] = town.true_w[LAMP]
        if reports == "the level it has":
            sample.level_percent[LAMP] = 100

    town = Town()
    full, dimmed = town.expected(100), town.expected(70)
    town.live(90, full)
    assert told(town.live(90, dimmed, keeps)) == one(FaultRule.LAMP_DIMMING_FAILED, RAISE)
    assert town.live(90, full, keeps) == []
    assert town.live(90, dimmed, keeps) == []
    assert told(town.live(90, dimmed)) == one(FaultRule.LAMP_DIMMING_FAILED, CLEAR)


def test_a_lamp_that_was_mended_and_draws_another_power_since_is_well_and_drifts() -> None:
    def keeps(sample: Sample) -> None:
        sample.power_w[LAMP] = town.true_w[LAMP]

    town = Town()
    town.live(90, town.expected(100))
    town.live(60, town.expected(70), keeps)
    town.live(60, town.expected(0))
    assert told(town.live(90, town.expected(100), shares(0.62))) == one(FaultRule.LAMP_POWER_DRIFT, RAISE)
    assert told(town.live(90, town.expected(70), shares(0.62))) == one(FaultRule.LAMP_DIMMING_FAILED, CLEAR)


def test_a_lamp_that_keeps_a_low_level_is_well_when_it_gives_full_light() -> None:
    def keeps_40(sample: Sample) -> None:
        sample.power_w[LAMP] = town.true_w[LAMP] * 0.43
        sample.level_percent[LAMP] = 40

    town = Town()
    full, low = town.expected(100), town.expected(40)
    town.live(60, full)
    assert told(town.live(60, full, keeps_40)) == one(FaultRule.LAMP_DIMMING_FAILED, RAISE)
    assert town.live(60, low, keeps_40) == []
    assert told(town.live(60, full)) == one(FaultRule.LAMP_DIMMING_FAILED, CLEAR)


@pytest.mark.parametrize("level", [20, 50, 70, 80])
def test_lamps_that_obey_a_command_are_well(level: int) -> None:
    town = Town()
    town.live(60, town.expected(100))
    assert town.live(200, town.expected(level)) == []
    assert town.live(60, town.expected(100)) == []


@pytest.mark.parametrize("level", [100, 70])
@pytest.mark.parametrize("drift", [0.3, -0.3, -0.15])
def test_power_that_moves_away_slowly_drifts_and_is_neither_dimming_nor_failure(level: int, drift: float) -> None:
    town = Town()
    town.live(90, town.expected(100))
    night = town.expected(level)
    found = []
    for minute in range(240):
        found += town.live(1, night, shares(1 + drift * minute / 240))
    found += town.live(60, night, shares(1 + drift))
    assert told(found) == one(FaultRule.LAMP_POWER_DRIFT, RAISE)
    town.live(60, town.expected(0))
    assert told(town.live(120, town.expected(100))) == one(FaultRule.LAMP_POWER_DRIFT, CLEAR)


def test_power_that_has_moved_while_the_lamp_was_off_drifts_too() -> None:
    town = Town()
    town.live(120, town.expected(100))
    town.live(60, town.expected(0))
    assert told(town.live(120, town.expected(100), shares(0.75))) == one(FaultRule.LAMP_POWER_DRIFT, RAISE)


def test_a_lamp_that_drew_too_little_and_was_mended_unseen_dims_as_it_should() -> None:
    town = Town()
    town.live(90, town.expected(100), shares(0.72))
    town.live(60, town.expected(0))
    found = town.live(60, town.expected(100), says_nothing)
    found += town.live(120, town.expected(70))
    assert FaultRule.LAMP_DIMMING_FAILED not in {each.rule for each in found}


def test_power_that_fits_the_rating_drifts_when_it_was_always_another() -> None:
    town = Town()
    always, later = 0.95, 1.05
    town.true_w[LAMP] = town.sites.rated_w[LAMP] * always
    town.live(600, town.expected(100))
    found = []
    for minute in range(200):
        found += town.live(1, town.expected(100), shares(1 + (later / always - 1) * minute / 200))
    found += town.live(60, town.expected(100), shares(later / always))
    assert told(found) == one(FaultRule.LAMP_POWER_DRIFT, RAISE)


@pytest.mark.parametrize("is_registered", [True, False])
def test_a_lamp_replaced_by_another_power_drifts_unless_it_is_registered(is_registered: bool) -> None:
    town = Town()
    town.true_w[LAMP] = 100.0
    town.register(LAMP, 100.0)
    town.live(200, town.expected(100))
    town.live(30, town.expected(0))
    if is_registered:
        town.register(LAMP, 60.0)
    # Its mounting takes an hour, and the new lamp says nothing before.
    found = town.live(60 if is_registered else 5, town.expected(0), says_nothing)
    town.true_w[LAMP] = 60.0
    found += town.live(120, town.expected(0))
    found += town.live(200, town.expected(100))
    assert told(found) == ([] if is_registered else one(FaultRule.LAMP_POWER_DRIFT, RAISE))


def test_a_lamp_of_which_nothing_comes_is_silent_and_a_few_lost_messages_are_not() -> None:
    town = Town()
    night = town.expected(100)
    assert town.live(silence.SILENT_AFTER - 1, night, says_nothing) == []
    assert town.live(20, night) == []
    assert told(town.live(600, night, says_nothing)) == one(FaultRule.LAMP_SILENT, RAISE)
    assert told(town.live(20, night)) == one(FaultRule.LAMP_SILENT, CLEAR)


def test_a_sag_of_the_grid_is_no_fault_of_lamps_that_go_out_in_it() -> None:
    chance = np.random.default_rng(3)

    def sags(sample: Sample) -> None:
        out = chance.random(town.lamps) < 0.8
        sample.power_w[out] = 0.0
        for array, share in ((sample.voltage_v, 0.6), (sample.cabinet_voltage_v, 0.6), (sample.cabinet_current_a, 0.2)):
            array *= share

    town = Town()
    night = town.expected(100)
    found = town.live(60, night)
    for _ in range(6):
        found += town.live(3, night, sags)
        found += town.live(5, night)
    assert found == []


def test_what_is_learnt_of_a_lamp_is_its_full_power() -> None:
    town = Town()
    town.live(100, town.expected(100))
    town.live(100, town.expected(50))
    memory = town.state.lamps
    assert (memory.own_count > power.LEARNT).all()
    np.testing.assert_allclose(memory.own_w, town.true_w, rtol=0.01)
    np.testing.assert_allclose(memory.full_w, town.true_w, rtol=0.02)
