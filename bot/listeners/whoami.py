"""`/vpn-diagnose whoami`: acknowledged at once, answered in private a few seconds later, whatever happens."""

import asyncio
from functools import partial

from pydantic import SecretStr

from bot.listeners.clicks import Whom
from bot.listeners.intake import Intake
from bot.listeners.replies import Reply, looking_reply
from bot.listeners.telling import Patience, find_out_and_tell
from bot.model.audit import Attempt
from bot.model.ids import ChannelId, RegionId, VpnGatewayId
from bot.model.problem import Problem
from bot.model.request import Conversation, Requester
from bot.slack.message import Message
from bot.slack.standing import standing_message

WHO_AM_I = "whoami"
"""The operation, as the audit trail names it."""

LATEST_RUNS = 10
"""Runs of the asker in which gateways are looked for to try on: a role may see no list of them."""


def whoami_reply(
    requester: Requester, conversation: Conversation, intake: Intake, response_url: SecretStr | None = None
) -> Reply:
    """Begin to look, and return what the ack says; raises Problem("bot.overloaded") if too many look already."""
    whom = Whom(requester, conversation.channel_id, conversation.thread_ts, response_url)
    attempt = Attempt(requester, conversation.channel_id, WHO_AM_I)
    late = Problem("cloud.timeout", operation=WHO_AM_I, seconds=f"{intake.whoami_within_s:g}")
    look = partial(_looked, requester, conversation.channel_id, intake)
    patience = Patience(intake.whoami_within_s, late.details)
    find_out_and_tell(intake, whom, attempt, look, patience=patience)
    return looking_reply(intake.language_for(requester))


async def _looked(requester: Requester, channel_id: ChannelId, intake: Intake) -> Message:
    asked = await intake.past.of_person(requester, LATEST_RUNS)

    def asked_about(region: RegionId) -> list[VpnGatewayId]:
        return [run.request.gateway_id for run in asked if run.request.region == region]

    standing, last_used = await asyncio.gather(
        intake.access.standing(requester, channel_id, intake.default_region, asked_about),
        intake.last_used(requester),
    )
    return standing_message(standing, last_used, intake.language_for(requester))
