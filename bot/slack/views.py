"""The modals: the form that asks what to diagnose, and one that only says something."""

from collections.abc import Sequence
from typing import Any

from bot.explain.phrases import phrase
from bot.explain.sentences import together
from bot.model.ids import RegionId
from bot.model.run import Language
from bot.model.value import Value
from bot.slack.blocks import Element, plain_text, section, small_print
from bot.slack.escape import one_line
from bot.slack.limits import (
    INPUT_HINT,
    INPUT_LABEL,
    PLACEHOLDER,
    PRIVATE_METADATA,
    VIEW_BUTTON,
    VIEW_TITLE,
    Block,
    cut,
    length,
)
from bot.slack.menus import Choice, option

CALLBACK_ID = "vpn_diagnose"

# In the order of the form; each is its field's block_id and action_id.
FIELDS = ("region", "gateway_id", "connection_id", "source_ip", "destination_ip")
OPTIONAL_FIELDS = frozenset({"source_ip", "destination_ip"})

# Fields with a menu; the bot is asked what to offer, and told what was chosen.
MENUS = ("region", "gateway_id", "connection_id")

# Sentences above the fields; whoever has more of them to read begins with the first ones.
MOST_NOTICES = 3

# Longer than any value, so that what somebody pasted is told apart and not cut off.
LONGEST_VALUE = 200

# Regions that are named in a hint; a longer list helps nobody.
MOST_REGIONS = 10


class FormValues(Value):
    """What the form is opened with, as raw text; None for an empty field."""

    region: str | None = None
    gateway_id: str | None = None
    connection_id: str | None = None
    source_ip: str | None = None
    destination_ip: str | None = None


def diagnose_form(
    *,
    language: Language,
    private_metadata: str,
    initial: FormValues,
    regions: tuple[RegionId, ...],
    notices: Sequence[str] = (),
    small: str | None = None,
) -> dict[str, Any]:
    """Render the form; `regions` are those of the asker's identity, named in a hint.

    `private_metadata` comes back with the submission and can be read by the asker; at most 3000 characters.
    `notices` stand above the fields, each a sentence, and a `small` one in grey.
    """
    if length(private_metadata) > PRIVATE_METADATA:
        raise ValueError("private_metadata is longer than Slack takes")
    values = {name: cut(one_line(getattr(initial, name) or ""), LONGEST_VALUE) for name in FIELDS}
    first_empty = next((name for name in FIELDS if not values[name]), None)
    return {
        "type": "modal",
        "callback_id": CALLBACK_ID,
        "private_metadata": private_metadata,
        "title": plain_text(phrase("form.title", language), VIEW_TITLE),
        "submit": plain_text(phrase("form.submit", language), VIEW_BUTTON),
        "close": plain_text(phrase("form.close", language), VIEW_BUTTON),
        "blocks": [
            *(
                section(f"⚠️ {notice}") | {"block_id": f"notice_{n}"}
                for n, notice in enumerate(notices[:MOST_NOTICES])
            ),
            *([small_print([small])] if small else []),
        ]
        + [
            _field(name, values[name], _hint(name, regions, language), language, focused=name == first_empty)
            for name in FIELDS
        ],
    }


def notice_view(title: str, text: str, language: Language) -> dict[str, Any]:
    """Render a modal that only says something; `title` is cut to 24 characters."""
    return {
        "type": "modal",
        "title": plain_text(title, VIEW_TITLE),
        "close": plain_text(phrase("note.close", language), VIEW_BUTTON),
        "blocks": [section(text)],
    }


def _field(name: str, value: str, hint: str, language: Language, *, focused: bool) -> Block:
    element: Element = {
        "action_id": name,
        "placeholder": plain_text(phrase(f"form.{name}_placeholder", language), PLACEHOLDER),
        "focus_on_load": focused,
        **(_menu(value) if name in MENUS else _text(value)),
    }
    return {
        "type": "input",
        "block_id": name,
        "optional": name in OPTIONAL_FIELDS,
        "dispatch_action": name in MENUS,
        "label": plain_text(phrase(f"form.{name}_label", language), INPUT_LABEL),
        "hint": plain_text(hint, INPUT_HINT),
        "element": element,
    }


def _menu(value: str) -> Element:
    """Make a menu that the bot fills as soon as it is opened; in it one can type, too."""
    chosen = {"initial_option": option(Choice(value, value))} if value else {}
    return {"type": "external_select", "min_query_length": 0, **chosen}


def _text(value: str) -> Element:
    return {
        "type": "plain_text_input",
        "max_length": LONGEST_VALUE,
        **({"initial_value": value} if value else {}),
    }


def _hint(name: str, regions: tuple[RegionId, ...], language: Language) -> str:
    hint = phrase(f"form.{name}_hint", language)
    if name != "region" or not regions:
        return hint
    named = phrase("report.list_comma", language).join(regions[:MOST_REGIONS])
    return together((hint, phrase("form.region_hint_of_identity", language, regions=named)))
