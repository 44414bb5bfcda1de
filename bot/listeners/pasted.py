"""What Slack, phones and input methods make of a plain text, undone. Pure, and linear in the text's length."""

import re

# Slack marks up what it recognizes: `<http://10.8.0.1|10.8.0.1>`, `<tel:…|…>`, `<mailto:…|…>`, `<@U0…|alice>`,
# `<#C0…|incident>`, `<!here>` (docs.slack.dev/messaging/formatting-message-text).
_MARKED_UP = re.compile(r"<([^<>|]*)(?:\|([^<>]*))?>")
_WHOM = ("@", "#", "!")
_SCHEME = re.compile(r"^(?:[a-z]{2,8}:/{0,2})", re.IGNORECASE)
_LINK = re.compile(r"^(?:https?|tel|mailto|ftp):", re.IGNORECASE)

# The only three that Slack writes; the last one last, or `&amp;lt;` would be undone twice.
_ESCAPED = (("&lt;", "<"), ("&gt;", ">"), ("&amp;", "&"))

# U+FF01 to U+FF5E are the printable ASCII characters as East Asian input methods type them.
_FULL_WIDTH = {0xFEE0 + ordinary: ordinary for ordinary in range(0x21, 0x7F)}
_HYPHENS = dict.fromkeys(map(ord, "‐‑‒–—−"), "-")
_UNSEEN = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u200e\u200f\u2060\ufeff\u00ad\u061c"))
_DIRECTIONS = dict.fromkeys((*range(0x202A, 0x202F), *range(0x2066, 0x206A)))
_IDEOGRAPHIC_STOP = re.compile(r"(?<=[0-9])[。｡](?=[0-9])")  # for the point of a number
_PLAIN = _FULL_WIDTH | _HYPHENS | _UNSEEN | _DIRECTIONS


def plain_characters(text: str) -> str:
    """Put plain characters in the place of those that only look different, and leave out those nobody sees."""
    return text if text.isascii() else _IDEOGRAPHIC_STOP.sub(".", text.translate(_PLAIN))


def as_meant(text: str) -> str:
    """Undo Slack's markup too: of a link what was shown of it stays, of people and channels named nothing."""
    shown = _MARKED_UP.sub(_shown, text) if "<" in text else text
    for escaped, character in _ESCAPED:
        shown = shown.replace(escaped, character)
    return plain_characters(shown)


def _shown(marked_up: re.Match[str]) -> str:
    target, label = marked_up[1], marked_up[2]
    if target.startswith(_WHOM):
        return " "
    if not _LINK.match(target):
        return marked_up[0]
    return label or _SCHEME.sub("", target).rstrip("/")
