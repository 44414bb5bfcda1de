from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.emulators.slack import limits
from bot.emulators.slack.blocks import Surface, block_flaws, characters_in
from bot.emulators.slack.text import blocks_text
from tests.emulators.slack.playground import Json, an_input, plain


def mrkdwn(text: str) -> Json:
    return {"type": "mrkdwn", "text": text}


def a_section(**more: Any) -> Json:
    return {"type": "section", "text": plain("x"), **more}


def a_button(**more: Any) -> Json:
    return {"type": "button", "text": plain("x"), **more}


def options(count: int, text: str = "x", value: str = "v") -> list[Json]:
    return [{"text": plain(text), "value": value} for _ in range(count)]


def actions(*elements: Json) -> Json:
    return {"type": "actions", "elements": list(elements)}


def rich(*elements: Json) -> Json:
    return {"type": "rich_text", "elements": [{"type": "rich_text_section", "elements": list(elements)}]}


def a_select(**more: Any) -> Json:
    return {"type": "static_select", "options": options(1), **more}


def a_table(rows: int = 1, columns: int = 1) -> Json:
    return {"type": "table", "rows": [[{"type": "raw_text", "text": "x"}] * columns] * rows}


GOOD = {
    "section with all": a_section(fields=[mrkdwn("x")] * 10, accessory=a_button(), expand=True, block_id="b"),
    "section of the longest text": {"type": "section", "text": mrkdwn("x" * 3000)},
    "section with image": a_section(accessory={"type": "image", "image_url": "https://x", "alt_text": "x"}),
    "fields only": {"type": "section", "fields": [plain("x")]},
    "divider": {"type": "divider"},
    "header": {"type": "header", "text": plain("x" * 150)},
    "context": {"type": "context", "elements": [mrkdwn("x"), plain("y")] * 5},
    "buttons": actions(*[a_button(action_id=str(n)) for n in range(25)]),
    "button with all": actions(
        a_button(action_id="a", value="", url="https://x", style="danger", accessibility_label="x")
    ),
    "button that asks back": actions(
        a_button(confirm={"title": plain("x"), "text": mrkdwn("x"), "confirm": plain("y"), "deny": plain("n")})
    ),
    "select": actions(a_select(placeholder=plain("x"), initial_option=options(1)[0])),
    "select of groups": actions(
        {"type": "static_select", "option_groups": [{"label": plain("x"), "options": options(100)}]}
    ),
    "overflow": actions({"type": "overflow", "options": options(5)}),
    "external select": actions({"type": "external_select", "min_query_length": 0}),
    "input": an_input(hint=plain("x"), optional=True, dispatch_action=False),
    "multi select": an_input(element={"type": "multi_static_select", "options": options(3)}),
    "checkboxes": an_input(element={"type": "checkboxes", "options": options(10)}),
    "image": {"type": "image", "image_url": "https://x", "alt_text": "x", "title": plain("x")},
    "markdown": {"type": "markdown", "text": "x" * 12_000},
    "table": a_table(100, 20),
    "table of rich text": {
        "type": "table",
        "rows": [[rich({"type": "text", "text": "x"})]],
        "column_settings": [None, {"align": "right"}],
    },
    "rich text of all": rich(
        {"type": "text", "text": "x", "style": {"bold": True, "code": True}},
        {"type": "link", "url": "https://x", "text": "x"},
        {"type": "user", "user_id": "U1"},
        {"type": "usergroup", "usergroup_id": "S1"},
        {"type": "channel", "channel_id": "C1"},
        {"type": "team", "team_id": "T1"},
        {"type": "emoji", "name": "wave", "unicode": "1f44b"},
        {"type": "broadcast", "range": "here"},
        {"type": "color", "value": "#fff"},
        {"type": "date", "timestamp": 1, "format": "{date}", "fallback": "then"},
    ),
    "rich text parts": {
        "type": "rich_text",
        "elements": [
            {
                "type": "rich_text_list",
                "style": "ordered",
                "indent": 1,
                "elements": [{"type": "rich_text_section", "elements": [{"type": "text", "text": "x"}]}],
            },
            {"type": "rich_text_quote", "elements": [], "border": 1},
            {"type": "rich_text_preformatted", "elements": [{"type": "text", "text": "x"}]},
        ],
    },
    "null counts as absent": {"type": "divider", "block_id": None},
}


@pytest.mark.parametrize("block", GOOD.values(), ids=GOOD.keys())
def test_a_good_block_is_taken_and_can_be_read(block: Json) -> None:
    assert block_flaws([block], Surface.MESSAGE) == []
    assert isinstance(blocks_text([block]), str)


BAD = {
    "no object": ("x", "must provide an object"),
    "no type": ({}, "missing required field: type"),
    "unknown type": ({"type": "marquee"}, "unsupported type: marquee"),
    "unknown field": ({"type": "divider", "color": "red"}, "invalid additional property: color"),
    "empty section": ({"type": "section"}, "must provide one of: text, fields"),
    "empty text": (a_section(text=plain("")), "must be more than 0 characters"),
    "long text": (a_section(text=plain("x" * 3001)), "must be less than 3001 characters"),
    "long field": ({"type": "section", "fields": [plain("x" * 2001)]}, "must be less than 2001 characters"),
    "too many fields": ({"type": "section", "fields": [plain("x")] * 11}, "no more than 10 items allowed"),
    "text that is none": (a_section(text="x"), "must provide an object"),
    "block_id that is no text": ({"type": "divider", "block_id": 5}, "must provide a string"),
    "block_id of a block known by name": ({"type": "card", "block_id": 5}, "must provide a string"),
    "confirm that is none": (actions(a_button(confirm="sure?")), "must provide an object"),
    "long block_id": ({"type": "divider", "block_id": "x" * 256}, "must be less than 256 characters"),
    "header in mrkdwn": ({"type": "header", "text": mrkdwn("x")}, "unsupported type: mrkdwn"),
    "long header": ({"type": "header", "text": plain("x" * 151)}, "must be less than 151 characters"),
    "header level": ({"type": "header", "text": plain("x"), "level": 9}, "must be between 1 and 4"),
    "header level that is none": (
        {"type": "header", "text": plain("x"), "level": True},
        "must provide an integer",
    ),
    "no elements": (actions(), "no less than 1 items allowed"),
    "elements that are none": ({"type": "actions", "elements": {}}, "must provide an array"),
    "too many buttons": (actions(*[a_button()] * 26), "no more than 25 items allowed"),
    "an action_id twice": (
        actions(a_button(action_id="a"), a_button(action_id="a")),
        "`action_id` `a` already exists",
    ),
    "long button": (actions(a_button(text=plain("x" * 76))), "must be less than 76 characters"),
    "button in mrkdwn": (actions(a_button(text=mrkdwn("x"))), "unsupported type: mrkdwn"),
    "button style": (actions(a_button(style="loud")), "must be one of: primary, danger"),
    "an input among actions": (actions(an_input()["element"]), "unsupported type: plain_text_input"),
    "too many in context": ({"type": "context", "elements": [plain("x")] * 11}, "no more than 10 items"),
    "a button in context": ({"type": "context", "elements": [a_button()]}, "unsupported type: button"),
    "too many options": (actions(a_select(options=options(101))), "no more than 100 items allowed"),
    "long option": (actions(a_select(options=options(1, "x" * 76))), "must be less than 76 characters"),
    "long option value": (actions(a_select(options=options(1, value="x" * 151))), "less than 151 characters"),
    "options and groups": (actions(a_select(option_groups=[])), "must provide exactly one of: options"),
    "chosen from elsewhere": (
        actions(a_select(initial_option=options(2, value="y")[0])),
        "must be among the options",
    ),
    "choices from elsewhere": (
        an_input(element={"type": "checkboxes", "options": options(1), "initial_options": options(1, "other")}),
        "must be among the options",
    ),
    "chosen from no group": (
        actions(
            {
                "type": "static_select",
                "option_groups": [{"label": plain("x"), "options": options(1)}, 7],
                "initial_option": options(1, "other")[0],
            }
        ),
        "must be among the options",
    ),
    "one overflow option": (actions({"type": "overflow", "options": options(1)}), "no less than 2 items allowed"),
    "too many choices": (
        an_input(element={"type": "checkboxes", "options": options(11)}),
        "no more than 10 items",
    ),
    "input without label": ({"type": "input", "element": {"type": "plain_text_input"}}, "field: label"),
    "input of a button": ({**an_input(), "element": a_button()}, "unsupported type: button"),
    "flag that is none": (an_input(optional="yes"), "must provide a boolean"),
    "image without alt_text": ({"type": "image", "image_url": "https://x"}, "missing required field: alt_text"),
    "long markdown": ({"type": "markdown", "text": "x" * 12_001}, "must be less than 12001 characters"),
    "too many rows": (a_table(101), "no more than 100 items allowed"),
    "too many columns": (a_table(1, 21), "no more than 20 items allowed"),
    "cell of plain_text": ({"type": "table", "rows": [[plain("x")]]}, "unsupported type: plain_text"),
    "empty rich text": (rich({"type": "text", "text": ""}), "must be more than 0 characters"),
    "rich text without elements": ({"type": "rich_text"}, "missing required field: elements"),
    "rich text bare inline": ({"type": "rich_text", "elements": [{"type": "text", "text": "x"}]}, "type: text"),
    "rich text style": (rich({"type": "text", "text": "x", "style": {"blink": True}}), "property: blink"),
    "rich text of mrkdwn": (rich(mrkdwn("x")), "unsupported type: mrkdwn"),
    "broadcast to all": (rich({"type": "broadcast", "range": "world"}), "must be one of: here"),
    "list style": (
        {"type": "rich_text", "elements": [{"type": "rich_text_list", "style": "dash", "elements": []}]},
        "must be one of: bullet, ordered",
    ),
    "an alert in a message": ({"type": "alert"}, "unsupported type: alert"),
}


@pytest.mark.parametrize(("block", "complaint"), BAD.values(), ids=BAD.keys())
def test_a_bad_block_is_refused_in_words(block: Any, complaint: str) -> None:
    flaws = block_flaws([block], Surface.MESSAGE)

    assert any(complaint in flaw for flaw in flaws), flaws
    assert all("[json-pointer:/blocks/0" in flaw or "already exists" in flaw for flaw in flaws)


def test_block_ids_are_distinct() -> None:
    block = {"type": "divider", "block_id": "same"}

    assert "`block_id` already exists: same" in block_flaws([block, block], Surface.MESSAGE)[0]


def test_there_is_one_table_in_a_message() -> None:
    assert "only one table" in block_flaws([a_table(), a_table()], Surface.MESSAGE)[0]


@pytest.mark.parametrize(
    ("surface", "most"),
    [
        (Surface.MESSAGE, limits.MOST_BLOCKS_IN_MESSAGE),
        (Surface.MODAL, limits.MOST_BLOCKS_IN_VIEW),
        (Surface.HOME, limits.MOST_BLOCKS_IN_VIEW),
    ],
)
def test_the_number_of_blocks_depends_on_where_they_are(surface: Surface, most: int) -> None:
    divider = {"type": "divider"}

    assert block_flaws([divider] * most, surface) == []
    assert block_flaws([divider] * (most + 1), surface) == [
        f"no more than {most} items allowed [json-pointer:/blocks]"
    ]


@pytest.mark.parametrize(
    ("kind", "places"),
    [
        ("alert", {Surface.MODAL}),
        ("task_card", {Surface.MESSAGE}),
        ("data_table", {Surface.MESSAGE, Surface.HOME}),
        ("card", set(Surface)),
    ],
)
def test_not_every_block_may_be_everywhere(kind: str, places: set[Surface]) -> None:
    assert {surface for surface in Surface if not block_flaws([{"type": kind}], surface)} == places


def test_characters_are_counted_however_deep_they_are() -> None:
    blocks = [a_section(text=plain("12345"), fields=[mrkdwn("123")]), rich({"type": "text", "text": "12"})]

    assert characters_in(blocks) == 10


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(max_size=5) | st.sampled_from([*GOOD.values()]),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["type", "text", "elements", "fields", "element", "rows", "label", "options"]), inner
        )
    ),
    max_leaves=10,
)


@given(JSON)
def test_whatever_comes_is_judged_and_what_is_taken_can_be_read(blocks: Any) -> None:
    if not block_flaws(blocks, Surface.MESSAGE):
        blocks_text(blocks)
        characters_in(blocks)


@given(st.sampled_from(["section", "actions", "input", "rich_text", "table", "header", "context"]), JSON, JSON)
def test_a_known_block_with_anything_in_it_is_judged(kind: str, one: Any, other: Any) -> None:
    names = ["text", "elements", "rows", "label", "element", "fields", "accessory"]
    block = {"type": kind, **dict.fromkeys(names[:4], one), **dict.fromkeys(names[4:], other)}

    assert block_flaws([block], Surface.MESSAGE)
