"""Why a tunnel is down, in words: every code of the vendor's table, and what to do next."""

import re
import tomllib
from importlib.resources import files
from typing import Any

import pytest

from bot.explain.sentences import names
from bot.explain.tunnels import LONGEST_LOG, describe_tunnel
from bot.model.ids import VpnConnectionId
from bot.model.run import Language
from bot.model.tokens import HIDDEN
from bot.model.tunnels import TunnelState
from bot.model.vpn import TunnelFinding

TEXTS = tomllib.loads((files("bot.explain") / "tunnels.toml").read_text(encoding="utf-8"))

# The column of API-based error codes of the vendor's table, read November 2026.
DOCUMENTED = re.findall(
    r"\w+",
    """
    PeerMismatch AlgorithmMismatch EncryptionAlgorithmMismatch AuthenticationAlgorithmMismatch DhGroupMismatch
    PskMismatch PeerIdMismatch DpdHashNotifyCompatibility DpdTimeout IkeVersionMismatch NegotiationModeMismatch
    NatTMismatch LifetimeMismatch SecurityProtocolMismatch EncapsulationModeMismatch AlgorithmCompatibility
    TrafficSelectorMismatch PfsMismatch CommitMismatch ProposalMismatch NegotiationFailed Phase1NegotiationTimeout
    Phase2NegotiationTimeout NoResponse ReceiveDeleteNotify NoExceptionFound
    """,
)
REASONS = [pytest.param(TEXTS["reason"][code], id=code) for code in DOCUMENTED]
REASONS += [pytest.param(text, id=name) for name, text in TEXTS["other"].items()]

# In Chinese: what has no Chinese form.
NAMES = re.compile(
    r"VPN|IPsec|IKEv?[12]?|UDP|SA|DH|DPD|NAT|PFS|ESP|AH|IP|LocalId|RemoteId|hash-notify|commit|ping"
)


def a_tunnel(code: str = "PskMismatch", **changes: Any) -> TunnelState:
    values: dict[str, Any] = {
        "connection_id": VpnConnectionId("vco-bp1t8w3z6n5j2k4m9x7q"),
        "tunnel_id": None,
        "reason_code": code,
        "reason": "The pre-shared key does not match.",
        "severity": "Critical",
        "failed_at": None,
        "cloud_side": None,
        "peer_side": None,
        "log": "",
    }
    return TunnelState(finding=TunnelFinding(**values | changes))


def test_every_documented_code_has_words_of_its_own() -> None:
    assert set(TEXTS["reason"]) == set(DOCUMENTED)


@pytest.mark.parametrize("reason", REASONS)
def test_both_languages_say_the_same(reason: dict[Language, dict[str, str]]) -> None:
    for part in ("meaning", "next"):
        assert names(reason["en"][part]) == names(reason["zh"][part])
        assert len(reason["en"][part]) <= 300
    assert set(reason["en"]) == set(reason["zh"]) == {"meaning", "next"}


@pytest.mark.parametrize("reason", REASONS)
def test_no_english_is_left_in_chinese(reason: dict[Language, dict[str, str]]) -> None:
    for text in reason["zh"].values():
        rest = NAMES.sub("", re.sub(r"\{\w+\}", "", text))

        assert not re.search(r"[A-Za-z]{2}", rest), rest


def test_a_known_reason_is_told_with_what_to_do() -> None:
    said = describe_tunnel(a_tunnel(), "en")

    assert said.meaning == "The pre-shared keys of the two ends differ."
    assert said.next_step.startswith("Set the same pre-shared key on both ends.")
    assert said.facts == ()


def test_an_unknown_reason_goes_by_the_vendors_words() -> None:
    said = describe_tunnel(a_tunnel("QuantumMismatch", reason="Qubits\u202e differ."), "en")

    assert said.meaning == "Alibaba Cloud gives the reason QuantumMismatch: Qubits differ."


def test_an_unknown_reason_without_words_is_still_a_sentence() -> None:
    assert describe_tunnel(a_tunnel("X", reason=""), "en").meaning == "Alibaba Cloud gives the reason X."


@pytest.mark.parametrize("tunnel", [TunnelState(), a_tunnel("")], ids=["nothing found", "found without a code"])
def test_a_tunnel_that_is_down_for_no_known_reason_is_told_with_what_to_do(tunnel: TunnelState) -> None:
    said = describe_tunnel(tunnel, "en")

    assert said.meaning == "Alibaba Cloud did not say why."
    assert "log in the console" in said.next_step


@pytest.mark.parametrize(
    ("ends", "said"),
    [
        ({"cloud_side": "aes", "peer_side": "aes256"}, ("aes in Alibaba Cloud, aes256 on the peer",)),
        ({"cloud_side": "aes"}, ("aes in Alibaba Cloud",)),
        ({"peer_side": "aes256"}, ("aes256 on the peer",)),
        ({"cloud_side": ""}, ()),
    ],
)
def test_values_in_which_the_ends_differ_are_named(ends: dict[str, str], said: tuple[str, ...]) -> None:
    assert describe_tunnel(a_tunnel(**ends), "en").facts == said


def test_the_gateways_log_is_cut_to_one_line() -> None:
    (log,) = describe_tunnel(a_tunnel(log="one\ntwo " + "x" * 900), "zh").facts

    assert log.startswith("网关日志：one two xxx")
    assert len(log) <= len("网关日志：") + LONGEST_LOG
    assert log.endswith("…")


@pytest.mark.parametrize("language", ["en", "zh"])
def test_a_log_that_was_held_back_is_said_to_be(language: Language) -> None:
    (said,) = describe_tunnel(a_tunnel(log=HIDDEN), language).facts

    assert HIDDEN not in said
    assert {"en": "pre-shared key", "zh": "预共享密钥"}[language] in said
