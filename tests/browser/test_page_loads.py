"""The page in a real browser: it loads, and a command typed there leads to a report."""

from playwright.async_api import Page, expect

from bot.commands.try_it import HEALTHY


async def test_a_command_typed_on_the_page_leads_to_a_report(page: Page) -> None:
    await page.get_by_label("Message or command").fill(f"/vpn-diagnose {HEALTHY.text}")
    await page.get_by_role("button", name="Send").click()

    await page.get_by_role("button", name="2 replies").click(timeout=15_000)
    thread = page.get_by_role("log", name="Thread")
    await expect(thread).to_contain_text("DiagnoseId")
    await expect(thread).to_contain_text("All probes from 192.168.1.1")
