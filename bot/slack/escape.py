"""Foreign text made harmless: nothing in it can mention, link, format, reorder or break a line."""

import re
import unicodedata

# Line and paragraph separators, and whatever else str.splitlines would break at.
_BREAKS = re.compile(r"[\t\n\v\f\r\x1c-\x1e\x85\u2028\u2029]+")

# Joins emoji and shapes letters (Unicode 15, 23.2); the only formatting characters that text needs.
_JOINERS = frozenset("\u200c\u200d")

# Control, format (which has the bidirectional controls and the invisible tags), lone surrogates (which cannot even
# be encoded as UTF-8), private use.
_UNSEEN = frozenset({"Cc", "Cf", "Cs", "Co"})

_EMOJI_NAME = re.compile(r":(?=[\w+'-]+:)")

# Slack: these three, and only these, have an escape (docs.slack.dev/messaging/formatting-message-text).
_ESCAPES = str.maketrans({"&": "&amp;", "<": "&lt;", ">": "&gt;"})

# The marks of mrkdwn have none, so each becomes a sign that looks like it and means nothing.
_LOOKALIKES = str.maketrans({"`": "ˋ", "*": "∗", "~": "∼"})

# An underscore formats only at the edge of a word; those inside of names (`param_error`) stay.
_EDGE_UNDERSCORE = re.compile(r"(?<!\w)_+|_+(?!\w)")


def visible(text: str) -> str:
    """Give `text` without what cannot be seen; what breaks a line becomes a space."""
    if text.isascii() and text.isprintable():
        return text
    spaced = _BREAKS.sub(" ", text)
    return "".join(c for c in spaced if c in _JOINERS or unicodedata.category(c) not in _UNSEEN)


def one_line(text: str) -> str:
    """Give `text` as one line for places that parse nothing: plain_text and the text of rich_text."""
    return " ".join(visible(text).split())


def escape(text: str) -> str:
    """Give `text` as one line for a message's `text`, which notifications show and Slack may parse."""
    signs = _EMOJI_NAME.sub("∶", one_line(text)).translate(_LOOKALIKES)
    return _EDGE_UNDERSCORE.sub(lambda found: "ˍ" * len(found[0]), signs).translate(_ESCAPES)
