"""The words of a command besides its values: names of fields, which end an address is, and what says nothing."""

import re
from typing import Literal

from bot.listeners.regions import PLACES_IN_CHINESE

Field = Literal["region", "gateway_id", "connection_id", "source_ip", "destination_ip"]

_NAMES: dict[Field, str] = {
    "region": "region 地域 区域",
    "gateway_id": "gateway gw 网关",
    "connection_id": "connection conn 连接",
    "source_ip": "source src from 源地址 源ip 源 从",
    "destination_ip": "destination dest dst to 目的地址 目标地址 目的ip 目标ip 目的地 目的 目标 到",
}

FIELD_OF_KEY: dict[str, Field] = {name: field for field, names in _NAMES.items() for name in names.split()}
"""By what stands in front of `=` or `:`, in small letters."""

# Without a sign behind them, in front of an address: they say which end it is.
ENDS = frozenset(name for name, field in FIELD_OF_KEY.items() if field in {"source_ip", "destination_ip"})
# All others may as well be said of the address before them, as in `10.8.0.1 source`.
_SAID_OF_THE_NEXT = frozenset({"from", "to", "从", "到"})

# What people say besides. Values tell their kind, so its name alone says nothing either; whatever is in neither
# table has a meaning that would be lost, such as "not", or is talk about a connection, such as "thanks".
_MANNERS = "please pls plz kindly 请 麻烦 帮我 帮忙"
_DEED = "diagnose check test run 诊断 检查 测试 一下"
_PARTICLES = "a an the my our this for in on of at with and between 这个 的 在"
_KINDS = "vpn ipsec tunnel ip ips address addresses id 隧道 地址"
_SAYS_NOTHING = {word for words in (_MANNERS, _DEED, _PARTICLES, _KINDS) for word in words.split()} | (
    FIELD_OF_KEY.keys() - ENDS
)
# What may stand between the name of an end and its address, as in `source IP of the 10.8.0.1`.
_OF_ADDRESSES = frozenset({"ip", "address", "of", "the", "地址", "的"})

# Chinese is written without blanks.
_HAN = r"[\u3400-\u9fff]"
_CHINESE = sorted(
    (word for word in (*_SAYS_NOTHING, *ENDS, *PLACES_IN_CHINESE.values()) if not word.isascii()),
    key=len,
    reverse=True,
)
_SINGLE = "".join(word for word in _CHINESE if len(word) == 1)
_LONGER = re.compile(f"({'|'.join(word for word in _CHINESE if len(word) > 1)})", re.IGNORECASE)
# A single character is a word only if there is no other beside it: 请 is one, and a part of 请问.
_SINGLES = re.compile(rf"(?<!{_HAN})[{_SINGLE}]+(?!{_HAN})")
_DOTTED = r"[0-9]{1,3}(?:\.[0-9]{1,3}){3}"
_ADDRESS = re.compile(rf"(?<={_HAN}){_DOTTED}|{_DOTTED}(?={_HAN})")
_LIKE_IPV6 = re.compile(r"[0-9a-fA-F.]*:[0-9a-fA-F:./]*")

BREAK = ","
"""Stands among the words for whatever parts two of them more than a blank does; no word is that."""


def spaced(text: str) -> str:
    """Put blanks around addresses, and around Chinese words that are known here and no part of another."""
    if text.isascii():
        return text
    between_and_longer = _LONGER.split(_ADDRESS.sub(r" \g<0> ", text))
    between_and_longer[::2] = (_singles_spaced(between) for between in between_and_longer[::2])
    return " ".join(between_and_longer)


def _singles_spaced(text: str) -> str:
    return _SINGLES.sub(lambda words: f" {' '.join(words[0])} ", text)


def is_like_address(word: str) -> bool:
    """Tell whether somebody who types this means an address, be it one or not."""
    return word[0].isdecimal() or _LIKE_IPV6.fullmatch(word) is not None


def meaningful(words: list[str]) -> list[str]:
    """Leave out what says nothing, and write `from 10.8.0.1` as `from=10.8.0.1`.

    The name of an end stays alone unless it is certain which address it is said of.
    """
    said: list[str] = []
    awaits_address = any_without_end = False
    for word in words:
        lowered = word.lower()
        if word == BREAK or lowered in _SAYS_NOTHING:
            awaits_address = awaits_address and lowered in _OF_ADDRESSES
        elif awaits_address and is_like_address(word):
            said[-1] = f"{said[-1]}={word}"
            awaits_address = False
        else:
            awaits_address = lowered in (_SAID_OF_THE_NEXT if any_without_end else ENDS)
            any_without_end = any_without_end or is_like_address(word)
            said.append(word)
    return said
