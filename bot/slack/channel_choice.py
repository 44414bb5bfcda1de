"""The field of a form that was opened in no conversation: the channel in which the answer is to be."""

from typing import Any

from bot.explain.phrases import phrase
from bot.model.run import Language
from bot.slack.blocks import plain_text
from bot.slack.limits import INPUT_HINT, INPUT_LABEL, PLACEHOLDER

CHANNEL = "channel"
"""The field's block_id and action_id."""


def asking_for_channel(form: dict[str, Any], language: Language) -> dict[str, Any]:
    """Give the form with one more field, which has to be filled in.

    Slack offers what the person can see there: channels, and no direct messages, most of which are with other
    people (docs.slack.dev/reference/block-kit/block-elements/select-menu-element, conversations_select).
    """
    menu = {
        "type": "conversations_select",
        "action_id": CHANNEL,
        "filter": {"include": ["public", "private"]},
        "placeholder": plain_text(phrase("form.channel_placeholder", language), PLACEHOLDER),
    }
    field = {
        "type": "input",
        "block_id": CHANNEL,
        "label": plain_text(phrase("form.channel_label", language), INPUT_LABEL),
        "hint": plain_text(phrase("form.channel_hint", language), INPUT_HINT),
        "element": menu,
    }
    return {**form, "blocks": [*form["blocks"], field]}
