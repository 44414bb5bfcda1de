"""An answer at a response URL reaches whoever acted, alone; the address is Slack's, and told nobody."""

from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiohttp import web
from pydantic import SecretStr

from bot.model.problem import Problem
from bot.slack.api import SlackApi
from bot.slack.blocks import line, rich_text, words
from bot.slack.message import Message
from bot.slack.response_url import answer_at, is_slacks
from tests.slack.conftest import answering

PRIVATE = Message(
    text="for Alice",
    blocks=[rich_text(line(words("in new blocks")))],
    classic_blocks=[rich_text(line(words("in classic blocks")))],
)


class Hook:
    """Something at a response URL that gives `answers` one after the other, then `ok`."""

    def __init__(self) -> None:
        self.taken: list[dict[str, Any]] = []
        self.answers: list[web.Response] = []

    async def take(self, request: web.Request) -> web.Response:
        self.taken.append(await request.json())
        return self.answers.pop(0) if self.answers else web.Response(text="ok")


@pytest.fixture
def hook() -> Hook:
    return Hook()


@pytest.fixture
async def api(hook: Hook) -> AsyncIterator[SlackApi]:
    async with answering(hook.take) as api:
        yield api


def address(api: SlackApi) -> SecretStr:
    return SecretStr(f"{api.client.base_url}planted-secret")


async def test_it_is_for_whoever_acted_alone_and_leaves_what_was_there(hook: Hook, api: SlackApi) -> None:
    await answer_at(api, address(api), PRIVATE)

    (taken,) = hook.taken
    assert (taken["response_type"], taken["replace_original"]) == ("ephemeral", False)
    assert (taken["text"], taken["blocks"]) == (PRIVATE.text, PRIVATE.blocks)


async def test_blocks_that_slack_refuses_are_sent_in_their_classic_form(hook: Hook, api: SlackApi) -> None:
    hook.answers = [web.json_response({"ok": False, "error": "invalid_blocks"}, status=400)]
    await answer_at(api, address(api), PRIVATE)

    assert [taken["blocks"] for taken in hook.taken] == [PRIVATE.blocks, PRIVATE.classic_blocks]


@pytest.mark.parametrize(
    ("answer", "code"),
    [
        ({"status": 404, "text": '{"ok": false, "error": "used_url"}'}, "slack.used_url"),
        ({"status": 404, "text": "no_team"}, "slack.not_understood"),
        ({"status": 404, "body": b"\xff\xfe"}, "slack.not_understood"),
        ({"status": 302, "headers": {"Location": "/api/elsewhere"}}, "slack.not_understood"),
        ({"status": 429, "headers": {"Retry-After": "3"}}, "slack.ratelimited"),
        ({"status": 503, "text": "<html>"}, "slack.service_unavailable"),
    ],
)
async def test_a_refusal_is_named_and_the_address_is_not(
    hook: Hook, api: SlackApi, answer: dict[str, Any], code: str
) -> None:
    hook.answers = [web.Response(**answer)]
    with pytest.raises(Problem) as raised:
        await answer_at(api, address(api), PRIVATE)

    assert raised.value.code == code
    assert "planted-secret" not in repr(raised.value.details)
    assert len(hook.taken) == 1


@pytest.mark.parametrize(
    ("url", "is_theirs"),
    [
        ("https://hooks.slack.com/commands/T0/1/secret", True),
        ("https://hooks.slack-gov.com/commands/T0/1/secret", True),
        ("http://127.0.0.1:8391/hooks/secret", True),
        ("http://hooks.slack.com/commands/T0/1/secret", False),
        ("https://hooks.slack.com.example/commands/T0/1/secret", False),
        ("https://hooks.slack.com@example.com/", False),
        ("http://127.0.0.1:8392/hooks/secret", False),
        ("http://[", False),
        ("", False),
    ],
)
def test_only_slack_is_answered(url: str, *, is_theirs: bool) -> None:
    assert is_slacks(url, "http://127.0.0.1:8391/api/") is is_theirs


async def test_nothing_is_sent_elsewhere(hook: Hook, api: SlackApi) -> None:
    with pytest.raises(Problem, match=r"slack\.not_understood"):
        await answer_at(api, SecretStr("http://127.0.0.1:1/hooks/planted-secret"), PRIVATE)

    assert hook.taken == []
