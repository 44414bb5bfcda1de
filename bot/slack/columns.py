"""How wide a text is in a typewriter face; Chinese signs and emoji take two columns (Unicode Annex 11)."""

import unicodedata
from itertools import accumulate

from bot.slack.limits import ELLIPSIS

# Draws the sign before it as an emoji, two columns wide.
_EMOJI_VARIANT = "\ufe0f"

_UNSEEN = frozenset({"Mn", "Me", "Cf"})


def columns(text: str) -> int:
    """Count the columns that a text takes."""
    return sum(_width(character) for character in text)


def cut_to_columns(text: str, most: int) -> str:
    """Give `text`, or as much of it as fits into `most` columns with the sign that something is missing."""
    if columns(text) <= most:
        return text
    room = most - columns(ELLIPSIS)
    fitting = sum(taken <= room for taken in accumulate(_width(character) for character in text))
    return text[:fitting].rstrip() + ELLIPSIS


def _width(character: str) -> int:
    if character == _EMOJI_VARIANT:
        return 1  # its sign has been counted as one
    if unicodedata.category(character) in _UNSEEN:
        return 0
    return 2 if unicodedata.east_asian_width(character) in "WF" else 1
