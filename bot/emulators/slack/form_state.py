"""Fill in a form as a person would: the `state` of a view, and what Slack's own client says before sending it.

Source: docs.slack.dev/reference/interaction-payloads/view-interactions-payload (view.state.values); pure.
"""

from collections.abc import Mapping
from typing import Any

from bot.emulators.slack.limits import LONGEST_INPUT
from bot.emulators.slack.stage import Impossible
from bot.emulators.slack.with_ids import interactive_elements

Json = dict[str, Any]

REQUIRED = "Please complete this required field."

# Where each element keeps what was filled in, and where its app put the value it begins with.
_TEXTS = ("plain_text_input", "email_text_input", "url_text_input", "number_input")
_KEPT_IN = {
    **dict.fromkeys(_TEXTS, ("value", "initial_value")),
    "rich_text_input": ("rich_text_value", "initial_value"),
    "static_select": ("selected_option", "initial_option"),
    "external_select": ("selected_option", "initial_option"),
    "radio_buttons": ("selected_option", "initial_option"),
    "checkboxes": ("selected_options", "initial_options"),
    "multi_static_select": ("selected_options", "initial_options"),
    "multi_external_select": ("selected_options", "initial_options"),
    "users_select": ("selected_user", "initial_user"),
    "multi_users_select": ("selected_users", "initial_users"),
    "conversations_select": ("selected_conversation", "initial_conversation"),
    "multi_conversations_select": ("selected_conversations", "initial_conversations"),
    "channels_select": ("selected_channel", "initial_channel"),
    "multi_channels_select": ("selected_channels", "initial_channels"),
    "datepicker": ("selected_date", "initial_date"),
    "timepicker": ("selected_time", "initial_time"),
    "datetimepicker": ("selected_date_time", "initial_date_time"),
}
_LISTS = ("selected_options", "selected_users", "selected_conversations", "selected_channels")
_KEPT_AS_GIVEN = ("rich_text_value", "selected_date_time", *_LISTS)


class CannotBeFilledIn(Impossible):
    """The form has no such field, or its menu no such option; the text says which."""


def filled_in(
    blocks: list[Json], given: Mapping[str, Any], before: Mapping[str, Mapping[str, Json]] | None = None
) -> dict[str, dict[str, Json]]:
    """Give `state.values` for the values given by block_id (or action_id), elsewhere what was there before.

    That is `before`, or else the value that the field begins with. A choice is given by its option's value, of an
    external menu by the option itself. Raises CannotBeFilledIn.
    """
    fields = [(block, element) for block in blocks for element in interactive_elements(block)]
    known = {block["block_id"] for block, _ in fields} | {element["action_id"] for _, element in fields}
    if unknown := set(given) - known:
        raise CannotBeFilledIn(f"the form has no field {', '.join(sorted(unknown))}")
    values: dict[str, dict[str, Json]] = {}
    for block, element in fields:
        if element["type"] not in _KEPT_IN:
            continue
        key, initial = _KEPT_IN[element["type"]]
        name = block["block_id"] if block["block_id"] in given else element["action_id"]
        kept = (before or {}).get(block["block_id"], {}).get(element["action_id"], {key: element.get(initial)})
        value = _chosen(element, key, given[name]) if name in given else kept.get(key)
        if value is None and key in _LISTS:
            value = []
        values.setdefault(block["block_id"], {})[element["action_id"]] = {"type": element["type"], key: value}
    return values


def missing_or_wrong(blocks: list[Json], values: Mapping[str, Mapping[str, Json]]) -> dict[str, str]:
    """List by block what Slack's client asks to be corrected before it sends anything."""
    errors = {}
    for block in blocks:
        if block.get("type") == "input":
            element = block["element"]
            filled = values.get(block["block_id"], {}).get(element["action_id"], {})
            if complaint := _complaint(element, filled, is_optional=bool(block.get("optional"))):
                errors[block["block_id"]] = complaint
    return errors


def choice(element: Json, value: Any) -> Json:
    """Give what a block_actions payload says of a choice in a menu: one key with what was chosen."""
    key, _ = _KEPT_IN.get(element["type"], ("selected_option", ""))
    return {key: _chosen(element, key, value)}


def _chosen(element: Json, key: str, value: Any) -> Any:
    if value in (None, ""):
        return None
    if key == "selected_option":
        return _option(element, value)
    if key == "selected_options":
        return [_option(element, each) for each in (value if isinstance(value, list) else [value])]
    if key in _LISTS and not isinstance(value, list):
        return [value]
    return value if key in _KEPT_AS_GIVEN else str(value)


def _option(element: Json, value: Any) -> Json:
    """Find the option meant; those of an external menu are known to nobody but the app."""
    if isinstance(value, dict):
        return value
    if element["type"].endswith("external_select"):
        return {"text": {"type": "plain_text", "text": str(value), "emoji": True}, "value": str(value)}
    options: list[Json] = [*element.get("options", ())]
    for group in element.get("option_groups") or ():
        options += group["options"]
    for option in options:
        if option.get("value") == value:
            return option
    raise CannotBeFilledIn(f"the menu {element['action_id']} has no option {str(value)[:100]}")


def _complaint(element: Json, filled: Json, *, is_optional: bool) -> str | None:
    value = next((each for key, each in filled.items() if key != "type"), None)
    if not value:
        return None if is_optional else REQUIRED
    if element["type"] != "plain_text_input":
        return None
    if len(value) < element.get("min_length", 0):
        return f"Please lengthen this text to {element['min_length']} characters or more."
    most = element.get("max_length", LONGEST_INPUT)
    return f"Please shorten this text to {most} characters or less." if len(value) > most else None
