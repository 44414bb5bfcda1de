"""Turns what ails a tunnel into words: the reason, what was measured, what to do next."""

import tomllib
from collections.abc import Iterator
from functools import cache
from importlib.resources import files
from typing import Any

from bot.explain.phrases import phrase
from bot.explain.sentences import cleaned, cut, filled
from bot.model.run import Language
from bot.model.tokens import HIDDEN
from bot.model.tunnels import TunnelState
from bot.model.value import Value
from bot.model.vpn import TunnelFinding

# Of the vendor's words and values so many characters are shown; of the gateway's log its beginning.
LONGEST_WORDS = 120
LONGEST_LOG = 200


class TunnelWords(Value):
    """A tunnel that does not work in words, as plain text; `facts` are what was measured, a line each."""

    meaning: str
    facts: tuple[str, ...]
    next_step: str


def describe_tunnel(tunnel: TunnelState, language: Language) -> TunnelWords:
    """Say why a tunnel is down; a reason that is not known goes by the vendor's name for it."""
    finding = tunnel.finding
    facts = _facts(finding)
    said = _reason(facts.get("code"))[language]
    return TunnelWords(
        meaning=filled(said["meaning"], facts),
        facts=tuple(_measured(finding, language)) if finding is not None else (),
        next_step=filled(said["next"], facts),
    )


@cache
def _texts() -> dict[str, Any]:
    return tomllib.loads((files("bot.explain") / "tunnels.toml").read_text(encoding="utf-8"))


def _reason(code: str | None) -> dict[Language, dict[str, str]]:
    texts = _texts()
    known: dict[Language, dict[str, str]] = texts["other"]["unnamed"]
    if code is not None:
        known = texts["reason"].get(code, texts["other"]["unknown"])
    return known


def _facts(finding: TunnelFinding | None) -> dict[str, str]:
    raw = {} if finding is None else {"code": finding.reason_code, "reason": finding.reason.rstrip(" .。")}
    return {name: cut(text, LONGEST_WORDS) for name, value in raw.items() if (text := cleaned(value))}


def _measured(finding: TunnelFinding, language: Language) -> Iterator[str]:
    ends = {"cloud_side": finding.cloud_side, "peer_side": finding.peer_side}
    known = {name: text for name, value in ends.items() if (text := cut(cleaned(value or ""), LONGEST_WORDS))}
    if known:
        yield phrase("tunnel.ends_" + "_and_".join(known), language, **known)
    if finding.log == HIDDEN:
        yield phrase("tunnel.log_withheld", language)
    elif log := cleaned(finding.log):
        yield phrase("tunnel.log", language, log=cut(log, LONGEST_LOG))
