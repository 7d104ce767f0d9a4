"""The light programme: levels through the night, the sun's offsets, and what is no programme."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from simulators.lighting.controllers import Controllers
from simulators.lighting.fleet import Fleet, small_fleet
from simulators.lighting.frame import new_chance
from simulators.lighting.physics import Clocks
from simulators.lighting.programme import DEFAULT, BadProgramme, Programme, read_programme, write_programme

steps = st.lists(st.tuples(st.integers(0, 1439), st.integers(0, 100).map(float)), max_size=6).map(tuple)


class RightClocks(Clocks):
    """Clocks that are right."""

    def __init__(self, fleet: Fleet) -> None:
        super().__init__(fleet.lamps, new_chance(1, 1))
        self._s_per_day[:] = 0


def controllers() -> Controllers:
    fleet = small_fleet(3, 1)
    return Controllers(fleet, RightClocks(fleet))


def local(hour: int, minute: int = 0, day: int = 10) -> datetime:
    return datetime(2026, 3, day, hour, minute, tzinfo=UTC) - timedelta(hours=7)


@pytest.mark.parametrize(
    ("at", "level"),
    [(local(20), 100), (local(21, 59), 100), (local(22), 70), (local(3), 70), (local(4, 30), 100), (local(12), 0)],
)
def test_lamps_follow_their_programme(at: datetime, level: float) -> None:
    assert controllers().levels(at.timestamp()).tolist() == [level] * 3


def switched_at(programme: Programme, around: datetime) -> float:
    """Give the first second of an hour around a moment in which the level differs from the one before."""
    lamps = controllers()
    lamps.set_programme([0, 1, 2], programme)
    begin = around.timestamp() - 1800
    levels = [lamps.levels(begin + second)[0] for second in range(0, 3600, 10)]
    return begin + 10 * next(number for number, level in enumerate(levels) if level != levels[0])


@pytest.mark.parametrize(("hour", "name"), [(18, "on_offset_min"), (6, "off_offset_min")])
@pytest.mark.parametrize("offset", [-20, 25])
def test_offsets_move_switching_by_their_minutes(hour: int, name: str, offset: float) -> None:
    usual = switched_at(DEFAULT, local(hour, 5))
    moved = read_programme({**write_programme(DEFAULT), name: offset})
    assert switched_at(moved, local(hour, 5) + timedelta(minutes=offset)) - usual == pytest.approx(offset * 60, abs=20)


def test_an_override_holds_until_its_time_by_day_too() -> None:
    lamps = controllers()
    lamps.override([1], 40.0, local(13).timestamp())
    assert lamps.levels(local(12).timestamp()).tolist() == [0, 40, 0]
    assert lamps.levels(local(13).timestamp()).tolist() == [0, 0, 0]


def test_a_resumed_lamp_follows_its_programme_again() -> None:
    lamps = controllers()
    lamps.override([0, 1], 0.0)
    assert lamps.levels(local(20).timestamp()).tolist() == [0, 0, 100]
    lamps.resume([0])
    assert lamps.levels(local(20).timestamp()).tolist() == [100, 0, 100]
    assert np.isnan(lamps.override_percent).tolist() == [True, False, True]


@given(st.floats(-120, 120), st.floats(-120, 120), steps)
def test_a_programme_comes_back_as_it_was_sent(
    on: float, off: float, given_steps: tuple[tuple[int, float], ...]
) -> None:
    programme = Programme(on, off, given_steps)
    assert read_programme(write_programme(programme)) == programme


@given(steps, st.integers(0, 1439))
def test_segments_say_the_level_of_each_minute(given_steps: tuple[tuple[int, float], ...], minute: int) -> None:
    programme = Programme(steps=given_steps)
    segments = programme.segments()
    assert (segments[0][0], segments[-1][1]) == (0, 1440)
    assert all(before[1] == after[0] for before, after in pairwise(segments))
    level = next(each[2] for each in segments if each[0] <= minute < each[1])
    assert programme.level_at(local(12) + timedelta(minutes=minute)) == level


def test_a_night_with_a_clock_change_keeps_wall_time() -> None:
    programme = Programme(steps=((2 * 60 + 30, 50.0),), zone="Europe/Berlin")
    # On 2026-10-25 the clock goes from 03:00 back to 02:00: at 01:00 UTC it is 02:00 for the second time.
    assert programme.level_at(datetime(2026, 10, 25, 0, 20, tzinfo=UTC)) == 100
    assert programme.level_at(datetime(2026, 10, 25, 1, 40, tzinfo=UTC)) == 50


@pytest.mark.parametrize(
    "body",
    [
        {"steps": [{"at": "25:00", "level": 50}]},
        {"steps": [{"at": "22:00", "level": 101}]},
        {"steps": [{"level": 50}]},
        {"zone": "Nowhere/Town"},
        {"on_offset_min": "soon"},
        {"steps": [7]},
    ],
)
def test_what_is_no_programme_is_refused(body: dict[str, object]) -> None:
    with pytest.raises(BadProgramme):
        read_programme(body)
