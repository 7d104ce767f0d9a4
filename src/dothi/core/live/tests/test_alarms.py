"""The queue's alarms in the live view: there when they are raised, for those who may see them, now and as they were."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping
from datetime import UTC, datetime, timedelta

import pytest
import pytest_asyncio
from asgiref.sync import sync_to_async

from dothi.core.accounts.types import SYSTEM, Actor
from dothi.core.alarms import service as alarms
from dothi.core.alarms.types import Change, Clear, Condition, Raise
from dothi.core.live.service import Hub
from dothi.core.live.types import Changes, FeatureState, LiveAlarm, LiveLayer, Reading, Snapshot, View
from dothi.core.observations.models import Thing
from dothi.core.observations.service import Record
from dothi.core.observations.tests.things import RegisterThing
from dothi.core.observations.types import NewObservation
from dothi.kernel import clock
from dothi.kernel.errors import Forbidden, InvalidInput, Unauthenticated
from dothi.kernel.events import Event, ThingsChanged

LAMPS = "lighting.lamps"
RULE = "lighting.feeder.lost"
START = datetime(2026, 11, 22, 12, tzinfo=UTC)
ALL = View(frozenset([LAMPS]), alarms=True)


def at(minute: float) -> datetime:
    return START + timedelta(minutes=minute)


@pytest_asyncio.fixture
async def hub(record: Record, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Hub]:
    monkeypatch.setattr(clock, "now", lambda: at(60))
    layer = LiveLayer(LAMPS, "Streetlight", "lighting.lamp.view", describe)
    made = Hub(record, [layer])
    made.start()
    yield made
    made.close()


def describe(readings: Mapping[str, Reading]) -> FeatureState:
    power = readings.get("power")
    return FeatureState("on" if power and power.value else "off", power.value if power else None, "W")


Find = Callable[..., Awaitable[None]]


@pytest.fixture
def found(hub: Hub) -> Find:
    """Let a detector find something, and the bus tell of it."""
    moments = iter(range(100))

    def find(*changes: Change) -> None:
        told: list[Event] = []
        alarms.apply("test.live", changes, watermark=at(next(moments)), publish=told.append)
        for event in told:
            hub.hear(event)

    return sync_to_async(find)


async def until(hub: Hub, is_right: Callable[[list[LiveAlarm]], bool], view: View = ALL) -> list[LiveAlarm]:
    """Follow a view until its alarms are right; gives them as a client holds them."""
    held: dict[int, LiveAlarm] = {}
    async with asyncio.timeout(20):
        async for _, (_, message) in hub.follow(view):
            if isinstance(message, Snapshot):
                held = {alarm.id: alarm for alarm in message.alarms}
            elif isinstance(message, Changes):
                held = {number: alarm for number, alarm in held.items() if number not in message.gone}
                held |= {alarm.id: alarm for alarm in message.alarms}
            if is_right(list(held.values())):
                return list(held.values())
    raise AssertionError("the stream ended")


async def test_an_alarm_comes_changes_and_goes(hub: Hub, found: Find, register_thing: RegisterThing) -> None:
    cabinet = await sync_to_async(register_thing)("Tủ 7", kind="Cabinet", department="lighting")
    lamp = await sync_to_async(register_thing)("Đèn 1", kind="Streetlight")
    await found(Raise(Condition(RULE, cabinet, at(0), key="B", members=(lamp,), detail={"lamps": 1})))
    [alarm] = await until(hub, lambda held: len(held) == 1)
    assert (alarm.thing, alarm.kind, alarm.key_word, alarm.members) == ("Tủ 7", "Cabinet", "B", (lamp,))
    assert (alarm.state, alarm.lon, alarm.lat) == ("unacknowledged", 106.67, 11.05)
    assert (alarm.detail, alarm.department) == ({"lamps": 1}, "lighting")
    told: list[Event] = []
    await sync_to_async(alarms.acknowledge)(SYSTEM, alarm.id, publish=told.append)
    hub.hear(told[0])
    await until(hub, lambda held: [each.state for each in held] == ["acknowledged"])
    await found(Clear(RULE, cabinet, "B", at(5)))
    await until(hub, lambda held: held == [])


async def test_a_missed_event_is_mended_and_a_things_new_name_is_told(hub: Hub, register_thing: RegisterThing) -> None:
    await until(hub, lambda held: held == [])
    lamp = await sync_to_async(register_thing)("Đèn 1", kind="Streetlight")
    change = Raise(Condition("lighting.lamp.failed", lamp, at(0)))
    await sync_to_async(alarms.apply)("test.live", [change], watermark=at(1), publish=lambda _event: None)
    hub.miss()
    await until(hub, lambda held: [alarm.thing for alarm in held] == ["Đèn 1"])
    await sync_to_async(Thing.objects.filter(id=lamp).update)(name="Đèn 1b")
    hub.hear(_things_changed(lamp))
    await until(hub, lambda held: [alarm.thing for alarm in held] == ["Đèn 1b"])
    await sync_to_async(Thing.objects.filter(id=lamp).delete)()
    hub.hear(_things_changed(lamp))
    [alarm] = await until(hub, lambda held: [each.thing for each in held] == [""])
    assert (alarm.lon, alarm.kind) == (None, "")


def _things_changed(thing_id: int) -> Event:
    return ThingsChanged([thing_id])


async def test_alarms_are_for_those_who_may_see_them(hub: Hub, found: Find, register_thing: RegisterThing) -> None:
    own = await sync_to_async(register_thing)("own", kind="Streetlight", department="lighting")
    other = await sync_to_async(register_thing)("other", kind="Streetlight", department="drainage")
    await found(*(Raise(Condition("lighting.lamp.failed", thing, at(0))) for thing in (own, other)))
    await until(hub, lambda held: len(held) == 2)
    may = frozenset(["live.map.view", "lighting.lamp.view", "alarms.alarm.view"])
    key = Actor("key", "key:1", may, department="lighting")
    view = hub.view_of(key, layers=[], bbox=None, alarms=True)
    assert [alarm.thing for alarm in hub.snapshot(view).alarms] == ["own"]
    narrow = Actor("key", "key:2", may, thing_ids=frozenset([other]))
    view = hub.view_of(narrow, layers=[], bbox=None, alarms=True)
    assert [alarm.thing for alarm in hub.snapshot(view).alarms] == ["other"]
    assert hub.snapshot(hub.view_of(key, layers=[], bbox=None)).alarms == []
    with pytest.raises(Unauthenticated):
        hub.view_of(Actor("visitor", "visitor", may), layers=[], bbox=None, alarms=True)
    with pytest.raises(Forbidden):
        hub.view_of(Actor("user", "user:1", may - {"alarms.alarm.view"}), layers=[], bbox=None, alarms=True)


async def test_the_past_is_as_it_was(hub: Hub, record: Record, found: Find, register_thing: RegisterThing) -> None:
    lamp = await sync_to_async(register_thing)("Đèn 1", kind="Streetlight", readings={"power": (5.0, "W")}, at=START)
    [stream] = await record.find_datastreams(range(1, 10_000))
    await record.write(SYSTEM, [NewObservation(stream, at(minute), 90.0 + minute) for minute in (10, 20, 30)])
    await found(Raise(Condition("lighting.lamp.failed", lamp, at(15))))
    await found(Clear("lighting.lamp.failed", lamp, "", at(25)))
    view = hub.view_of(SYSTEM, layers=[], bbox=None, alarms=True)
    seen = {}
    for minute in (5, 12, 18, 28):
        past = await hub.past(view, at(minute))
        [feature] = past.features
        seen[minute] = (feature.value, [alarm.state for alarm in past.alarms], past.city_time)
    assert seen == {
        5: (None, [], at(5)),
        12: (100.0, [], at(12)),
        18: (100.0, ["unacknowledged"], at(18)),
        28: (110.0, ["cleared"], at(28)),
    }


@pytest.mark.parametrize("moment", [at(61), at(60) - timedelta(days=32), at(0).replace(tzinfo=None)])
async def test_a_moment_that_is_no_past_is_refused(hub: Hub, moment: datetime) -> None:
    with pytest.raises(InvalidInput):
        await hub.past(ALL, moment)
