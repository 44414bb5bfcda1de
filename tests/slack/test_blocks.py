"""The builders keep to Slack's limits by themselves."""

from bot.model.ids import UserId
from bot.slack.blocks import bold, bullets, code, header, line, mention, plain_text, section, small_print, words


def test_a_text_that_is_empty_or_unseen_is_shown_as_a_dash() -> None:
    assert plain_text("\u200b\n", 10)["text"] == "-"
    assert words("")["text"] == "-"


def test_a_header_is_cut_where_slack_would_refuse_it() -> None:
    assert len(header("x" * 151)["text"]["text"]) == 150


def test_a_section_is_cut_where_slack_would_refuse_it() -> None:
    assert len(section("x" * 3001)["text"]["text"]) == 3000


def test_the_small_print_has_ten_parts_at_most() -> None:
    assert len(small_print(["x"] * 11)["elements"]) == 10


def test_plain_text_draws_no_emoji() -> None:
    assert plain_text(":tada:", 10) == {"type": "plain_text", "text": ":tada:", "emoji": False}


def test_styles_are_set_beside_the_text_and_not_in_it() -> None:
    assert bold("*") == {"type": "text", "text": "*", "style": {"bold": True}}
    assert code("`") == {"type": "text", "text": "`", "style": {"code": True}}


def test_a_list_has_an_item_for_each_text() -> None:
    assert bullets(["a", "bcd"], 2)["elements"] == [line(words("a")), line(words("b…"))]


def test_a_mention_is_an_element_of_its_own() -> None:
    assert mention(UserId("U0ALICE")) == {"type": "user", "user_id": "U0ALICE"}
