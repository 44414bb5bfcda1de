"""The tunnels of a connection in the thread: which are down, why, and what to do."""

import pytest

from bot.model.ids import TunnelId
from bot.model.problem import Problem
from bot.model.run import Language
from bot.model.tunnels import Tunnels, TunnelState
from bot.slack.tunnels import tunnel_blocks
from tests.slack.parsed_by_slack import flaws, texts
from tests.slack.scenes import DOWN, ONE_OF_TWO_DOWN, UP, a_finding, a_tunnel

LANGUAGES: tuple[Language, ...] = ("en", "zh")


def said(tunnels: Tunnels, language: Language = "en") -> str:
    return texts(tunnel_blocks(tunnels, language))


def test_nobody_looked_at_the_tunnels() -> None:
    assert tunnel_blocks(Tunnels(), "en") == []


def test_what_could_not_be_looked_at_is_said_with_the_call_that_was_refused() -> None:
    denied = Problem("Forbidden.RAM", operation="DescribeVpnConnections").details

    states = said(Tunnels(unseen=denied))
    reasons = said(UP.changed(unseen=Problem("Throttling").details), "zh")

    assert states == "Not looked at: whether the tunnel is up (DescribeVpnConnections: RAM does not allow it)."
    assert reasons.splitlines()[-1].startswith("未能查看隧道未建立的原因（DiagnoseVpnConnections：")


def test_a_tunnel_that_is_down_is_told_with_reason_log_time_and_what_to_do() -> None:
    (block,) = tunnel_blocks(DOWN, "en")

    assert texts([block]).splitlines()[:3] == [
        "❌ ",
        "IPsec tunnel is down",
        "The pre-shared keys of the two ends differ.",
    ]
    assert "The gateway's log: mismatch of preshared secrets" in texts([block])
    assert "Next:" in texts([block])
    (seen,) = [each for part in block["elements"] for each in part["elements"] if each["type"] == "date"]
    assert seen["fallback"] == "2026-01-02 12:00 UTC"


def test_of_two_tunnels_each_is_named_and_the_one_that_is_down_comes_first() -> None:
    swapped = Tunnels(each=ONE_OF_TWO_DOWN.each[::-1])

    for tunnels in (ONE_OF_TWO_DOWN, swapped):
        lines = said(tunnels).splitlines()
        assert lines[1] == "Master tunnel tun-bp1a2b3c4d5e6f is down"
        assert "• aes256 in Alibaba Cloud, aes on the peer" not in lines
        assert "aes256 in Alibaba Cloud, aes on the peer" in lines
        assert lines[-2:] == ["✅ ", "Slave tunnel tun-bp1g7h8i9j0k1l is up"]


def test_a_tunnel_that_is_up_takes_one_line() -> None:
    assert said(UP) == "✅ \nIPsec tunnel is up"
    assert said(UP, "zh") == "✅ \nIPsec隧道已建立"


def test_chinese_needs_no_blank_before_an_id() -> None:
    assert "主隧道tun-bp1a2b3c4d5e6f未建立" in said(ONE_OF_TWO_DOWN, "zh").splitlines()


def test_a_tunnel_that_came_up_again_is_told_with_what_ailed_it() -> None:
    lines = said(Tunnels(each=(a_tunnel(finding=a_finding("DpdTimeout", failed_at=None)),))).splitlines()

    assert lines[1:3] == ["IPsec tunnel is up", "Up again, but in the last minutes:"]
    assert "keep-alive packets (DPD)" in lines[3]
    assert "Seen:" not in lines


def test_a_tunnel_of_which_nothing_is_known_is_not_called_good() -> None:
    assert said(Tunnels(each=(TunnelState(),))) == (
        "⚪ \nIPsec tunnel: Alibaba Cloud does not say whether it is up"
    )


@pytest.mark.parametrize("language", LANGUAGES)
def test_any_tunnels_fit_into_a_message(language: Language) -> None:
    hostile = "<!channel> *bold* `x` 🔥网\u202e " * 300
    finding = a_finding("no_such_code", reason=hostile, cloud_side=hostile, peer_side=hostile, log=hostile)
    each = [a_tunnel("", role="master", tunnel_id=TunnelId(f"tun-{n}"), finding=finding) for n in range(500)]

    blocks = tunnel_blocks(Tunnels(each=tuple(each)), language)

    assert not list(flaws(blocks))
    assert "\u202e" not in texts(blocks)
    assert texts(blocks).count("tun-") == 10
