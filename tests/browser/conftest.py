"""The machine's own browser on the page of `vpn-diagnose try`, with the real bot behind it.

All tests of this folder share one event loop and one browser: starting either takes longer than a test.
"""

import shutil
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from pathlib import Path

import pytest
import pytest_asyncio
from playwright.async_api import Browser, ConsoleMessage, Page, ViewportSize, async_playwright, expect

from bot.commands.try_it import Stage, staged

HERE = Path(__file__).parent

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = (
    "--no-sandbox",  # containers have no user namespaces for it; nothing but our own page is opened
    "--disable-gpu",
    "--no-first-run",
    "--no-proxy-server",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
WIDE = ViewportSize(width=1280, height=800)

Opener = Callable[..., Awaitable[Page]]

expect.set_options(timeout=15_000)  # several browsers and bots may share the machine


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if item.path.is_relative_to(HERE) and pytest_asyncio.is_async_test(item):
            item.add_marker(pytest.mark.asyncio(loop_scope="session"), append=False)


@asynccontextmanager
async def launched() -> AsyncIterator[Browser]:
    """Run the browser, with an empty profile, while the block runs; skips where there is none."""
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        pytest.skip(f"no browser on this machine: install {BROWSERS[0]}")
    async with async_playwright() as playwright:
        browser = await playwright.chromium.launch(executable_path=program, args=FLAGS, headless=True)
        yield browser
        await browser.close()


@pytest_asyncio.fixture(scope="session", loop_scope="session")
async def browser() -> AsyncIterator[Browser]:
    async with launched() as started:
        yield started


@pytest_asyncio.fixture(loop_scope="session")
async def stage(browser: Browser) -> AsyncIterator[Stage]:
    del browser  # where there is none, no bot has to be started
    async with staged() as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def open_page(browser: Browser, stage: Stage) -> AsyncIterator[Opener]:
    """Open the page for one more person: `await open_page(color_scheme="dark", viewport=…)`.

    What goes wrong in any of these pages fails the test at its end.
    """
    troubles: list[str] = []
    contexts = []

    async def opened(path: str = "/", **options: object) -> Page:
        context = await browser.new_context(**{"viewport": WIDE, "locale": "en-GB", **options})  # type: ignore[arg-type]
        contexts.append(context)
        page = await context.new_page()
        page.set_default_timeout(15_000)
        page.on("pageerror", lambda error: troubles.append(f"error: {error}"))
        page.on("console", lambda message: troubles.extend(_complaints(message)))
        await page.goto(f"{stage.slack_url}{path}")
        return page

    yield opened
    for context in contexts:
        await context.close()
    assert troubles == []


@pytest_asyncio.fixture(loop_scope="session")
async def page(open_page: Opener) -> Page:
    return await open_page()


def _complaints(message: ConsoleMessage) -> list[str]:
    """Give what a console message complains of, violations of the page's CSP among it.

    A refusal by the emulator is an answer that the page shows, though the browser also logs its status.
    """
    is_answer = message.text.startswith("Failed to load resource") and "/_emulator/" in message.location["url"]
    return [f"console: {message.text}"] if message.type == "error" and not is_answer else []
