"""Every message of a run, made from the run alone, in its language."""

from collections.abc import Sequence

from bot.explain.phrases import phrase
from bot.explain.problems import Explanation, explain
from bot.model.run import Run, RunState
from bot.model.tunnels import Tunnels
from bot.slack.about import LONGEST_ID, advice, asked_by, from_to, identifiers, joined, labelled, subject
from bot.slack.blocks import Element, bold, divider, glue, header, line, rich_text, small_print, words
from bot.slack.escape import escape
from bot.slack.limits import Block
from bot.slack.message import Message, notification
from bot.slack.moved import under_why_apart
from bot.slack.report import report_message
from bot.slack.verdict import APART, NO_TUNNELS, UNEXPLAINED, sign, state

__all__ = [
    "Message",
    "ending_message",
    "left_root_message",
    "problem_message",
    "report_message",
    "root_message",
    "started_message",
]


def root_message(run: Run, tunnels: Tunnels = NO_TUNNELS) -> Message:
    """Render the message that the run's thread hangs on: what is diagnosed, how far it is, who asked."""
    message = _root_message(run, sign(run, tunnels), state(run, tunnels))
    return under_why_apart(run, message) if run.moved_to_dm else message


def left_root_message(run: Run, tunnels: Tunnels = NO_TUNNELS) -> Message:
    """Render the root message in a channel that an ended run has left: who has the answer.

    Where others than the workspace read along, it is not said how the run has ended.
    """
    if run.in_shared_channel:
        message = _root_message(run, APART, phrase("moved.ended", run.language))
        return message.with_remark(phrase("moved.left_shared", run.language))
    message = _root_message(run, sign(run, tunnels), state(run, tunnels))
    return message.with_remark(phrase("moved.left", run.language))


def started_message(run: Run) -> Message:
    """Render the DiagnoseId and the RequestId of the start, whether it is ours or was already running."""
    ids = [
        labelled(phrase("started.diagnose_id", run.language), run.diagnose_id),
        labelled(phrase("started.request_id", run.language), run.start_request_id),
    ]
    if run.identity is not None:
        ids.append([words(phrase("started.identity", run.language, identity=run.identity), LONGEST_ID)])
    lines = [line(*part) for part in ids if part]
    title = line(bold(phrase("started.headline_attached" if run.attached else "started.headline", run.language)))
    facts = {"gateway_id": run.request.gateway_id, "diagnose_id": run.diagnose_id or "?"}
    said = phrase("started.text_attached" if run.attached else "started.text", run.language, **facts)
    remarks = [phrase(key, run.language) for key in _remarks(run)]
    request_id = [phrase("started.request_id", run.language), run.start_request_id] if run.start_request_id else []
    return Message(
        text=notification(said),
        blocks=[rich_text(title, *lines), small_print(remarks)],
        plain="\n".join(escape(text) for text in (said, " ".join(request_id), *remarks) if text),
    )


def ending_message(run: Run, tunnels: Tunnels = NO_TUNNELS, buttons: Sequence[Block] = ()) -> Message:
    """Render how a run ended: the report; a refusal or a failure; or a failure with the checks there are.

    `tunnels` is shown with a report; `buttons` are blocks of `bot.slack.buttons` for the end of the message.
    """
    if run.state is RunState.REPORTED and run.report is not None:
        message = report_message(run, run.report, tunnels=tunnels, buttons=buttons)
    else:
        message = problem_message(run, tunnels, buttons)
    message = message.changed(plain=_plain(run, message.text))
    told_apart = run.moved_to_dm and run.posted.root_ts is None
    return under_why_apart(run, message) if told_apart else message


def problem_message(run: Run, tunnels: Tunnels = NO_TUNNELS, buttons: Sequence[Block] = ()) -> Message:
    """Render a refusal or a failure: what happened, what to do, who can; and the checks that had ended before."""
    explanation = explain(run.problem or UNEXPLAINED, run.language)
    if run.report is not None and run.report.items:
        return report_message(run, run.report, _sentences(run, explanation), tunnels, buttons)
    said = phrase(
        "problem.refused" if run.state is RunState.REFUSED else "problem.failed",
        run.language,
        title=explanation.title,
    )
    text = phrase("problem.text", run.language, gateway_id=run.request.gateway_id, title=said)
    return Message(
        text=notification(text),
        blocks=[
            header(f"{sign(run)} {said}"),
            rich_text(subject(run), *_sentences(run, explanation)),
            divider(),
            identifiers(run),
            *buttons,
        ],
    )


def _sentences(run: Run, explanation: Explanation) -> list[Element]:
    sentences = [
        line(words(explanation.happened)),
        advice(phrase("problem.next", run.language), explanation.next_step),
        line(words(phrase("problem.who", run.language, who=explanation.mended_by))),
    ]
    if explanation.reference is not None:
        sentences.append(line(words(explanation.reference)))
    return sentences


def _plain(run: Run, text: str) -> str:
    """Say the verdict, the DiagnoseId and where all of it can be read, for a Slack that takes no more."""
    identified = [] if run.diagnose_id is None else [phrase("report.diagnose_id", run.language), run.diagnose_id]
    hint = phrase("note.plain", run.language, command="/vpn-diagnose last")
    said = [text, escape(" ".join(identified)), escape(hint)]
    return "\n".join(part for part in said if part)


def _root_message(run: Run, mark: str, said: str) -> Message:
    block = rich_text(
        line(bold(phrase("root.title", run.language, gateway_id=run.request.gateway_id))),
        line(glue(f"{mark} "), words(said)),
        line(*joined(_rest_of_request(run))),
        line(*asked_by(run)),
    )
    text = notification(phrase("root.text", run.language, gateway_id=run.request.gateway_id, state=said))
    return Message(text=text, blocks=[block], plain=text)


def _remarks(run: Run) -> list[str]:
    """Return the keys of what is to be known of a diagnosis that has just been started, or found running."""
    if not run.attached:
        return ["started.usually"]
    if run.follows is not None:
        return ["started.joined", "started.usually"]
    return ["started.attached"] + (["started.attached_addresses"] if run.request.addresses is not None else [])


def _rest_of_request(run: Run) -> list[list[Element]]:
    parts = [
        labelled(phrase("root.connection", run.language), run.request.connection_id),
        labelled(phrase("root.region", run.language), run.request.region),
    ]
    ends = from_to(run)
    if ends:
        parts.append([words(phrase("root.addresses", run.language)), glue(" "), *ends])
    return parts
