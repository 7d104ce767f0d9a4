"""Runs the lamp until it is told to end: `python -m simulators.lighting --url http://… --mqtt mqtt://…`."""

import argparse
import asyncio
import os
import signal
import sys
import time
from collections.abc import Callable
from datetime import datetime
from pathlib import Path
from typing import Any, TypeVar

from simulators.lighting.clock import CityClock, next_minute, read_clock
from simulators.lighting.lamp import Lamp
from simulators.lighting.publisher import Publisher
from simulators.lighting.registration import LAT, LON, SERIAL, register
from simulators.lighting.truth import Truth
from simulators.lighting.web import NotYet, Web

T = TypeVar("T")
FIRST_PAUSE_S = 0.25
LONGEST_PAUSE_S = 5.0


class Simulation:
    """The lamp's life: wait for the platform, register, then measure and publish each minute of city time."""

    def __init__(self, options: argparse.Namespace, *, key_id: str, key_secret: str) -> None:
        self._web = Web(options.url, key_id=key_id, key_secret=key_secret)
        self._publisher = Publisher(options.mqtt, key_id=key_id, key_secret=key_secret, client_id=SERIAL)
        self._lamp = Lamp(lon=LON, lat=LAT, seed=options.seed)
        self._truth = Truth(options.truth)
        self.ended = asyncio.Event()

    async def run(self) -> None:
        """Live until `ended` is set."""
        datastreams = await self._until_ready(lambda: register(self._web))
        if datastreams is None:
            return
        await self._publisher.start()
        try:
            await self._live(datastreams)
        finally:
            await self._publisher.stop()

    async def _live(self, datastreams: dict[str, int]) -> None:
        """Speak at once, as a controller does when it gets power, then each full minute."""
        clock = await self._until_ready(self._read_clock)
        if clock is None:
            return
        moment = clock.at(time.monotonic()).replace(microsecond=0)
        while not await self._pause(clock.wall_s_until(moment, time.monotonic())):
            self._measure(datastreams, moment)
            # The platform may have been started anew with another clock; while it is away, the lamp goes on by its own.
            clock = await self._try_once(self._read_clock) or clock
            moment = next_minute(clock.at(time.monotonic()))

    def _measure(self, datastreams: dict[str, int], moment: datetime) -> None:
        measured = self._lamp.measure(moment)
        self._truth.note(serial=SERIAL, at=moment, lit=self._lamp.lit_since is not None)
        self._publisher.publish(datastreams["power"], at=moment, value=measured.power_w)
        self._publisher.publish(datastreams["light level"], at=moment, value=measured.light_level_percent)
        self._publisher.publish(datastreams["voltage"], at=moment, value=measured.voltage_v)

    def _read_clock(self) -> CityClock:
        return read_clock(self._web.get("/health/ready"))

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
            return None
        try:
            return asked.result()
        except NotYet as error:
            print(f"the platform does not answer: {error}", file=sys.stderr)
            return None

    async def _pause(self, seconds: float) -> bool:
        """Wait, or end early; tells whether it is time to end."""
        try:
            await asyncio.wait_for(self.ended.wait(), seconds)
        except TimeoutError:
            return False
        return True


async def live(options: argparse.Namespace, key: dict[str, str]) -> None:
    """Run the simulation; SIGTERM and Ctrl-C end it at once."""
    simulation = Simulation(options, **key)
    loop = asyncio.get_running_loop()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, simulation.ended.set)
    await simulation.run()


def parse(arguments: list[str]) -> argparse.Namespace:
    """Read the command line."""
    parser = argparse.ArgumentParser(prog="simulators.lighting", description=__doc__)
    parser.add_argument("--url", default="http://127.0.0.1:8000", help="the platform's web address")
    parser.add_argument("--mqtt", default="mqtt://127.0.0.1:8001", help="the broker that devices speak to")
    parser.add_argument("--seed", type=int, default=1, help="what chance begins with; the same seed, the same noise")
    parser.add_argument("--truth", type=Path, help="a file for what the simulator knows to be true, JSON lines")
    return parser.parse_args(arguments)


def main() -> int:
    """Run with the machine key of the environment."""
    options = parse(sys.argv[1:])
    key: dict[str, Any] = {"key_id": os.environ.get("DOTHI_KEY_ID"), "key_secret": os.environ.get("DOTHI_KEY_SECRET")}
    if not all(key.values()):
        print("DOTHI_KEY_ID and DOTHI_KEY_SECRET must hold the lamp's machine key", file=sys.stderr)
        return 2
    try:
        asyncio.run(live(options, key))
    except RuntimeError as error:
        print(error, file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    code = main()
    # A request that still waits for its answer is not waited for.
    os._exit(code)
