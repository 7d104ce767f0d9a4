"""The door for breaking things: over real HTTP on the loopback interface, into the simulator's event loop."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest

from simulators.outsider import control
from simulators.outsider.control import BadFault, Control, both, offer
from simulators.outsider.tests.asking import ask


class Bench:
    """Keeps what is broken, and refuses one kind."""

    def __init__(self) -> None:
        self.broken: dict[str, Any] = {}

    async def break_it(self, body: dict[str, Any]) -> dict[str, Any]:
        if body.get("kind") != "crack":
            raise BadFault("there are cracks alone")
        self.broken[body["serial"]] = body
        return body

    async def mend(self, which: str) -> list[dict[str, Any]]:
        return [self.broken.pop(each) for each in list(self.broken) if which in ("", each)]

    async def list_all(self) -> list[dict[str, Any]]:
        return list(self.broken.values())

    async def list_kinds(self) -> dict[str, Any]:
        return offer(("Cốc", "Cups"), [{"id": "crack", "names": both(("Làm nứt", "Crack")), "targets": []}])


class Stuck(Bench):
    """Never answers."""

    async def list_all(self) -> list[dict[str, Any]]:
        await asyncio.get_running_loop().create_future()
        return []


@pytest.fixture
async def door() -> AsyncIterator[Control]:
    made = Control(0, Bench(), asyncio.get_running_loop())
    made.start()
    yield made
    await asyncio.to_thread(made.stop)


async def test_what_is_broken_is_listed_and_mended(door: Control) -> None:
    cracks = [{"kind": "crack", "serial": serial} for serial in ("a", "b", "c")]
    for each in cracks:
        assert await ask(door, "POST", each) == (201, each)
    assert await ask(door, "GET") == (200, cracks)
    assert await ask(door, "DELETE", {"serial": "b"}) == (200, [cracks[1]])
    assert await ask(door, "DELETE") == (200, [cracks[0], cracks[2]])


async def test_kinds_are_told_in_both_languages_and_to_get_alone(door: Control) -> None:
    status, told = await ask(door, "GET", path="/faults/kinds")
    assert (status, told["names"], told["kinds"][0]["names"]["en"]) == (200, {"vi": "Cốc", "en": "Cups"}, "Crack")
    assert (await ask(door, "POST", {"kind": "crack", "serial": "a"}, path="/faults/kinds"))[0] == 400


@pytest.mark.parametrize("body", [{}, {"kind": "melt"}, [1], "text"])
async def test_what_can_not_be_broken_is_refused_with_a_reason(door: Control, body: object) -> None:
    status, told = await ask(door, "POST", body)
    assert (status, told["code"], bool(told["message"])) == (400, 400, True)


async def test_pages_of_browsers_and_other_addresses_are_refused(door: Control) -> None:
    assert (await ask(door, "GET", Origin="http://evil.example"))[0] == 400
    assert (await ask(door, "GET", path="/other"))[0] == 400


async def test_a_simulator_that_hangs_says_so(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(control, "PATIENCE_S", 0.05)
    stuck = Control(0, Stuck(), asyncio.get_running_loop())
    stuck.start()
    assert (await ask(stuck, "GET"))[0] == 503
    await asyncio.to_thread(stuck.stop)
