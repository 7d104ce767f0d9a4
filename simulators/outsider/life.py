"""An outsider's life beside a platform that may be away, slow or started anew with another clock."""

import argparse
import asyncio
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Final, TypeVar

from simulators.outsider.clock import CityClock, read_clock
from simulators.outsider.control import Control, Workbench
from simulators.outsider.truth import Truth
from simulators.outsider.web import NotYet, Web

T = TypeVar("T")
FIRST_PAUSE_S: Final = 0.25
LONGEST_PAUSE_S: Final = 5.0
NEVER: Final = datetime(1, 1, 1, tzinfo=UTC)


class Outsider:
    """What simulators begin with: `run` is each one's own, and lives until `ended` is set.

    Whatever asks the platform runs in a thread by `try_once` or `until_ready`, and long work there looks at
    `threads_end`.
    """

    def __init__(self, options: argparse.Namespace, *, key_id: str, key_secret: str) -> None:
        self.options = options
        self.web = Web(options.url, key_id=key_id, key_secret=key_secret)
        self.truth = Truth(options.truth)
        self.clock = CityClock(city=NEVER, speed=1.0, anchored_s=0.0)
        self.threads_end = threading.Event()
        self.ended = asyncio.Event()
        self._control: Control | None = None

    async def run(self) -> None:
        """Live until `ended` is set."""
        raise NotImplementedError

    def now(self) -> datetime:
        """Give the city's time."""
        return self.clock.at(time.monotonic())

    def now_s(self) -> float:
        """Give the city's time as Unix seconds."""
        return self.now().timestamp()

    def read_clock(self) -> CityClock:
        """Ask the platform for the time. Raises NotYet."""
        return read_clock(self.web.health())

    def open_control(self, workbench: Workbench) -> None:
        """Open the door for breaking things, if one is wanted."""
        if self.options.control is not None:
            self._control = Control(self.options.control, workbench, asyncio.get_running_loop())
            self._control.start()

    def leave(self) -> None:
        """Let threads end, and close the door."""
        self.threads_end.set()
        if self._control is not None:
            self._control.stop()

    async def until_ready(self, work: Callable[[], T]) -> T | None:
        """Try, with growing pauses, until the platform answers; None when told to end first."""
        pause_s = FIRST_PAUSE_S
        while not self.ended.is_set():
            found = await self.try_once(work)
            if found is not None:
                return found
            await self.pause(pause_s)
            pause_s = min(LONGEST_PAUSE_S, pause_s * 2)
        return None

    async def try_once(self, work: Callable[[], T]) -> T | None:
        """Ask the platform; None when it is not there, or when told to end before it answers."""
        asked = asyncio.create_task(asyncio.to_thread(work))
        told = asyncio.create_task(self.ended.wait())
        await asyncio.wait({asked, told}, return_when=asyncio.FIRST_COMPLETED)
        told.cancel()
        if not asked.done():
            self.threads_end.set()
            return None
        try:
            return asked.result()
        except NotYet as error:
            print(f"the platform does not answer: {error}", file=sys.stderr)
            return None

    async def pause(self, seconds: float) -> bool:
        """Wait, or end early; tells whether it is time to end."""
        try:
            await asyncio.wait_for(self.ended.wait(), seconds)
        except TimeoutError:
            return False
        return True
