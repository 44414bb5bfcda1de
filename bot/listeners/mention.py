"""The bot's name in a message: the command's words behind it, answered in that thread.

In public there is nothing but the run. What else there is to say is for the author alone, and said after the ack,
which has no words.
"""

import logging
from typing import Any, assert_never

from bot.listeners.clicks import Whom
from bot.listeners.command import operation_asked
from bot.listeners.command_text import Help, Mistakes, OpenForm, Read, Start, TooLong, WhoAmI, read_command
from bot.listeners.finding import found_in
from bot.listeners.form_origin import FormOrigin
from bot.listeners.happenings import Mention
from bot.listeners.history import history_reply
from bot.listeners.history_text import History, Last
from bot.listeners.intake import Intake
from bot.listeners.offer import offer_button, offer_message
from bot.listeners.replies import Reply, help_reply, mistakes_reply, too_long_reply
from bot.listeners.telling import tell_problem_soon, tell_soon
from bot.listeners.whoami import whoami_reply
from bot.model.audit import Attempt
from bot.model.problem import Problem
from bot.model.request import Conversation, Requester
from bot.slack.message import Message
from bot.slack.views import FormValues

log = logging.getLogger(__name__)

MENTIONED = "app_mention"
"""The event's type."""


async def mention_reply(body: dict[str, Any], intake: Intake) -> Reply | None:
    """Do what the words behind the bot's name ask; what apps say, and what was said before a change, is let be."""
    try:
        mention = Mention.read(body)
    except Problem as problem:
        log.warning("a mention was not understood (%s)", problem.code)
        return None
    requester = mention.requester
    if requester is None:
        return None
    await intake.learn_who(requester)
    whom = mention.told(requester)
    read = read_command(mention.text, intake.all_regions, intake.region_for(requester))
    try:
        said = await _decided(mention, requester, read, intake)
    except Problem as problem:
        await intake.report_refusal(_attempt(mention, requester, read), problem.details)
        tell_problem_soon(intake, whom, problem.details)
        return None
    if said is not None:
        tell_soon(intake, whom, said)
    return None


def author_of(body: dict[str, Any]) -> Whom | None:
    """Return who mentioned the bot, and where they look; None if it is nobody who asks something."""
    try:
        mention = Mention.read(body)
    except Problem:
        return None
    return None if mention.requester is None else mention.told(mention.requester)


async def _decided(mention: Mention, requester: Requester, read: Read, intake: Intake) -> Message | None:
    """Do it, and return what is to be said to the author; None: nothing, or it follows."""
    language = intake.language_for(requester)
    if isinstance(read, Help):
        return _message(help_reply(language, mention.own_id))
    intake.admit(requester, mention.event.channel)
    match read:
        case WhoAmI():
            whoami_reply(requester, _looking(mention), intake)
        case History() | Last():
            history_reply(requester, _looking(mention), read, intake)
        case TooLong():
            return _with_form(too_long_reply(language, mention.own_id), mention, requester, intake)
        case Mistakes(problems=problems):
            return _with_form(mistakes_reply(problems, language, mention.own_id), mention, requester, intake)
        case OpenForm(initial=initial):
            values = _values(mention, initial, intake, requester)
            return offer_message(_origin(mention, requester, intake), values, language)
        case Start(request=request):
            await intake.accept(requester, mention.conversation, request, mention.delivery)
        case _:
            assert_never(read)
    return None


def _with_form(reply: Reply, mention: Mention, requester: Requester, intake: Intake) -> Message:
    """Put the form's button under what is wrong; the form begins with whatever the message says."""
    values = _said(mention, intake, requester)
    button = offer_button(_origin(mention, requester, intake), values, intake.language_for(requester))
    return Message(text=reply["text"], blocks=[*reply["blocks"], button])


def _origin(mention: Mention, requester: Requester, intake: Intake) -> FormOrigin:
    return FormOrigin.sealed(mention.conversation, requester.user_id, intake.form_key)


def _values(mention: Mention, initial: FormValues, intake: Intake, requester: Requester) -> FormValues:
    """Return what the form begins with: the words behind the name, else whatever the message says elsewhere."""
    region = intake.region_for(requester)
    return initial if initial != FormValues(region=region) else _said(mention, intake, requester)


def _said(mention: Mention, intake: Intake, requester: Requester) -> FormValues:
    return found_in({"text": mention.event.text}, intake.all_regions, intake.region_for(requester)).values


def _looking(mention: Mention) -> Conversation:
    """Return where the author looks, which is in a thread only if there is one."""
    return Conversation(channel_id=mention.event.channel, thread_ts=mention.event.thread_ts)


def _message(reply: Reply) -> Message:
    return Message(text=reply["text"], blocks=reply["blocks"])


def _attempt(mention: Mention, requester: Requester, read: Read) -> Attempt:
    request = read.request if isinstance(read, Start) else None
    return Attempt(requester, mention.event.channel, operation_asked(read), request)
