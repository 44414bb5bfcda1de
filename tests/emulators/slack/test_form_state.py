from typing import Any

import pytest

from bot.emulators.slack.form_state import REQUIRED, CannotBeFilledIn, choice, filled_in, missing_or_wrong
from tests.emulators.slack.playground import Json, an_input, plain

HERE, THERE = [{"text": plain(name), "value": name} for name in ("here", "there")]


@pytest.mark.parametrize(
    ("element", "given", "state"),
    [
        ({"type": "plain_text_input"}, "x", {"value": "x"}),
        ({"type": "plain_text_input"}, "", {"value": None}),
        ({"type": "number_input"}, 5, {"value": "5"}),
        ({"type": "static_select", "options": [HERE, THERE]}, "there", {"selected_option": THERE}),
        (
            {"type": "static_select", "option_groups": [{"label": plain("x"), "options": [HERE]}]},
            "here",
            {"selected_option": HERE},
        ),
        ({"type": "static_select", "options": [HERE]}, None, {"selected_option": None}),
        ({"type": "radio_buttons", "options": [HERE]}, HERE, {"selected_option": HERE}),
        ({"type": "checkboxes", "options": [HERE, THERE]}, ["here"], {"selected_options": [HERE]}),
        ({"type": "checkboxes", "options": [HERE, THERE]}, "here", {"selected_options": [HERE]}),
        ({"type": "checkboxes", "options": [HERE]}, None, {"selected_options": []}),
        ({"type": "users_select"}, "U1", {"selected_user": "U1"}),
        ({"type": "multi_users_select"}, "U1", {"selected_users": ["U1"]}),
        ({"type": "multi_users_select"}, ["U1", "U2"], {"selected_users": ["U1", "U2"]}),
        ({"type": "conversations_select"}, "C1", {"selected_conversation": "C1"}),
        ({"type": "datetimepicker"}, 1_795_402_800, {"selected_date_time": 1_795_402_800}),
        ({"type": "datepicker"}, "2026-11-23", {"selected_date": "2026-11-23"}),
    ],
)
def test_each_kind_of_field_keeps_its_value_in_its_own_way(element: Json, given: Any, state: Json) -> None:
    values = filled_in([an_input("f", element=element)], {"f": given})

    assert values == {"f": {"f": {"type": element["type"], **state}}}


def test_an_option_of_an_external_menu_is_taken_as_it_was_chosen() -> None:
    (filled,) = filled_in([an_input("f", element={"type": "external_select"})], {"f": "vpn-1"}).values()

    assert filled["f"]["selected_option"]["value"] == "vpn-1"


def test_a_value_may_be_given_by_action_id() -> None:
    block = {**an_input("a"), "block_id": "b"}

    assert filled_in([block], {"a": "x"})["b"]["a"]["value"] == "x"


def test_menus_outside_of_inputs_have_a_state_and_buttons_none() -> None:
    block = {
        "type": "actions",
        "block_id": "b",
        "elements": [
            {"type": "static_select", "action_id": "s", "options": [HERE], "initial_option": HERE},
            {"type": "button", "action_id": "p", "text": plain("x")},
        ],
    }

    assert filled_in([block], {}) == {"b": {"s": {"type": "static_select", "selected_option": HERE}}}
    assert missing_or_wrong([block], {}) == {}


def test_an_option_that_is_not_there_cannot_be_chosen() -> None:
    block = an_input("f", element={"type": "static_select", "options": [HERE]})

    with pytest.raises(CannotBeFilledIn, match="no option nowhere"):
        filled_in([block], {"f": "nowhere"})


@pytest.mark.parametrize(
    "element", [{"type": "checkboxes", "options": [HERE]}, {"type": "static_select", "options": [HERE]}]
)
def test_a_menu_without_a_choice_is_missing_too(element: Json) -> None:
    blocks = [an_input("f", element=element)]

    assert missing_or_wrong(blocks, filled_in(blocks, {})) == {"f": REQUIRED}
    assert missing_or_wrong(blocks, filled_in(blocks, {"f": "here"})) == {}


def test_a_choice_is_told_under_the_key_of_its_kind() -> None:
    overflow = {"type": "overflow", "action_id": "o", "options": [HERE, THERE]}

    assert choice(overflow, "there") == {"selected_option": THERE}
    assert choice({"type": "users_select", "action_id": "u"}, "U1") == {"selected_user": "U1"}


def test_what_cannot_be_filled_in_here_is_left_out() -> None:
    block = an_input("f", element={"type": "file_input"}, optional=True)

    assert filled_in([block], {}) == {}
    assert missing_or_wrong([block], {}) == {}
