"""The tunnels of the connection: those that are down with their reason and what to do, then those that are up."""

from bot.explain.phrases import phrase
from bot.explain.problems import explain
from bot.explain.tunnels import TunnelWords, describe_tunnel
from bot.model.report import ResultLevel
from bot.model.run import Language
from bot.model.tunnels import Tunnels, TunnelState
from bot.slack.about import advice, gap
from bot.slack.blocks import Element, bold, glue, line, moment, rich_text, small_print, words
from bot.slack.limits import Block
from bot.slack.measured import measured
from bot.slack.verdict import SIGNS, UNPROVEN

# A connection has one tunnel or two; of more the reasons of the first ones are told.
MOST_IN_FULL = 2
MOST_TUNNELS = 10
LONGEST_SENTENCE = 600

# By whether the states were seen: what was not, and what would have told it.
_NOT_ANSWERED = {
    False: ("tunnel.unseen", "DescribeVpnConnections"),
    True: ("tunnel.unseen_reasons", "DiagnoseVpnConnections"),
}
_ROLES = {"master": "tunnel.master", "slave": "tunnel.slave"}
_KEYS = {True: "tunnel.is_up", False: "tunnel.is_down", None: "tunnel.is_unknown"}
_SIGNS = {True: SIGNS[ResultLevel.NORMAL], False: SIGNS[ResultLevel.ERROR], None: UNPROVEN}


def tunnel_blocks(tunnels: Tunnels, language: Language) -> list[Block]:
    """Make the blocks that tell of the tunnels, worst first, and of what was not seen; none if nobody looked."""
    ordered = sorted(tunnels.each, key=lambda tunnel: (tunnel.up is not False, tunnel.up is True))
    in_full, short = ordered[:MOST_IN_FULL], ordered[MOST_IN_FULL:MOST_TUNNELS]
    parts = [part for tunnel in in_full for part in _told(tunnel, language)]
    parts += [_name(tunnel, language) for tunnel in short]
    told = [rich_text(*parts)] if parts else []
    return [*told, *_unseen(tunnels, language)]


def tunnel_name(tunnel: TunnelState, language: Language) -> str:
    """Name a tunnel by its role and ID, as far as it has them."""
    name = phrase(_ROLES.get(tunnel.role, "tunnel.only"), language)
    if tunnel.tunnel_id is None:
        return name
    return phrase("tunnel.named", language, tunnel=name, tunnel_id=tunnel.tunnel_id)


def _unseen(tunnels: Tunnels, language: Language) -> list[Block]:
    if tunnels.unseen is None:
        return []
    key, asked = _NOT_ANSWERED[bool(tunnels.each)]
    operation = tunnels.unseen.facts.get("operation", asked)
    title = explain(tunnels.unseen, language).title
    return [small_print([phrase(key, language, operation=operation, title=title)])]


def _told(tunnel: TunnelState, language: Language) -> list[Element]:
    name = _name(tunnel, language)
    if tunnel.up is not False and tunnel.finding is None:
        return [name]
    said = describe_tunnel(tunnel, language)
    again = [line(words(phrase("tunnel.was_down", language)))] if tunnel.up else []
    return [name, *again, *_reason(said, tunnel, language)]


def _reason(said: TunnelWords, tunnel: TunnelState, language: Language) -> list[Element]:
    return [
        line(words(said.meaning, LONGEST_SENTENCE)),
        *measured(said.facts, language),
        *_seen(tunnel, language),
        advice(phrase("report.next", language), said.next_step, LONGEST_SENTENCE),
    ]


def _name(tunnel: TunnelState, language: Language) -> Element:
    said = phrase(_KEYS[tunnel.up], language, tunnel=tunnel_name(tunnel, language))
    return line(glue(f"{_SIGNS[tunnel.up]} "), bold(said))


def _seen(tunnel: TunnelState, language: Language) -> list[Element]:
    at = None if tunnel.finding is None else tunnel.finding.failed_at
    label = phrase("tunnel.seen", language)
    return [] if at is None else [line(words(label), *gap(label), moment(at))]
