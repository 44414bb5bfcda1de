"""Slack as the page plays it: channels, threads, forms, people, what one of them sees alone, what goes wrong."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime
from typing import Any

import pytest
from playwright.async_api import Locator, Page, Route, ViewportSize, expect
from slack_sdk.web.async_client import AsyncWebClient

from bot.commands.try_it import BROKEN, CHANNEL, Stage

Opener = Callable[..., Awaitable[Page]]
Json = dict[str, Any]


def plain(text: str) -> Json:
    return {"type": "plain_text", "text": text}


REPORT_WITHIN_MS = 15_000
PHONE = ViewportSize(width=390, height=780)
GOING: Json = {
    "type": "actions",
    "elements": [
        {
            "type": "button",
            "action_id": "go",
            "text": plain("Go away"),
            "style": "danger",
            "confirm": {
                "title": plain("Sure?"),
                "text": plain("It goes."),
                "confirm": plain("Go"),
                "deny": plain("Stay"),
            },
        }
    ],
}
HOSTILE = "<img src=x onerror=alert(1)>&lt;script&gt;alert(2)&lt;/script&gt; <javascript:alert(3)|press me> *bold*"


@pytest.fixture
def web(stage: Stage) -> AsyncWebClient:
    """The bot's own way in: a limitless Slack, as far as the page is concerned."""
    return AsyncWebClient("xoxb-emulator", base_url=f"{stage.slack_url}/api/", retry_handlers=[])


def messages(page: Page) -> Locator:
    return page.get_by_role("log", name="Messages")


def thread(page: Page) -> Locator:
    return page.get_by_role("log", name="Thread")


async def say(page: Page, text: str) -> None:
    await page.get_by_label("Message or command").fill(text)
    await page.keyboard.press("Enter")


async def act_as(page: Page, name: str) -> None:
    await page.locator("#person").click()
    await page.get_by_role("menuitemradio", name=name).click()


async def open_form(page: Page) -> Locator:
    await say(page, "/vpn-diagnose ")
    form = page.get_by_role("dialog")
    await expect(form).to_be_visible()
    return form


async def fill_in(form: Locator) -> None:
    """Type into the fields; what a menu suggests for it is taken by keys."""
    for block_id in ("region", "gateway_id", "connection_id", "source_ip", "destination_ip"):
        field = form.locator(f"[data-block-id={block_id}]")
        await field.press("ControlOrMeta+A")
        await field.press_sequentially(BROKEN.fields[block_id])
        if await field.get_attribute("role") == "combobox":
            await expect(form.get_by_role("option").first).to_contain_text(BROKEN.fields[block_id])
            await field.press("ArrowDown")
            await field.press("Enter")


async def test_a_diagnosis_from_the_form_to_the_report_in_its_thread(page: Page) -> None:
    form = await open_form(page)
    await fill_in(form)
    await form.get_by_role("button", name="Diagnose", exact=True).click()
    await expect(form).to_be_hidden()
    await expect(messages(page)).to_contain_text("2 replies", timeout=REPORT_WITHIN_MS)
    await messages(page).get_by_role("button", name="2 replies").click()

    await expect(thread(page)).to_contain_text("checks need attention")
    await expect(thread(page)).to_contain_text("DiagnoseId")
    await page.keyboard.press("Escape")
    await expect(thread(page)).to_be_hidden()


async def test_what_is_wrong_in_a_form_is_told_at_its_field_and_what_was_typed_stays(page: Page) -> None:
    form = await open_form(page)
    source = form.locator("[data-block-id=source_ip]")
    await source.fill("192.168.1.1")
    await form.get_by_role("button", name="Diagnose", exact=True).click()
    gateway = form.locator("[data-block-id=gateway_id]")

    await expect(gateway).to_have_attribute("aria-invalid", "true")
    await expect(gateway).to_have_accessible_description(re.compile("Please complete this required field"))
    await expect(form.locator("[aria-invalid=true]").first).to_be_focused()
    await expect(source).to_have_value("192.168.1.1")
    await page.keyboard.press("Escape")
    await expect(form).to_be_hidden()


async def test_what_is_half_typed_stays_when_the_app_updates_the_form(
    page: Page, stage: Stage, web: AsyncWebClient
) -> None:
    form = await open_form(page)
    (view,) = await stage.player.views("U0ALICE")
    field = form.locator("[data-block-id=gateway_id]")
    await field.press_sequentially("vpn-br")
    content = {name: view[name] for name in ("type", "title", "submit", "close", "callback_id", "blocks")}
    for block in content["blocks"]:
        block["hint"] = {"type": "plain_text", "text": "another hint"}
    await web.views_update(view_id=view["id"], view=content)
    await expect(field).to_have_accessible_description("another hint")
    await page.keyboard.type("oken")

    await expect(field).to_have_value("vpn-broken")
    await expect(field).to_be_focused()


async def test_keys_alone_do_it(page: Page) -> None:
    await page.get_by_label("Message or command").focus()
    await page.keyboard.type("/vpn")
    await expect(page.get_by_role("option", name="/vpn-diagnose")).to_have_attribute("aria-selected", "true")
    await page.keyboard.press("Tab")
    await page.keyboard.type("help")
    await page.keyboard.press("Enter")
    private = messages(page).get_by_role("listitem").filter(has_text="Only visible to you")
    await expect(private.last).to_contain_text("/vpn-diagnose")
    await page.keyboard.type("a word with the others")
    await page.keyboard.press("Enter")
    said = messages(page).get_by_role("listitem").filter(has_text="a word with the others")
    await said.focus()
    await page.keyboard.press("Tab")
    await page.keyboard.press("Enter")
    await page.keyboard.type("in its thread")
    await page.keyboard.press("Enter")

    await expect(thread(page)).to_contain_text("in its thread")
    await page.keyboard.press("Escape")
    await expect(said).to_be_focused()


async def test_what_others_do_is_seen_at_once_and_what_is_typed_stays(open_page: Opener, stage: Stage) -> None:
    alice, mallory = await open_page(), await open_page()
    await act_as(mallory, "Mallory")
    await mallory.get_by_label("Message or command").fill("half a sen")
    await stage.player.say("hello everybody")

    await expect(messages(alice)).to_contain_text("hello everybody")
    await expect(messages(mallory)).to_contain_text("hello everybody")
    await expect(mallory.get_by_label("Message or command")).to_have_value("half a sen")


async def test_nobody_can_press_the_person_before_the_page_knows_the_people(page: Page) -> None:
    gate = asyncio.Event()

    async def later(route: Route) -> None:
        await gate.wait()
        await route.continue_()

    await page.route("**/_emulator/workspace*", later)
    await page.reload(wait_until="domcontentloaded")
    await expect(page.locator("#person")).to_be_disabled()
    gate.set()
    await act_as(page, "Mallory")

    await expect(page.locator("#person")).to_contain_text("Mallory")


async def test_a_command_that_is_typed_in_whole_needs_one_enter(page: Page) -> None:
    await page.get_by_label("Message or command").press_sequentially("/vpn-diagnose")
    await expect(page.get_by_role("option", name="/vpn-diagnose")).to_have_attribute("aria-selected", "true")
    await page.keyboard.press("Enter")

    await expect(page.get_by_role("dialog")).to_be_visible()


async def test_a_private_answer_is_seen_by_one_person_alone(open_page: Opener) -> None:
    mallory, alice = await open_page(), await open_page()
    await act_as(mallory, "Mallory")
    before = await messages(alice).get_by_text("Only visible to you").count()
    await say(mallory, "/vpn-diagnose whoami")

    await expect(messages(mallory)).to_contain_text("Only visible to you")
    await expect(messages(alice).get_by_text("Only visible to you")).to_have_count(before)


async def test_a_channel_with_something_to_read_is_marked_until_it_is_read(page: Page, stage: Stage) -> None:
    await expect(messages(page)).to_contain_text("VPN tunnel down")
    await stage.player.say("look here", user="U0MALLORY", channel="C0OPEN")
    unread = page.get_by_role("button", name="# network unread")
    await unread.click()

    await expect(messages(page)).to_contain_text("look here")
    await expect(unread).to_have_count(0)


async def test_a_permalink_opens_the_thread_that_it_points_into(open_page: Opener, stage: Stage) -> None:
    root = (await stage.player.say("a root", channel="C0OPEN"))["message"]["ts"]
    reply = (await stage.player.say("a reply", channel="C0OPEN", thread_ts=root))["message"]["ts"]
    page = await open_page(f"/archives/C0OPEN/p{reply.replace('.', '')}?thread_ts={root}")

    await expect(thread(page)).to_contain_text("a reply")
    await expect(page.get_by_role("heading", name="# network")).to_be_visible()


async def test_after_a_reset_nothing_old_is_shown(page: Page, stage: Stage) -> None:
    await stage.player.say("soon forgotten")
    await expect(messages(page)).to_contain_text("soon forgotten")
    await stage.player.reset()

    await expect(messages(page)).not_to_contain_text("soon forgotten")
    await expect(messages(page)).to_contain_text("VPN tunnel down")


async def test_everybody_is_labelled_with_what_they_are(page: Page) -> None:
    await page.locator("#person").click()

    for note in ("mapped: may diagnose", "not in access.yml", "guest of this workspace", "from another company"):
        await expect(page.get_by_role("menu").get_by_text(note).first).to_be_visible()


async def test_a_name_says_who_is_a_guest_or_from_another_company(page: Page, stage: Stage) -> None:
    for user in ("U0ALICE", "U0PARTNER"):
        await stage.player.say("hello", user=user, channel="C0SHARED")
    await page.get_by_role("button", name="# with-partner").click()
    said = messages(page).get_by_role("listitem").filter(has_text="hello")

    await expect(said.filter(has_text="petra")).to_contain_text("OTHER COMPANY")
    await expect(said.filter(has_text="alice")).not_to_contain_text("OTHER COMPANY")


async def test_an_app_that_does_not_answer_in_time_is_reported_as_slack_does(page: Page, stage: Stage) -> None:
    await stage.player.delivery(deaf=True)
    await say(page, "/vpn-diagnose help")

    await expect(page.get_by_role("status").filter(has_text="failed with the error")).to_be_visible()


async def test_a_phone_has_everything_in_its_width(open_page: Opener) -> None:
    page = await open_page(viewport=PHONE, has_touch=True)
    await expect(messages(page)).to_contain_text("VPN tunnel down")
    await page.get_by_role("button", name="Open the sidebar").click()
    await page.get_by_role("button", name="# network").click()
    await expect(page.get_by_role("heading", name="# network")).to_be_visible()
    await say(page, "x" * 300)
    await expect(messages(page)).to_contain_text("x" * 300)
    width = await page.evaluate("document.documentElement.scrollWidth")

    assert width == PHONE["width"]


async def test_foreign_text_stays_text(page: Page, web: AsyncWebClient) -> None:
    text: Json = {"type": "mrkdwn", "text": HOSTILE}
    link = {"type": "link", "url": "javascript:alert(4)", "text": "or me"}
    rich = {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": [link]}]}
    await web.chat_postMessage(channel=CHANNEL, text=HOSTILE, blocks=[{"type": "section", "text": text}, rich])
    shown = messages(page).get_by_role("listitem").last

    await expect(shown).to_contain_text("<script>alert(2)</script> press me (javascript:alert(3)) bold")
    await expect(shown).to_contain_text("or me (javascript:alert(4))")
    await expect(shown.locator("strong")).to_have_text("bold")
    assert await shown.locator("a, img, script").count() == 0


async def test_a_name_that_is_no_emoji_and_a_token_that_is_none_stay_as_they_are(
    page: Page, web: AsyncWebClient
) -> None:
    text = ":constructor: <!date^0^{constructor} {toString}|never>"
    await web.chat_postMessage(
        channel=CHANNEL, text="x", blocks=[{"type": "section", "text": {"type": "mrkdwn", "text": text}}]
    )

    await expect(messages(page)).to_contain_text(":constructor: {constructor} {toString}")


@pytest.mark.parametrize(
    ("zone", "at", "day"),
    [
        ("Pacific/Kiritimati", datetime(2026, 1, 2, 12, tzinfo=UTC), "2026-01-03"),
        ("Pacific/Pago_Pago", datetime(2026, 1, 2, 2, tzinfo=UTC), "2026-01-01"),
    ],
)
async def test_a_date_in_digits_is_that_of_the_reader(
    open_page: Opener, web: AsyncWebClient, zone: str, at: datetime, day: str
) -> None:
    page = await open_page(timezone_id=zone)
    text = f"on <!date^{at.timestamp():.0f}^{{date_num}}|some day>"
    await web.chat_postMessage(
        channel=CHANNEL, text="x", blocks=[{"type": "section", "text": {"type": "mrkdwn", "text": text}}]
    )

    await expect(messages(page)).to_contain_text(f"on {day}")


async def test_the_page_says_so_when_it_does_not_know_a_block(page: Page, web: AsyncWebClient) -> None:
    await web.chat_postMessage(channel=CHANNEL, text="x", blocks=[{"type": "carousel", "elements": []}])

    await expect(messages(page)).to_contain_text("This page does not know the block `carousel`")


async def test_a_press_that_the_app_wants_confirmed_is_asked_about_first(
    page: Page, stage: Stage, web: AsyncWebClient
) -> None:
    await web.chat_postMessage(channel=CHANNEL, text="x", blocks=[GOING])
    asked = page.get_by_role("dialog", name="Sure?")
    for answer in ("Stay", "Go"):
        await messages(page).get_by_role("button", name="Go away").click()
        await asked.get_by_role("button", name=answer, exact=True).click()
        await expect(asked).to_be_hidden()
    heard = await stage.player.until(lambda: stage.player.calls("deliver.interactive"))

    assert len(heard) == 1


async def test_a_press_in_a_form_is_asked_about_first_too(page: Page, stage: Stage, web: AsyncWebClient) -> None:
    await open_form(page)
    (view,) = await stage.player.views("U0ALICE")
    await web.views_update(view_id=view["id"], view={"type": "modal", "title": plain("Going"), "blocks": [GOING]})
    asked = page.get_by_role("dialog", name="Sure?")
    for answer in ("Stay", "Go"):
        await page.get_by_role("button", name="Go away").click()
        await asked.get_by_role("button", name=answer, exact=True).click()
        await expect(asked).to_be_hidden()
    heard = await stage.player.until(lambda: stage.player.calls("deliver.interactive"))

    assert len(heard) == 1


async def test_a_thousand_messages_are_there_to_scroll(page: Page, stage: Stage) -> None:
    for number in range(1_000):
        await stage.player.say(f"message {number}")
    await expect(messages(page)).to_contain_text("message 999")
    drawn = await messages(page).get_by_role("listitem").count()
    for _ in range(20):
        await messages(page).evaluate("log => { log.scrollTop = 0 }")
        if await messages(page).get_by_text("message 0", exact=True).count():
            break
        await page.wait_for_timeout(50)

    assert drawn < 1_000
    await expect(messages(page).get_by_text("message 0", exact=True)).to_be_visible()


async def test_who_sends_a_command_is_brought_to_its_answer_from_further_up(page: Page) -> None:
    for count in range(1, 5):
        await say(page, "/vpn-diagnose help")
        await expect(page.locator("#messages li").filter(has_text="opens a form")).to_have_count(count)
    await page.locator("#log").evaluate("log => { log.scrollTop = 0; }")
    await say(page, "/vpn-diagnose history")

    await expect(page.locator("#messages li").last).to_contain_text("diagnos")
    await expect(page.locator("#messages li").last).to_be_in_viewport()


async def test_a_tall_window_is_filled(open_page: Opener, stage: Stage) -> None:
    for number in range(80):
        await stage.player.say(f"message {number}")
    page = await open_page(viewport=ViewportSize(width=1280, height=4_000))

    await expect(messages(page)).to_contain_text("VPN tunnel down")


async def test_light_and_dark_can_be_chosen_and_are_remembered(open_page: Opener) -> None:
    page = await open_page(color_scheme="light")
    ground = "getComputedStyle(document.body).backgroundColor"
    light = await page.evaluate(ground)
    await page.get_by_role("button", name="Switch between light and dark").click()
    dark = await page.evaluate(ground)
    await page.reload()

    assert light != dark == await page.evaluate(ground)


async def test_an_archived_channel_takes_no_message(page: Page) -> None:
    await page.get_by_role("button", name="# last-year").click()

    await expect(page.get_by_text("This channel has been archived.")).to_be_visible()
    await expect(page.get_by_label("Message or command")).to_be_hidden()


async def test_the_shortcut_of_an_alert_opens_the_form_filled_in(page: Page) -> None:
    alert = messages(page).get_by_role("listitem").filter(has_text="VPN tunnel down")
    await alert.hover()
    await alert.get_by_role("button", name="More message shortcuts").click()
    await page.get_by_role("menuitem", name="Diagnose VPN").click()
    form = page.get_by_role("dialog")

    await expect(form.locator("[data-block-id=gateway_id]")).to_have_value(BROKEN.fields["gateway_id"])
    await expect(form.locator("[data-block-id=connection_id]")).to_have_value(BROKEN.fields["connection_id"])


async def test_a_file_that_the_app_shares_can_be_fetched(page: Page, web: AsyncWebClient) -> None:
    await web.files_upload_v2(channel=CHANNEL, filename="report.json", content='{"ok": true}')
    file = messages(page).get_by_role("link", name="report.json")
    async with page.expect_download() as download:
        await file.click()

    assert (await download.value).suggested_filename == "report.json"


async def test_the_app_has_a_home_tab_of_its_own_for_each_person(page: Page) -> None:
    await page.get_by_role("button", name="vpn-diagnose").click()
    await expect(page.get_by_role("tab", name="Home")).to_have_attribute("aria-selected", "true")
    home = page.get_by_role("tabpanel")

    await expect(home).to_contain_text("network-oncall")
    await act_as(page, "Mallory")
    await page.get_by_role("button", name="vpn-diagnose").click()
    await expect(home).to_contain_text("no access yet")
