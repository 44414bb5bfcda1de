"""Slack's own framework, unmodified, against the emulator: over Socket Mode and over signed HTTP."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import Any

from slack_bolt.adapter.socket_mode.aiohttp import AsyncSocketModeHandler
from slack_bolt.async_app import AsyncAck, AsyncApp, AsyncRespond, AsyncSay
from slack_sdk.web.async_client import AsyncWebClient

from bot.emulators.serving import serving
from tests.emulators.slack.playground import ALICE, INCIDENT, Playground, a_view

Json = dict[str, Any]


def a_bolt_app(slack: Playground) -> AsyncApp:
    app = AsyncApp(client=slack.web, signing_secret="emulator-signing-secret", process_before_response=True)

    async def on_command(ack: AsyncAck, body: Json, client: AsyncWebClient, respond: AsyncRespond) -> None:
        if body["text"] == "help":
            await ack("here is help")
            await respond("and more")
            return
        await client.views_open(trigger_id=body["trigger_id"], view=a_view(callback_id="form"))
        await ack()

    async def on_submission(ack: AsyncAck, view: Json) -> None:
        value = view["state"]["values"]["gateway_id"]["gateway_id"]["value"]
        if "*" in value:
            await ack(response_action="errors", errors={"gateway_id": "still masked"})
        else:
            await ack()

    async def on_mention(event: Json, say: AsyncSay) -> None:
        await say("heard you", thread_ts=event.get("thread_ts") or event["ts"])

    app.command("/vpn-diagnose")(on_command)
    app.view("form")(on_submission)
    app.event("app_mention")(on_mention)
    return app


async def a_whole_conversation(slack: Playground) -> None:
    helped = await slack.player.command("help")
    form = (await slack.player.command())["views"][0]
    masked = await slack.player.submit(form["id"], {"gateway_id": "vpn-****"})
    sent = await slack.player.submit(form["id"], {"gateway_id": "vpn-1"})
    said = await slack.player.mention("help")

    private = await slack.player.until(lambda: _two_private(slack))
    assert helped["status"] == 200
    assert sorted(m["text"] for m in private) == ["and more", "here is help"]
    assert masked["errors"] == {"gateway_id": "still masked"}
    assert sent["closed"] is True
    replies = await slack.player.until(lambda: _replies(slack, said["message"]["ts"]))
    assert [m["text"] for m in replies] == ["heard you"]


async def _two_private(slack: Playground) -> list[Json]:
    private = await slack.player.private_messages(user=ALICE)
    return private if len(private) > 1 else []


async def _replies(slack: Playground, ts: str) -> list[Json]:
    (message,) = [m for m in await slack.player.messages(INCIDENT) if m["ts"] == ts]
    replies: list[Json] = message["replies"]
    return replies


@asynccontextmanager
async def over_socket_mode(slack: Playground) -> AsyncIterator[None]:
    handler = AsyncSocketModeHandler(a_bolt_app(slack), "xapp-emulator", web_client=slack.web)
    await handler.connect_async()  # type: ignore[no-untyped-call] # slack_bolt leaves it untyped
    await slack.player.until_connected()
    try:
        yield
    finally:
        await handler.close_async()  # type: ignore[no-untyped-call] # slack_bolt leaves it untyped


async def test_bolt_converses_over_socket_mode(slack: Playground) -> None:
    async with over_socket_mode(slack):
        await a_whole_conversation(slack)


async def test_bolt_converses_over_signed_http(slack: Playground) -> None:
    # Bolt holds a request's timestamp against the real clock, so the workspace's has to go with it.
    slack.clock.now = datetime.now(UTC)
    async with serving(a_bolt_app(slack).web_app("/slack/events")) as url:
        await slack.player.delivery(events_url=f"{url}/slack/events")

        await a_whole_conversation(slack)
