"""The life of the stations: register, tell what lies behind, then send each hour's means when the hour is over."""

import argparse
import asyncio
import contextlib
import sys
import time
from datetime import UTC, datetime, timedelta
from typing import Final

import numpy as np

from simulators.air import backfill
from simulators.air.air import HOUR_S
from simulators.air.city import City
from simulators.air.control import Workbench
from simulators.air.messages import of_hour
from simulators.air.registration import Streams, register
from simulators.outsider.connection import Connection
from simulators.outsider.life import Outsider

AFTER_HOUR: Final = timedelta(minutes=2)
"""When the first station sends an hour; each other some seconds later."""
APART: Final = timedelta(seconds=20)
LONGEST_WAIT_S: Final = 60.0
"""Wall seconds after which the platform is asked for the time again."""


class Simulation(Outsider):
    """The stations' life until `ended` is set."""

    def __init__(self, options: argparse.Namespace, *, key_id: str, key_secret: str) -> None:
        super().__init__(options, key_id=key_id, key_secret=key_secret)
        self._connection = Connection(options.mqtt, f"air-{key_id}", key_id=key_id, key_secret=key_secret)
        self._city = City(options.stations, options.seed, has_events=not options.no_faults)

    async def run(self) -> None:
        """Live until `ended` is set."""
        registered = await self.until_ready(
            lambda: register(self.web, self._city.stations, is_public=not self.options.private)
        )
        clock = await self.until_ready(self.read_clock)
        if registered is None or clock is None:
            return
        self.clock = clock
        streams, is_new = registered
        self.open_control(Workbench(self._city, now_s=self.now_s))
        self._connection.start()
        past = asyncio.create_task(self._tell_past(streams)) if is_new and not self.options.no_backfill else None
        try:
            await self._live(streams)
        finally:
            self.leave()
            if past is not None:
                past.cancel()
                with contextlib.suppress(asyncio.CancelledError):
                    await past
            await self._connection.stop()

    async def _live(self, streams: Streams) -> None:
        """Send each hour when it is over; what the clock leaps over is missed."""
        hour = int(self.now().timestamp() // HOUR_S)
        while not self.ended.is_set():
            end = datetime.fromtimestamp((hour + 1) * HOUR_S, tz=UTC)
            if await self._wait_for(end + AFTER_HOUR):
                return
            if await self._send(streams, hour, end):
                return
            hour = max(hour + 1, int((self.now() - AFTER_HOUR).timestamp() // HOUR_S) - 1)

    async def _send(self, streams: Streams, hour: int, end: datetime) -> bool:
        """Let each station send its hour at its moment; tells whether it is time to end."""
        values = self._city.measure(np.array([hour]))[..., 0]
        self.truth.note(self._city.truths(hour, hour))
        for place, messages in enumerate(of_hour(self._city.stations, streams, values, hour)):
            if await self._wait_for(end + AFTER_HOUR + APART * place):
                return True
            self._connection.send(messages)
        return False

    async def _tell_past(self, streams: Streams) -> None:
        """Send the past of stations that have just been registered, the newest first, while they live already."""
        now_hour = int(self.now().timestamp() // HOUR_S)
        began, sent = time.monotonic(), 0
        parts = [
            (backfill.recent(now_hour), 1.0),
            *((each, backfill.SHARE) for each in backfill.months_before(now_hour)),
        ]
        for hours, share in parts:
            told = await self.until_ready(
                lambda hours=hours, share=share: backfill.tell(  # type: ignore[misc]
                    self.web, self._city, streams, hours, ended=self.threads_end, share=share
                )
            )
            if told is None:
                return
            sent += told
        print(f"the past is told: {sent} rows in {time.monotonic() - began:.0f} s", file=sys.stderr)

    async def _wait_for(self, moment: datetime) -> bool:
        """Wait until a moment of city time, asking for the time now and then; tells whether it is time to end."""
        while not self.ended.is_set():
            left_s = self.clock.wall_s_until(moment, time.monotonic())
            if left_s <= 0:
                return False
            await self.pause(min(left_s, LONGEST_WAIT_S))
            if left_s > LONGEST_WAIT_S:
                self.clock = await self.try_once(self.read_clock) or self.clock
        return True
