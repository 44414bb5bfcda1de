"""The checks of a report, each told once.

What somebody has to act on is text, which wraps on any screen: a table with as much in it has to be scrolled
sideways on a phone. The table has the normal checks; they are lines where Slack takes none.
"""

from collections.abc import Sequence

from bot.explain.phrases import phrase
from bot.model.run import Language
from bot.slack.about import advice
from bot.slack.blocks import Element, bold, glue, line, rich_text, table, words
from bot.slack.findings import Finding
from bot.slack.limits import Block
from bot.slack.measured import LONGEST_FACT, measured, on_one_line
from bot.slack.verdict import SIGNS, UNPROVEN

# Of a name and a sentence, so many characters are shown.
LONGEST_NAME = 150
LONGEST_SENTENCE = 600


def in_full(finding: Finding, language: Language) -> Block:
    """Make the block of a check that somebody has to act on: level, sentence, what was measured, next step."""
    said = finding.words
    level = phrase(f"level.{finding.level.value}", language)
    name = phrase("report.level_and_title", language, level=level, title=said.title)
    parts = [
        line(glue(f"{_sign(finding)} "), bold(name, LONGEST_NAME)),
        line(words(said.meaning, LONGEST_SENTENCE)),
        *measured(said.facts, language),
    ]
    if said.next_step is not None:
        parts.append(advice(phrase("report.next", language), said.next_step, LONGEST_SENTENCE))
    return rich_text(*parts)


def as_table(normal: Sequence[Finding], language: Language) -> list[Block]:
    """Make one table of normal checks; none if there are none."""
    head = [phrase(f"report.column_{name}", language) for name in ("check", "measured", "meaning")]
    rows = [
        (f"{_sign(each)} {each.words.title}", on_one_line(each.words.facts, language), each.words.meaning)
        for each in normal
    ]
    return [table(head, *rows)] if rows else []


def as_lines(normal: Sequence[Finding], language: Language) -> list[Block]:
    """Make a line of each normal check, for where Slack takes no table."""
    return [rich_text(*(_short(finding, language) for finding in normal))] if normal else []


def _short(finding: Finding, language: Language) -> Element:
    """Make one line of a normal check: its name and what was measured."""
    name = bold(finding.words.title, LONGEST_NAME)
    facts = on_one_line(finding.words.facts, language)
    found = [glue("  "), words(facts, LONGEST_FACT)] if facts else []
    return line(glue(f"{_sign(finding)} "), name, *found)


def _sign(finding: Finding) -> str:
    return UNPROVEN if finding.is_unproven else SIGNS[finding.level]
