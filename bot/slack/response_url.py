"""The address that comes with what somebody did: answers to it reach them there, where the bot is no member too.

It takes five answers within 30 minutes, and whoever knows it may give them: so it is held in memory alone, until
the answer is told (docs.slack.dev/interactivity/handling-user-interaction).
"""

import json
from http import HTTPStatus
from typing import Any
from urllib.parse import urlsplit
from urllib.request import getproxies

from pydantic import SecretStr

from bot.model.problem import Problem
from bot.slack.answers import answer, refused
from bot.slack.api import SlackApi, in_some_form
from bot.slack.client import bypasses, proxy_for
from bot.slack.message import Message
from bot.slack.pacing import PERSON, Caller

OPERATION = "response_url"

_HOSTS = frozenset({"hooks.slack.com", "hooks.slack-gov.com"})

# What it answers is a word or two; whatever is longer is not read.
_LONGEST_ANSWER = 10_000


async def answer_at(api: SlackApi, response_url: SecretStr, message: Message) -> None:
    """Tell it to whoever acted, and to nobody else.

    Raises the `Problem`s of `bot.slack.answers`, and "slack.not_understood" for an address that is not Slack's.
    """
    url = response_url.get_secret_value()
    if not is_slacks(url, api.client.base_url):
        raise Problem("slack.not_understood", operation=OPERATION)

    async def send(form: Message, caller: Caller) -> None:
        del caller  # no method of the Web API: nobody waits for a turn
        body = {"response_type": "ephemeral", "replace_original": False, "text": form.text, "blocks": form.blocks}
        await answer(OPERATION, _posted(api, url, body))

    await in_some_form(send, message, PERSON)


def is_slacks(url: str, base_url: str) -> bool:
    """Tell whether Slack hands out such addresses: on its own host, or where the Web API is an emulator's."""
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    return (parts.scheme == "https" and parts.netloc in _HOSTS) or parts.netloc == urlsplit(base_url).netloc


async def _posted(api: SlackApi, url: str, body: dict[str, Any]) -> None:
    session = api.client.session
    if session is None:
        raise Problem("slack.unreachable", operation=OPERATION)
    proxy = proxy_for(url, getproxies(), bypasses)
    async with session.post(url, json=body, proxy=proxy, allow_redirects=False) as reply:
        if reply.status != HTTPStatus.OK:
            data = _parsed(await reply.content.read(_LONGEST_ANSWER))
            raise refused(OPERATION, reply.status, reply.headers, data)


def _parsed(answered: bytes) -> object:
    try:
        return json.loads(answered)
    except ValueError:
        return None
