"""`/vpn-diagnose whoami`: acknowledged at once, answered in private a few seconds later, whatever happens."""

import asyncio
from functools import partial

from pydantic import SecretStr

from bot.explain.problems import treatment
from bot.listeners.clicks import Whom
from bot.listeners.intake import Intake
from bot.listeners.replies import Reply, looking_reply
from bot.listeners.telling import Patience, find_out_and_tell
from bot.model.audit import AsWhom, Attempt
from bot.model.decision import Answer, Step, StepAnswer, answer_of
from bot.model.ids import ChannelId, RegionId, VpnGatewayId
from bot.model.problem import Problem, ProblemDetails
from bot.model.request import Conversation, Requester
from bot.model.standing import Standing
from bot.slack.message import Message
from bot.slack.standing import standing_message

WHO_AM_I = "whoami"
"""The operation, as the audit trail names it."""

# Which of a decision's steps each operation answers.
_STEP_OF = {
    "GetVpnGatewayDiagnoseResult": Step.RESULTS,
    "DescribeVpnGateways": Step.GATEWAY,
    "DescribeVpnConnections": Step.CONNECTION,
}

LATEST_RUNS = 10
"""Runs of the asker in which gateways are looked for to try on: a role may see no list of them."""


def whoami_reply(
    requester: Requester, conversation: Conversation, intake: Intake, response_url: SecretStr | None = None
) -> Reply:
    """Begin to look, and return what the ack says; raises Problem("bot.overloaded") if too many look already."""
    whom = Whom(requester, conversation.channel_id, conversation.thread_ts, response_url)
    attempt = Attempt(requester, conversation.channel_id, WHO_AM_I)
    late = Problem("cloud.timeout", operation=WHO_AM_I, seconds=f"{intake.whoami_within_s:g}")
    look = partial(_looked, attempt, conversation.channel_id, intake)
    patience = Patience(intake.whoami_within_s, late.details)
    find_out_and_tell(intake, whom, attempt, look, patience=patience, is_reported=True)
    return looking_reply(intake.language_for(requester))


async def _looked(attempt: Attempt, channel_id: ChannelId, intake: Intake) -> Message:
    requester = attempt.requester
    asked = await intake.past.of_person(requester, LATEST_RUNS)

    def asked_about(region: RegionId) -> list[VpnGatewayId]:
        return [run.request.gateway_id for run in asked if run.request.region == region]

    standing, last_used = await asyncio.gather(
        intake.access.standing(requester, channel_id, intake.default_region, asked_about),
        intake.last_used(requester),
    )
    await intake.report_reading(attempt._replace(as_whom=_as_whom(standing)))
    return standing_message(standing, last_used, intake.language_for(requester))


def _as_whom(standing: Standing) -> AsWhom:
    """Say for the audit trail as whom the cloud was asked what, and what it answered."""
    steps = [StepAnswer(step=Step.MAPPING, answer=Answer.PASSED), _credentials(standing.problem)]
    for one in standing.operations:
        step = _STEP_OF.get(one.operation)
        if step is not None and one.answer is not Answer.NOT_ASKED:
            told = {"reason": one.reason, "operation": one.operation, "request_id": one.request_id}
            steps.append(StepAnswer(step=step, answer=one.answer, **told))
    return AsWhom(standing.identity, standing.principal, tuple(steps))


def _credentials(problem: ProblemDetails | None) -> StepAnswer:
    if problem is None:
        return StepAnswer(step=Step.CREDENTIALS, answer=Answer.PASSED)
    passes = treatment(problem).retry == "later"
    return answer_of(Step.CREDENTIALS, Answer.UNKNOWN if passes else Answer.REFUSED, problem)
