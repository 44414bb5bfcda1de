"""The builders keep to Slack's limits by themselves."""

from datetime import datetime, timedelta, timezone

from bot.emulators.slack.blocks import Surface, block_flaws
from bot.model.ids import UserId
from bot.slack.blocks import (
    bold,
    bullets,
    code,
    header,
    line,
    link,
    mention,
    moment,
    plain_text,
    preformatted,
    rich_text,
    section,
    small_print,
    table,
    words,
)


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


def test_a_table_wraps_and_has_no_empty_cell() -> None:
    block = table(("Check", "Measured"), ("Routes", ""))

    assert block["rows"][1] == [{"type": "raw_text", "text": "Routes"}, {"type": "raw_text", "text": "-"}]
    assert block["column_settings"] == [{"is_wrapped": True}] * 2
    assert not block_flaws([block], Surface.MESSAGE)


def test_a_cell_is_cut_to_what_is_read() -> None:
    assert len(table(("x" * 5000,))["rows"][0][0]["text"]) == 600


def test_preformatted_lines_keep_their_blanks_and_stay_lines() -> None:
    (text,) = preformatted(["a  b ", "  c\nd\u202e"])["elements"]

    assert text["text"] == "a  b\n  c d"


def test_a_link_shows_its_text_and_not_its_address() -> None:
    made = link("the <thread>", "https://example.test/p1")

    assert made == {"type": "link", "url": "https://example.test/p1", "text": "the <thread>"}
    assert not block_flaws([rich_text(line(made))], Surface.MESSAGE)


def test_a_time_is_in_utc_where_slack_cannot_show_everybodys_own() -> None:
    made = moment(datetime(2026, 1, 2, 20, 0, tzinfo=timezone(timedelta(hours=8))))

    assert made["fallback"] == "2026-01-02 12:00 UTC"
    assert made["timestamp"] == 1767355200
    assert not block_flaws([rich_text(line(made))], Surface.MESSAGE)
