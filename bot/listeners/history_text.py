"""What the words behind `/vpn-diagnose history` and `/vpn-diagnose last` say."""

from typing import Literal

from bot.listeners.reading import read_gateway_id
from bot.model.ids import VpnGatewayId
from bot.model.problem import Problem
from bot.model.value import Value

Scope = Literal["mine", "channel", "gateway"]

HISTORY, LAST = "history", "last"
_SCOPES: dict[str, Scope] = {"mine": "mine", "me": "mine", "here": "channel", "channel": "channel"}


class History(Value):
    """The person asks for what was diagnosed: by them, in this channel, or of a gateway."""

    scope: Scope = "mine"
    gateway_id: VpnGatewayId | None = None


class Last(Value):
    """The person asks for the last report that is theirs."""


def read_history(words: list[str]) -> History | Last | None:
    """Read the words; None if they ask for something else. Raises `Problem("form.…")` for a word too many."""
    first, *rest = [word.lower() for word in words] or [""]
    if first == LAST:
        _refuse(rest)
        return Last()
    if first != HISTORY:
        return None
    _refuse(rest[1:])
    if not rest:
        return History()
    if rest[0] in _SCOPES:
        return History(scope=_SCOPES[rest[0]])
    if not rest[0].startswith(("vpn-", "vco-")):
        _refuse(rest)
    return History(scope="gateway", gateway_id=read_gateway_id(rest[0]))


def _refuse(words: list[str]) -> None:
    if words:
        raise Problem("form.word_unknown", value=words[0])
