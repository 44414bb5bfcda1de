from ipaddress import IPv4Address
from typing import Any

import pytest

from bot.emulators.alibaba.negotiation import failure, status, tunnel_in_use
from bot.emulators.alibaba.network_file import load_network
from bot.emulators.alibaba.tunnels import Connection, Path, Peer, Settings, Tunnel

NO_IKE, NO_IPSEC = "ike_sa_not_established", "ipsec_sa_not_established"


def a_tunnel(loss_percent: float = 0, **peer_settings: Any) -> Tunnel:
    settings = Settings.model_validate(peer_settings)
    peer = Peer(public_ip=IPv4Address("203.0.113.1"), path=Path(loss_percent=loss_percent), settings=settings)
    return Tunnel(peer=peer)


@pytest.mark.parametrize(
    ("theirs", "code", "state", "values"),
    [
        ({"IkeVersion": "ikev2"}, "IkeVersionMismatch", NO_IKE, ("ikev1", "ikev2")),
        ({"IkeMode": "aggressive"}, "NegotiationModeMismatch", NO_IKE, ("main", "aggressive")),
        ({"IkeEncAlg": "des"}, "EncryptionAlgorithmMismatch", NO_IKE, ("aes", "des")),
        ({"IkeAuthAlg": "md5"}, "AuthenticationAlgorithmMismatch", NO_IKE, ("sha1", "md5")),
        ({"IkePfs": "group14"}, "DhGroupMismatch", NO_IKE, ("group2", "group14")),
        (
            {"IkeEncAlg": "des", "IkePfs": "g"},
            "AlgorithmMismatch",
            "ike_sa_not_established",
            ("aes,group2", "des,g"),
        ),
        (
            {"IkeEncAlg": "des", "IpsecPfs": "g"},
            "EncryptionAlgorithmMismatch",
            "ike_sa_not_established",
            ("aes", "des"),
        ),
        ({"Psk": "another"}, "PskMismatch", NO_IKE, ("", "")),
        ({"IpsecEncAlg": "des"}, "EncryptionAlgorithmMismatch", NO_IPSEC, ("aes", "des")),
        ({"IpsecAuthAlg": "md5"}, "AuthenticationAlgorithmMismatch", NO_IPSEC, ("sha1", "md5")),
        ({"IpsecPfs": "group14"}, "DhGroupMismatch", NO_IPSEC, ("group2", "group14")),
        ({"IkeLifetime": 3600}, "LifetimeMismatch", NO_IPSEC, ("86400", "3600")),
        ({"IpsecLifetime": 3600}, "LifetimeMismatch", NO_IPSEC, ("86400", "3600")),
    ],
)
def test_the_first_difference_that_the_ends_find_is_the_reason(
    theirs: dict[str, Any], code: str, state: str, values: tuple[str, str]
) -> None:
    tunnel = a_tunnel(**theirs)

    found = failure(tunnel)

    assert found is not None
    assert (found.code, status(tunnel), (found.local, found.remote)) == (code, state, values)
    assert "another" not in found.model_dump_json()


def test_a_peer_that_cannot_be_reached_comes_before_its_settings() -> None:
    found = failure(a_tunnel(loss_percent=100, IkeEncAlg="des"))

    assert found is not None
    assert found.code == "NoResponse"


def test_losses_do_not_take_a_tunnel_down() -> None:
    assert failure(a_tunnel(loss_percent=99)) is None


def test_a_peer_that_cannot_be_seen_is_taken_to_agree() -> None:
    assert failure(Tunnel(peer=Peer(public_ip=IPv4Address("203.0.113.1")))) is None


def a_pair(master: Tunnel, slave: Tunnel) -> Connection:
    [pair] = [
        connection
        for account in load_network().accounts
        for _, connection in account.connections
        if connection.is_dual
    ]
    slave = slave.changed(id="tun-2", role="slave")
    return pair.changed(tunnels=(slave, master.changed(id="tun-1")))


@pytest.mark.parametrize(
    ("master", "slave", "used"),
    [
        (a_tunnel(), a_tunnel(), "master"),
        (a_tunnel(Psk="x"), a_tunnel(), "slave"),
        (a_tunnel(Psk="x"), a_tunnel(Psk="y"), "master"),
    ],
    ids=["both up", "master down", "both down"],
)
def test_the_slave_carries_the_traffic_only_while_it_alone_is_up(master: Tunnel, slave: Tunnel, used: str) -> None:
    assert tunnel_in_use(a_pair(master, slave)).role == used
