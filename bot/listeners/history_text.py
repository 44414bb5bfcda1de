"""What the words behind `/vpn-diagnose history` and `/vpn-diagnose last` say."""

from typing import Literal

from bot.listeners.reading import read_gateway_id, shown
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
    first, *rest = words or [""]
    first, scope = first.lower(), _SCOPES.get(rest[0].lower()) if rest else None
    if first == LAST:
        _refuse(rest)
        return Last()
    if first != HISTORY:
        return None
    _refuse(rest[1:])
    if not rest:
        return History()
    if scope is not None:
        return History(scope=scope)
    if not rest[0].lower().startswith(("vpn-", "vco-")):
        _refuse(rest)
    return History(scope="gateway", gateway_id=read_gateway_id(rest[0]))


def _refuse(words: list[str]) -> None:
    if words:
        raise Problem("form.word_unknown", value=shown(words[0]))
