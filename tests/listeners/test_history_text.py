"""What the words behind `history` and `last` say."""

import pytest

from bot.listeners.history_text import History, Last, read_history
from bot.listeners.reading import HIDDEN
from bot.model.ids import VpnGatewayId
from bot.model.problem import Problem

GATEWAY = History(scope="gateway", gateway_id=VpnGatewayId("vpn-1"))


@pytest.mark.parametrize(
    ("words", "read"),
    [
        (["history"], History()),
        (["History", "mine"], History()),
        (["history", "here"], History(scope="channel")),
        (["history", "channel"], History(scope="channel")),
        (["history", "VPN-1"], GATEWAY),
        (["last"], Last()),
        ([], None),
        (["vpn-1", "history"], None),
        (["cn-hangzhou"], None),
    ],
)
def test_what_is_asked_for_is_read(words: list[str], read: History | Last | None) -> None:
    assert read_history(words) == read


@pytest.mark.parametrize(
    ("words", "code"),
    [
        (["history", "yesterday"], "form.word_unknown"),
        (["history", "here", "now"], "form.word_unknown"),
        (["last", "one"], "form.word_unknown"),
        (["history", "vco-1"], "form.gateway_is_a_connection"),
        (["history", "vpn-!"], "form.gateway_malformed"),
    ],
)
def test_a_word_too_many_or_a_wrong_one_is_a_mistake(words: list[str], code: str) -> None:
    with pytest.raises(Problem) as raised:
        read_history(words)

    assert raised.value.code == code


@pytest.mark.parametrize("words", [["history"], ["history", "here"], ["last"], ["LAST"]])
def test_a_key_that_was_pasted_behind_is_not_told_again(words: list[str]) -> None:
    with pytest.raises(Problem) as raised:
        read_history([*words, "LTAI" + "5tPlantedKey0000"])

    assert raised.value.facts == {"value": HIDDEN}


def test_a_word_too_many_is_named_as_it_was_typed() -> None:
    with pytest.raises(Problem) as raised:
        read_history(["last", "One"])

    assert raised.value.facts == {"value": "One"}
