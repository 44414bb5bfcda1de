"""The emulated cloud beside Slack: something is broken by a click, the diagnosis finds it, and it is mended."""

import re
from collections.abc import AsyncIterator

import pytest
import pytest_asyncio
from playwright.async_api import Browser, Locator, Page, ViewportSize, expect

from bot.commands.try_it import Stage, staged
from bot.emulators.serving import serving
from bot.emulators.slack.emulator import SlackEmulator
from tests.browser.conftest import Opener

ROOMY = ViewportSize(width=1440, height=900)
PHONE = ViewportSize(width=390, height=844)
SOON_MS, AFTER_A_REST_MS = 20_000, 40_000


@pytest_asyncio.fixture(loop_scope="session")
async def stage(browser: Browser) -> AsyncIterator[Stage]:
    """Run a cloud whose diagnoses are quick."""
    del browser
    async with staged(diagnosis_s=0.2) as running:
        yield running


@pytest_asyncio.fixture(loop_scope="session")
async def page(open_page: Opener) -> Page:
    return await open_page(viewport=ROOMY)


def switch(page: Page, name: str) -> Locator:
    return page.get_by_role("switch", name=name)


async def diagnosed(page: Page, verdict: str | re.Pattern[str]) -> Locator:
    """Diagnose the chosen connection; give the message, when the verdict is in it."""
    roots = page.locator("#messages li").filter(has_text="vco-healthy0000000000001").filter(has_text="alice")
    before = await roots.count()
    await page.get_by_role("button", name="Type its diagnosis").click()
    await page.keyboard.press("Enter")
    await expect(roots).to_have_count(before + 1, timeout=SOON_MS)
    await expect(roots.last).to_contain_text(verdict, timeout=SOON_MS)
    return roots.last


@pytest.mark.parametrize(
    ("fault", "named"),
    [
        ("Broken route", "Error: Route conflicts"),
        ("Mismatched configuration", "Error: IPsec settings of both ends"),
        ("Lossy path", "Warning: Reaching the peer over the internet"),
    ],
)
async def test_what_is_broken_in_the_network_is_named_by_the_report(page: Page, fault: str, named: str) -> None:
    await switch(page, fault).click()
    await expect(switch(page, fault)).to_be_checked()
    root = await diagnosed(page, re.compile("needs? attention"))
    await root.get_by_role("button", name=re.compile("repl")).click()
    await expect(page.locator("#thread")).to_contain_text(named)

    await page.get_by_role("button", name="Mend all").click()
    await expect(switch(page, fault)).not_to_be_checked()
    await diagnosed(page, "all 7 checks are normal")


async def test_a_start_that_is_throttled_waits_and_goes_on_when_that_is_over(page: Page) -> None:
    await switch(page, "Throttling").click()
    root = await diagnosed(page, "Too many calls to Alibaba Cloud")
    await switch(page, "Throttling").click()

    await expect(root).to_contain_text("all 7 checks are normal", timeout=AFTER_A_REST_MS)


async def test_credentials_that_expire_are_told_in_a_sentence_and_do_no_harm_later(page: Page) -> None:
    await switch(page, "Expired credentials").click()
    await diagnosed(page, "The session has expired")
    await switch(page, "Expired credentials").click()
    await expect(switch(page, "Expired credentials")).not_to_be_checked()

    await diagnosed(page, "all 7 checks are normal")


async def test_a_cloud_that_is_down_is_told_and_asked_again_when_it_is_back(page: Page) -> None:
    await diagnosed(page, "all 7 checks are normal")  # from here on the bot holds a session
    await switch(page, "Cloud down").click()
    root = await diagnosed(page, "Alibaba Cloud does not answer at the moment")
    await page.get_by_role("button", name="Mend all").click()

    await expect(root).to_contain_text("all 7 checks are normal", timeout=AFTER_A_REST_MS)


async def test_the_ledger_has_the_request_id_of_the_report_and_can_be_filtered(page: Page) -> None:
    root = await diagnosed(page, "all 7 checks are normal")
    await root.get_by_role("button", name=re.compile("repl")).click()
    told = await page.locator("#thread").get_by_text(re.compile("DiagnoseId.*RequestId")).last.inner_text()
    request_id = re.findall(r"[0-9A-F]{8}(?:-[0-9A-F]{4}){3}-[0-9A-F]{12}", told)[-1]
    await page.get_by_placeholder("operation, code, RequestId").fill(request_id)

    rows = page.locator("#cloud tbody tr:visible")
    await expect(rows).to_have_count(1)
    await expect(rows.first).to_contain_text("GetVpnGatewayDiagnoseResult")
    await expect(rows.first).to_contain_text("vpn-diagnose-oncall/slack-T0EMULATED-U0ALICE")
    assert await page.locator("#cloud section:has(table)").get_attribute("aria-live") == "off"


async def test_looks_at_the_ledger_that_overlap_show_each_call_once(page: Page) -> None:
    await diagnosed(page, "all 7 checks are normal")
    shown, known = await page.evaluate(
        """async () => {
            const { ledger } = await import("/page/ledger.js");
            const { section, look } = ledger();
            await Promise.all([look(), look(), look()]);
            const ids = [...section.querySelectorAll("tbody code")].map((code) => code.textContent);
            return [ids.length, new Set(ids).size];
        }"""
    )

    assert shown == known > 0


async def test_another_connection_can_be_chosen_and_broken(page: Page) -> None:
    await page.get_by_role("radio", name=re.compile("vco-dual0000000000000001")).check()
    await switch(page, "Mismatched configuration").click()

    await expect(page.get_by_label("The way from the VPC")).to_contain_text("down: Both ends differ")
    await page.get_by_role("radio", name=re.compile("vco-healthy0000000000001")).check()
    await expect(switch(page, "Mismatched configuration")).not_to_be_checked()


async def test_the_panel_works_by_keyboard_on_a_phone_and_in_the_dark(open_page: Opener) -> None:
    page = await open_page(viewport=PHONE, color_scheme="dark")
    opener = page.get_by_role("button", name="Cloud", exact=True)
    await expect(page.locator("#cloud")).to_be_hidden()
    await opener.focus()
    await page.keyboard.press("Enter")
    await expect(switch(page, "Cloud down")).to_be_enabled()  # what is disabled takes no focus
    await switch(page, "Cloud down").focus()
    await page.keyboard.press("Space")

    await expect(switch(page, "Cloud down")).to_be_checked()
    assert await page.evaluate("document.documentElement.scrollWidth <= innerWidth")
    await page.get_by_role("button", name="Type its diagnosis").click()
    await expect(page.get_by_label("Message or command")).to_be_focused()
    await opener.click()
    await switch(page, "Cloud down").focus()
    await page.keyboard.press("Escape")
    await expect(page.locator("#cloud")).to_be_hidden()
    await expect(opener).to_be_focused()


async def test_a_thread_stands_in_the_panels_place_where_there_is_no_room_for_both(page: Page) -> None:
    root = await diagnosed(page, "all 7 checks are normal")
    await root.get_by_role("button", name=re.compile("repl")).click()
    await expect(page.locator("#cloud")).to_be_visible()
    await page.set_viewport_size({"width": 1280, "height": 800})
    await expect(page.locator("#cloud")).to_be_hidden()
    await page.get_by_role("button", name="Close the thread").click()

    await expect(page.locator("#cloud")).to_be_visible()


async def test_slack_alone_says_that_no_cloud_is_attached(browser: Browser) -> None:
    async with serving(SlackEmulator().web_app()) as url:
        page = await browser.new_page(viewport=ROOMY)
        await page.goto(url)
        await page.get_by_role("button", name="Cloud", exact=True).click()
        await expect(page.locator("#cloud")).to_contain_text("No cloud is attached")
        await page.close()
