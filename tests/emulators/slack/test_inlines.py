from typing import Any

import pytest

from bot.emulators.slack.inlines import mrkdwn_text, rich_text
from tests.emulators.slack.playground import Json


def rich(*elements: Json) -> Json:
    return {"type": "rich_text", "elements": list(elements)}


def words(*texts: str, kind: str = "rich_text_section", **more: Any) -> Json:
    return {"type": kind, "elements": [{"type": "text", "text": text} for text in texts], **more}


def test_rich_text_keeps_its_lists_quotes_and_code() -> None:
    block = rich(
        words("one ", "line"),
        {"type": "rich_text_list", "style": "bullet", "elements": [words("a"), words("b")], "indent": 1},
        {"type": "rich_text_list", "style": "ordered", "elements": [words("c")], "offset": 2},
        words("said", kind="rich_text_quote"),
        words("code\n\nmore", kind="rich_text_preformatted"),
    )

    assert rich_text(block) == "one line\n  • a\n  • b\n3. c\n> said\n    code\n\n    more"


@pytest.mark.parametrize(
    ("element", "text"),
    [
        ({"type": "user", "user_id": "U1"}, "@U1"),
        ({"type": "usergroup", "usergroup_id": "S1"}, "@S1"),
        ({"type": "channel", "channel_id": "C1"}, "#C1"),
        ({"type": "team", "team_id": "T1"}, "@T1"),
        ({"type": "broadcast", "range": "here"}, "@here"),
        ({"type": "emoji", "name": "wave"}, ":wave:"),
        ({"type": "color", "value": "#fff"}, "#fff"),
        ({"type": "link", "url": "https://x"}, "https://x"),
        ({"type": "link", "url": "https://x", "text": "x"}, "x (https://x)"),
        ({"type": "date", "timestamp": 0, "format": "{date}"}, "1970-01-01T00:00:00+00:00"),
        ({"type": "date", "timestamp": 0, "format": "{date}", "fallback": "then"}, "then"),
        ({"type": "novelty"}, "(an element of type novelty)"),
    ],
)
def test_each_element_of_rich_text_reads_as_a_person_would_read_it(element: Json, text: str) -> None:
    assert rich_text(rich({"type": "rich_text_section", "elements": [element]})) == text


@pytest.mark.parametrize(
    ("text", "read"),
    [
        ("&lt;b&gt; &amp;amp;", "<b> &amp;"),
        ("<@U1> <@U1|alice> <#C1|ops>", "@U1 @alice #ops"),
        ("<!here> <!subteam^S1|@oncall>", "@here @@oncall"),
        ("<https://x|site> <https://y>", "site (https://x) https://y"),
    ],
)
def test_mrkdwn_reads_as_slack_makes_it(text: str, read: str) -> None:
    assert mrkdwn_text(text) == read
