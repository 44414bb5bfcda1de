"""The shortcut "Diagnose VPN" on a message: opens the form with what the message says, to answer in its thread."""

from typing import Any

from pydantic import SecretStr

from bot.explain.phrases import phrase
from bot.listeners.clicks import Whom
from bot.listeners.finding import found_in
from bot.listeners.form_origin import FormOrigin, ThreadTs
from bot.listeners.intake import Intake
from bot.listeners.not_understood import tell_whoever_did
from bot.listeners.opening import open_form
from bot.listeners.payloads import Interaction, OneUse, Payload
from bot.listeners.replies import Reply
from bot.listeners.telling import tell_problem_soon, tell_soon
from bot.model.audit import Attempt
from bot.model.ids import ChannelId
from bot.model.problem import Problem
from bot.model.request import Conversation
from bot.model.run import Language
from bot.slack.message import Message
from bot.slack.sentence import sentence

CALLBACK_ID = "vpn_diagnose_message"

# Gateways that are named of those that the message names.
MOST_NAMED = 10


class _Channel(Payload):
    id: ChannelId


class _Message(Payload, extra="allow"):
    """Whatever somebody or some app has posted; only its place is parsed."""

    ts: ThreadTs
    thread_ts: ThreadTs | None = None


class MessageShortcut(Interaction):
    """A shortcut on a message (docs.slack.dev/reference/interaction-payloads/shortcuts-interaction-payload)."""

    trigger_id: OneUse
    channel: _Channel
    message: _Message
    response_url: SecretStr | None = None

    @property
    def conversation(self) -> Conversation:
        """The thread that the message is in, or would be the first of."""
        return Conversation(channel_id=self.channel.id, thread_ts=self.message.thread_ts or self.message.ts)

    @property
    def whom(self) -> Whom:
        """Who used it, and where they look: in a thread only if there is one, for else Slack does not show it."""
        return Whom(self.requester, self.channel.id, self.message.thread_ts, self.response_url)


async def shortcut_reply(body: dict[str, Any], intake: Intake) -> Reply | None:
    """Open the form; nothing starts by itself. The ack of a shortcut has no words."""
    try:
        shortcut = MessageShortcut.read(body)
    except Problem as problem:
        tell_whoever_did(body, problem, intake)
        return None
    requester = shortcut.requester
    await intake.learn_who(requester)
    try:
        intake.admit(requester, shortcut.channel.id)
        found = found_in(shortcut.message.model_extra or {}, intake.all_regions, intake.region_for(requester))
        origin = FormOrigin.sealed(shortcut.conversation, requester.user_id, intake.form_key)
        await open_form(intake, requester, shortcut.trigger_id, origin, found.values)
        if len(found.gateways) > 1:
            tell_soon(intake, shortcut.whom, _several(found.gateways, intake.language_for(requester)))
    except Problem as problem:
        await intake.report_refusal(Attempt(requester, shortcut.channel.id), problem.details)
        tell_problem_soon(intake, shortcut.whom, problem.details)
    return None


def _several(gateways: tuple[str, ...], language: Language) -> Message:
    named = phrase("report.list_comma", language).join(gateways[:MOST_NAMED])
    return sentence(phrase("shortcut.several", language, gateways=named))
