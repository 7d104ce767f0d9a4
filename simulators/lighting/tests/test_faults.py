"""Each fault shows in what is measured, and each hard negative is what it is: by stepping a city through one."""

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import numpy as np
import pytest

from simulators.lighting.city import City
from simulators.lighting.faults import Event, Kind, members_of
from simulators.lighting.fleet import Fleet, small_fleet
from simulators.lighting.frame import Floats

EVENING = datetime(2026, 3, 10, 13, tzinfo=UTC)  # 20:00 there, full light
LATE = EVENING + timedelta(hours=3)  # 23:00, dimmed to 70 %
NOON = datetime(2026, 3, 10, 5, tzinfo=UTC)
HEALTHY = 1  # a lamp that stays whole
FLEET = small_fleet(12, 2)


class Seen:
    """What was measured over some minutes, before the channel: rows of `Frame`, by minute."""

    def __init__(self, city: City, begin: datetime, minutes: int) -> None:
        lamps, cabinets, silent = [], [], []
        for minute in range(minutes):
            city.step(begin + timedelta(minutes=minute))
            assert city.minute is not None
            lamps.append(city.minute.lamps)
            cabinets.append(city.minute.cabinets)
            silent.append(city.effects.is_silent.copy())
        self.power, self.energy, self.level, self.voltage, self.hours, self.flags = np.stack(lamps, axis=1)
        self.cabinets: Floats = np.stack(cabinets)
        self.silent = np.stack(silent)


def event(kind: Kind, begin: datetime, fleet: Fleet = FLEET, **more: object) -> Event:
    lamps = {"lamps": (0,)} if "lamps" not in more else {}
    made = Event(str(kind), kind, begin.timestamp(), begin.timestamp() + 7 * 3600, visible_s=begin.timestamp())
    return replace(made, **lamps, **more)  # type: ignore[arg-type]


def seen(made: Event, *, begin: datetime, minutes: int = 30) -> Seen:
    """Step a city until things are settled, then with an event."""
    city = City(FLEET, seed=5)
    Seen(city, begin - timedelta(minutes=15), 15)
    assert city.begin(made, begin.timestamp())
    return Seen(city, begin, minutes)


def test_a_lamp_that_is_out_draws_next_to_nothing_and_says_full_light() -> None:
    found = seen(event(Kind.LAMP_OUT, EVENING, strength=2.0, flagged=True), begin=EVENING)
    assert (found.power[:, 0] < 3).all()
    assert (found.level[:, 0] == 100).all()
    assert (found.flags[:, 0] == 1).all()
    assert (found.power[:, HEALTHY] > 100).all()
    assert found.energy[-1, 0] - found.energy[0, 0] < 0.002
    assert found.hours[-1, 0] == found.hours[0, 0]


@pytest.mark.parametrize(("variant", "level"), [(0, 0), (1, 100)])
def test_a_lamp_that_burns_by_day_draws_full_power(variant: int, level: float) -> None:
    found = seen(event(Kind.DAY_BURNING, NOON, variant=variant), begin=NOON)
    assert (found.power[:, 0] > 100).all()
    assert (found.level[:, 0] == level).all()
    assert (found.power[:, HEALTHY] < 2).all()
    assert found.hours[-1, 0] - found.hours[0, 0] == pytest.approx(29 / 60, abs=0.02)


def test_a_cycling_lamp_goes_out_and_comes_back_with_its_period() -> None:
    found = seen(event(Kind.CYCLING, EVENING, strength=6.0), begin=EVENING)
    lit = found.power[:, 0] > 5
    assert lit.reshape(-1, 6).tolist() == [[False] * 3 + [True] * 3] * 5
    assert (found.level[:, 0] == 100).all()


@pytest.mark.parametrize(("variant", "kept", "level"), [(0, 100.0, 70), (1, 100.0, 100), (1, 40.0, 40)])
def test_a_lamp_that_does_not_dim_draws_what_it_should_not(variant: int, kept: float, level: float) -> None:
    found = seen(event(Kind.DIMMING_NOT_OBEYED, LATE, strength=kept, variant=variant), begin=LATE)
    share = found.power[:, 0].mean() / found.power[:, HEALTHY].mean()
    assert share == pytest.approx((0.05 + 0.95 * kept / 100) / (0.05 + 0.95 * 0.7), rel=0.05)
    assert (found.level[:, 0] == level).all()
    assert (found.level[:, HEALTHY] == 70).all()


@pytest.mark.parametrize("strength", [-0.4, 0.2])
def test_power_drifts_slowly_to_its_end(strength: float) -> None:
    full_s = EVENING.timestamp() + 3600
    found = seen(event(Kind.POWER_DRIFT, EVENING, strength=strength, full_s=full_s), begin=EVENING, minutes=90)
    share = found.power[:, 0] / 120
    assert share[:5].mean() == pytest.approx(1, abs=0.07)
    assert share[25:35].mean() == pytest.approx(1 + strength / 2, abs=0.05)
    assert share[-20:].mean() == pytest.approx(1 + strength, abs=0.05)


@pytest.mark.parametrize("variant", [0, 1])
def test_a_lost_feeder_has_no_current_and_its_lamps_no_voice(variant: int) -> None:
    lamps = members_of(FLEET, 0, 1)
    found = seen(event(Kind.FEEDER_LOST, EVENING, lamps=lamps, cabinet=0, phase=1, variant=variant), begin=EVENING)
    voltage, current = found.cabinets[:, :3, 0], found.cabinets[:, 3:, 0]
    assert (current[:, 1] < 0.15).all()
    assert (current[:, [0, 2]] > 0.4).all()
    assert (voltage[:, 1] < 5).all() if variant else (voltage[:, 1] > 200).all()
    assert (voltage[:, [0, 2]] > 200).all()
    assert found.silent[:, list(lamps)].all()
    assert not np.delete(found.silent, lamps, axis=1).any()
    assert (found.energy[0, list(lamps)] == found.energy[-1, list(lamps)]).all()


def test_a_silent_lamp_goes_on_shining() -> None:
    found = seen(event(Kind.LAMP_SILENT, EVENING), begin=EVENING)
    assert found.silent[:, 0].all()
    assert not found.silent[:, 1:].any()
    assert found.energy[-1, 0] > found.energy[0, 0]


def test_a_silent_gateway_silences_its_lamps_and_no_others() -> None:
    city = City(FLEET, seed=5)
    city.begin(event(Kind.GATEWAY_SILENT, EVENING, lamps=members_of(FLEET, 0), cabinet=0), EVENING.timestamp())
    frame = city.step(EVENING)
    assert np.isnan(frame.power_w[FLEET.cabinet == 0]).all()
    assert np.isnan(frame.cabinet_current_a[0]).all()
    assert not np.isnan(frame.power_w[FLEET.cabinet == 1]).all()
    assert not np.isnan(frame.cabinet_current_a[1]).all()


def test_a_grid_dip_is_over_soon_and_some_lamps_start_again() -> None:
    made = event(Kind.GRID_DIP, EVENING, lamps=members_of(FLEET, 0), cabinets=(0,), strength=0.6)
    found = seen(replace(made, end_s=EVENING.timestamp() + 120), begin=EVENING, minutes=20)
    assert (found.cabinets[:2, :3, 0] < 150).all()
    assert (found.cabinets[2:, :3] > 200).all()
    out = found.power[:2] == 0
    assert out.any()
    assert not out[:, FLEET.cabinet == 1].any()
    assert (found.power[2:] > 100).all()


@pytest.mark.parametrize(("kind", "at", "level"), [(Kind.PLANNED_DIMMING, EVENING, 40.0), (Kind.FOG, NOON, 100.0)])
def test_commands_are_obeyed_and_known(kind: Kind, at: datetime, level: float) -> None:
    city = City(FLEET, seed=5)
    made = replace(event(kind, at, lamps=(0, 2), strength=level), end_s=at.timestamp() + 600)
    city.begin(made, at.timestamp())
    found = Seen(city, at, 9)
    assert (found.level[:, [0, 2]] == level).all()
    assert city.commanded_percent[[0, 1, 2]].tolist() == pytest.approx([level, np.nan, level], nan_ok=True)
    after = Seen(city, at + timedelta(minutes=10), 3)
    assert (after.level[:, 0] == after.level[:, HEALTHY]).all()
    assert np.isnan(city.commanded_percent).all()


def test_a_replaced_lamp_has_another_rating_and_a_new_meter() -> None:
    city = City(FLEET, seed=5)
    made = replace(event(Kind.REPLACED_LAMP, EVENING, strength=60.0), end_s=EVENING.timestamp() + 600)
    Seen(city, EVENING - timedelta(minutes=1), 1)
    city.begin(made, EVENING.timestamp())
    found = Seen(city, EVENING, 30)
    assert city.rated_w[0] == 60
    assert found.silent[:10, 0].all()
    assert not found.silent[10:, 0].any()
    assert found.power[15:, 0].mean() == pytest.approx(60, rel=0.06)
    assert found.energy[-1, 0] < 0.1


def test_no_lamp_has_two_faults() -> None:
    city = City(FLEET, seed=5)
    assert city.begin(event(Kind.LAMP_OUT, EVENING), EVENING.timestamp())
    assert not city.begin(event(Kind.CYCLING, EVENING, strength=6.0), EVENING.timestamp())
    assert not city.begin(
        event(Kind.GATEWAY_SILENT, EVENING, lamps=members_of(FLEET, 0), cabinet=0), EVENING.timestamp()
    )
    city.end("lamp_out", EVENING.timestamp())
    assert city.begin(event(Kind.CYCLING, EVENING, strength=6.0), EVENING.timestamp())
    assert [(line["event"], line["kind"], line["serial"]) for line in city.truth] == [
        ("begin", "lamp_out", "BD-L-00001"),
        ("end", "lamp_out", "BD-L-00001"),
        ("begin", "cycling", "BD-L-00001"),
    ]
