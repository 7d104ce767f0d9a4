"""The stations' door: what it offers can be broken, and is mended."""

import asyncio
from datetime import UTC, datetime

import pytest

from simulators.air.city import City
from simulators.air.control import Workbench
from simulators.outsider.control import Control
from simulators.outsider.tests.asking import ask

NOW_S = datetime(2026, 11, 19, 13, 20, tzinfo=UTC).timestamp()


async def test_everything_offered_can_be_broken_and_mended() -> None:
    city = City(6, 1, has_events=False)
    door = Control(0, Workbench(city, now_s=lambda: NOW_S), asyncio.get_running_loop())
    door.start()
    _, offered = await ask(door, "GET", path="/faults/kinds")
    assert offered["names"] == {"vi": "Không khí", "en": "Air"}
    for kind in offered["kinds"]:
        assert len(kind["targets"]) == 6
        body = {"kind": kind["id"], "serial": kind["targets"][2]["serial"]}
        status, broken = await ask(door, "POST", body)
        assert (status, broken["by_hand"], broken["at"]) == (201, True, "2026-11-19T13:00:00+00:00"), kind
        assert (await ask(door, "GET"))[1] == [broken]
        assert (await ask(door, "DELETE", {"serial": broken["id"]}))[1] == [broken]
    assert not city.by_hand
    await asyncio.to_thread(door.stop)


@pytest.mark.parametrize("body", [{"kind": "fog"}, {"kind": "drift"}, {"kind": "episode", "hours": "long"}])
async def test_what_can_not_be_broken_is_refused(body: object) -> None:
    city = City(6, 1, has_events=False)
    door = Control(0, Workbench(city, now_s=lambda: NOW_S), asyncio.get_running_loop())
    door.start()
    assert (await ask(door, "POST", body))[0] == 400
    assert not city.by_hand
    await asyncio.to_thread(door.stop)
