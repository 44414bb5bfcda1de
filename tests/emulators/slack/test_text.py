from typing import Any

import pytest

from bot.emulators.slack.text import blocks_text, message_text, thread_text
from tests.emulators.slack.playground import Json, an_input, plain

AT_THREE = "1795402800.000100"  # 03:00:00 UTC


def a_message(**more: Any) -> Json:
    return {"type": "message", "user": "U0ALICE", "ts": AT_THREE, "text": "hello", **more}


def rich(*elements: Json) -> Json:
    return {"type": "rich_text", "elements": list(elements)}


def words(*texts: str, kind: str = "rich_text_section", **more: Any) -> Json:
    return {"type": kind, "elements": [{"type": "text", "text": text} for text in texts], **more}


def test_a_thread_is_its_root_with_the_replies_set_in() -> None:
    root = a_message(replies=[a_message(text="two\nlines", ts="1795402801.000100")])

    assert thread_text([a_message(ts="1.000000"), root], AT_THREE) == (
        "U0ALICE · 03:00:00\n  hello\n\n    U0ALICE · 03:00:01\n      two\n      lines"
    )


def test_a_thread_that_is_not_there_cannot_be_read() -> None:
    with pytest.raises(LookupError):
        thread_text([], AT_THREE)


def test_the_head_of_a_message_says_who_and_what_became_of_it() -> None:
    message = a_message(bot_profile={"name": "vpn-diagnose"}, edited={"ts": "1"}, seen_only_by="U0ALICE")

    assert message_text(message).splitlines()[0] == ("vpn-diagnose · 03:00:00 (edited) (only visible to U0ALICE)")


def test_blocks_are_read_before_the_text() -> None:
    message = a_message(blocks=[{"type": "header", "text": plain("Report")}])

    assert message_text(message).endswith("\n  Report")


@pytest.mark.parametrize(
    ("block", "text"),
    [
        ({"type": "section", "text": plain("<!here> &amp;")}, "<!here> &amp;"),
        ({"type": "section", "text": {"type": "mrkdwn", "text": "*b* <!here>"}}, "*b* @here"),
        ({"type": "section", "fields": [plain("a"), plain("b")]}, "a\nb"),
        ({"type": "section", "text": plain("a"), "accessory": {"type": "button", "text": plain("Go")}}, "a\n[Go]"),
        ({"type": "divider"}, "─" * 40),
        ({"type": "context", "elements": [plain("a"), {"type": "image", "alt_text": "pic"}]}, "a  (image: pic)"),
        ({"type": "image", "alt_text": "a path"}, "(image: a path)"),
        ({"type": "markdown", "text": "**x**"}, "**x**"),
        (
            {
                "type": "actions",
                "elements": [
                    {"type": "button", "text": plain("Again")},
                    {"type": "users_select", "placeholder": plain("Who")},
                    {"type": "overflow"},
                ],
            },
            "[Again] [Who] [overflow]",
        ),
        (an_input("region", hint=plain("e.g. cn-hangzhou")), "region: [plain_text_input] (e.g. cn-hangzhou)"),
        (an_input("region"), "region: [plain_text_input]"),
        (
            {"type": "plan", "title": plain("Plan"), "tasks": [{"title": "one", "status": "complete"}]},
            "Plan\n[complete] one",
        ),
        ({"type": "plan", "title": "Plan"}, "Plan"),
        ({"type": "task_card", "title": plain("one")}, "[pending] one"),
        ({"type": "data_table"}, "(a block of type data_table, which is not shown here)"),
    ],
)
def test_each_block_reads_as_a_person_would_read_it(block: Json, text: str) -> None:
    assert blocks_text([block]) == text


def test_a_table_has_its_columns_in_line_in_chinese_too() -> None:
    rows = [
        [{"type": "raw_text", "text": "检查"}, {"type": "raw_text", "text": "level"}],
        [rich(words("a\nb")), {"type": "raw_number", "value": 5}],
        [{"type": "raw_number", "value": 17, "text": "17 of 20"}],
    ]

    assert blocks_text([{"type": "table", "rows": rows}]) == "检查     | level\na b      | 5\n17 of 20"
