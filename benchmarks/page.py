"""The page of `vpn-diagnose try` in a browser: when it first paints, and how it scrolls through 1,000 messages.

Slack's emulator and the browser share this machine; the bot does not run. Medians of ten loads; then one scroll
from the newest message to the oldest: the lengths of its frames, and the browser's own long tasks (over 50 ms).
"""

import asyncio
import shutil
import statistics
from typing import Any

import aiohttp
from playwright.async_api import Browser, Page, ViewportSize, async_playwright

from bot.emulators.serving import serving
from bot.emulators.slack.emulator import SlackEmulator
from bot.emulators.slack.player import Player

LOADS = 10
MESSAGES = 1_000
BROWSERS = ("chromium", "chromium-browser", "google-chrome")
FLAGS = ("--no-sandbox", "--disable-gpu", "--no-first-run", "--no-proxy-server", "--disable-background-networking")
SCREEN = ViewportSize(width=1280, height=800)

PAINTS = """() => {
  const paints = performance.getEntriesByType("paint").map((one) => [one.name, one.startTime]);
  return Object.fromEntries(paints);
}"""
SCROLL = """async () => {
  const log = document.getElementById("log");
  const tasks = [];
  const observer = new PerformanceObserver((list) => tasks.push(...list.getEntries().map((one) => one.duration)));
  observer.observe({ type: "longtask" });
  const frame = () => new Promise(requestAnimationFrame);
  const frames = [];
  let [before, still] = [await frame(), 0];
  for (let count = 0; count < 5000 && still < 30; count += 1) {
    const was = [log.scrollTop, log.scrollHeight].join();
    log.scrollTop -= 400;
    const now = await frame();
    frames.push(now - before);
    before = now;
    still = was === [log.scrollTop, log.scrollHeight].join() ? still + 1 : 0;
  }
  observer.disconnect();
  return { frames, tasks, items: document.querySelectorAll("#messages > li").length };
}"""


async def main() -> None:
    program = next(filter(None, map(shutil.which, BROWSERS)), None)
    if program is None:
        print("no browser on this machine")
        return
    async with (
        serving(SlackEmulator(times=None).web_app()) as url,
        aiohttp.ClientSession() as session,
        async_playwright() as playwright,
    ):
        browser = await playwright.chromium.launch(executable_path=program, args=FLAGS, headless=True)
        await first_paint(browser, url)
        await fill(Player(url, session))
        await scroll(browser, url)
        await browser.close()


async def first_paint(browser: Browser, url: str) -> None:
    seen = [await paints(browser, url) for _ in range(LOADS)]
    for name in ("first-paint", "first-contentful-paint"):
        times = [one[name] for one in seen]
        print(f"{name}: median {statistics.median(times):.0f} ms, longest {max(times):.0f} ms of {LOADS} loads")


async def paints(browser: Browser, url: str) -> dict[str, float]:
    page = await fresh_page(browser, url)
    await page.locator("#channels button").first.wait_for()
    await page.wait_for_function("performance.getEntriesByType('paint').length > 1")
    seen: dict[str, float] = await page.evaluate(PAINTS)
    await page.context.close()
    return seen


async def fill(player: Player) -> None:
    for number in range(MESSAGES):
        await player.say(f"message {number}: the VPN to the office is *down* again, see `vco-{number}`")


async def scroll(browser: Browser, url: str) -> None:
    page = await fresh_page(browser, url)
    await page.get_by_text(f"message {MESSAGES - 1}:").wait_for()
    await page.wait_for_timeout(500)
    seen: dict[str, Any] = await page.evaluate(SCROLL)
    frames, tasks = seen["frames"], seen["tasks"]
    await page.get_by_text("message 0:").wait_for()
    print(f"scroll through {seen['items']} items in {len(frames)} frames", end=": ")
    print(f"median {statistics.median(frames):.1f} ms, longest {max(frames):.0f} ms", end="; ")
    print(f"{len(tasks)} long tasks, longest {max(tasks, default=0):.0f} ms")
    await page.context.close()


async def fresh_page(browser: Browser, url: str) -> Page:
    """Open the page with nothing cached."""
    page = await (await browser.new_context(viewport=SCREEN)).new_page()
    await page.goto(url)
    return page


if __name__ == "__main__":
    asyncio.run(main())
