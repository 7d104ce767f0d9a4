"""The operations screen with a whole city: time until it can be used, panning, and 100 screens at once under load."""

import argparse
import asyncio
import json
import random
import shutil
import statistics
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Final

import gmqtt
import httpx
import psycopg
from playwright.async_api import Browser, Page, async_playwright

from bench._running import Key, Running, running
from bench.live_latency import CHROMIUM
from bench.report import Figure, figure

PERMISSIONS: Final = (
    "observations.observation.create",
    "observations.thing.view",
    "live.map.view",
    "lighting.lamp.view",
)
LAMPS: Final = """
WITH new AS (
    INSERT INTO observations_thing (name, description, properties, department, is_public)
    SELECT 'Đèn ' || n, '', '{"kind": "Streetlight", "simulated": true, "public": true}', '', true
    FROM generate_series(1, %(lamps)s) n RETURNING id
), place AS (
    INSERT INTO observations_location (name, description, encoding_type, location, geom)
    SELECT id::text, '', 'application/geo+json', '{}',
        ST_SetSRID(ST_MakePoint(106.60 + (id %% 80) * 0.0015, 10.98 + (id / 80) * 0.0015), 4326)
    FROM new RETURNING id, name
), put AS (
    INSERT INTO observations_thing_location (thing_id, location_id) SELECT name::bigint, id FROM place
), sensor AS (
    INSERT INTO observations_sensor (name, description, encoding_type, metadata)
    VALUES ('bench', '', 'text/plain', '""') RETURNING id
)
INSERT INTO observations_datastream (name, description, observation_type, unit, is_multi, thing_id, sensor_id)
    SELECT 'power', '', '', '{"symbol": "W"}', false, new.id, sensor.id FROM new, sensor RETURNING id
"""
LONG_TASKS: Final = """
window.longest = 0;
new PerformanceObserver(list => {
  for (const entry of list.getEntries()) window.longest = Math.max(window.longest, entry.duration);
}).observe({ type: "longtask" });
"""


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Say what can be chosen."""
    parser.add_argument("--lamps", type=int, default=6_000)
    parser.add_argument("--screens", type=int, default=100)
    parser.add_argument("--rate", type=int, default=1_000, help="Observations a second")
    parser.add_argument("--seconds", type=int, default=30)
    parser.add_argument("--runs", type=int, default=5)
    parser.add_argument("--seed", type=int, default=1)


def measure(options: argparse.Namespace) -> list[Figure]:
    """Fill a city of lamps, open its screen, pan, then let many screens look while all lamps speak."""
    with running() as dothi:
        with psycopg.connect(dothi.database_url, autocommit=True) as connection:
            streams = [row[0] for row in connection.execute(LAMPS, {"lamps": options.lamps}).fetchall()]
            connection.execute(
                "INSERT INTO observations_latest (datastream_id, stored)"
                " SELECT id, 0 FROM observations_datastream ON CONFLICT DO NOTHING"
            )
        return asyncio.run(_measure(dothi, streams, options))


async def _measure(dothi: Running, streams: list[int], options: argparse.Namespace) -> list[Figure]:
    key = dothi.create_key(PERMISSIONS)
    async with _speaking(dothi, key, streams, rate=options.rate, seed=options.seed) as sent:
        await asyncio.sleep(8)  # each lamp has spoken, and the hub knows all
        async with async_playwright() as driver:
            path = shutil.which("chromium") or shutil.which("chromium-browser")
            browser = await driver.chromium.launch(executable_path=path, args=list(CHROMIUM))
            usable = [await _open(browser, dothi, options.lamps) for _ in range(options.runs)]
            longest = await _pan(browser, dothi, options.lamps)
            pixels = await _rows(browser, dothi, sent, options)
            await browser.close()
        screens = await _watch(dothi, key, sent, options)
    return [
        figure(f"usable with {options.lamps} lamps after", usable, "s", goal="<=2.5"),
        figure("longest task while panning", [longest], "ms", goal="<=200"),
        _percentile(f"device to page at {options.rate}/s", pixels),
        _percentile(f"device to each of {options.screens} screens", screens),
    ]


def _percentile(name: str, runs: list[float]) -> Figure:
    value = statistics.quantiles(runs, n=20)[-1]
    return Figure(f"{name}, 95th percentile", value, "s", goal="<=1", runs=runs[:1000])


@asynccontextmanager
async def _speaking(
    dothi: Running, key: Key, streams: list[int], *, rate: int, seed: int
) -> AsyncIterator[dict[float, float]]:
    """Let lamps speak in turn, so many a second; gives when each value was sent: every value is said once."""
    device = gmqtt.Client("bench-city")
    device.set_auth_credentials(key.id, key.secret)
    await device.connect("127.0.0.1", dothi.devices_port)
    sent: dict[float, float] = {}
    speaker = asyncio.create_task(_speak(device, streams, sent, rate=rate, seed=seed))
    yield sent
    speaker.cancel()
    await device.disconnect()


async def _speak(device: gmqtt.Client, streams: list[int], sent: dict[float, float], *, rate: int, seed: int) -> None:
    order = random.Random(seed).sample(streams, len(streams))
    began, number = time.perf_counter(), 0
    while True:
        due = int((time.perf_counter() - began) * rate)
        for place in range(number, due):
            value = 50 + place / 10_000
            body = {"phenomenonTime": datetime.now(UTC).isoformat(), "result": value}
            sent[value] = time.time()
            topic = f"v1.1/Datastreams({order[place % len(order)]})/Observations"
            device.publish(topic, json.dumps(body), qos=1)
        number = max(number, due)
        await asyncio.sleep(0.01)


async def _open(browser: Browser, dothi: Running, lamps: int) -> float:
    """Open the screen in a fresh browser; gives the seconds until its map, its counts and its list are there."""
    context = await browser.new_context(viewport={"width": 1920, "height": 1080})
    page = await context.new_page()
    began = time.perf_counter()
    await page.goto(dothi.url)
    await _usable(page, lamps)
    taken = time.perf_counter() - began
    await context.close()
    return taken


async def _usable(page: Page, lamps: int) -> None:
    await page.locator("[data-map=ready]").wait_for(timeout=60_000)
    await page.locator(f"[data-layer='lighting.lamps'][data-total='{lamps}']").wait_for(timeout=60_000)
    await page.locator("[data-feature]").first.wait_for(timeout=60_000)


async def _pan(browser: Browser, dothi: Running, lamps: int) -> float:
    """Drag the map to and fro while lamps speak; gives the longest task of the page in milliseconds."""
    page = await browser.new_page(viewport={"width": 1920, "height": 1080})
    await page.goto(dothi.url)
    await _usable(page, lamps)
    await asyncio.sleep(3)
    await page.evaluate(LONG_TASKS)
    for turn in range(6):
        await page.mouse.move(900, 500)
        await page.mouse.down()
        await page.mouse.move(900 + (300 if turn % 2 else -300), 420, steps=20)
        await page.mouse.up()
    longest: float = await page.evaluate("window.longest")
    await page.close()
    return longest


async def _rows(browser: Browser, dothi: Running, sent: dict[float, float], options: argparse.Namespace) -> list[float]:
    """Look at the rows of the page; give for each new value how long ago it was sent when the page drew it."""
    page = await browser.new_page(viewport={"width": 1920, "height": 1080})
    await page.goto(dothi.url)
    await _usable(page, options.lamps)
    await page.evaluate(
        "window.seen = {}; new MutationObserver(list => { for (const { target } of list) if (target.dataset?.value)"
        " window.seen[target.dataset.value] ??= Date.now(); })"
        ".observe(document.body, { subtree: true, attributes: true, attributeFilter: ['data-value'] })"
    )
    await asyncio.sleep(options.seconds)
    seen: dict[str, int] = await page.evaluate("window.seen")
    await page.close()
    return [at / 1000 - sent[float(value)] for value, at in seen.items() if float(value) in sent]


async def _watch(dothi: Running, key: Key, sent: dict[float, float], options: argparse.Namespace) -> list[float]:
    """Let many screens follow the whole city; give how old each value was when a screen had it."""
    ages: list[float] = []
    limits = httpx.Limits(max_connections=options.screens + 5)
    async with httpx.AsyncClient(
        base_url=dothi.url, headers=key.headers, trust_env=False, timeout=60, limits=limits
    ) as web:
        until = time.time() + options.seconds
        await asyncio.gather(*(_follow(web, sent, ages, until, screen) for screen in range(options.screens)))
    return ages


async def _follow(
    web: httpx.AsyncClient, sent: dict[float, float], ages: list[float], until: float, screen: int
) -> None:
    async with web.stream("GET", "/live/events") as stream:
        kind, turn = "", 0
        async for line in stream.aiter_lines():
            if time.time() > until:
                return
            if line.startswith("event: "):
                kind = line[7:]
            elif line.startswith("data: ") and kind == "changes":
                turn += 1
                # Reading every message of every screen here would measure this client: each looks at some of its own.
                if turn % 10 == screen % 10:
                    now = time.time()
                    changed = json.loads(line[6:])["changed"]
                    ages.extend(now - sent[one["value"]] for one in changed if one["value"] in sent)
