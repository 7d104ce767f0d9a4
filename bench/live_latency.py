"""From a device's message to the browser: how long until a lamp's change is on the page, and on the map's pixels."""

import argparse
import asyncio
import json
import random
import shutil
import time
from datetime import UTC, datetime
from typing import Final

import gmqtt
import httpx
from playwright.async_api import Page, async_playwright

from bench._running import Running, running, thing
from bench.report import Figure, figure

API: Final = "/sensorthings/v1.1"
PERMISSIONS: Final = ("observations.thing.create", "observations.thing.view", "observations.observation.create")
CHROMIUM: Final = ("--use-angle=swiftshader-webgl", "--enable-unsafe-swiftshader")
"""Without a graphics card WebGL is drawn by software; all else of the page as any browser without a card draws it."""
WATCH: Final = """
window.seen = {};
new MutationObserver(() => {
  const row = document.querySelector("[data-feature]");
  if (row) window.seen[row.dataset.value] ??= Date.now();
}).observe(document.body, { subtree: true, childList: true, attributes: true });
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be chosen."""
    parser.add_argument("--messages", type=int, default=60)
    parser.add_argument("--switches", type=int, default=15)
    parser.add_argument("--seed", type=int, default=1)


def measure(options: argparse.Namespace) -> list[Figure]:
    """Measure with one lamp, one browser and the whole of Dothi between them."""
    with running() as dothi:
        return asyncio.run(_measure(dothi, options))


async def _measure(dothi: Running, options: argparse.Namespace) -> list[Figure]:
    key = dothi.create_key(PERMISSIONS)
    stream = await _register(dothi, key.headers)
    device = gmqtt.Client("bench-lamp")
    device.set_auth_credentials(key.id, key.secret)
    await device.connect("127.0.0.1", dothi.devices_port)
    lamp = _Lamp(device, stream)
    async with async_playwright() as driver:
        path = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = await driver.chromium.launch(executable_path=path, args=list(CHROMIUM))
        page = await browser.new_page(viewport={"width": 1440, "height": 900})
        await page.goto(dothi.url)
        lamp.publish(0.5)
        await page.locator("[data-feature][data-value='0.5']").wait_for(timeout=60_000)
        await page.locator("[data-map=ready]").wait_for(timeout=60_000)
        await page.evaluate(WATCH)
        rows = await _time_rows(page, lamp, options)
        pixels = await _time_pixels(page, lamp, options)
        await browser.close()
    await device.disconnect()
    return [
        figure("message to page, median", rows, "s", goal="<=1"),
        Figure("message to page, 95th percentile", sorted(rows)[int(len(rows) * 0.95)], "s", goal="<=1", runs=rows),
        figure("message to the map's pixels, median", pixels, "s", goal="<=1"),
    ]


class _Lamp:
    """Publishes one lamp's power."""

    def __init__(self, device: gmqtt.Client, stream: int) -> None:
        self._device, self._stream = device, stream

    def publish(self, power_w: float) -> float:
        """Publish now; gives the Unix time of it."""
        body = {"phenomenonTime": datetime.now(UTC).isoformat(), "result": power_w}
        at = time.time()
        self._device.publish(f"v1.1/Datastreams({self._stream})/Observations", json.dumps(body), qos=1)
        return at


async def _register(dothi: Running, headers: dict[str, str]) -> int:
    async with httpx.AsyncClient(base_url=dothi.url, headers=headers, trust_env=False) as web:
        lamp = thing("Đèn đo", kind="Streetlight", streams=[("power", "W")], lon=106.672, lat=11.048)
        (await web.post(f"{API}/Things", json=lamp)).raise_for_status()
        found = (await web.get(f"{API}/Datastreams")).raise_for_status().json()
        return int(found["value"][0]["@iot.id"])


async def _time_rows(page: Page, lamp: _Lamp, options: argparse.Namespace) -> list[float]:
    """Publish at irregular moments; give the seconds until each value stood in the list of the page."""
    chance = random.Random(options.seed)
    taken = []
    for number in range(options.messages):
        value = 20 + number
        at = lamp.publish(value)
        await page.wait_for_function("value => window.seen[value]", arg=str(value), timeout=30_000)
        taken.append(await page.evaluate("value => window.seen[value]", str(value)) / 1000 - at)
        await asyncio.sleep(chance.uniform(0.1, 1.1))
    return taken


async def _time_pixels(page: Page, lamp: _Lamp, options: argparse.Namespace) -> list[float]:
    """Switch the lamp on and off; give the seconds until the picture of the map changed.

    Each figure holds the time of the one picture that shows the change, so it is an upper bound.
    """
    taken = []
    canvas = page.locator("canvas").first
    for number in range(options.switches):
        before = await canvas.screenshot()
        at = lamp.publish(100.0 if number % 2 else 0.2)
        while await canvas.screenshot() == before:
            if time.time() - at > 30:
                raise TimeoutError("the map does not change")
        taken.append(time.time() - at)
        await asyncio.sleep(0.5)
    return taken
