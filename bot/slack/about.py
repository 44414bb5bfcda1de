"""Lines that several messages share: what is diagnosed, for whom, as whom, under which IDs."""

from collections.abc import Iterable

from bot.explain.phrases import phrase
from bot.model.report import DiagnosisReport
from bot.model.run import Language, Run
from bot.slack.blocks import Element, bold, code, glue, line, mention, rich_text, words
from bot.slack.limits import OBJECT_TEXT, Block
from bot.slack.private import covers_addresses

BETWEEN = " · "

# IDs and ARNs of Alibaba Cloud are shorter; what is longer is none.
LONGEST_ID = 200

SECONDS_IN_MINUTE = 60


def subject(run: Run) -> Element:
    """Make the line that says what is diagnosed, by IDs that need no labels; see `from_to` for the addresses."""
    request = run.request
    parts = [[code(request.gateway_id)], [code(request.connection_id)], [words(request.region)], from_to(run)]
    return line(*joined(parts))


def from_to(run: Run) -> list[Element]:
    """Make the two private ends; nothing if none were given, or if it is not known that they are tested."""
    ends = run.request.addresses
    if ends is None or not covers_addresses(run):
        return []
    return [
        words(phrase("root.from_to", run.language, source=str(ends.source), destination=str(ends.destination)))
    ]


def identifiers(run: Run, report: DiagnosisReport | None = None) -> Block:
    """Make the small print: the IDs that support asks for, the time it took, who asked, as which role."""
    ids = joined(
        [
            labelled(phrase("report.diagnose_id", run.language), run.diagnose_id),
            labelled(phrase("report.request_id", run.language), report.request_id if report is not None else None),
            _took(report, run.language),
        ]
    )
    people = line(*joined([asked_by(run), _as_whom(run)]))
    return rich_text(line(*ids), people) if ids else rich_text(people)


def asked_by(run: Run) -> list[Element]:
    """Make the mention that notifies the person who asked."""
    return [words(phrase("report.asked_by", run.language)), glue(" "), mention(run.requester.user_id)]


def advice(label: str, sentence: str, limit: int = OBJECT_TEXT) -> Element:
    """Make a line of a label and what to do."""
    return line(bold(label), *gap(label), words(sentence, limit))


def gap(label: str) -> list[Element]:
    """Make the blank after a label; the wide colon of Chinese brings its own."""
    return [] if label.endswith("：") else [glue(" ")]


def labelled(label: str, value: str | None) -> list[Element]:
    """Make a label and a value to be copied; nothing without the value."""
    return [words(label), glue(" "), code(value, LONGEST_ID)] if value else []


def joined(parts: Iterable[list[Element]]) -> list[Element]:
    """Put those parts that are not empty on one line."""
    together: list[Element] = []
    for part in parts:
        if part:
            together += [glue(BETWEEN), *part] if together else part
    return together


def _as_whom(run: Run) -> list[Element]:
    if run.identity is None:
        return []
    if run.principal is None:
        return [words(phrase("report.identity", run.language, identity=run.identity), LONGEST_ID)]
    facts = {"identity": run.identity, "principal": run.principal}
    return [words(phrase("report.identity_and_principal", run.language, **facts), 2 * LONGEST_ID)]


def _took(report: DiagnosisReport | None, language: Language) -> list[Element]:
    if report is None or report.begin_time is None or report.finish_time is None:
        return []
    seconds = max(0, round((report.finish_time - report.begin_time).total_seconds()))
    key = "duration.minutes" if seconds >= SECONDS_IN_MINUTE else "duration.seconds"
    minutes = seconds // SECONDS_IN_MINUTE
    rest = seconds if minutes == 0 else seconds % SECONDS_IN_MINUTE
    duration = phrase(key, language, minutes=minutes, seconds=rest)
    return [words(phrase("report.took", language, duration=duration))]
