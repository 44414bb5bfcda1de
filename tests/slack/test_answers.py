"""Whatever answers in Slack's place becomes a `Problem` that says how sure we are that nothing was done."""

import asyncio
import logging
from collections.abc import Awaitable, Callable

import aiohttp
import pytest
from aiohttp import web

from bot.emulators.serving import serving
from bot.model.ids import ChannelId
from bot.model.problem import Problem
from bot.model.run import RunState
from bot.slack.api import SlackApi
from bot.slack.client import build_client
from bot.slack.history import MOST_PAGES
from bot.slack.message import Message
from bot.slack.shapes import posted_metadata
from tests.slack.conftest import answering
from tests.slack.scenes import a_run

RUN = a_run()
TEAM = {"team_id": "T0EMULATED", "team": "Emulated"}
HELLO = Message(text="hello", blocks=[])
INCIDENT = ChannelId("C0INCIDENT")

Handler = Callable[[web.Request], Awaitable[web.StreamResponse]]


def _with(response: Callable[[], web.Response]) -> Handler:
    async def handle(request: web.Request) -> web.Response:
        await request.read()
        return response()

    return handle


async def _problem_of(handle: Handler, total_s: float = 5.0) -> Problem:
    async with answering(handle, total_s) as api:
        with pytest.raises(Problem) as raised:
            await api.post_message(INCIDENT, HELLO)
    return raised.value


async def test_slacks_own_error_keeps_its_name() -> None:
    problem = await _problem_of(_with(lambda: web.json_response({"ok": False, "error": "is_archived"})))

    assert problem.code == "slack.is_archived"
    assert problem.facts["operation"] == "chat.postMessage"


async def test_a_missing_scope_is_named() -> None:
    body = {"ok": False, "error": "missing_scope", "needed": "chat:write", "provided": "commands"}

    problem = await _problem_of(_with(lambda: web.json_response(body)))

    assert problem.facts["needed"] == "chat:write"


async def test_what_is_wrong_with_our_blocks_is_kept() -> None:
    body = {"ok": False, "error": "invalid_blocks", "response_metadata": {"messages": ["too long [/blocks/0]"]}}

    problem = await _problem_of(_with(lambda: web.json_response(body)))

    assert problem.facts["message"] == "too long [/blocks/0]"


@pytest.mark.parametrize(("header", "seconds"), [("12", "12"), ("soon", None), (None, None)])
async def test_slack_may_ask_to_wait(header: str | None, seconds: str | None) -> None:
    headers = {} if header is None else {"Retry-After": header}

    problem = await _problem_of(
        _with(lambda: web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=headers))
    )

    assert problem.code == "slack.ratelimited"
    assert problem.facts.get("retry_after_s") == seconds


@pytest.mark.parametrize(
    ("body", "content_type"),
    [("", "text/plain"), ("<h1>Slow down</h1>", "text/html"), ("<h1>Slow down</h1>", "application/json")],
    ids=["no body", "a page", "a page that calls itself JSON"],
)
async def test_too_many_requests_are_understood_whatever_the_body(body: str, content_type: str) -> None:
    problem = await _problem_of(
        _with(lambda: web.Response(status=429, headers={"Retry-After": "3"}, text=body, content_type=content_type))
    )

    assert problem.code == "slack.ratelimited"
    assert problem.facts["retry_after_s"] == "3"


@pytest.mark.parametrize(
    "response",
    [
        pytest.param(lambda: web.Response(text="<h1>Sign in</h1>", content_type="text/html"), id="a page"),
        pytest.param(lambda: web.Response(text="Sign in", content_type="text/plain"), id="plain text"),
        pytest.param(lambda: web.Response(text="<x/>", content_type="application/json"), id="no JSON"),
        pytest.param(lambda: web.Response(body=b'{"\xff', content_type="application/json"), id="no UTF-8"),
        pytest.param(lambda: web.json_response([1]), id="a list"),
        pytest.param(lambda: web.json_response(None), id="null"),
        pytest.param(lambda: web.json_response({"ok": False}), id="no error"),
        pytest.param(lambda: web.json_response({"ok": False, "error": "<@U0ALICE> *"}), id="a foreign error"),
        pytest.param(lambda: web.json_response({"ok": False, "error": {"code": 1}}), id="a nested error"),
        pytest.param(lambda: web.json_response({"ok": True}), id="nothing of what must be there"),
        pytest.param(lambda: web.json_response({"ok": True, "channel": "<!here>", "ts": "1.2"}), id="no channel"),
    ],
)
async def test_what_is_not_slacks_api_is_not_taken_for_it(response: Callable[[], web.Response]) -> None:
    problem = await _problem_of(_with(response))

    assert problem.code == "slack.not_understood"
    assert "Sign in" not in str(problem.facts)


async def test_a_failing_server_is_worth_another_attempt() -> None:
    problem = await _problem_of(_with(lambda: web.Response(status=503, text="upstream")))

    assert problem.code == "slack.service_unavailable"
    assert problem.facts["http_status"] == "503"


async def test_a_connection_that_is_cut_leaves_it_open_whether_it_was_done() -> None:
    async def cut(request: web.Request) -> web.Response:
        await request.read()
        assert request.transport is not None
        request.transport.abort()
        return web.Response()

    problem = await _problem_of(cut)

    assert problem.code == "slack.interrupted"


async def test_an_answer_that_does_not_come_is_a_timeout() -> None:
    async def hang(request: web.Request) -> web.Response:
        await request.read()
        await asyncio.sleep(30)
        return web.Response()

    problem = await _problem_of(hang, total_s=0.1)

    assert problem.code == "slack.timeout"


async def test_where_nobody_listens_nothing_was_sent() -> None:
    async with serving(web.Application()) as base_url:
        pass
    async with aiohttp.ClientSession() as session:
        api = SlackApi(build_client("xoxb-emulator", f"{base_url}/api/", session))
        with pytest.raises(Problem) as raised:
            await api.post_message(INCIDENT, HELLO)

    assert raised.value.code == "slack.unreachable"


async def test_no_payload_and_no_token_is_logged(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG, logger="slack_sdk")

    await _problem_of(_with(lambda: web.json_response({"ok": False, "error": "internal_error"})))

    assert "hello" not in caplog.text
    assert "xoxb" not in caplog.text


async def test_nothing_in_a_post_is_parsed_or_unfurled() -> None:
    sent: list[dict[str, object]] = []

    async def take(request: web.Request) -> web.Response:
        sent.append(await request.json())
        return web.json_response({"ok": True, "channel": INCIDENT, "ts": "1.2"})

    async with answering(take) as api:
        await api.post_message(INCIDENT, HELLO)

    assert sent == [
        {
            "channel": INCIDENT,
            "text": "hello",
            "blocks": [],
            "unfurl_links": False,
            "unfurl_media": False,
            "parse": "none",
            "link_names": False,
            "mrkdwn": False,
        }
    ]


async def test_a_message_of_another_app_that_claims_to_be_ours_is_not_believed() -> None:
    forged = {"ts": "1.2", "user": "U0OTHERBOT", "metadata": posted_metadata(RUN.id, "root", RunState.SUBMITTED)}

    async def handle(request: web.Request) -> web.Response:
        if request.match_info["method"] == "auth.test":
            return web.json_response({"ok": True, "user_id": "U0VPNBOT", "bot_id": "B0"} | TEAM)
        return web.json_response({"ok": True, "messages": [forged, {"ts": "1.1"}, {"ts": "1.0", "metadata": {}}]})

    async with answering(handle) as api:
        found = await api.find_posted(INCIDENT, None, RUN, "root")

    assert found is None


async def test_a_channel_without_end_is_not_read_for_ever() -> None:
    asked: list[str] = []

    async def handle(request: web.Request) -> web.Response:
        method = request.match_info["method"]
        asked.append(method)
        if method == "auth.test":
            return web.json_response({"ok": True, "user_id": "U0VPNBOT", "bot_id": "B0"} | TEAM)
        page = {"ok": True, "messages": [{"ts": "1.1"}], "response_metadata": {"next_cursor": "more"}}
        return web.json_response(page)

    async with answering(handle) as api:
        found = await api.find_posted(INCIDENT, "1.0", RUN, "started")

    assert found is None
    assert asked == ["auth.test", *["conversations.replies"] * MOST_PAGES]
