"""What the lamp tells the platform and reads from it, without a platform."""

import json
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from simulators.lighting import registration
from simulators.lighting.clock import CityClock, next_minute
from simulators.lighting.publisher import observation
from simulators.lighting.truth import Truth

AT = datetime(2026, 6, 21, 11, 18, 2, tzinfo=UTC)


class Platform:
    """Stands in for the platform's web address: keeps Things in memory."""

    def __init__(self) -> None:
        self.things: list[dict[str, Any]] = []

    def get(self, path: str) -> Any:
        assert path.startswith("/sensorthings/v1.1/Things?$filter=name%20eq%20")
        return {"value": self.things}

    def post(self, _path: str, body: Any) -> None:
        streams = [{**stream, "@iot.id": number} for number, stream in enumerate(body["Datastreams"], 5)]
        self.things.append({**body, "Datastreams": streams})


def test_the_lamp_registers_once_however_often_it_starts() -> None:
    platform = Platform()
    first = registration.register(platform)  # type: ignore[arg-type]
    assert first == {"power": 5, "light level": 6, "voltage": 7}
    assert registration.register(platform) == first  # type: ignore[arg-type]
    assert len(platform.things) == 1


def test_the_lamp_says_that_it_is_simulated() -> None:
    assert registration.thing()["properties"] == {
        "kind": "Streetlight",
        "simulated": True,
        "public": True,
        "serial": registration.SERIAL,
    }


def test_the_clock_runs_at_the_citys_speed() -> None:
    clock = CityClock(city=AT, speed=5.0, anchored_s=100.0)
    assert clock.at(102.0) == AT.replace(second=12)
    assert clock.wall_s_until(next_minute(AT), 100.0) == pytest.approx(11.6)
    assert clock.wall_s_until(AT, 200.0) == 0


def test_the_next_minute_is_a_full_one() -> None:
    assert next_minute(AT) == datetime(2026, 6, 21, 11, 19, tzinfo=UTC)


def test_an_observation_names_its_datastream_and_time() -> None:
    topic, payload = observation(5, at=AT, value=98.3)
    assert topic == "v1.1/Datastreams(5)/Observations"
    assert json.loads(payload) == {"phenomenonTime": "2026-06-21T11:18:02+00:00", "result": 98.3}


def test_the_truth_holds_switching_alone(tmp_path: Path) -> None:
    file = tmp_path / "truth" / "lighting.jsonl"
    truth = Truth(file)
    for lit in (False, False, True, True, False):
        truth.note(serial="A", at=AT, lit=lit)
    assert [json.loads(line)["event"] for line in file.read_text().splitlines()] == ["off", "on", "off"]
