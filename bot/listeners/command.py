"""`/vpn-diagnose`: opens the form, or starts at once when all that is needed was typed."""

from typing import Any, assert_never

from bot.listeners.command_text import Help, Mistakes, OpenForm, Read, Start, TooLong, WhoAmI, read_command
from bot.listeners.form_origin import FormOrigin
from bot.listeners.history import history_reply, operation_of
from bot.listeners.history_text import History, Last
from bot.listeners.intake import Intake
from bot.listeners.opening import open_form
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
from bot.model.run import Language


async def command_reply(body: dict[str, Any], intake: Intake) -> Reply | None:
    """Do what the command asks and return what its ack says; None: nothing, the form is seen."""
    try:
        command = SlashCommand.read(body)
    except Problem as problem:
        return problem_reply(problem.details, intake.language)
    await intake.learn_who(command.requester)
    read = read_command(command.text, intake.all_regions, intake.region_for(command.requester))
    try:
        return await _decided(command, read, intake)
    except Problem as problem:
        await intake.report_refusal(attempted(command, read), problem.details)
        return problem_reply(problem.details, intake.language_for(command.requester))


async def _decided(command: SlashCommand, read: Read, intake: Intake) -> Reply | None:
    language = intake.language_for(command.requester)
    if isinstance(read, Help):
        return help_reply(language)
    intake.admit(command.requester, command.channel_id)
    match read:
        case WhoAmI():
            return whoami_reply(command.requester, command.conversation, intake, command.response_url)
        case History() | Last():
            return history_reply(command.requester, command.conversation, read, intake, command.response_url)
        case TooLong() | Mistakes():
            return _corrected(read, language)
        case OpenForm(initial=initial):
            origin = FormOrigin.sealed(command.conversation, command.user_id, intake.form_key)
            await open_form(intake, command.requester, command.trigger_id, origin, initial)
            return None
        case Start(request=request):
            await intake.accept(command.requester, command.conversation, request, command.delivery)
            return accepted_reply(language)
        case _:
            assert_never(read)


def _corrected(read: TooLong | Mistakes, language: Language) -> Reply:
    return too_long_reply(language) if isinstance(read, TooLong) else mistakes_reply(read.problems, language)


def attempted(command: SlashCommand, read: Read) -> Attempt:
    """Say what somebody tried to do with a command, for the audit trail."""
    request = read.request if isinstance(read, Start) else None
    return Attempt(command.requester, command.channel_id, operation_asked(read), request)


def operation_asked(read: Read) -> str:
    """Name what the words ask for as the audit trail does."""
    if isinstance(read, History | Last):
        return operation_of(read)
    return WHO_AM_I if isinstance(read, WhoAmI) else DIAGNOSE
