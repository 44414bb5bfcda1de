"""Shapes inside a rich_text block (docs.slack.dev/reference/block-kit/blocks/rich-text-block)."""

from collections.abc import Iterator, Mapping
from typing import Any

from bot.emulators.slack import limits
from bot.emulators.slack.schema import Check, array, boolean, by_type, integer, one_of, record, string

# The page states no bound on elements or text; these keep one message from being a memory problem.
MOST_ELEMENTS = 1_000
LONGEST_TEXT = limits.LONGEST_TEXT

_TYPE: Mapping[str, Check] = {"type": string(100)}
_STYLES = ("bold", "italic", "strike", "code", "underline", "highlight", "client_highlight", "unlink")
_STYLE: Mapping[str, Check] = {"style": record({}, dict.fromkeys(_STYLES, boolean))}


def _inline(required: Mapping[str, Check], optional: Mapping[str, Check] | None = None) -> Check:
    return record({**_TYPE, **required}, {**_STYLE, **(optional or {})})


_INLINE = by_type(
    {
        "text": _inline({"text": string(LONGEST_TEXT)}),
        "link": _inline({"url": string(limits.LONGEST_URL)}, {"text": string(LONGEST_TEXT), "unsafe": boolean}),
        "user": _inline({"user_id": string(50)}),
        "usergroup": _inline({"usergroup_id": string(50)}),
        "channel": _inline({"channel_id": string(50)}),
        "team": _inline({"team_id": string(50)}),
        "emoji": _inline({"name": string(100)}, {"unicode": string(100), "skin_tone": integer(1, 6)}),
        "broadcast": _inline({"range": one_of("here", "channel", "everyone")}),
        "color": _inline({"value": string(20)}),
        "date": _inline(
            {"timestamp": integer(0, 10**11), "format": string(200)},
            {"url": string(limits.LONGEST_URL), "link": string(limits.LONGEST_URL), "fallback": string(3000)},
        ),
    }
)
_INLINES = array(_INLINE, MOST_ELEMENTS, least=0)
_SECTION = record({**_TYPE, "elements": _INLINES})
_BORDER: Mapping[str, Check] = {"border": integer(0, 1)}


def rich_text_flaws(value: Any, pointer: str) -> Iterator[str]:
    """Yield what is wrong with a whole rich_text block, or with one as a cell of a table."""
    yield from _BLOCK(value, pointer)


_BLOCK = record(
    {
        **_TYPE,
        "elements": array(
            by_type(
                {
                    "rich_text_section": _SECTION,
                    "rich_text_list": record(
                        {
                            **_TYPE,
                            "style": one_of("bullet", "ordered"),
                            "elements": array(by_type({"rich_text_section": _SECTION}), MOST_ELEMENTS, least=0),
                        },
                        {"indent": integer(0, 8), "offset": integer(0, 10_000), **_BORDER},
                    ),
                    "rich_text_preformatted": record(
                        {**_TYPE, "elements": _INLINES}, {"language": string(50), **_BORDER}
                    ),
                    "rich_text_quote": record({**_TYPE, "elements": _INLINES}, _BORDER),
                }
            ),
            MOST_ELEMENTS,
            least=0,
        ),
    },
    {"block_id": string(limits.LONGEST_BLOCK_ID)},
)
