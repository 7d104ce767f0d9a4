"""The system's Chromium, as fixtures that folders of tests import."""

import shutil
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Playwright, async_playwright

# Chromium draws WebGL without a graphics card, by software.
SOFTWARE_WEBGL = ("--use-angle=swiftshader", "--enable-unsafe-swiftshader", "--ignore-gpu-blocklist")
CHROMIUMS = ("chromium", "chromium-browser", "google-chrome")


@pytest.fixture(scope="session")
async def playwright() -> AsyncIterator[Playwright]:
    """The driver of browsers."""
    async with async_playwright() as driver:
        yield driver


@pytest.fixture(scope="session")
async def chromium(playwright: Playwright) -> AsyncIterator[Browser]:
    """The system's Chromium."""
    path = next((found for name in CHROMIUMS if (found := shutil.which(name))), None)
    assert path is not None, "no Chromium on this machine"
    browser = await playwright.chromium.launch(executable_path=path, args=list(SOFTWARE_WEBGL))
    yield browser
    await browser.close()
