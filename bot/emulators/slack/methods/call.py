"""One call of a Web API method, and what a method says of itself."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from bot.emulators.slack.arguments import Arguments
from bot.emulators.slack.limits import TIER_3
from bot.emulators.slack.refused import Refused
from bot.emulators.slack.state import State

Json = dict[str, Any]


class TokenKind(StrEnum):
    BOT = "bot"
    APP = "app"
    ANY = "any"  # none is needed


@dataclass(frozen=True)
class Call:
    """A call that came with a good token; `base_url` is the address at which the caller sees the emulator."""

    arguments: Arguments
    base_url: str


Handler = Callable[[State, Call], Json]


@dataclass(frozen=True)
class Method:
    """How a method is called: with which token, one of which scopes, how often, and whether a JSON body is read.

    `a_minute` None: by its own rule.
    """

    handler: Handler
    scopes: tuple[str, ...] = ()
    a_minute: int | None = TIER_3
    takes_json: bool = True
    token: TokenKind = TokenKind.BOT


def require_scope(state: State, any_of: Sequence[str]) -> None:
    """Raise Refused(missing_scope) unless the app was granted one of the scopes, or none is needed."""
    granted = state.workspace.app.scopes
    if any_of and not set(any_of) & set(granted):
        raise Refused("missing_scope", needed=",".join(any_of), provided=",".join(granted))
