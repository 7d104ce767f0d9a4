"""The bell rings for every follower, once for what came together, and ends when it is closed."""

import asyncio
from collections.abc import AsyncIterator

from dothi.core.live.bell import CLOCK_S, Bell
from dothi.core.live.types import Message
from dothi.kernel.events import AlarmsChanged, Event, KeysChanged, PeopleChanged, ThingsChanged


async def rung(stream: AsyncIterator[tuple[str, Message]]) -> str:
    """Wait for the next time it rings; gives the event's id."""
    async with asyncio.timeout(20):
        async for event_id, (kind, _) in stream:
            if kind == "alarms":
                return event_id
    raise AssertionError("the stream ended")


async def test_it_rings_at_the_start_and_at_each_change() -> None:
    bell = Bell()
    one, other = bell.follow(), bell.follow()
    first = await rung(one)
    assert await rung(other) == first
    bell.hear(ThingsChanged([1]))
    bell.hear(AlarmsChanged([1]))
    bell.hear(AlarmsChanged([2]))
    second = await rung(one)
    assert second != first
    assert await rung(other) == second
    bell.ring()
    assert await rung(one) != second


async def test_who_comes_back_hears_only_what_is_new() -> None:
    bell = Bell()
    last = await rung(bell.follow())
    kinds = []
    async with asyncio.timeout(20):
        async for _, (kind, _) in bell.follow(last_event_id=last):
            kinds.append(kind)
            if kind == "alarms":
                break
            bell.hear(AlarmsChanged([1]))
    assert kinds == ["clock", "alarms"]


async def test_a_closed_bell_ends_its_streams() -> None:
    bell = Bell()
    stream = bell.follow()
    await rung(stream)
    bell.close()
    async with asyncio.timeout(20):
        left = [kind async for _, (kind, _) in stream]
    assert left in ([], ["clock"])


async def test_when_rights_may_have_changed_every_follower_hears_something_at_once() -> None:
    bell = Bell()
    stream = bell.follow(last_event_id=await rung(bell.follow()))
    assert (await anext(stream))[1][0] == "clock"
    told: list[Event] = [PeopleChanged([1]), KeysChanged([])]
    for doubts, event in enumerate(told, start=1):
        bell.hear(event)
        assert bell.doubts == doubts
        async with asyncio.timeout(CLOCK_S / 2):
            assert (await anext(stream))[1][0] == "clock"
