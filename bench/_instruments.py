"""What measures inside a browser's page: the map's own pixels, the queue's answer to a key, long tasks."""

import asyncio
import json
import shutil
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

from playwright.async_api import Browser, BrowserContext, CDPSession, Page, async_playwright

from bench._city import PROBES
from bench.live_latency import CHROMIUM

SIZE: Final = (1920, 1080)
PATIENCE_MS: Final = 180_000
REST_S: Final = 0.5
AT_REST: Final = 0.05
"""A browser that takes less of a core than this for so long is at rest."""
COLOURS: Final = 24
"""How far two colours may lie apart, as the sum over red, green and blue, and still be the same."""
_SCRIPT: Final = """
(() => {
  const places = PLACES, apart = APART;
  const next = window.requestAnimationFrame.bind(window);
  const now = () => performance.timeOrigin + performance.now();
  const bench = (window.bench = { colours: null, onDrawn: () => {}, tasks: [], frames: 0 });
  const same = (a, b) => Math.abs(a[0] - b[0]) + Math.abs(a[1] - b[1]) + Math.abs(a[2] - b[2]) < apart;

  // The map draws within a frame's callbacks, and what it drew can be read until the last of them is over.
  window.requestAnimationFrame = callback => next(at => { callback(at); if (bench.onDrawn) look(); });

  const mercator = lat => Math.log(Math.tan(Math.PI / 4 + (lat * Math.PI) / 360)) / (2 * Math.PI);
  // From the left and, as WebGL counts, from the foot.
  function pixels(canvas) {
    const { city } = JSON.parse(document.getElementById("main").dataset.config);
    const world = 512 * 2 ** city.zoom, ratio = canvas.width / canvas.clientWidth;
    return places.map(([lon, lat]) => [
      ratio * (canvas.clientWidth / 2 + ((lon - city.center[0]) / 360) * world),
      ratio * (canvas.clientHeight / 2 + (mercator(lat) - mercator(city.center[1])) * world),
    ]);
  }
  function look() {
    // To read pixels waits for them: not before there can be lamps among them.
    if ((document.querySelector("[data-layer='lighting.lamps']")?.dataset.total ?? "0") === "0") return;
    const canvas = document.querySelector("canvas.maplibregl-canvas");
    const gl = canvas?.getContext("webgl2");
    if (!gl) return;
    const bound = gl.getParameter(gl.READ_FRAMEBUFFER_BINDING);
    gl.bindFramebuffer(gl.READ_FRAMEBUFFER, null);
    const colours = [];
    for (const [x, y] of pixels(canvas)) {
      const colour = new Uint8Array(4);
      gl.readPixels(Math.round(x), Math.round(y), 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, colour);
      colours.push([...colour]);
      // Nothing was drawn in this callback: to look at one place told it, and each look waits for the drawing.
      if (colour[3] === 0) break;
    }
    gl.bindFramebuffer(gl.READ_FRAMEBUFFER, bound);
    if (colours.at(-1)[3] === 0) return;
    bench.colours = colours;
    bench.onDrawn(colours);
  }

  // Usable: all the lamps that are looked at are painted, and then the queue has answered a key.
  bench.usable = lit => new Promise(resolve => {
    let painted = 0;
    bench.onDrawn = colours => {
      if (!painted && colours.every(colour => same(colour, lit))) next(() => { painted = performance.now(); press(); });
    };
    const press = () => {
      bench.onDrawn = null;
      const rows = document.getElementById("alarm-rows");
      if (rows?.getAttribute("aria-activedescendant")) {
        next(() => resolve({ painted, answered: performance.now() }));
        return;
      }
      if (rows?.querySelector("[data-alarm]")) {
        rows.focus();
        rows.dispatchEvent(new KeyboardEvent("keydown", { key: "ArrowDown", bubbles: true }));
      }
      next(press);
    };
    if (bench.colours) bench.onDrawn(bench.colours);
  });

  // Tells of each lamp that is looked at when its pixels turned, once the frame was handed on. What the picture before
  // showed is known: nothing is drawn while nothing changes, so that the next picture may be that of the first turn.
  bench.watch = (lit, dark) => {
    const seen = colour => (colour && same(colour, lit) ? true : colour && same(colour, dark) ? false : null);
    const known = places.map((_, place) => seen(bench.colours?.[place]));
    bench.onDrawn = colours => colours.forEach((colour, place) => {
      const is = seen(colour);
      if (is === null || is === known[place]) return;
      const isFirst = known[place] === null;
      known[place] = is;
      if (!isFirst) next(() => window.turned(place, is, now()));
    });
  };

  new PerformanceObserver(list => {
    for (const entry of list.getEntries()) bench.tasks.push({ at: entry.startTime, ms: entry.duration });
  }).observe({ type: "longtask", buffered: true });
  // Only where frames are counted: what measures in each of them takes its share of the processor.
  bench.countFrames = () => { bench.frames += 1; next(bench.countFrames); };
})();
"""


def script() -> str:
    """Give what is to run in a page before its own."""
    return _SCRIPT.replace("PLACES", json.dumps(PROBES)).replace("APART", str(COLOURS))


@asynccontextmanager
async def chromium() -> AsyncIterator[Browser]:
    """Run the system's Chromium, which draws by software."""
    async with async_playwright() as driver:
        path = shutil.which("chromium") or shutil.which("chromium-browser")
        browser = await driver.chromium.launch(executable_path=path, args=list(CHROMIUM))
        yield browser
        await browser.close()


async def new_context(
    browser: Browser, url: str, cookies: Mapping[str, str], *, size: tuple[int, int] = SIZE
) -> BrowserContext:
    """Make a window of its own, with nothing in its cache, for someone who is signed in."""
    context = await browser.new_context(viewport={"width": size[0], "height": size[1]})
    await context.add_cookies([{"name": name, "value": value, "url": url} for name, value in cookies.items()])
    await context.add_init_script(script())
    return context


async def open_page(context: BrowserContext, url: str, *, rested: bool = False) -> Page:
    """Open an address, if wanted once the browser does nothing else; comes back when its document is read."""
    page = await context.new_page()
    page.set_default_timeout(PATIENCE_MS)
    if rested and context.browser is not None:
        await _rest(context.browser)
    await page.goto(url, wait_until="commit")
    return page


async def _rest(browser: Browser) -> None:
    """Wait until the browser does nothing.

    Chromium puts the pages of its own address bar together in each new window: two to three seconds of a core, which
    whoever sits before a window has behind them before they go anywhere.
    """
    session = await browser.new_browser_cdp_session()
    async with asyncio.timeout(PATIENCE_MS / 1000):
        before = await _processor_time(session)
        while True:
            await asyncio.sleep(REST_S)
            now = await _processor_time(session)
            if now - before < REST_S * AT_REST:
                break
            before = now
    await session.detach()


async def _processor_time(session: CDPSession) -> float:
    found = await session.send("SystemInfo.getProcessInfo")
    return sum(float(process["cpuTime"]) for process in found["processInfo"])


async def longest_task(page: Page, *, since_ms: float) -> float:
    """Give the longest task of the page since a moment of its clock, in ms; 0 where none was longer than 50."""
    await page.wait_for_timeout(300)
    tasks: list[Any] = await page.evaluate("window.bench.tasks")
    return max((each["ms"] for each in tasks if each["at"] >= since_ms), default=0.0)
