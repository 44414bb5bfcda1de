"""The buttons that begin a watch under a report and stop it: everybody has a watch of their own and stops that."""

from collections.abc import Sequence
from datetime import timedelta

from bot.explain.phrases import phrase
from bot.explain.problems import explain
from bot.explain.sentences import together
from bot.listeners.intake import Intake
from bot.listeners.pressed import Pressed, say
from bot.listeners.telling import tell_soon
from bot.model.audit import Attempt
from bot.model.ids import RunId
from bot.model.problem import Problem, ProblemDetails
from bot.model.request import Requester
from bot.slack.blocks import glue, line, mention, rich_text, words
from bot.slack.message import Message, notification
from bot.watching import WATCH_EVERY, WATCH_FOR, Wish, begin_watch, stop_watch


async def watch(pressed: Pressed, intake: Intake, attempt: Attempt) -> None:
    """Begin to watch for the presser, who is told so; once for all of their presses while that is under way."""
    del attempt
    press, run, _ = pressed
    if run.report is None:
        raise Problem("bot.no_report")
    now = intake.clock()
    run_id = RunId.made(now, intake.entropy(10))
    async with intake.room_for(press.requester, run.request, press.delivery):
        wish = Wish(press.requester, now, run_id, press.delivery, intake.access.book_hash())
        first = await begin_watch(intake.runs, run, wish)
    intake.wake()
    if first.id == run_id:
        say(pressed, intake, "press.watching", every=_minutes(WATCH_EVERY), longest=_minutes(WATCH_FOR))
    else:
        say(pressed, intake, "press.watching_already")


async def stop_watching(pressed: Pressed, intake: Intake, attempt: Attempt) -> None:
    """Stop the presser's own watch; that of others is theirs."""
    press, run, _ = pressed
    stopped = await stop_watch(intake.runs, run, press.requester, intake.clock())
    watching = () if stopped else await intake.runs.watchers(run)
    if watching:
        not_yours = Problem("access.watch_not_yours").details
        await intake.report_refusal(attempt, not_yours)
        _say_who_watches(pressed, intake, watching, not_yours)
    else:
        await intake.report_reading(attempt)
        say(pressed, intake, "press.watch_stopped" if stopped else "press.no_watch")


def _say_who_watches(
    pressed: Pressed, intake: Intake, watching: Sequence[Requester], not_yours: ProblemDetails
) -> None:
    language = intake.language_for(pressed.press.requester)
    label = phrase("press.watched_by", language)
    people = [part for who in watching for part in (glue(" "), mention(who.user_id))]
    explained = explain(not_yours, language)
    said = together((explained.happened, explained.next_step))
    blocks = [rich_text(line(words(label), *people), line(words(said)))]
    tell_soon(intake, pressed.press.whom, Message(text=notification(said), blocks=blocks))


def _minutes(time: timedelta) -> int:
    return time // timedelta(minutes=1)
