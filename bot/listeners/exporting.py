"""The report as a JSON file for whoever asked for it: in their direct messages, or as text where Slack refuses."""

import logging

from bot.explain.phrases import phrase
from bot.listeners.clicks import Whom
from bot.listeners.intake import Intake
from bot.model.audit import Attempt
from bot.model.problem import Problem
from bot.model.run import Language, Run
from bot.slack.blocks import bold, line, preformatted, rich_text, small_print, words
from bot.slack.export import export_json, export_name
from bot.slack.files import File, share_file
from bot.slack.limits import Block, most_that_fits
from bot.slack.message import Message, notification
from bot.slack.sentence import sentence

log = logging.getLogger(__name__)


async def exported(run: Run, whom: Whom, intake: Intake, attempt: Attempt) -> Message | None:
    """Send the file where only this person sees it, and return what points there.

    None where they see it anyway, since that is where they pressed; the report as text where no file can be sent.
    That it was shown is reported before: whoever gives up waiting for Slack cannot tell whether it has the file.
    """
    await intake.report_reading(attempt)
    language = intake.language_for(whom.requester)
    content, name = export_json(run, run.tunnels), export_name(run)
    try:
        direct = await intake.slack.open_direct_message(whom.requester.user_id)
        thread_ts = whom.thread_ts if direct == whom.channel_id else None
        await share_file(intake.slack, File(name, content), direct, thread_ts)
    except Problem as problem:
        log.info("run %s: no file could be sent: %s", run.id, problem)
        return snippet(name, content.decode(), language)
    if direct == whom.channel_id:
        return None
    said = phrase("press.exported", language, name=name)
    return sentence(said)


def snippet(name: str, content: str, language: Language) -> Message:
    """Show the file's lines, as many as Slack takes in a message, and count the rest."""
    lines = content.splitlines()
    top = rich_text(line(bold(name)), line(words(phrase("press.export_refused", language))))

    def shown(count: int) -> list[Block]:
        left = len(lines) - count
        cut = [small_print([phrase("press.export_cut", language, count=left)])] if left else []
        return [top, *([rich_text(preformatted(lines[:count]))] if count else []), *cut]

    title = phrase("press.exported_title", language)
    return Message(text=notification(title), blocks=most_that_fits(len(lines), shown))
