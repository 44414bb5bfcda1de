"""The buttons under a report: whoever presses is asked again, and always answered.

The button says which run it is about and nothing else. What is started is stored before the press is acknowledged;
what is shown goes to the presser alone.
"""

from collections.abc import Awaitable, Callable, Mapping
from functools import partial
from typing import Any

from bot.listeners.clicks import Press, presser_of
from bot.listeners.exporting import exported
from bot.listeners.intake import Intake
from bot.listeners.pressed import Pressed, say
from bot.listeners.replies import Reply
from bot.listeners.telling import Inquiry, find_out_and_tell, tell_problem_soon
from bot.listeners.visible import may_see
from bot.listeners.watch_buttons import stop_watching, watch
from bot.model.audit import Attempt
from bot.model.ids import RunId
from bot.model.problem import Problem
from bot.model.request import Conversation
from bot.model.run import Run
from bot.slack.buttons import COMPARE, CONSOLE, COPY_COMMAND, EXPORT, RUN_AGAIN, STOP_WATCHING, WATCH
from bot.slack.cli_text import command_message
from bot.slack.compare import compare_message
from bot.slack.message import Message

# Earlier reports that are looked through for one that the presser may see.
MOST_EARLIER = 20

_DIRECT = "D"


async def button_reply(body: dict[str, Any], intake: Intake) -> Reply | None:
    """Do what was pressed; the ack of a press has no words."""
    try:
        press = Press.read(body)
    except Problem as problem:
        whom = presser_of(body)
        if whom is not None:
            tell_problem_soon(intake, whom, problem.details)
        return None
    if press.action_id == CONSOLE:  # a link: the browser has followed it
        return None
    await intake.learn_who(press.requester)
    attempt = Attempt(press.requester, press.channel_id, press.action_id)
    try:
        attempt = attempt._replace(run_id=press.run_id)
        run = await intake.runs.get(press.run_id)
        attempt = attempt._replace(request=run.request if run else None)
        pressed = _admitted(press, run, intake)
        intake.access.admit(press.requester, pressed.place.channel_id, pressed.run.request)
        await _DEEDS[press.action_id](pressed, intake, attempt)
    except Problem as problem:
        await intake.report_refusal(attempt, problem.details)
        tell_problem_soon(intake, press.whom, problem.details)
    return None


def _admitted(press: Press, run: Run | None, intake: Intake) -> Pressed:
    """Let somebody who may use the bot here press for the run; who may not hears nothing of it.

    Raises Problem as `Intake.admit` does, "access.button_foreign" for a button that does not belong where it was
    pressed, and "bot.run_gone".
    """
    place = _place(press, run)
    intake.admit(press.requester, place.channel_id)
    if run is None:
        raise Problem("bot.run_gone")
    if not _is_told_here(press, run):
        raise Problem("access.button_foreign")
    return Pressed(press, run, place)


def _place(press: Press, run: Run | None) -> Conversation:
    """Say where what was pressed is asked: in the thread, but where the run was asked if it is told in private."""
    if run is not None and run.moved_to_dm and _is_told_here(press, run):
        return run.conversation
    return Conversation(channel_id=press.channel_id, thread_ts=press.root_ts)


def _is_told_here(press: Press, run: Run) -> bool:
    own = run.requester == press.requester or not press.channel_id.startswith(_DIRECT)
    return own and run.posted.channel_id == press.channel_id


async def _run_again(pressed: Pressed, intake: Intake, attempt: Attempt) -> None:
    """Ask the same again as the presser; presses while that is under way mean one and the same."""
    del attempt
    press, run, place = pressed
    if await intake.runs.delivered(press.delivery) is not None:
        return  # Slack has brought the same press again
    last = await intake.past.last_like(run, press.requester, place)
    after = await _end_of_presses(pressed, intake) if last is None else last.id
    if last is None and after != run.id:
        last = await intake.runs.get(after)
    if last is not None and not last.ended:
        say(pressed, intake, "press.under_way")
        return
    await intake.accept(press.requester, place, run.request, _intent(pressed, after), press=press.delivery)


def _intent(pressed: Pressed, after: RunId) -> str:
    """Name what all presses mean of somebody who has seen this run end here, and no later one."""
    requester, place = pressed.press.requester, pressed.place
    return f"again:{requester.team_id}:{requester.user_id}:{place.channel_id}:{place.thread_ts}:{after}"


async def _end_of_presses(pressed: Pressed, intake: Intake) -> RunId:
    """Find the last run that presses here have led to, which need not be among the newest runs any more."""
    after = pressed.run.id
    while (led_to := await intake.runs.delivered(_intent(pressed, after))) is not None:
        after = led_to
    return after


async def _compare(pressed: Pressed, intake: Intake, attempt: Attempt) -> None:
    _show(pressed, intake, attempt, partial(_compared, pressed, intake))


async def _copy_command(pressed: Pressed, intake: Intake, attempt: Attempt) -> None:
    _show(pressed, intake, attempt, partial(_command, pressed, intake))


async def _export(pressed: Pressed, intake: Intake, attempt: Attempt) -> None:
    if pressed.run.report is None:
        raise Problem("bot.no_report")
    export = partial(exported, pressed.run, pressed.press.whom, intake, attempt)
    _show(pressed, intake, attempt, export, is_reported=True)


_DEEDS: Mapping[str, Callable[[Pressed, Intake, Attempt], Awaitable[None]]] = {
    RUN_AGAIN: _run_again,
    COMPARE: _compare,
    WATCH: watch,
    STOP_WATCHING: stop_watching,
    COPY_COMMAND: _copy_command,
    EXPORT: _export,
}


async def _compared(pressed: Pressed, intake: Intake) -> Message:
    press, run, _ = pressed
    requester, channel_id = press.requester, press.channel_id
    known = await intake.past.reported_before(run, requester, channel_id, MOST_EARLIER)
    earlier = next((one for one in known if may_see(one, requester, channel_id)), None)
    told = _in_language_of(pressed, intake)
    return compare_message(told, earlier)


async def _command(pressed: Pressed, intake: Intake) -> Message:
    return command_message(_in_language_of(pressed, intake))


def _in_language_of(pressed: Pressed, intake: Intake) -> Run:
    return pressed.run.changed(language=intake.language_for(pressed.press.requester))


def _show(
    pressed: Pressed, intake: Intake, attempt: Attempt, find_out: Inquiry, *, is_reported: bool = False
) -> None:
    """Show the presser something alone, once Slack has said that they are a full member."""
    press, place = pressed.press, pressed.place.channel_id

    async def once_admitted() -> Message | None:
        await intake.access.admit_for_good(press.requester, place)
        return await find_out()

    find_out_and_tell(intake, press.whom, attempt, once_admitted, is_reported=is_reported)
