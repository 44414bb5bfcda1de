"""The words of a command besides its values: names of fields, which end an address is, and what says nothing."""

import re
from typing import Literal

Field = Literal["region", "gateway_id", "connection_id", "source_ip", "destination_ip"]

_NAMES: dict[Field, str] = {
    "region": "region 地域 区域",
    "gateway_id": "gateway gw 网关",
    "connection_id": "connection conn 连接",
    "source_ip": "source src from 源地址 源ip 从",
    "destination_ip": "destination dest dst to 目的地址 目标地址 目的ip 目标ip 到",
}

FIELD_OF_KEY: dict[str, Field] = {name: field for field, names in _NAMES.items() for name in names.split()}
"""By what stands in front of `=` or `:`, in small letters."""

# Without a sign behind them, in front of an address: they say which end it is.
_OF_ENDS = frozenset(name for name, field in FIELD_OF_KEY.items() if field in {"source_ip", "destination_ip"})

# What people say besides. Values tell their kind, so its name alone says nothing either; whatever is in neither
# table has a meaning that would be lost, such as "not".
_MANNERS = "please pls plz kindly thanks thx hi hello hey 请 麻烦 帮我 帮忙 谢谢"
_DEED = "diagnose check test run show 诊断 检查 测试 一下"
_PARTICLES = "a an the my our this is for in on of at with and between 这个 的 在"
_KINDS = "vpn ipsec tunnel ip ips address addresses id 隧道 地址"
_SAYS_NOTHING = {word for words in (_MANNERS, _DEED, _PARTICLES, _KINDS) for word in words.split()} | (
    FIELD_OF_KEY.keys() - _OF_ENDS
)

# Chinese is written without blanks. None of these is a part of a region's name, which a test holds.
_CHINESE = re.compile(
    "|".join(sorted((word for word in _SAYS_NOTHING | _OF_ENDS if not word.isascii()), key=len, reverse=True)),
    re.IGNORECASE,
)
_LIKE_IPV6 = re.compile(r"[0-9a-fA-F.]*:[0-9a-fA-F:./]*")


def spaced(text: str) -> str:
    """Put blanks around the Chinese words that are known here."""
    return text if text.isascii() else _CHINESE.sub(r" \g<0> ", text)


def is_like_address(word: str) -> bool:
    """Tell whether somebody who types this means an address, be it one or not."""
    return word[0].isdecimal() or _LIKE_IPV6.fullmatch(word) is not None


def meaningful(words: list[str]) -> list[str]:
    """Leave out what says nothing, and write `from 10.8.0.1` as `from=10.8.0.1`."""
    said: list[str] = []
    for word in (word for word in words if word.lower() not in _SAYS_NOTHING):
        if said and said[-1].lower() in _OF_ENDS and is_like_address(word):
            said[-1] = f"{said[-1]}={word}"
        else:
            said.append(word)
    return said
