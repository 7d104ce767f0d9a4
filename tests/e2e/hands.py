"""Two ways to work a page: by pointer, and by keyboard alone, where nothing is reached but by keys."""

from typing import Final, Protocol

from playwright.async_api import FilePayload, Locator, Page

MOST_STEPS: Final = 250
"""Whoever presses Tab so often has gone round the page."""
IS_FOCUSED: Final = "each => each === document.activeElement"
POINTER_WATCH: Final = """
addEventListener("pointerdown", () => { sessionStorage.pointers = Number(sessionStorage.pointers ?? 0) + 1; }, true);
"""
"""Counts what comes of a pointer on a page, through all pages of a tab; a key that presses a button makes none."""


class Hands(Protocol):
    """How a person does what a page offers."""

    async def press(self, target: Locator) -> None:
        """Press a button, or follow a link."""

    async def write(self, target: Locator, text: str) -> None:
        """Fill an empty field."""

    async def choose(self, target: Locator, value: str) -> None:
        """Choose from a list that unfolds, by the value of what is chosen."""

    async def attach(self, target: Locator, file: FilePayload) -> None:
        """Give a file to a field."""

    async def pick_first_alarm(self, page: Page) -> None:
        """Select the first row of the operations screen's queue."""

    async def acknowledge(self, page: Page) -> None:
        """Acknowledge the alarm that is selected."""


class Pointer:
    """Hands at a mouse or a touch screen."""

    async def press(self, target: Locator) -> None:
        """Press a button, or follow a link."""
        await target.click()

    async def write(self, target: Locator, text: str) -> None:
        """Fill a field."""
        await target.click()
        await target.fill(text)

    async def choose(self, target: Locator, value: str) -> None:
        """Choose from a list that unfolds, by the value of what is chosen."""
        await target.select_option(value)

    async def attach(self, target: Locator, file: FilePayload) -> None:
        """Give a file to a field."""
        await target.set_input_files(file)

    async def pick_first_alarm(self, page: Page) -> None:
        """Select the first row of the operations screen's queue."""
        await page.locator("#alarm-rows [data-alarm]").first.click()

    async def acknowledge(self, page: Page) -> None:
        """Acknowledge the alarm that is selected."""
        await page.locator("[data-deed=acknowledge]").click()


class Keyboard:
    """Hands at a keyboard alone: everything is reached by Tab, and by the shortcuts of the help sheet."""

    async def press(self, target: Locator) -> None:
        """Press a button, or follow a link."""
        await self._reach(target)
        await target.page.keyboard.press("Enter")

    async def write(self, target: Locator, text: str) -> None:
        """Fill an empty field."""
        await self._reach(target)
        await target.page.keyboard.type(text)

    async def choose(self, target: Locator, value: str) -> None:
        """Choose from a list that unfolds, by the value of what is chosen."""
        await self._reach(target)
        for _ in range(await target.locator("option").count()):
            if await target.input_value() == value:
                return
            await target.page.keyboard.press("ArrowDown")
        assert await target.input_value() == value

    async def attach(self, target: Locator, file: FilePayload) -> None:
        """Give a file to a field."""
        await self._reach(target)
        # Space opens it always; Enter at times does not, in this Chromium and on an empty page too.
        async with target.page.expect_file_chooser() as chooser:
            await target.page.keyboard.press("Space")
        await (await chooser.value).set_files(file)

    async def pick_first_alarm(self, page: Page) -> None:
        """Select the first row of the operations screen's queue."""
        await page.keyboard.press("q")
        await page.keyboard.press("j")

    async def acknowledge(self, page: Page) -> None:
        """Acknowledge the alarm that is selected."""
        await page.keyboard.press("a")

    @staticmethod
    async def _reach(target: Locator) -> None:
        """Press Tab until the target has the focus."""
        await target.wait_for()
        for _ in range(MOST_STEPS):
            if await target.evaluate(IS_FOCUSED):
                return
            await target.page.keyboard.press("Tab")
        raise AssertionError(f"no Tab leads to {target}")


async def pointers_used(page: Page) -> int:
    """Give how often a pointer was pressed in a page's tab, as `POINTER_WATCH` counts."""
    return int(await page.evaluate("Number(sessionStorage.pointers ?? 0)"))
