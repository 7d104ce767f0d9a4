"""The door for breaking things: over real HTTP on the loopback interface, into the city's event loop."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime
from typing import Any

import pytest

from simulators.lighting.city import City
from simulators.lighting.control import Workbench
from simulators.lighting.faults import Event
from simulators.lighting.fleet import small_fleet
from simulators.outsider.control import Control
from simulators.outsider.tests.asking import ask

NOW_S = datetime(2026, 6, 21, 13, tzinfo=UTC).timestamp()


class Bench:
    """A city with its control, and what was told of changes."""

    def __init__(self) -> None:
        self.city = City(small_fleet(6, 2), 1)
        self.changes: list[Event] = []
        workbench = Workbench(self.city, now_s=lambda: NOW_S, changed=self.changes.extend)
        self.control = Control(0, workbench, asyncio.get_running_loop())
        self.control.start()

    async def ask(self, method: str, body: Any = None, path: str = "/faults") -> tuple[int, Any]:
        return await ask(self.control, method, body, path)


@pytest.fixture
async def bench() -> AsyncIterator[Bench]:
    made = Bench()
    yield made
    await asyncio.to_thread(made.control.stop)


async def test_a_feeder_is_lost_and_mended(bench: Bench) -> None:
    status, told = await bench.ask("POST", {"kind": "feeder_lost", "serial": "BD-C-001", "phase": "B"})
    assert (status, told["kind"], told["phase"]) == (201, "feeder_lost", "B")
    assert not bench.city.effects.is_fed[0, 1]
    assert [event.cabinet for event in bench.changes] == [0]
    assert (await bench.ask("GET"))[1] == [told]
    status, ended = await bench.ask("DELETE", {"serial": "BD-C-001"})
    assert (status, len(ended)) == (200, 1)
    assert bench.city.effects.is_fed.all()
    assert [line["event"] for line in bench.city.truth] == ["begin", "end"]


async def test_one_fault_of_several_is_mended_by_its_id(bench: Bench) -> None:
    _, first = await bench.ask("POST", {"kind": "lamp_out", "serial": "BD-L-00001"})
    await bench.ask("POST", {"kind": "cycling", "serial": "BD-L-00002", "minutes": 30})
    await bench.ask("DELETE", {"serial": first["id"]})
    assert [event.kind for event in bench.city.active.values()] == ["cycling"]
    await bench.ask("DELETE")
    assert not bench.city.active


@pytest.mark.parametrize(
    "body",
    [
        {"kind": "meteor", "serial": "BD-L-00001"},
        {"kind": "lamp_out", "serial": "BD-L-99999"},
        {"kind": "feeder_lost", "serial": "BD-L-00001"},
        {"kind": "feeder_lost", "serial": "BD-C-001", "phase": "D"},
        {"kind": "fog", "serial": "BD-L-00001"},
        {"kind": "lamp_out", "serial": "BD-L-00001", "minutes": "long"},
    ],
)
async def test_what_can_not_be_broken_is_refused(bench: Bench, body: object) -> None:
    status, told = await bench.ask("POST", body)
    assert (status, told["code"]) == (400, 400)
    assert not bench.city.active


async def test_it_tells_what_can_be_broken_and_where(bench: Bench) -> None:
    status, told = await bench.ask("GET", path="/faults/kinds")
    assert (status, told["names"]["vi"]) == (200, "Chiếu sáng")
    kinds = {each["id"]: each for each in told["kinds"]}
    assert kinds["feeder_lost"]["choices"] == {"phase": ["A", "B", "C"]}
    assert [each["serial"] for each in kinds["feeder_lost"]["targets"]] == ["BD-C-001", "BD-C-002"]
    assert len(kinds["day_burning"]["targets"]) == 6
    for kind in kinds.values():
        body = {"kind": kind["id"], "serial": kind["targets"][0]["serial"]}
        body |= {name: values[0] for name, values in kind["choices"].items()}
        status, broken = await bench.ask("POST", body)
        assert (status, broken["by_hand"]) == (201, True), kind
        await bench.ask("DELETE")


async def test_a_lamp_has_one_fault_at_a_time(bench: Bench) -> None:
    assert (await bench.ask("POST", {"kind": "lamp_out", "serial": "BD-L-00001"}))[0] == 201
    assert (await bench.ask("POST", {"kind": "gateway_silent", "serial": "BD-C-001"}))[0] == 400
