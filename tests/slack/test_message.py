"""The text of a notification is short, whole and parsed by nobody."""

from hypothesis import given, settings
from hypothesis import strategies as st

from bot.slack.message import Message, notification


def test_a_short_text_is_shown_whole() -> None:
    assert notification("vpn-a: all 7 checks are normal") == "vpn-a: all 7 checks are normal"


def test_a_long_text_is_cut_to_100_characters() -> None:
    assert notification("x" * 101) == "x" * 99 + "…"


def test_an_escape_is_never_cut_in_two() -> None:
    shown = notification("&" * 1000)

    assert len(shown) <= 100
    assert shown.replace("&amp;", "") == "…"


@settings(deadline=None)
@given(st.text(st.characters(codec=None)))
def test_no_text_is_too_long_for_a_phone(text: str) -> None:
    assert len(notification(text)) <= 100


def test_a_remark_is_put_above_the_rest() -> None:
    message = Message(text="text", blocks=[{"type": "divider"}]).with_remark("A remark.")

    assert [block["type"] for block in message.blocks] == ["context", "divider"]
    assert message.blocks[0]["elements"][0]["text"] == "A remark."


def test_a_message_of_classic_blocks_has_no_other_form() -> None:
    assert Message(text="text", blocks=[{"type": "divider"}]).classic() is None


def test_the_classic_form_has_the_same_text_and_is_the_last_one() -> None:
    message = Message(text="text", blocks=[{"type": "table"}], classic_blocks=[{"type": "divider"}])

    assert message.classic() == Message(text="text", blocks=[{"type": "divider"}])


def test_without_blocks_there_is_what_must_be_said_and_nothing_after_that() -> None:
    message = Message(
        text="text", blocks=[{"type": "table"}], classic_blocks=[{"type": "divider"}], plain="all of it"
    )

    classic = message.simpler()
    last = classic and classic.simpler()

    assert classic == message.classic()
    assert last == Message(text="all of it", blocks=[])
    assert last.simpler() is None


def test_a_remark_is_above_the_plain_form_too() -> None:
    last = Message(text="text", blocks=[], plain="all of it").with_remark("A <remark>.").simpler()

    assert last is not None
    assert last.text == "A &lt;remark&gt;.\nall of it"


def test_a_remark_is_above_the_classic_form_too() -> None:
    message = Message(text="text", blocks=[{"type": "table"}], classic_blocks=[{"type": "divider"}])

    remarked = message.with_remark("A remark.").classic()

    assert remarked == Message(text="text", blocks=[{"type": "divider"}]).with_remark("A remark.")
