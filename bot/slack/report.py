"""The report: a headline, what needs attention worst first and in full, what is normal on one line each."""

import re
from collections.abc import Iterable, Sequence
from unicodedata import east_asian_width

from bot.explain.phrases import phrase
from bot.model.report import DiagnosisReport
from bot.model.run import Language, Run
from bot.slack.about import advice, identifiers, subject
from bot.slack.blocks import (
    Element,
    bold,
    bullets,
    divider,
    glue,
    header,
    line,
    rich_text,
    small_print,
    words,
)
from bot.slack.findings import Finding, Findings
from bot.slack.limits import Block, most_that_fits
from bot.slack.message import Message, notification
from bot.slack.private import missing_result
from bot.slack.verdict import SIGNS, UNPROVEN, headline, sign

# Of a name, a sentence and a measured fact, so many characters are shown.
LONGEST_NAME = 150
LONGEST_SENTENCE = 600
LONGEST_FACT = 300

# Facts that are narrower than this together stand on one line of a phone or two. Measured in Latin letters; a
# Chinese sign is as wide as two.
SHORT_FACTS = 80

# Facts with commas of their own cannot be told apart when commas join them.
_PARTED = re.compile(r", |，")


def report_message(run: Run, report: DiagnosisReport, preface: Sequence[Element] = ()) -> Message:
    """Render a report, finished or not, within Slack's limits; what is left out is the least bad, and is counted.

    `preface` are lines that belong above the checks: why there is no more than this.
    """
    found = Findings.of(report.items, run.language)
    said = headline(run, report, found)
    top = [header(f"{sign(run)} {said}"), rich_text(subject(run), *preface, *_remarks(run, report, found))]
    bottom = [divider(), identifiers(run, report)]

    def shown(count: int) -> list[Block]:
        checks = _checks(found.ordered[:count], run.language)
        return [*top, *checks, *_left_out(len(found.ordered) - count, run.language), *bottom]

    text = phrase("report.text", run.language, gateway_id=run.request.gateway_id, headline=said)
    return Message(text=notification(text), blocks=most_that_fits(len(found.ordered), shown))


def _checks(findings: Sequence[Finding], language: Language) -> list[Block]:
    in_full = [finding for finding in findings if finding.needs_attention or finding.is_unproven]
    short = [_short(finding, language) for finding in findings[len(in_full) :]]
    return [_in_full(finding, language) for finding in in_full] + ([rich_text(*short)] if short else [])


def _in_full(finding: Finding, language: Language) -> Block:
    said = finding.words
    level = phrase(f"level.{finding.level.value}", language)
    name = phrase("report.level_and_title", language, level=level, title=said.title)
    parts = [
        line(glue(f"{_sign(finding)} "), bold(name, LONGEST_NAME)),
        line(words(said.meaning, LONGEST_SENTENCE)),
    ]
    if said.facts:
        parts.append(_measured(said.facts, language))
    if said.next_step is not None:
        parts.append(advice(phrase("report.next", language), said.next_step, LONGEST_SENTENCE))
    return rich_text(*parts)


def _short(finding: Finding, language: Language) -> Element:
    """Make one line of a normal check: its name and what was measured."""
    name = bold(finding.words.title, LONGEST_NAME)
    facts = _on_one_line(finding.words.facts, language)
    measured = [glue("  "), words(facts, LONGEST_FACT)] if facts else []
    return line(glue(f"{_sign(finding)} "), name, *measured)


def _measured(facts: Sequence[str], language: Language) -> Element:
    together = _on_one_line(facts, language)
    one_line = len(facts) == 1 or (_width(together) <= SHORT_FACTS and not _PARTED.search("".join(facts)))
    return line(words(together)) if one_line else bullets(facts, LONGEST_FACT)


def _on_one_line(facts: Sequence[str], language: Language) -> str:
    return phrase("report.list_comma", language).join(facts)


def _width(text: str) -> int:
    """Measure a text in Latin letters (Unicode Standard Annex 11)."""
    return sum(2 if east_asian_width(character) in "WF" else 1 for character in text)


def _sign(finding: Finding) -> str:
    return UNPROVEN if finding.is_unproven else SIGNS[finding.level]


def _remarks(run: Run, report: DiagnosisReport, found: Findings) -> Iterable[Element]:
    """Say what the checks do not say: what a good result does not prove, and what was not looked at."""
    keys = []
    if run.attached:
        keys.append("report.attached")
    if found.ordered and not found.attention:
        keys.append("report.good_but_down")
    if missing := missing_result(run, report):
        keys.append(missing)
    return [line(words(phrase(key, run.language))) for key in keys]


def _left_out(count: int, language: Language) -> list[Block]:
    if count == 0:
        return []
    return [small_print([phrase("note.cut", language, count=count), phrase("note.see_console", language)])]
