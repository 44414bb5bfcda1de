import asyncio
import json
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from urllib.parse import parse_qs

from aiohttp import web
from slack_sdk.signature import Clock as SlackClock
from slack_sdk.signature import SignatureVerifier

from bot.emulators.ledger import Ledger
from bot.emulators.serving import serving
from bot.emulators.slack import EXAMPLE
from bot.emulators.slack.delivery import Courier
from bot.emulators.slack.state import State
from tests.emulators.slack.playground import Clock, Playground, playing

Take = Callable[[web.Request], Awaitable[web.Response]]


class _At(SlackClock):
    def __init__(self, moment: float) -> None:
        self._moment = moment

    def now(self) -> float:
        return self._moment


@asynccontextmanager
async def an_events_url(slack: Playground, take: Take) -> AsyncIterator[None]:
    app = web.Application()
    app.router.add_post("/slack/events", take)
    async with serving(app) as url:
        await slack.player.delivery(events_url=f"{url}/slack/events")
        yield


async def test_slacks_own_verifier_accepts_the_signature(slack: Playground) -> None:
    verified: list[bool] = []

    async def take(request: web.Request) -> web.Response:
        body = await request.read()
        verifier = SignatureVerifier("emulator-signing-secret", clock=_At(slack.clock.now.timestamp()))
        verified.append(verifier.is_valid_request(body, dict(request.headers)))
        return web.Response()

    async with an_events_url(slack, take):
        await slack.player.command("vpn-1 vco-1")
        await slack.player.mention("help")
        await slack.player.shortcut("diagnose")

    assert verified == [True, True, True]


async def test_commands_are_forms_interactions_a_payload_and_events_json(slack: Playground) -> None:
    taken: list[tuple[str, bytes]] = []

    async def take(request: web.Request) -> web.Response:
        taken.append((request.content_type, await request.read()))
        return web.Response()

    async with an_events_url(slack, take):
        await slack.player.command("a&b=ü \udc80", channel="C0PAYLOAD")
        await slack.player.shortcut("diagnose")
        await slack.player.mention("help")

    command, interaction, event = taken
    fields = parse_qs(command[1].decode())
    assert (fields["channel_name"], fields["text"]) == (["payload-oncall"], ["a&b=ü ?"])
    assert fields["is_enterprise_install"] == ["false"]
    assert json.loads(parse_qs(interaction[1].decode())["payload"][0])["type"] == "shortcut"
    assert (event[0], json.loads(event[1])["type"]) == ("application/json", "event_callback")


async def test_an_answer_in_json_or_in_plain_text_is_shown(slack: Playground) -> None:
    answers = iter(
        [
            web.json_response({"text": "in json"}),
            web.Response(text="in plain text"),
            web.Response(text="{broken", content_type="application/json"),
        ]
    )

    async def take(request: web.Request) -> web.Response:
        del request
        return next(answers)

    async with an_events_url(slack, take):
        for _ in range(3):
            await slack.player.command()

    shown = [m["text"] for m in await slack.player.private_messages(user="U0ALICE")]
    assert shown == ["in json", "in plain text", "{broken"]


async def test_anything_but_200_is_a_failed_dispatch(slack: Playground) -> None:
    async def take(request: web.Request) -> web.Response:
        del request
        return web.Response(status=302, headers={"Location": "/elsewhere"})

    async with an_events_url(slack, take):
        outcome = await slack.player.command()

    assert (outcome["status"], outcome["error"]) == (302, "dispatch_failed")
    assert outcome["shown"] == ['/vpn-diagnose failed with the error "dispatch_failed"']


async def test_a_slow_app_times_out() -> None:
    async def take(request: web.Request) -> web.Response:
        del request
        await asyncio.sleep(60)
        return web.Response()

    async with playing(ack_within_s=0.02) as slack, an_events_url(slack, take):
        assert (await slack.player.command())["error"] == "operation_timeout"


async def test_nobody_at_the_address_is_a_failed_dispatch(slack: Playground) -> None:
    await slack.player.delivery(events_url="http://127.0.0.1:1/slack/events")

    assert (await slack.player.command())["error"] == "dispatch_failed"


async def test_only_events_that_are_brought_again_carry_the_retry_headers(slack: Playground) -> None:
    retries: list[str | None] = []

    async def take(request: web.Request) -> web.Response:
        retries.append(request.headers.get("X-Slack-Retry-Num"))
        return web.Response()

    async with an_events_url(slack, take):
        await slack.player.command()
        await slack.player.delivery(redeliver=1)
        await slack.player.mention("help")
        await slack.player.delivery(redeliver=1)

    assert retries == [None, None, None, "1"]


async def test_delivery_goes_back_to_websockets_when_the_address_is_taken_away(slack: Playground) -> None:
    await slack.player.delivery(events_url="http://127.0.0.1:1/slack/events")
    state = await slack.player.delivery(events_url="")

    assert "events_url" not in state or state["events_url"] is None
    async with slack.app() as taken:
        await slack.player.command()
    assert len(taken) == 1


async def test_before_the_server_runs_nothing_can_be_dispatched() -> None:
    state = State(EXAMPLE, Clock(), lambda size: b"x" * size)
    courier = Courier(state, Ledger(), "http://127.0.0.1:1/")

    assert (await courier.deliver("slash_commands", {})).error == "dispatch_failed"
