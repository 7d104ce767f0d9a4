"""Detection over the record: what devices sent becomes alarms once, whenever the worker is killed."""

from collections.abc import AsyncIterator, Iterator
from datetime import datetime, timedelta
from typing import Any

import numpy as np
import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async

from dothi.core.accounts.types import SYSTEM
from dothi.core.alarms import service as alarms
from dothi.core.alarms.types import Alarm, Filter, State
from dothi.core.observations.series import service as series
from dothi.core.observations.tests.standing_clock import Hands, standing_clock
from dothi.core.observations.types import NewObservation
from dothi.domains.lighting.service.registry import CABINET_FIELDS, LAMP_FIELDS
from dothi.domains.lighting.service.watching import DETECTOR, LampWatch
from dothi.domains.lighting.tests.conftest import AddLight
from dothi.domains.lighting.tests.town import BEGIN, Change, Town
from dothi.domains.lighting.types.detection import Bools, Sample

MINUTE = timedelta(minutes=1)
FULL = 100.0
SPOKEN = timedelta(seconds=20)
"""Into each minute devices speak."""


class Devices:
    """The lamps and cabinets of a town, registered, whose minutes are written into the record."""

    def __init__(self, record: Any, town: Town, add_light: AddLight) -> None:
        self._record, self.town = record, town
        sites = town.sites
        self.cabinets = [
            add_light(f"Tủ {number}", serial=f"C{number}", readings=dict.fromkeys(CABINET_FIELDS, (0.0, "V")))
            for number in range(len(sites.cabinet_id))
        ]
        self.lamps = [
            add_light(
                f"Đèn {number}",
                serial=f"L{number}",
                cabinet=f"C{sites.cabinet[number]}",
                street="hung-vuong",
                own={"phase": "ABC"[sites.phase[number]], "rated_power_w": float(sites.rated_w[number])},
                readings=dict.fromkeys(LAMP_FIELDS, (0.0, "W")),
            )
            for number in range(town.lamps)
        ]
        kinds = ("Streetlight", "StreetlightControlCabinet")
        self._streams = {each.id: each.streams for kind in kinds for each in series.list_streams(SYSTEM, kind=kind)}

    async def send(self, at: datetime, sample: Sample) -> None:
        """Write a minute, but for what is NaN."""
        lamp_values = sample[:4]
        rows = [
            (self._streams[lamp][name], values[place])
            for name, values in zip(LAMP_FIELDS, lamp_values, strict=True)
            for place, lamp in enumerate(self.lamps)
        ]
        by_phase = np.concatenate([sample.cabinet_voltage_v.T, sample.cabinet_current_a.T])
        rows += [
            (self._streams[cabinet][name], by_phase[field, place])
            for field, name in enumerate(CABINET_FIELDS)
            for place, cabinet in enumerate(self.cabinets)
        ]
        new = [NewObservation(stream, at, float(value)) for stream, value in rows if not np.isnan(value)]
        await self._record.write(SYSTEM, new)


@pytest.fixture
def hands() -> Iterator[Hands]:
    """The city's clock, that stands."""
    with standing_clock() as found:
        yield found


@pytest_asyncio.fixture
async def devices(record: Any, add_light: AddLight, hands: Hands) -> AsyncIterator[Devices]:
    """A town whose lamps were lit when the night began."""
    hands.show(BEGIN - timedelta(days=30))
    yield await sync_to_async(Devices)(record, Town(lost_share=0.0), add_light)


async def live(devices: Devices, hands: Hands, watch: LampWatch, minutes: int, change: Change) -> None:
    """Let minutes of a lit night pass: devices send, and the watch looks, which sees the minute before complete."""
    town = devices.town
    for _ in range(minutes):
        await devices.send(town.at + SPOKEN, town.minute(town.expected(FULL), change))
        hands.show(town.at + SPOKEN)
        await sync_to_async(watch.look)()
        town.at += MINUTE


def standing() -> list[Alarm]:
    open_states = tuple(state for state in State if state is not State.NORMAL)
    return alarms.list_alarms(SYSTEM, Filter(states=open_states), limit=1000).alarms


def healthy(_sample: Sample) -> None:
    """Change nothing."""


async def test_a_dark_lamp_becomes_one_alarm_and_ends_as_one(devices: Devices, hands: Hands) -> None:
    def dark(sample: Sample) -> None:
        sample.power_w[7] = 0.5

    hands.show(devices.town.at)
    watch = LampWatch()
    await sync_to_async(watch.look)()
    await live(devices, hands, watch, 12, healthy)
    assert await sync_to_async(standing)() == []
    await live(devices, hands, watch, 25, dark)
    [alarm] = await sync_to_async(standing)()
    assert alarm.point == ("lighting.lamp.failed", devices.lamps[7], "")
    assert alarm.state is State.UNACKNOWLEDGED
    await live(devices, hands, watch, 25, healthy)
    [alarm] = await sync_to_async(standing)()
    assert (alarm.state, alarm.times_raised) == (State.CLEARED, 1)


async def test_whoever_is_killed_goes_on_where_the_record_says(devices: Devices, hands: Hands) -> None:
    """A new watch for every look must find what one watch would have found."""

    def dark(sample: Sample) -> None:
        sample.power_w[7] = 0.5

    hands.show(devices.town.at)
    await sync_to_async(LampWatch().look)()
    for change, minutes in ((healthy, 12), (dark, 25)):
        for _ in range(minutes):
            await live(devices, hands, LampWatch(), 1, change)
    [alarm] = await sync_to_async(standing)()
    assert alarm.point == ("lighting.lamp.failed", devices.lamps[7], "")
    found = await sync_to_async(alarms.find_watermark)(DETECTOR)
    assert found is not None
    assert found[0] == devices.town.at - 2 * MINUTE


async def test_nobody_is_silent_of_whom_all_is_on_its_way(devices: Devices, hands: Hands) -> None:
    """Messages come a minute and a half late, so that those of a minute's end come after the minute's turn."""
    town = devices.town
    hands.show(town.at)
    watch = LampWatch()
    await sync_to_async(watch.look)()
    for _ in range(25):
        early, late = town.minute(town.expected(FULL), healthy), town.minute(town.expected(FULL), healthy)
        _keep(early, town.sites.cabinet == 0, np.arange(3) == 0)
        _keep(late, town.sites.cabinet > 0, np.arange(3) > 0)
        await devices.send(town.at + timedelta(seconds=5), early)
        hands.show(town.at + 2 * MINUTE + timedelta(seconds=11))
        await sync_to_async(watch.look)()
        hands.show(town.at + 2 * MINUTE + timedelta(seconds=20))
        await devices.send(town.at + timedelta(seconds=50), late)
        town.at += MINUTE
    assert await sync_to_async(standing)() == []
    found = await sync_to_async(alarms.find_watermark)(DETECTOR)
    assert found is not None
    assert found[0] >= town.at - 3 * MINUTE


async def test_a_lamp_whose_clock_is_late_is_not_silent(devices: Devices, hands: Hands) -> None:
    """Its clock is 40 seconds behind: what it says at a minute's end comes when all others are well into the next."""
    town, lamps = devices.town, np.arange(devices.town.lamps)
    hands.show(town.at)
    watch = LampWatch()
    await sync_to_async(watch.look)()
    for _ in range(25):
        others, late = town.minute(town.expected(FULL), healthy), town.minute(town.expected(FULL), healthy)
        _keep(others, lamps != 7, np.ones(3, bool))
        _keep(late, lamps == 7, np.zeros(3, bool))
        await devices.send(town.at + SPOKEN, others)
        hands.show(town.at + SPOKEN)
        await sync_to_async(watch.look)()
        await devices.send(town.at - timedelta(seconds=5), late)
        hands.show(town.at + timedelta(seconds=35))
        await sync_to_async(watch.look)()
        town.at += MINUTE
    assert await sync_to_async(standing)() == []


async def test_when_nothing_comes_any_more_time_goes_on(
    devices: Devices, hands: Hands, monkeypatch: pytest.MonkeyPatch
) -> None:
    hands.show(devices.town.at)
    watch = LampWatch()
    await sync_to_async(watch.look)()
    await live(devices, hands, watch, 5, healthy)
    hands.show(devices.town.at + 10 * MINUTE)
    await sync_to_async(watch.look)()
    waiting = await sync_to_async(alarms.find_watermark)(DETECTOR)
    monkeypatch.setattr("dothi.domains.lighting.service.watching.PATIENCE_S", 0.0)
    await sync_to_async(watch.look)()
    gone_on = await sync_to_async(alarms.find_watermark)(DETECTOR)
    assert waiting is not None
    assert gone_on is not None
    assert waiting[0] == devices.town.at - 2 * MINUTE
    assert gone_on[0] == devices.town.at + 8 * MINUTE


def _keep(sample: Sample, lamps: Bools, cabinets: Bools) -> None:
    """Leave nothing of the others."""
    for array in sample[:4]:
        array[~lamps] = np.nan
    for array in (sample.cabinet_voltage_v, sample.cabinet_current_a):
        array[~cabinets] = np.nan


async def test_a_lost_feeder_is_one_alarm_before_its_minute_is_over(devices: Devices, hands: Hands) -> None:
    town = devices.town
    hands.show(town.at)
    watch = LampWatch()
    await sync_to_async(watch.look)()
    await live(devices, hands, watch, 12, healthy)
    members = town.members(1, 1)

    def lost(sample: Sample) -> None:
        sample.cabinet_current_a[1, 1] = 0.0
        for array in sample[:4]:
            array[list(members)] = np.nan

    at = town.at + timedelta(seconds=3)
    sample = town.minute(town.expected(FULL), lost)
    for array in (*sample[:4], sample.cabinet_voltage_v[[0, 2]], sample.cabinet_current_a[[0, 2]]):
        array[:] = np.nan
    await devices.send(at, sample)
    hands.show(at + timedelta(seconds=2))
    await sync_to_async(watch.look)()
    [alarm] = await sync_to_async(standing)()
    assert alarm.point == ("lighting.feeder.lost", devices.cabinets[1], "B")
    account = await sync_to_async(alarms.get_alarm)(SYSTEM, alarm.id)
    assert [label.id for label in account.members] == sorted(devices.lamps[lamp] for lamp in members)
    await live(devices, hands, watch, 40, lost)
    assert [each.point.rule for each in await sync_to_async(standing)()] == ["lighting.feeder.lost"]


async def test_what_was_missed_long_ago_is_not_judged(
    devices: Devices, hands: Hands, caplog: pytest.LogCaptureFixture
) -> None:
    hands.show(devices.town.at)
    await sync_to_async(LampWatch().look)()
    devices.town.at += timedelta(days=3)
    await live(devices, hands, LampWatch(), 1, healthy)
    found = await sync_to_async(alarms.find_watermark)(DETECTOR)
    assert found is not None
    assert found[0] > devices.town.at - timedelta(minutes=3)
    assert "was not watched" in caplog.text
