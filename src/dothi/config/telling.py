"""Lets a command tell the city what it changed, over the bus, for as long as the command lasts."""

import asyncio
from collections.abc import Sequence
from contextlib import suppress
from typing import Final

from dothi.kernel.events import Event
from dothi.protocols.mqtt.bus import Bus

PATIENCE_S: Final = 3.0


def tell_city(url: str, events: Sequence[Event], *, process: str) -> None:
    """Send events; without the broker, other processes find out when they read the record again."""
    asyncio.run(_tell(url, events, process))


async def _tell(url: str, events: Sequence[Event], process: str) -> None:
    bus = Bus(url, process=process)
    bus.start()
    with suppress(TimeoutError):
        async with asyncio.timeout(PATIENCE_S):
            while not bus.connected:  # noqa: ASYNC110  the bus tells nobody when it is there
                await asyncio.sleep(0.05)
        for event in events:
            bus.publish(event)
    await bus.stop()
