"""What was measured, on a line of its own or as a list, whichever reads better on a phone."""

import re
from collections.abc import Sequence

from bot.explain.phrases import phrase
from bot.model.run import Language
from bot.slack.blocks import Element, bullets, line, words
from bot.slack.columns import columns

LONGEST_FACT = 300

# Facts that are narrower than this together stand on one line of a phone or two.
SHORT_FACTS = 80

# Facts with commas of their own cannot be told apart when commas join them.
_PARTED = re.compile(r", |，")


def measured(facts: Sequence[str], language: Language) -> list[Element]:
    """Make the part of a rich_text block that tells the facts; nothing if there are none."""
    if not facts:
        return []
    together = on_one_line(facts, language)
    one_line = len(facts) == 1 or (columns(together) <= SHORT_FACTS and not _PARTED.search("".join(facts)))
    return [line(words(together)) if one_line else bullets(facts, LONGEST_FACT)]


def on_one_line(facts: Sequence[str], language: Language) -> str:
    return phrase("report.list_comma", language).join(facts)
