"""Take the pictures of the README from the page itself: `.venv/bin/python -m tests.browser.screenshots`.

What is typed and pressed is what a person would; the pictures go to docs/images, each at most 200 kB.
"""

import asyncio
import re
from pathlib import Path

from playwright.async_api import Browser, Page, ViewportSize, expect

from bot.commands.try_it import BROKEN, HEALTHY, Stage, staged
from tests.browser.conftest import launched

ROOT = Path(__file__).parents[2]
FOLDER = ROOT / "docs" / "images"
LARGEST = 200_000

WIDE = ViewportSize(width=1180, height=680)
ROOMY = ViewportSize(width=1400, height=740)
PHONE = ViewportSize(width=390, height=760)


async def main() -> None:
    FOLDER.mkdir(parents=True, exist_ok=True)
    async with launched() as browser, staged(diagnosis_s=0.3) as stage:
        await command_typed(browser, stage)
        await form(browser, stage)
        await cloud_panel(browser, stage)
        await report(browser, stage)
        await phone(browser, stage)


async def command_typed(browser: Browser, stage: Stage) -> None:
    page = await opened(browser, stage, ViewportSize(width=1180, height=420))
    await page.get_by_label("Message or command").fill(f"/vpn-diagnose {HEALTHY.text}")
    await taken(page, "command")


async def form(browser: Browser, stage: Stage) -> None:
    page = await opened(browser, stage, WIDE)
    await say(page, "/vpn-diagnose ")
    dialog = page.get_by_role("dialog")
    region = dialog.locator("[data-block-id=region]")
    await region.press_sequentially(HEALTHY.fields["region"])
    await expect(page.get_by_role("option").first).to_contain_text("cn-hangzhou · ")
    await region.press("ArrowDown")
    await region.press("Enter")
    await dialog.locator("[data-block-id=gateway_id]").click()
    await expect(page.get_by_role("option").first).to_contain_text("vpn-")
    await taken(page, "form")
    await dialog.get_by_role("button", name="Cancel").click()
    await expect(dialog).to_be_hidden()


async def report(browser: Browser, stage: Stage) -> None:
    page = await opened(browser, stage, ViewportSize(width=1100, height=780))
    await say(page, f"/vpn-diagnose {BROKEN.text}")
    await read(page, BROKEN.fields["connection_id"])
    await page.locator("#thread-log").evaluate("log => { log.scrollTop = 190; }")
    await taken(page, "report")


async def cloud_panel(browser: Browser, stage: Stage) -> None:
    page = await opened(browser, stage, ROOMY)
    await page.get_by_role("switch", name="Mismatched configuration").click()
    await page.get_by_role("button", name="Type its diagnosis").click()
    await page.keyboard.press("Enter")
    root = page.locator("#messages li").filter(has_text=HEALTHY.fields["connection_id"]).last
    await expect(root).to_contain_text("need attention", timeout=15_000)
    await expect(page.locator("#cloud tbody")).to_contain_text("GetVpnGatewayDiagnoseResult")
    await taken(page, "cloud")
    await page.get_by_role("button", name="Mend all").click()


async def phone(browser: Browser, stage: Stage) -> None:
    page = await opened(browser, stage, PHONE, color_scheme="dark")
    await read(page, BROKEN.fields["connection_id"])
    await page.locator("#thread-log").evaluate("log => { log.scrollTop = 430; }")
    await taken(page, "phone")


async def opened(browser: Browser, stage: Stage, viewport: ViewportSize, color_scheme: str = "light") -> Page:
    page = await browser.new_page(viewport=viewport, color_scheme=color_scheme, locale="en-GB")  # type: ignore[arg-type]
    await page.goto(stage.slack_url)
    await expect(page.locator("#messages li").first).to_be_visible()
    return page


async def say(page: Page, text: str) -> None:
    await page.get_by_label("Message or command").fill(text)
    await page.keyboard.press("Enter")


async def read(page: Page, connection_id: str) -> None:
    """Open the thread of a connection's report, when it is there."""
    root = page.locator("#messages li").filter(has_text=connection_id).filter(has_text="alice").last
    await expect(root).to_contain_text("need attention", timeout=15_000)
    await root.get_by_role("button", name=re.compile("repl")).click()
    await expect(page.locator("#thread")).to_contain_text("Took", timeout=15_000)


async def taken(page: Page, name: str) -> None:
    path = FOLDER / f"{name}.png"
    await page.mouse.move(0, 0)
    await page.screenshot(path=path, animations="disabled", caret="hide")
    assert path.stat().st_size <= LARGEST, f"{path.name} is too large"


if __name__ == "__main__":
    asyncio.run(main())
