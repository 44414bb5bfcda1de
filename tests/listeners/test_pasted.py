"""What Slack and phones make of a text is undone, and nothing else."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.listeners.pasted import as_meant, plain_characters


@pytest.mark.parametrize(
    ("pasted", "meant"),
    [
        pytest.param("vpn-1 vco-1", "vpn-1 vco-1", id="nothing to undo"),
        pytest.param("<http://vpn.example.com|vpn.example.com>", "vpn.example.com", id="a link with its words"),
        pytest.param("<https://example.com/a/>", "example.com/a", id="a link alone"),
        pytest.param("<tel:10801|10.8.0.1>", "10.8.0.1", id="a telephone number"),
        pytest.param("<mailto:a@example.com|a@example.com>", "a@example.com", id="an address of mail"),
        pytest.param("a<@U0ALICE|alice>b", "a b", id="a person"),
        pytest.param("a<#C0INCIDENT|incident>b", "a b", id="a channel"),
        pytest.param("<!subteam^S0NETWORK|network>", " ", id="a group"),
        pytest.param("1 < 2 > 1", "1 < 2 > 1", id="signs that mark nothing up"),
        pytest.param("<vpn-1>", "<vpn-1>", id="words in brackets"),
        pytest.param("&lt;b&gt; &amp;amp; &amp;lt;", "<b> &amp; &lt;", id="what Slack escapes, once"),
        pytest.param("ｖｐｎ－１：", "vpn-1:", id="full width"),
        pytest.param("vpn–1—2−3", "vpn-1-2-3", id="dashes"),
        pytest.param("v\u200bp\u00adn\ufeff", "vpn", id="what nobody sees"),
        pytest.param("10。8｡0。1。", "10.8.0.1。", id="an input method's full stops in a number"),
        pytest.param("١٠", "١٠", id="digits of another script"),
    ],
)
def test_it_is_undone(pasted: str, meant: str) -> None:
    assert as_meant(pasted) == meant


@given(text=st.text(max_size=300))
def test_plain_characters_stay_as_they_are(text: str) -> None:
    once = plain_characters(text)

    assert plain_characters(once) == once
    assert plain_characters(text.encode("ascii", "ignore").decode()) == text.encode("ascii", "ignore").decode()


@given(text=st.text(alphabet="<>|@:/ahtp&;l", max_size=300))
def test_any_text_is_taken(text: str) -> None:
    assert len(as_meant(text)) <= len(text) + text.count("<")
