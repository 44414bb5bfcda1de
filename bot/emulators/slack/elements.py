"""Shapes of composition objects and block elements (docs.slack.dev/reference/block-kit/block-elements)."""

from collections.abc import Iterator, Mapping
from typing import Any

from bot.emulators.slack import limits
from bot.emulators.slack.schema import (
    Check,
    anything,
    array,
    boolean,
    by_type,
    every,
    flaw,
    integer,
    one_of,
    record,
    string,
)

_TYPE: Mapping[str, Check] = {"type": string(100)}


def plain_text(most: int) -> Check:
    return by_type({"plain_text": record({**_TYPE, "text": string(most)}, {"emoji": boolean})})


def any_text(most: int) -> Check:
    """plain_text or mrkdwn."""
    return by_type(
        {
            "plain_text": record({**_TYPE, "text": string(most)}, {"emoji": boolean}),
            "mrkdwn": record({**_TYPE, "text": string(most)}, {"verbatim": boolean}),
        }
    )


_CONFIRM = record(
    {
        "title": plain_text(limits.LONGEST_CONFIRM_TITLE),
        "text": any_text(limits.LONGEST_CONFIRM_TEXT),
        "confirm": plain_text(limits.LONGEST_CONFIRM_BUTTON),
        "deny": plain_text(limits.LONGEST_CONFIRM_BUTTON),
    },
    {"style": one_of("primary", "danger")},
)


def _option(text: Check) -> Check:
    return record(
        {"text": text, "value": string(limits.LONGEST_OPTION_VALUE)},
        {"description": any_text(limits.LONGEST_OPTION_TEXT), "url": string(limits.LONGEST_URL)},
    )


OPTION = _option(plain_text(limits.LONGEST_OPTION_TEXT))
OPTION_GROUP = record(
    {"label": plain_text(limits.LONGEST_OPTION_TEXT), "options": array(OPTION, limits.MOST_OPTIONS)}
)
_CHOICE = _option(any_text(limits.LONGEST_OPTION_TEXT))

_ACTION = {"action_id": string(limits.LONGEST_ACTION_ID), "focus_on_load": boolean, "confirm": _CONFIRM}
_PLACEHOLDER = {"placeholder": plain_text(limits.LONGEST_PLACEHOLDER)}
_OPTIONS = {
    "options": array(OPTION, limits.MOST_OPTIONS),
    "option_groups": array(OPTION_GROUP, limits.MOST_OPTION_GROUPS),
}


def _element(required: Mapping[str, Check] | None = None, optional: Mapping[str, Check] | None = None) -> Check:
    return record({**_TYPE, **(required or {})}, {**_ACTION, **(optional or {})})


def _exactly_one_of(*names: str) -> Check:
    def check(value: Any, pointer: str) -> Iterator[str]:
        if isinstance(value, dict) and sum(value.get(name) is not None for name in names) != 1:
            yield flaw(f"must provide exactly one of: {', '.join(names)}", pointer)

    return check


def _begins_with_its_own(name: str) -> Check:
    """Want what is chosen at the start to be what Slack asks for: exactly one of the options."""

    def check(value: Any, pointer: str) -> Iterator[str]:
        if not isinstance(value, dict) or value.get(name) is None:
            return
        groups = [group.get("options") for group in _dicts(value.get("option_groups"))]
        offered = [_told(one) for options in (value.get("options"), *groups) for one in _dicts(options)]
        chosen = value[name] if isinstance(value[name], list) else [value[name]]
        if not all(_told(one) in offered for one in _dicts(chosen)):
            yield flaw("must be among the options", f"{pointer}/{name}")

    return check


def _dicts(value: Any) -> list[dict[str, Any]]:
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _told(option: dict[str, Any]) -> tuple[Any, Any]:
    text = option.get("text")
    return option.get("value"), text.get("text") if isinstance(text, dict) else text


def _select(optional: Mapping[str, Check]) -> Check:
    return _element(optional={**_PLACEHOLDER, **optional})


def _multi(optional: Mapping[str, Check]) -> Check:
    return _select({"max_selected_items": integer(1, 1000), **optional})


def _typed_input(optional: Mapping[str, Check]) -> Check:
    usual = {**_PLACEHOLDER, "dispatch_action_config": anything, "initial_value": string(limits.LONGEST_INPUT, 0)}
    return _element(optional={**usual, **optional})


_BUTTON = _element(
    {"text": plain_text(limits.LONGEST_BUTTON_TEXT)},
    {
        "value": string(limits.LONGEST_BUTTON_VALUE, 0),
        "url": string(limits.LONGEST_URL),
        "style": one_of("primary", "danger"),
        "accessibility_label": string(limits.LONGEST_BUTTON_TEXT),
    },
)
_ONE_SOURCE = _exactly_one_of("options", "option_groups")
_OWN_OPTION = _begins_with_its_own("initial_option")
_OWN_OPTIONS = _begins_with_its_own("initial_options")
_CHOICES = {"options": array(_CHOICE, limits.MOST_CHOICES)}
_CONVERSATION_FILTER = {"default_to_current_conversation": boolean, "filter": anything}

SELECTS: Mapping[str, Check] = {
    "static_select": every(_ONE_SOURCE, _OWN_OPTION, _select({**_OPTIONS, "initial_option": OPTION})),
    "external_select": _select({"initial_option": OPTION, "min_query_length": integer(0, 1000)}),
    "users_select": _select({"initial_user": string(50)}),
    "conversations_select": _select(
        {"initial_conversation": string(50), "response_url_enabled": boolean, **_CONVERSATION_FILTER}
    ),
    "channels_select": _select({"initial_channel": string(50), "response_url_enabled": boolean}),
}
MULTI_SELECTS: Mapping[str, Check] = {
    "multi_static_select": every(
        _ONE_SOURCE, _OWN_OPTIONS, _multi({**_OPTIONS, "initial_options": array(OPTION, limits.MOST_OPTIONS)})
    ),
    "multi_external_select": _multi(
        {"initial_options": array(OPTION, limits.MOST_OPTIONS), "min_query_length": integer(0, 1000)}
    ),
    "multi_users_select": _multi({"initial_users": array(string(50), 1000)}),
    "multi_conversations_select": _multi(
        {"initial_conversations": array(string(50), 1000), **_CONVERSATION_FILTER}
    ),
    "multi_channels_select": _multi({"initial_channels": array(string(50), 1000)}),
}
CHOOSERS: Mapping[str, Check] = {
    "checkboxes": every(
        _OWN_OPTIONS, _element(_CHOICES, {"initial_options": array(_CHOICE, limits.MOST_CHOICES)})
    ),
    "radio_buttons": every(_OWN_OPTION, _element(_CHOICES, {"initial_option": _CHOICE})),
    "datepicker": _select({"initial_date": string(10)}),
    "timepicker": _select({"initial_time": string(5), "timezone": string(100)}),
    "datetimepicker": _element(optional={"initial_date_time": integer(0, 10**10)}),
}
PRESSABLE: Mapping[str, Check] = {
    "button": _BUTTON,
    "overflow": _element({"options": array(OPTION, limits.MOST_OVERFLOW_OPTIONS, limits.FEWEST_OVERFLOW_OPTIONS)}),
    "workflow_button": _element({"text": plain_text(limits.LONGEST_BUTTON_TEXT), "workflow": anything}),
}
TYPED: Mapping[str, Check] = {
    "plain_text_input": _typed_input(
        {
            "multiline": boolean,
            "min_length": integer(0, limits.LONGEST_INPUT),
            "max_length": integer(1, limits.LONGEST_INPUT),
        }
    ),
    "email_text_input": _typed_input({}),
    "url_text_input": _typed_input({}),
    "number_input": _typed_input(
        {"is_decimal_allowed": boolean, "min_value": string(50), "max_value": string(50)}
    ),
    "rich_text_input": _typed_input({"initial_value": anything}),
    "file_input": _element(optional={"filetypes": array(string(20), 100), "max_files": integer(1, 10)}),
}
IMAGE: Mapping[str, Check] = {
    "image": every(
        _exactly_one_of("image_url", "slack_file"),
        record(
            {**_TYPE, "alt_text": string(limits.LONGEST_IMAGE_TEXT)},
            {"image_url": string(limits.LONGEST_URL), "slack_file": anything},
        ),
    )
}
