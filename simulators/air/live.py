"""The life of the stations: register, tell what lies behind, then send each hour's means when the hour is over."""

import argparse
import asyncio
import contextlib
import sys
import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Final, TypeVar
from urllib.parse import urlsplit

import numpy as np

from simulators.air import backfill
from simulators.air.air import HOUR_S
from simulators.air.city import City
from simulators.air.control import Control
from simulators.air.messages import of_hour
from simulators.air.registration import Streams, register
from simulators.lighting.clock import CityClock, read_clock
from simulators.lighting.publisher import Connection
from simulators.lighting.truth import Truth
from simulators.lighting.web import NotYet, Web

T = TypeVar("T")
FIRST_PAUSE_S: Final = 0.25
LONGEST_PAUSE_S: Final = 5.0
AFTER_HOUR: Final = timedelta(minutes=2)
"""When the first station sends an hour; each other some seconds later."""
APART: Final = timedelta(seconds=20)
LONGEST_WAIT_S: Final = 60.0
"""Wall seconds after which the platform is asked for the time again."""
PORT: Final = 1883


class Simulation:
    """The stations' life until `ended` is set."""

    def __init__(self, options: argparse.Namespace, *, key_id: str, key_secret: str) -> None:
        self._options = options
        self._web = Web(options.url, key_id=key_id, key_secret=key_secret)
        self._connection = Connection(f"air-{key_id}", key_id=key_id, key_secret=key_secret, on_task=None)
        self._city = City(options.stations, options.seed, has_events=not options.no_faults)
        self._truth = Truth(options.truth)
        self._lock = threading.Lock()
        self._threads_end = threading.Event()
        self._clock: CityClock
        self.ended = asyncio.Event()

    async def run(self) -> None:
        """Live until `ended` is set."""
        registered = await self._until_ready(
            lambda: register(self._web, self._city.stations, is_public=not self._options.private)
        )
        clock = await self._until_ready(self._read_clock)
        if registered is None or clock is None:
            return
        self._clock = clock
        streams, is_new = registered
        control = self._open_control()
        address = urlsplit(self._options.mqtt)
        self._connection.start(address.hostname or "127.0.0.1", address.port or PORT)
        past = asyncio.create_task(self._tell_past(streams)) if is_new and not self._options.no_backfill else None
        try:
            await self._live(streams)
        finally:
            self._threads_end.set()
            if past is not None:
                past.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await past
            if control is not None:
                control.stop()
            await self._connection.stop()

    def _open_control(self) -> Control | None:
        if self._options.control is None:
            return None
        control = Control(self._options.control, self._city, now_s=lambda: self._now().timestamp(), lock=self._lock)
        control.start()
        return control

    async def _live(self, streams: Streams) -> None:
        """Send each hour when it is over; what the clock leaps over is missed."""
        hour = int(self._now().timestamp() // HOUR_S)
        while not self.ended.is_set():
            end = datetime.fromtimestamp((hour + 1) * HOUR_S, tz=UTC)
            if await self._wait_for(end + AFTER_HOUR):
                return
            if await self._send(streams, hour, end):
                return
            hour = max(hour + 1, int((self._now() - AFTER_HOUR).timestamp() // HOUR_S) - 1)

    async def _send(self, streams: Streams, hour: int, end: datetime) -> bool:
        """Let each station send its hour at its moment; tells whether it is time to end."""
        with self._lock:
            values = self._city.measure(np.array([hour]))[..., 0]
            self._truth.note(self._city.truths(hour, hour))
        for place, messages in enumerate(of_hour(self._city.stations, streams, values, hour)):
            if await self._wait_for(end + AFTER_HOUR + APART * place):
                return True
            self._connection.send(messages)
        return False

    async def _tell_past(self, streams: Streams) -> None:
        """Send the past of stations that have just been registered, the newest first, while they live already."""
        now_hour = int(self._now().timestamp() // HOUR_S)
        began, sent = time.monotonic(), 0
        parts = [
            (backfill.recent(now_hour), 1.0),
            *((each, backfill.SHARE) for each in backfill.months_before(now_hour)),
        ]
        for hours, share in parts:
            told = await self._until_ready(
                lambda hours=hours, share=share: backfill.tell(  # type: ignore[misc]
                    self._web, self._city, streams, hours, ended=self._threads_end, share=share
                )
            )
            if told is None:
                return
            sent += told
        print(f"the past is told: {sent} rows in {time.monotonic() - began:.0f} s", file=sys.stderr)

    async def _wait_for(self, moment: datetime) -> bool:
        """Wait until a moment of city time, asking for the time now and then; tells whether it is time to end."""
        while not self.ended.is_set():
            left_s = self._clock.wall_s_until(moment, time.monotonic())
            if left_s <= 0:
                return False
            await self._pause(min(left_s, LONGEST_WAIT_S))
            if left_s > LONGEST_WAIT_S:
                self._clock = await self._try_once(self._read_clock) or self._clock
        return True

    def _now(self) -> datetime:
        return self._clock.at(time.monotonic())

    def _read_clock(self) -> CityClock:
        return read_clock(self._web.health())

    async def _until_ready(self, work: Callable[[], T]) -> T | None:
        """Try, with growing pauses, until the platform answers; None when told to end first."""
        pause_s = FIRST_PAUSE_S
        while not self.ended.is_set():
            found = await self._try_once(work)
            if found is not None:
                return found
            await self._pause(pause_s)
            pause_s = min(LONGEST_PAUSE_S, pause_s * 2)
        return None

    async def _try_once(self, work: Callable[[], T]) -> T | None:
        """Ask the platform; None when it is not there, or when told to end before it answers."""
        asked = asyncio.create_task(asyncio.to_thread(work))
        told = asyncio.create_task(self.ended.wait())
        await asyncio.wait({asked, told}, return_when=asyncio.FIRST_COMPLETED)
        told.cancel()
        if not asked.done():
            self._threads_end.set()
            return None
        try:
            return asked.result()
        except NotYet as error:
            print(f"the platform does not answer: {error}", file=sys.stderr)
            return None

    async def _pause(self, seconds: float) -> None:
        """Wait, or end early."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self.ended.wait(), seconds)
