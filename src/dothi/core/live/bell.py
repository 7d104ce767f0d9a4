"""The bell of one process: it rings when alarms or their work orders change, for every page that shows some."""

import asyncio
import secrets
from collections.abc import AsyncIterator
from typing import Final

from dothi.core.live.types import Clock, Message, Rung
from dothi.kernel import clock
from dothi.kernel.events import AlarmsChanged, Event, KeysChanged, PeopleChanged, WorkOrdersChanged

SHORTEST_S: Final = 0.25
"""Wall seconds between two messages to one client: at most 4 a second."""
CLOCK_S: Final = 5.0
"""Wall seconds between two signs of life."""


class Bell:
    """Tells its followers that alarms or work orders changed, and not which: what each may see, each asks itself.

    All methods belong to one event loop.
    """

    def __init__(self) -> None:
        self._epoch: Final = secrets.token_hex(4)
        self._number = 0
        self.doubts = 0
        """Another number whenever somebody's rights may have changed; every follower hears a sign of life then."""
        self._closed = False
        self._followers: set[asyncio.Event] = set()

    def hear(self, event: Event) -> None:
        """Take an event from the bus."""
        if isinstance(event, AlarmsChanged | WorkOrdersChanged):
            self.ring()
        elif isinstance(event, PeopleChanged | KeysChanged):
            self.doubt()

    def ring(self) -> None:
        """Let every follower know: alarms changed, or may have while nobody could tell."""
        self._number += 1
        self._wake()

    def doubt(self) -> None:
        """Know that somebody's rights may have changed."""
        self.doubts += 1
        self._wake()

    def close(self) -> None:
        """End every open stream at once."""
        self._closed = True
        self._wake()

    async def follow(self, *, last_event_id: str = "") -> AsyncIterator[tuple[str, Message]]:
        """Give (event id, message) as they come: at once unless `last_event_id` is the newest, then at each change.

        Ends when the bell is closed.
        """
        woken = asyncio.Event()
        self._followers.add(woken)
        loop = asyncio.get_running_loop()
        told = last_event_id
        next_clock, doubts = 0.0, self.doubts
        try:
            while not self._closed:
                newest = f"{self._epoch}:{self._number}"
                if told != newest:
                    told = newest
                    yield told, ("alarms", Rung(clock.now()))
                if loop.time() >= next_clock or doubts != self.doubts:
                    doubts = self.doubts
                    yield told, ("clock", Clock(clock.now(), clock.installed().speed))
                    next_clock = loop.time() + CLOCK_S
                await asyncio.sleep(SHORTEST_S)
                await wait(woken, next_clock - loop.time())
                woken.clear()
        finally:
            self._followers.discard(woken)

    def _wake(self) -> None:
        for woken in self._followers:
            woken.set()


async def wait(woken: asyncio.Event, timeout_s: float) -> None:
    """Wait until an event is set, or for so many wall seconds."""
    try:
        await asyncio.wait_for(woken.wait(), max(timeout_s, 0.0))
    except TimeoutError:
        return
