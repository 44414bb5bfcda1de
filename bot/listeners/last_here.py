"""What somebody last asked for in a channel, out of our own database: offered again, and never waited for long."""

import asyncio
import logging

from sqlalchemy.exc import SQLAlchemyError

from bot.listeners.intake import Intake
from bot.model.ids import ChannelId
from bot.model.request import DiagnosisRequest, Requester
from bot.slack.views import FormValues

log = logging.getLogger(__name__)

# Runs of the person that are looked through for one in this channel.
MOST_RUNS = 20

# Seconds that a form or a menu waits for it; both have more to do within Slack's 3.
WITHIN_S = 0.3


async def last_here(intake: Intake, requester: Requester, channel_id: ChannelId | None) -> DiagnosisRequest | None:
    """Return the request of this person's last run in this channel, without one in any; None if there is none.

    None also where that cannot be found out.
    """
    try:
        async with asyncio.timeout(WITHIN_S):
            runs = await intake.past.of_person(requester, MOST_RUNS)
    except (SQLAlchemyError, TimeoutError) as error:
        log.warning("the last values are not known (%s)", type(error).__name__)
        return None
    return next((run.request for run in runs if channel_id in {None, run.conversation.channel_id}), None)


def values_of(request: DiagnosisRequest) -> FormValues:
    """Return the request as it stands in the form."""
    ends = request.addresses
    return FormValues(
        region=request.region,
        gateway_id=request.gateway_id,
        connection_id=request.connection_id,
        source_ip=str(ends.source) if ends else None,
        destination_ip=str(ends.destination) if ends else None,
    )
