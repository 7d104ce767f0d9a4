"""The city's clock runs straight through its anchor, at its speed."""

from datetime import UTC, datetime, timedelta

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from dothi.kernel import clock
from dothi.kernel.clock import CityClock

moments = st.datetimes(datetime(2000, 1, 1), datetime(2100, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001
speeds = st.floats(0.01, 1000)


@given(moments, moments, speeds)
def test_a_clock_survives_being_written_down(city: datetime, wall: datetime, speed: float) -> None:
    speed = float(f"{speed:g}")
    made = CityClock(city, wall, speed)
    assert clock.parse(made.format()) == made


@given(moments, moments, speeds, st.integers(0, 10**6))
def test_city_time_passes_at_the_clocks_speed(city: datetime, wall: datetime, speed: float, seconds: int) -> None:
    made = CityClock(city, wall, speed)
    passed = made.at(wall + timedelta(seconds=seconds)) - made.at(wall)
    assert passed == timedelta(seconds=seconds) * speed
    assert made.wall_seconds(passed.total_seconds()) == pytest.approx(seconds, abs=1e-3)


def test_no_clock_is_wall_time() -> None:
    with time_machine.travel(datetime(2026, 6, 21, 11, 0, tzinfo=UTC), tick=False):
        assert clock.parse("").now() == datetime(2026, 6, 21, 11, 0, tzinfo=UTC)


def test_the_process_asks_the_installed_clock() -> None:
    before = clock.installed()
    wall = datetime(2026, 6, 21, 0, 0, tzinfo=UTC)
    try:
        clock.install(CityClock(datetime(2030, 1, 1, tzinfo=UTC), wall, 5.0))
        with time_machine.travel(wall + timedelta(minutes=1), tick=False):
            assert clock.now() == datetime(2030, 1, 1, 0, 5, tzinfo=UTC)
    finally:
        clock.install(before)


@pytest.mark.parametrize("text", ["now", "2026-01-01T00:00:00Z@x5", "2026-01-01@2026-01-01x1", "a@bx1", "@x"])
def test_an_unreadable_clock_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        clock.parse(text)


@pytest.mark.parametrize("speed", [0, -1, 1e9])
def test_a_clock_runs_forward_and_not_too_fast(speed: float) -> None:
    with pytest.raises(ValueError, match="speed"):
        CityClock(datetime(2026, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC), speed)
