"""What a watch says in the thread: a report whose verdict has changed, and one short message at its end."""

from collections.abc import Sequence

from bot.explain.phrases import phrase
from bot.explain.problems import explain
from bot.model.run import Run, RunState
from bot.slack.about import asked_by, subject
from bot.slack.blocks import bold, glue, line, rich_text, words
from bot.slack.compare import news_in
from bot.slack.escape import escape
from bot.slack.limits import Block
from bot.slack.message import Message, notification
from bot.slack.messages import ending_message
from bot.slack.verdict import sign, state


def change_message(run: Run, told: Run | None, buttons: Sequence[Block] = ()) -> Message:
    """Render a report whose verdict is not the one that was `told` last, under what has changed."""
    news = news_in(run, told)
    key = "watch.changed_news" if news else "watch.changed"
    message = ending_message(run, run.tunnels, buttons).with_remark(phrase(key, run.language, news=news))
    return message.changed(text=notification(phrase("watch.changed_text", run.language, text=message.text)))


def watch_end_message(run: Run, told: Run | None, *, stopped: bool) -> Message:
    """Render that the watch of which `run` was the last one has ended, why, and the verdict that was told last."""
    said = [_why(run, stopped=stopped)]
    if not stopped and run.problem is not None and run.state is not RunState.REPORTED:
        explained = explain(run.problem, run.language)
        said += [explained.happened, explained.next_step]
    text = phrase("watch.text", run.language, gateway_id=run.request.gateway_id, headline=said[0])
    plain = [text, *said[1:]]
    stands = run if run.posted.ending_ts is not None else told
    lines = [line(bold(said[0])), *(line(words(sentence)) for sentence in said[1:])]
    if stands is not None:
        how = phrase("watch.stands", run.language, state=state(stands, stands.tunnels))
        lines.append(line(glue(f"{sign(stands, stands.tunnels)} "), words(how)))
        plain.append(f"{sign(stands, stands.tunnels)} {how}")
    return Message(
        text=notification(text),
        blocks=[rich_text(*lines, subject(run), line(*asked_by(run)))],
        plain="\n".join(map(escape, plain)),
    )


def _why(run: Run, *, stopped: bool) -> str:
    if stopped:
        return phrase("watch.stopped", run.language)
    if run.problem is not None and run.state is not RunState.REPORTED:
        return phrase("watch.broke_off", run.language, title=explain(run.problem, run.language).title)
    changes = 0 if run.watch is None else run.watch.changes + (run.posted.ending_ts is not None)
    return phrase("watch.ended_changed" if changes else "watch.ended_same", run.language, count=changes)
