"""`/vpn-diagnose`: opens the form, or starts at once when all that is needed was typed."""

import asyncio
from typing import Any, assert_never

from bot.listeners.command_text import Help, Mistakes, OpenForm, Start, read_command
from bot.listeners.intake import Intake
from bot.listeners.payloads import FormOrigin, SlashCommand
from bot.listeners.replies import Reply, help_reply, mistakes_reply, problem_reply
from bot.model.problem import Problem
from bot.slack.views import FormValues, diagnose_form


async def command_reply(body: dict[str, Any], intake: Intake) -> Reply | None:
    """Do what the command asks and return what its ack says; None: nothing, the rest is seen in the channel."""
    try:
        return await _decided(SlashCommand.read(body), intake)
    except Problem as problem:
        return problem_reply(problem.details, intake.language)


async def _decided(command: SlashCommand, intake: Intake) -> Reply | None:
    read = read_command(command.text, intake.known_regions, intake.region_for(command.requester))
    if isinstance(read, Help):
        return help_reply(intake.language)
    intake.admit(command.requester, command.channel_id)
    match read:
        case Mistakes(problems=problems):
            return mistakes_reply(problems, intake.language)
        case OpenForm(initial=initial):
            await _open_form(command, initial, intake)
        case Start(request=request):
            await intake.accept(command.requester, command.conversation, request, command.delivery)
        case _:
            assert_never(read)
    return None


async def _open_form(command: SlashCommand, initial: FormValues, intake: Intake) -> None:
    view = diagnose_form(
        language=intake.language,
        private_metadata=FormOrigin(channel_id=command.channel_id).model_dump_json(),
        initial=initial,
        regions=intake.access.regions(command.requester),
    )
    try:
        async with asyncio.timeout(intake.open_form_timeout_s):
            await intake.slack.open_view(command.trigger_id, view)
    except TimeoutError as error:
        raise Problem("slack.timeout", operation="views.open") from error
