"""Someone at a screen: opens pages in a language and size, and remembers every complaint of the browser."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from playwright.async_api import Browser, BrowserContext, ConsoleMessage, Page, Response, expect

from dothi.web import build

AXE: Final = Path(__file__).parents[2] / "node_modules/axe-core/axe.min.js"
LIBRARY: Final = Path(__file__).parents[2] / "node_modules/@tabler/core/dist/css/tabler.min.css"
CLASS: Final = re.compile(r"\.(-?[A-Za-z_][\w-]*)")
RULES: Final = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
PATIENCE_MS: Final = 45_000
"""A first map drawn by software on a busy machine takes its time."""

NO_WEBGL: Final = """
const real = HTMLCanvasElement.prototype.getContext;
HTMLCanvasElement.prototype.getContext = function (kind, ...rest) {
  return String(kind).startsWith("webgl") ? null : real.call(this, kind, ...rest);
};
"""

expect.set_options(timeout=PATIENCE_MS)


@dataclass
class Visitor:
    """A person with a browser of their own: no cookie but the language."""

    browser: Browser
    url: str
    complaints: list[str] = field(default_factory=list)
    _contexts: list[BrowserContext] = field(default_factory=list)

    async def open(
        self,
        path: str,
        *,
        language: str = "",
        size: tuple[int, int] = (1440, 900),
        script: str = "",
        is_clock_ours: bool = False,
    ) -> Page:
        """Open a page; an empty language is that of someone who chose none.

        `script` runs before the page's own; with `is_clock_ours` time in the page moves only when it is told to.
        """
        context = await self.browser.new_context(viewport={"width": size[0], "height": size[1]}, locale="en-GB")
        self._contexts.append(context)
        if language:
            await context.add_cookies([{"name": "dothi_language", "value": language, "url": self.url}])
        if script:
            await context.add_init_script(script)
        page = await context.new_page()
        page.set_default_timeout(PATIENCE_MS)
        if is_clock_ours:
            await page.clock.install()
        page.on("console", self._hear)
        page.on("pageerror", lambda error: self.complaints.append(str(error)))
        page.on("response", self._see)
        await page.goto(self.url + path)
        return page

    async def open_map(self, *, language: str = "vi", size: tuple[int, int] = (1440, 900)) -> Page:
        """Open the map and wait until it is drawn."""
        page = await self.open("/", language=language, size=size)
        await page.wait_for_selector("[data-map=ready]")
        return page

    async def leave(self) -> None:
        """Close all windows."""
        for context in self._contexts:
            await context.close()

    def _hear(self, message: ConsoleMessage) -> None:
        if message.type in ("error", "warning"):
            self.complaints.append(message.text)

    def _see(self, response: Response) -> None:
        if not response.url.removeprefix("blob:").startswith(self.url):
            self.complaints.append(f"asked elsewhere: {response.url}")


async def barriers(page: Page) -> list[str]:
    """Let axe-core look at a page; gives what it finds wrong, one line an element."""
    await page.add_script_tag(path=str(AXE))
    found: dict[str, Any] = await page.evaluate("rules => axe.run(document, { runOnly: rules })", RULES)
    return [f"{rule['id']}: {node['html'][:200]}" for rule in found["violations"] for node in rule["nodes"]]


async def unstyled(page: Page) -> list[str]:
    """Name the classes on a page that the component library styles and whose rules the build left out all the same."""
    used: list[str] = await page.evaluate("[...document.querySelectorAll('[class]')].flatMap(el => [...el.classList])")
    sheets = [(build.FOLDER / name).read_text("utf-8") for name in build.current().styles]
    left_out = set(CLASS.findall(LIBRARY.read_text("utf-8"))).difference(*map(CLASS.findall, sheets))
    return sorted(left_out.intersection(used))
