"""The city's time and the truth as an outsider keeps them."""

import json
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from simulators.outsider.clock import CityClock, following, next_minute, read_clock
from simulators.outsider.truth import Truth

AT = datetime(2026, 6, 21, 13, 18, tzinfo=UTC)


def test_the_clock_runs_at_the_citys_speed() -> None:
    clock = CityClock(city=AT.replace(second=2), speed=5.0, anchored_s=100.0)
    assert clock.at(102.0) == AT.replace(second=12)
    assert clock.wall_s_until(next_minute(AT), 100.0) == pytest.approx(11.6)
    assert clock.wall_s_until(AT, 200.0) == 0
    assert next_minute(AT) == datetime(2026, 6, 21, 13, 19, tzinfo=UTC)


@pytest.mark.parametrize(
    ("clock_s", "minutes"),
    [(50, 1), (0, 1), (-1, 1), (61, 1), (299, 1), (301, 6), (3600, 61), (-200, 1), (-7200, -119)],
)
def test_a_minute_is_measured_once_and_a_clock_is_followed(clock_s: float, minutes: int) -> None:
    assert following(AT, AT + timedelta(seconds=clock_s)) == AT + timedelta(minutes=minutes)


def test_the_truth_is_lines_of_json(tmp_path: Path) -> None:
    file = tmp_path / "truth" / "lighting.jsonl"
    Truth(file).note([{"kind": "fog"}])
    Truth(file).note([{"kind": "cycling"}])
    assert [json.loads(line)["kind"] for line in file.read_text().splitlines()] == ["fog", "cycling"]
    Truth(None).note([{"kind": "fog"}])


def test_the_clock_is_what_the_platform_says() -> None:
    clock = read_clock({"city_time": "2026-06-21T20:18:00+07:00", "clock_speed": 4})
    assert clock.city == AT
    assert clock.at(clock.anchored_s + 15) == AT + timedelta(minutes=1)
