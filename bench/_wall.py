"""The wall's page while hours of the city's time go by: a demo that runs fast, with faults that come and go."""

import argparse
import asyncio
import json
import random
import time
from collections.abc import Awaitable, Callable
from typing import Any, Final

import httpx
import numpy as np
import psycopg
from playwright.async_api import Browser, CDPSession, Page

from bench._city import sign_in
from bench._instruments import chromium, longest_task, new_context, open_page
from bench._running import Running, running
from bench.report import Figure, figure

# What fills by and by is full before the first sample, else it would pass for a leak: the signs of a day's alarms on
# the timeline, the chart's points, the code that the browser compiles. So a whole day of the city's time goes before.

START: Final = "17:00"
MEMORY: Final = "memory"
SAMPLE_S: Final = 4.0
READINGS: Final = 5
"""What a page makes between a collection and the reading counts as well: the least of some readings is the truest."""
MOST_FAULTS: Final = 5
FAULTS: Final = ("lamp_out", "lamp_silent", "day_burning", "gateway_silent", "feeder_lost")
Sample = Callable[[], Awaitable[float]]


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be chosen."""
    parser.add_argument("--wall-hours", type=float, default=8, help="of the city's time, that are measured")
    parser.add_argument("--wall-run-in", type=float, default=24, help="hours of the city's time that go before")
    parser.add_argument("--wall-speed", type=float, default=120, help="of the city's clock")
    parser.add_argument("--wall-devices", type=int, default=400, help="the most devices of each simulator")


def measure(options: argparse.Namespace) -> list[Figure]:
    """Let a demo of its own run fast, and look on."""
    demo = ("--demo", "--speed", f"{options.wall_speed:g}", "--start", START, "--devices", f"{options.wall_devices}")
    with running(*demo, "--seed", f"{options.seed}") as dothi:
        return asyncio.run(_measure(dothi, options))


async def _measure(dothi: Running, options: argparse.Namespace) -> list[Figure]:
    cookies = sign_in(dothi, "bench-wall")
    run_in, seconds = (hours * 3600 / options.wall_speed for hours in (options.wall_run_in, options.wall_hours))
    async with chromium() as browser:
        wall = await _open(browser, dothi, "/wall/", cookies, size=(3840, 1080))
        screen = await _open(browser, dothi, "/", cookies, size=(1440, 900))
        samples = {
            f"{MEMORY} of the wall's page": await _page_memory(wall),
            f"{MEMORY} of a screen's page": await _page_memory(screen),
            f"{MEMORY} of the screens' shared worker": await _worker_memory(browser),
            "elements and texts of the wall's page": await _page_count(wall, "nodes"),
            "listeners of the wall's page": await _page_count(wall, "jsEventListeners"),
        }
        faults = asyncio.create_task(_break_and_mend(dothi, cookies, options.seed))
        try:
            # The first chart brings its library with it, once.
            await wall.locator("[data-first] .alarm-chart > *").first.wait_for()
            await asyncio.sleep(run_in)
            for page in (wall, screen):
                await page.evaluate("window.bench.tasks = []")
            raised = _count_alarms(dothi)
            lines = await _sample(samples, seconds)
        finally:
            faults.cancel()
        longest = await longest_task(wall, since_ms=0)
    hours = f"{options.wall_hours:g} h of the city's time"
    return [
        *(figure for name, taken in lines.items() for figure in _judge(name, taken, hours, seconds)),
        figure("alarms raised in that time", [_count_alarms(dothi) - raised], "alarms", goal=">=1"),
        figure("longest task of the wall's page", [longest], "ms"),
    ]


def _judge(name: str, taken: list[tuple[float, float]], hours: str, seconds: float) -> list[Figure]:
    """Fit a straight line: what it says of the end, as a share of what it says of the begin."""
    times, values = np.array(taken).T
    slope, base = np.polyfit(times, values, 1)
    unit = "MB" if name.startswith(MEMORY) else "of them"
    return [
        figure(f"{name}: grown in {hours}", [float(100 * slope * seconds / base)], "%", goal="<=10"),
        figure(name, [float(each) for each in values], unit),
    ]


async def _open(browser: Browser, dothi: Running, path: str, cookies: dict[str, str], *, size: tuple[int, int]) -> Page:
    context = await new_context(browser, dothi.url, cookies, size=size)
    page = await open_page(context, dothi.url + path)
    await page.locator("[data-map=ready]").wait_for()
    await page.locator("[data-layer='lighting.lamps']:not([data-total='0'])").wait_for()
    await page.evaluate("window.bench.onDrawn = null")
    return page


async def _sample(samples: dict[str, Sample], seconds: float) -> dict[str, list[tuple[float, float]]]:
    began = time.perf_counter()
    taken: dict[str, list[tuple[float, float]]] = {name: [] for name in samples}
    while (at := time.perf_counter() - began) < seconds:
        for name, sample in samples.items():
            taken[name].append((at, await sample()))
        await asyncio.sleep(SAMPLE_S)
    return taken


async def _page_memory(page: Page) -> Sample:
    session = await page.context.new_cdp_session(page)
    return lambda: _memory_mb(session.send)


async def _page_count(page: Page, what: str) -> Sample:
    session = await page.context.new_cdp_session(page)

    async def count() -> float:
        return float((await session.send("Memory.getDOMCounters"))[what])

    return count


async def _worker_memory(browser: Browser) -> Sample:
    worker = await _Worker.attach(browser)
    return lambda: _memory_mb(worker.send)


async def _memory_mb(send: Callable[[str], Awaitable[Any]]) -> float:
    """Give what is in use after a forced collection: objects, and the buffers that belong to them."""
    readings = []
    for _ in range(READINGS):
        await send("HeapProfiler.collectGarbage")
        found = await send("Runtime.getHeapUsage")
        readings.append(float(found["usedSize"] + found.get("backingStorageSize", 0)) / 1e6)
    return min(readings)


class _Worker:
    """The shared worker of the screens: no page, so that it is spoken to through the browser."""

    def __init__(self, session: CDPSession) -> None:
        self._session = session
        self._id = ""
        self._number = 0
        self._answers: dict[int, asyncio.Future[Any]] = {}
        session.on("Target.receivedMessageFromTarget", self._hear)

    @classmethod
    async def attach(cls, browser: Browser) -> "_Worker":
        """Find the one shared worker there is."""
        session = await browser.new_browser_cdp_session()
        worker = cls(session)
        targets = (await session.send("Target.getTargets"))["targetInfos"]
        [found] = [target for target in targets if target["type"] == "shared_worker"]
        attached = await session.send("Target.attachToTarget", {"targetId": found["targetId"], "flatten": False})
        worker._id = attached["sessionId"]
        return worker

    async def send(self, method: str) -> Any:  # noqa: ANN401  (whatever the protocol answers)
        """Send one command and give its result."""
        self._number += 1
        answer = self._answers[self._number] = asyncio.get_running_loop().create_future()
        message = json.dumps({"id": self._number, "method": method})
        await self._session.send("Target.sendMessageToTarget", {"sessionId": self._id, "message": message})
        return await asyncio.wait_for(answer, 60)

    def _hear(self, event: dict[str, Any]) -> None:
        said = json.loads(event["message"])
        if said.get("id") in self._answers:
            self._answers.pop(said["id"]).set_result(said.get("result", {}))


def _count_alarms(dothi: Running) -> float:
    with psycopg.connect(dothi.database_url) as connection:
        row = connection.execute("SELECT count(*) FROM alarms_alarm").fetchone()
    return float(row[0]) if row else 0.0


async def _break_and_mend(dothi: Running, cookies: dict[str, str], seed: int) -> None:
    """Break a device every few seconds, mend the one that is broken longest, acknowledge every other alarm."""
    chance = random.Random(seed)
    broken: list[str] = []
    headers = {"Referer": dothi.url, "X-CSRFToken": cookies["csrftoken"]}
    async with (
        httpx.AsyncClient(base_url=dothi.control, trust_env=False, timeout=30) as control,
        httpx.AsyncClient(base_url=dothi.url, cookies=cookies, headers=headers, trust_env=False, timeout=30) as web,
    ):
        kinds = {kind["id"]: kind for kind in (await control.get("/faults/kinds")).raise_for_status().json()["kinds"]}
        while True:
            kind = kinds[chance.choice([name for name in FAULTS if name in kinds])]
            serial = chance.choice(kind["targets"])["serial"]
            choices = {name: chance.choice(values) for name, values in kind["choices"].items()}
            await control.post("/faults", json={"kind": kind["id"], "serial": serial, **choices})
            broken.append(serial)
            if len(broken) > MOST_FAULTS:
                await control.request("DELETE", "/faults", json={"serial": broken.pop(0)})
            await _acknowledge_some(web)
            await asyncio.sleep(chance.uniform(2, 5))


async def _acknowledge_some(web: httpx.AsyncClient) -> None:
    async with web.stream("GET", "/live/snapshot", params={"alarms": "1", "bbox": "0,0,0,0"}) as answer:
        queue = json.loads(await answer.aread())["alarms"]
    for alarm in queue[::2]:
        if alarm["state"] in ("unacknowledged", "cleared"):
            await web.post(f"/alarms/{alarm['id']}/acknowledge/", data={})
