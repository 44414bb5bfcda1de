"""Steps of workflows: Slack is told how one ended, so that the workflow goes on, or says why it does not."""

import logging
from functools import partial
from typing import Any

from bot.explain.problems import explain, treatment
from bot.explain.sentences import together
from bot.model.problem import Problem, ProblemDetails
from bot.model.report import DiagnosisReport
from bot.model.run import Language, Run, RunState
from bot.slack import verdict
from bot.slack.answers import parsed
from bot.slack.api import SlackApi
from bot.slack.findings import Findings
from bot.slack.pacing import PERSON, Caller
from bot.slack.shapes import Permalink

log = logging.getLogger(__name__)

CALLBACK_ID = "diagnose_vpn_gateway"
"""The step's name in the manifest."""

SUCCESS, ERROR = "functions.completeSuccess", "functions.completeError"

# The step is over already: we ended it and the answer was lost, or the workflow was (each method's page).
_OVER = frozenset({"slack.function_execution_not_found", "slack.execution_not_in_running_state"})


async def complete_step(api: SlackApi, run: Run, caller: Caller = PERSON) -> None:
    """Tell the workflow that waits for a run how the run has ended; no harm if it was told before.

    Raises the `Problem`s of `bot.slack.answers` after which it is worth another attempt.
    """
    if run.function_execution_id is None:
        return
    if run.state is RunState.REPORTED and run.report is not None:
        outputs = await _outputs(api, run, run.report, caller)
        send = partial(
            api.client.functions_completeSuccess, function_execution_id=run.function_execution_id, outputs=outputs
        )
        await _end(api, SUCCESS, send, caller)
    else:
        said = step_problem(run.problem or verdict.UNEXPLAINED, run.language)
        await fail_step(api, run.function_execution_id, said, caller)


async def fail_step(api: SlackApi, execution_id: str, said: str, caller: Caller = PERSON) -> None:
    """End a step with what stood in the way, which Slackbot tells the person (functions.completeError).

    Raises as `complete_step` does.
    """
    send = partial(api.client.functions_completeError, function_execution_id=execution_id, error=said)
    await _end(api, ERROR, send, caller)


def step_problem(problem: ProblemDetails, language: Language) -> str:
    """Say a problem in sentences, as the end of a step."""
    explained = explain(problem, language)
    title = explained.title + ("。" if language == "zh" else ".")
    return together((title, explained.happened, explained.next_step, explained.reference))


async def _outputs(api: SlackApi, run: Run, report: DiagnosisReport, caller: Caller) -> dict[str, Any]:
    """Give what the next steps of the workflow can use, as the manifest declares it."""
    found = Findings.of(report.items, run.language)
    outputs = {
        "diagnose_id": report.diagnose_id,
        "verdict": f"{verdict.sign(run)} {verdict.state(run)}",
        "needs_attention": len(found.attention),
        "total": len(found.ordered),
    }
    link = await _permalink(api, run, caller)
    return outputs if link is None else outputs | {"permalink": link}


async def _permalink(api: SlackApi, run: Run, caller: Caller) -> str | None:
    """Ask where the thread is to be read; None if Slack does not say."""
    channel, ts = run.posted.channel_id, run.posted.root_ts
    if channel is None or ts is None:
        return None
    send = partial(api.client.chat_getPermalink, channel=channel, message_ts=ts)
    try:
        reply = await api.call("chat.getPermalink", send, caller)
    except Problem as problem:
        if treatment(problem.details).retry != "never":
            raise
        return None
    return parsed("chat.getPermalink", Permalink, reply.data).permalink


async def _end(api: SlackApi, operation: str, send: partial[Any], caller: Caller) -> None:
    try:
        await api.call(operation, send, caller)
    except Problem as problem:
        if problem.code in _OVER:
            return
        if treatment(problem.details).retry != "never":
            raise
        log.warning("a workflow could not be told how its step ended: %s", problem)
