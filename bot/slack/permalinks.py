"""Addresses of messages, asked of Slack once each."""

import logging
from collections import OrderedDict
from functools import partial

from pydantic import BaseModel

from bot.model.ids import ChannelId
from bot.model.problem import Problem
from bot.slack.answers import parsed
from bot.slack.api import SlackApi

log = logging.getLogger(__name__)

MOST_KNOWN = 1_000


class _Permalink(BaseModel):
    permalink: str


class Permalinks:
    """Gives addresses, and remembers the last of them: a message keeps its own."""

    def __init__(self, api: SlackApi) -> None:
        self._api = api
        self._known: OrderedDict[tuple[ChannelId, str], str] = OrderedDict()

    async def __call__(self, channel: ChannelId, ts: str) -> str | None:
        """Return the address, which leads only those there who may see the message; None where Slack gives none.

        docs.slack.dev/reference/methods/chat.getPermalink
        """
        known = self._known.get((channel, ts))
        if known is not None:
            return known
        ask = partial(self._api.client.chat_getPermalink, channel=channel, message_ts=ts)
        try:
            reply = await self._api.call("chat.getPermalink", ask)
            link = parsed("chat.getPermalink", _Permalink, reply.data).permalink
        except Problem as problem:
            log.info("no address of a message: %s", problem)
            return None
        self._known[channel, ts] = link
        if len(self._known) > MOST_KNOWN:
            self._known.popitem(last=False)
        return link
