"""What controllers keep: a city that is begun again goes on where it was."""

from datetime import UTC, datetime, timedelta
from pathlib import Path

import numpy as np
import pytest

from simulators.lighting.city import City
from simulators.lighting.fleet import small_fleet
from simulators.lighting.memory import Memory
from simulators.lighting.programme import read_programme

AT = datetime(2026, 6, 21, 13, tzinfo=UTC)
FLEET = small_fleet(4, 2)


def test_registers_programmes_and_overrides_come_back(tmp_path: Path) -> None:
    city = City(FLEET, 1)
    city.controllers.set_programme([0, 1], read_programme({"steps": [{"at": "20:00", "level": 55}]}))
    city.controllers.override([3], 10.0, (AT + timedelta(hours=1)).timestamp())
    city.step(AT)
    city.step(AT + timedelta(minutes=1))
    kept = city.registers()
    memory = Memory(tmp_path / "truth" / "city.npz")
    memory.registered_s, memory.is_backfilled = AT.timestamp(), True
    memory.keep(city)

    again, recalled = City(FLEET, 1), Memory(tmp_path / "truth" / "city.npz")
    recalled.recall(again)
    again.step(AT + timedelta(minutes=1))
    found = again.registers()
    assert kept is not None
    assert found is not None
    assert found[1] == pytest.approx(kept[1], abs=0.003)
    assert (recalled.registered_s, recalled.is_backfilled) == (AT.timestamp(), True)
    assert again.minute is not None
    assert again.minute.lamps[2].tolist() == [55, 55, 100, 10]
    again.step(AT + timedelta(hours=1))
    assert again.minute.lamps[2].tolist() == [55, 55, 100, 100]


@pytest.mark.parametrize("content", [b"", b"PK broken", None])
def test_without_a_file_everything_begins_anew(tmp_path: Path, content: bytes | None) -> None:
    file = tmp_path / "city.npz"
    if content is not None:
        file.write_bytes(content)
    city = City(FLEET, 1)
    Memory(file).recall(city)
    assert np.isnan(city.commanded_percent).all()
    Memory(None).keep(city)


def test_a_city_of_other_lamps_is_not_recalled(tmp_path: Path) -> None:
    city = City(FLEET, 1)
    city.step(AT)
    memory = Memory(tmp_path / "city.npz")
    memory.registered_s = 5.0
    memory.keep(city)
    other = Memory(tmp_path / "city.npz")
    other.recall(City(small_fleet(5, 2), 1))
    assert other.registered_s == 0
