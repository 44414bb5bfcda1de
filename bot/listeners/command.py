"""`/vpn-diagnose`: opens the form, or starts at once when all that is needed was typed."""

import asyncio
import logging
from typing import Any, assert_never

from bot.explain.problems import treatment
from bot.listeners.command_text import Help, Mistakes, OpenForm, Read, Start, TooLong, WhoAmI, read_command
from bot.listeners.form_origin import FormOrigin
from bot.listeners.intake import Intake
from bot.listeners.payloads import SlashCommand
from bot.listeners.replies import (
    Reply,
    accepted_reply,
    help_reply,
    mistakes_reply,
    problem_reply,
    too_long_reply,
)
from bot.listeners.whoami import WHO_AM_I, whoami_reply
from bot.model.audit import DIAGNOSE, Attempt
from bot.model.problem import Problem
from bot.slack.views import FormValues, diagnose_form

log = logging.getLogger(__name__)


# A trigger opens one form. That it was used tells that Slack has brought the same command again, perhaps to
# another replica, and that the form is there (docs.slack.dev/reference/methods/views.open).
_OPENED_BEFORE = frozenset({"slack.exchanged_trigger_id", "slack.trigger_exchanged"})


async def command_reply(body: dict[str, Any], intake: Intake) -> Reply | None:
    """Do what the command asks and return what its ack says; None: nothing, the form is seen."""
    try:
        command = SlashCommand.read(body)
    except Problem as problem:
        return problem_reply(problem.details, intake.language)
    read = read_command(command.text, intake.all_regions, intake.region_for(command.requester))
    try:
        return await _decided(command, read, intake)
    except Problem as problem:
        await intake.report_refusal(_attempt(command, read), problem.details)
        return problem_reply(problem.details, intake.language_for(command.requester))


async def _decided(command: SlashCommand, read: Read, intake: Intake) -> Reply | None:
    language = intake.language_for(command.requester)
    if isinstance(read, Help):
        return help_reply(language)
    intake.admit(command.requester, command.channel_id)
    match read:
        case WhoAmI():
            return whoami_reply(command, intake)
        case TooLong():
            return too_long_reply(language)
        case Mistakes(problems=problems):
            return mistakes_reply(problems, language)
        case OpenForm(initial=initial):
            await _open_form(command, initial, intake)
            return None
        case Start(request=request):
            await intake.accept(command.requester, command.conversation, request, command.delivery)
            return accepted_reply(language)
        case _:
            assert_never(read)


def _attempt(command: SlashCommand, read: Read) -> Attempt:
    operation = WHO_AM_I if isinstance(read, WhoAmI) else DIAGNOSE
    return Attempt(
        command.requester, command.channel_id, operation, read.request if isinstance(read, Start) else None
    )


async def _open_form(command: SlashCommand, initial: FormValues, intake: Intake) -> None:
    try:
        await _open_in_time(command, initial, intake)
    except Problem as problem:
        if problem.code in _OPENED_BEFORE:
            return
        if problem.code.startswith("access.") or treatment(problem.details).retry == "never":
            raise
        # What these problems say of themselves is for a run, which the bot takes up again by itself.
        log.warning("the form did not open (%s)", problem.code)
        raise Problem("bot.form_not_opened", error=problem.code) from problem


async def _open_in_time(command: SlashCommand, initial: FormValues, intake: Intake) -> None:
    """Open the form for a full member: it shows what access.yml says of this person's identity."""
    operation = "users.info"
    try:
        async with asyncio.timeout(intake.open_form_timeout_s):
            await intake.access.admit_for_good(command.requester, command.channel_id)
            operation = "views.open"
            await intake.slack.open_view(command.trigger_id, _form(command, initial, intake))
    except TimeoutError as error:
        raise Problem("slack.timeout", operation=operation) from error


def _form(command: SlashCommand, initial: FormValues, intake: Intake) -> dict[str, Any]:
    origin = FormOrigin.sealed(command.channel_id, command.user_id, intake.form_key)
    return diagnose_form(
        language=intake.language_for(command.requester),
        private_metadata=origin.model_dump_json(),
        initial=initial,
        regions=intake.access.regions(command.requester),
    )
