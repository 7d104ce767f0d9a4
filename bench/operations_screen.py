"""The operations screen with a whole city: usable, device to pixel, 100 screens at once, panning, a wall."""

# - usable: from the start of the navigation until all lamps are painted on the map and the alarm queue has answered a
#   key; the server is warm, the browser's cache empty.
# - latency: from a device's publication by MQTT until the frame with the lamp's own pixels turned was handed to the
#   compositor, while all lamps speak.
# - screens: the same with 99 more streams open, each read to its end; every Observation must have come to each of them.
# - panning: the page's longest task while the map is dragged, and while all lamps go out and on again as at dusk.
# - wall: the wall's page, and a screen with its shared worker, while so many hours of the city's time go by, a whole
#   day after they were opened: memory in use after a forced collection, by a straight line through the samples.

import argparse
import asyncio
import random
import sys
import time
from typing import Any, Final

import numpy as np
from playwright.async_api import Browser, BrowserContext, Page

from bench import _wall
from bench._city import PROBES, Speaker, fill, sign_in, speaking
from bench._instruments import chromium, longest_task, new_context, open_page
from bench._running import Running, running
from bench._screens import Followed, Following
from bench.report import Figure, figure

PARTS: Final = ("usable", "latency", "screens", "panning", "wall")
PEOPLE: Final = 10
"""How many people sign in; the screens are spread over them."""
UNSEEN_S: Final = 10.0
"""A change that is not to be seen after so long counts as having taken so long."""
SETTLED_S: Final = 3.0
"""Wall seconds at the end of a run in which what was sent may still be on its way."""
Cookies = list[dict[str, str]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be chosen."""
    parser.add_argument("--part", action="append", choices=PARTS, help="all if not given; may be given again")
    parser.add_argument("--lamps", type=int, default=6_000)
    parser.add_argument("--alarms", type=int, default=40)
    parser.add_argument("--screens", type=int, default=100)
    parser.add_argument("--rate", type=int, default=1_000, help="Observations a second")
    parser.add_argument("--seconds", type=float, default=20, help="of each run of latency and screens")
    parser.add_argument("--runs", type=int, default=5, help="of usable; the other parts have 3 at most")
    parser.add_argument("--seed", type=int, default=1)
    _wall.add_arguments(parser)


def measure(options: argparse.Namespace) -> list[Figure]:
    """Fill a city of lamps and let it speak; then a demo of its own runs fast before the wall."""
    parts = set(options.part or PARTS)
    figures: list[Figure] = []
    if parts - {"wall"}:
        with running() as dothi:
            figures += asyncio.run(_measure(dothi, parts, options))
    if "wall" in parts:
        figures += _wall.measure(options)
    return figures


async def _measure(dothi: Running, parts: set[str], options: argparse.Namespace) -> list[Figure]:
    streams = fill(dothi, options.lamps)
    people = [sign_in(dothi, f"bench-{number}") for number in range(PEOPLE if "screens" in parts else 1)]
    figures: list[Figure] = []
    async with speaking(dothi, streams, rate=options.rate, seed=options.seed) as speaker, chromium() as browser:
        dothi.run_module("bench._alarms", str(options.alarms))
        desk = Desk(browser, dothi, speaker, people, options)
        await desk.calibrate()
        for part in PARTS:
            if part in parts and part != "wall":
                found: list[Figure] = await getattr(desk, part)()
                for each in found:
                    print(f"{each.id}: {each.value:.3g} {each.unit}", file=sys.stderr, flush=True)
                figures += found
    return figures


class Desk:
    """Who sits before the screens, and measures."""

    def __init__(
        self, browser: Browser, dothi: Running, speaker: Speaker, people: Cookies, options: argparse.Namespace
    ) -> None:
        self._browser, self._dothi, self._speaker, self._people = browser, dothi, speaker, people
        self._options = options
        self._runs = min(options.runs, 3)
        self._chance = random.Random(options.seed)
        self._lit: list[int] = []
        self._dark: list[int] = []
        self._watched: Page | None = None
        self._seen: dict[tuple[int, bool], asyncio.Future[float]] = {}

    async def calibrate(self) -> None:
        """Learn the colours of a lamp that is on and of one that is off; this warms the server too."""
        context, page = await self._open()
        self._lit = await self._settled(page, None)
        for probe in range(len(PROBES)):
            self._speaker.switch(probe, on=False)
        self._dark = await self._settled(page, self._lit)
        for probe in range(len(PROBES)):
            self._speaker.switch(probe, on=True)
        assert await self._settled(page, self._dark) == self._lit
        await context.close()

    @staticmethod
    async def _settled(page: Page, before: list[int] | None) -> list[int]:
        """Wait until all lamps that are looked at have been of one colour, another than before, for some seconds."""
        colours: list[list[int]] = []
        async with asyncio.timeout(120):
            while True:
                await asyncio.sleep(2)
                was, colours = colours, await page.evaluate("window.bench.colours") or []
                if colours and was == colours and all(each == colours[0] != before for each in colours):
                    return colours[0]

    async def _open(self) -> tuple[BrowserContext, Page]:
        """Open the screen and wait until everything is there."""
        context = await new_context(self._browser, self._dothi.url, self._people[0])
        page = await open_page(context, self._dothi.url)
        await page.locator("[data-map=ready]").wait_for()
        await page.locator(f"[data-layer='lighting.lamps'][data-total='{self._options.lamps}']").wait_for()
        await page.locator("[data-alarm]").first.wait_for()
        return context, page

    async def usable(self) -> list[Figure]:
        """Open the screen in fresh windows."""
        painted, answered = [], []
        for _ in range(self._options.runs):
            context = await new_context(self._browser, self._dothi.url, self._people[0])
            page = await open_page(context, self._dothi.url, rested=True)
            found: dict[str, float] = await page.evaluate("lit => window.bench.usable(lit)", self._lit)
            painted.append(found["painted"] / 1000)
            answered.append(found["answered"] / 1000)
            await context.close()
        lamps = f"{self._options.lamps:,} lamps"
        return [
            figure(f"usable: {lamps} painted after", painted, "s"),
            figure(f"usable: {lamps} painted, and the queue answers keys, after", answered, "s", goal="<=2.5"),
        ]

    async def latency(self) -> list[Figure]:
        """Watch one screen."""
        context, page = await self._open()
        runs = [await self._turn(page) for _ in range(self._runs)]
        await context.close()
        return [_percentile(f"device to pixel at {self._options.rate:,}/s", runs)]

    async def screens(self) -> list[Figure]:
        """Watch one screen while many others are open, and read what these are told."""
        context, page = await self._open()
        others = self._options.screens - 1
        pixels, streams, missed, rates = [], [], [], []
        for _ in range(self._runs):
            cookies = [self._people[number % len(self._people)] for number in range(others)]
            following = Following(self._dothi.port, cookies, self._options.seconds + SETTLED_S)
            await asyncio.to_thread(following.wait_until_ready)
            began = time.time()
            pixels.append(await self._turn(page))
            followed = await asyncio.to_thread(following.end)
            ages, lost = _judge(followed, self._speaker.sent, began, began + self._options.seconds)
            streams.append(ages)
            missed.append(float(lost))
            rates.append(followed.octets / 1e6 / (self._options.seconds + SETTLED_S))
        await context.close()
        name = f"{self._options.screens} screens"
        return [
            _percentile(f"{name}: device to pixel", pixels),
            _percentile(f"{name}: device to each stream", streams),
            figure(f"{name}: Observations that did not come to every stream", missed, "Observations", goal="<=0"),
            figure(f"{name}: sent to all", rates, "MB/s"),
        ]

    async def _turn(self, page: Page) -> list[float]:
        """Turn lamps on and off at irregular moments; give the seconds until each one's pixels turned."""
        if self._watched is not page:
            self._watched = page
            await page.expose_function("turned", self._notice)
        await page.evaluate("([lit, dark]) => window.bench.watch(lit, dark)", [self._lit, self._dark])
        await asyncio.sleep(1)
        until = time.time() + self._options.seconds
        found = await asyncio.gather(*(self._keep_turning(probe, until) for probe in range(len(PROBES))))
        return [one for each in found for one in each]

    def _notice(self, place: int, is_on: bool, at_ms: float) -> None:
        waiting = self._seen.pop((place, is_on), None)
        if waiting and not waiting.done():
            waiting.set_result(at_ms / 1000)

    async def _keep_turning(self, probe: int, until: float) -> list[float]:
        taken, on = [], False
        while time.time() < until or on:
            self._seen[probe, on] = asyncio.get_running_loop().create_future()
            at = self._speaker.switch(probe, on=on)
            try:
                taken.append(await asyncio.wait_for(self._seen[probe, on], UNSEEN_S) - at)
            except TimeoutError:
                taken.append(UNSEEN_S)
            on = not on
            await asyncio.sleep(self._chance.uniform(0.5, 2.5))
        return taken

    async def panning(self) -> list[Figure]:
        """Drag the map to and fro while all lamps speak, then let all go out and on."""
        context, page = await self._open()
        await page.evaluate("window.bench.onDrawn = null; window.bench.countFrames()")
        await page.wait_for_timeout(3000)
        dragged, frames = [], []
        for _ in range(self._runs):
            since, before, began = *await self._mark(page), time.perf_counter()
            for turn in range(4):
                await page.mouse.move(900, 500)
                await page.mouse.down()
                await page.mouse.move(900 + (300 if turn % 2 else -300), 420, steps=15)
                await page.mouse.up()
            frames.append((await page.evaluate("window.bench.frames") - before) / (time.perf_counter() - began))
            dragged.append(await longest_task(page, since_ms=since))
        dusk = [await self._dusk(page, is_dark=number % 2 == 0) for number in range(2 * self._runs)]
        await context.close()
        return [
            figure("longest task while panning", dragged, "ms", goal="<=200"),
            figure("frames while panning", frames, "frames/s"),
            figure(f"longest task while {self._options.lamps:,} lamps change", dusk, "ms", goal="<=200"),
        ]

    @staticmethod
    async def _mark(page: Page) -> tuple[float, int]:
        found: list[Any] = await page.evaluate("[performance.now(), window.bench.frames]")
        return found[0], found[1]

    async def _dusk(self, page: Page, *, is_dark: bool) -> float:
        """Let each lamp say once that it is out (or on): as fast as they speak; gives the longest task."""
        since, _ = await self._mark(page)
        self._speaker.is_dark = is_dark
        await asyncio.sleep(self._options.lamps / self._options.rate + 1)
        return await longest_task(page, since_ms=since)


def _percentile(name: str, runs: list[list[float]]) -> Figure:
    return figure(f"{name}, 95th percentile", [float(np.percentile(run, 95)) for run in runs], "s", goal="<=1")


def _judge(followed: Followed, sent: dict[float, float], began: float, ended: float) -> tuple[list[float], int]:
    """Give how old each Observation was when it came to each screen, and how many did not come to one of them."""
    expected = {value for value, at in sent.items() if began <= at <= ended}
    events = [[value for value in event if value in expected] for event in followed.events]
    ages: list[float] = []
    missed: set[float] = set()
    for heard in followed.screens:
        came: set[float] = set()
        for place, at in heard.events:
            came.update(events[place])
            ages.extend(at - sent[value] for value in events[place])
        missed |= expected - came
    return ages, len(missed)
