from typing import Any

import pytest

from bot.emulators.alibaba.network_change import changed, shown
from bot.emulators.alibaba.network_check import Wrong
from tests.emulators.alibaba.client import EXAMPLE

HEALTHY = "vco-healthy0000000000001"
ONCALL = "acs:ram::1234567890123456:role/vpn-diagnose-oncall"


def test_what_is_given_is_merged_into_what_is_there() -> None:
    network = changed(EXAMPLE, {HEALTHY: {"peer": {"path": {"loss_percent": 40}}, "tags": {"new": "tag"}}})

    connection = shown(network, HEALTHY)
    assert connection["peer"]["path"] == {"loss_percent": 40.0, "rtt_ms": 8.4}
    assert connection["tags"] == {"team": "network", "new": "tag"}
    assert connection["remote_networks"] == ["10.8.0.0/16"]


def test_null_takes_a_key_or_a_thing_away() -> None:
    network = changed(EXAMPLE, {HEALTHY: {"peer": {"settings": None}}, "LTAIemulatorLab": None, ONCALL: None})

    assert "settings" not in shown(network, HEALTHY)["peer"]
    assert shown(network, "LTAIemulatorLab") is None
    assert network.role(ONCALL) is None


@pytest.mark.parametrize(
    ("name", "key"),
    [
        ("network", "accounts"),
        ("cn-hangzhou", "local_name"),
        ("1234567890123456", "users"),
        ("lab", "access_keys"),
        ("acs:ram::1234567890123456:user/lab", "access_keys"),
        ("LTAIemulatorLab", "id"),
        ("vpn-readonly", "trust"),
        (ONCALL, "trust"),
        ("look", "Statement"),
        ("acs:ram::1234567890123456:policy/look", "Statement"),
        ("acs:ram::1234567890123456:oidc-provider/emulated-cluster", "issuer"),
        ("vpc-healthy0000000000001", "networks"),
        ("vpn-healthy0000000000001", "connections"),
        ("office-hangzhou", "connections"),
        (HEALTHY, "peer"),
        ("tun-slave000000000000001", "peer"),
        ("i-emulated000000000001", None),
    ],
)
def test_things_are_called_by_their_ids_and_names(name: str, key: str | None) -> None:
    found = shown(EXAMPLE, name)

    assert found is None if key is None else key in found


def test_a_change_may_be_of_the_whole() -> None:
    network = changed(EXAMPLE, {"network": {"unknown_parameters": "ignore", "instance": None}})

    assert network.unknown_parameters == "ignore"
    assert network.instance is None
    assert network.accounts == EXAMPLE.accounts


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"vpn-nobody": {}}, "nothing is called vpn-nobody"),
        ({"network": None}, "the file: should have keys and values"),
        (
            {"network": {"accounts": [7]}, "lab": {"policies": []}},
            "lab is lost by another part of the same change",
        ),
        ({"network": {"accounts": 7}, "lab": None}, "lab is lost by another part of the same change"),
        ({"vpn-healthy0000000000001": {"status": "on fire"}}, "accounts.vpn_gateways.status: Input should be"),
        ({"vpn-healthy0000000000001": {"region": "cn-nowhere"}}, "cn-nowhere is not among the regions"),
        ({"diagnose": None}, "diagnose is not among the account's policies"),
        ({HEALTHY: {"peer": None}}, "a connection has either a peer or tunnels"),
        ({HEALTHY: {"tunnel": []}}, "connections.tunnel: there is no such key"),
        ({"lab": {"access_keys": 7}}, "accounts.users.access_keys: should be a list"),
    ],
)
def test_a_change_that_cannot_be_made_says_why(change: dict[str, Any], words: str) -> None:
    with pytest.raises(Wrong) as caught:
        changed(EXAMPLE, change)

    assert words in str(caught.value)


def test_a_name_of_two_things_is_refused_and_their_arns_are_not() -> None:
    network = changed(EXAMPLE, {"lab": {"name": "vpn-readonly"}})

    with pytest.raises(Wrong, match="2 things are called vpn-readonly; use an ID or an ARN"):
        changed(network, {"vpn-readonly": {}})
    assert shown(network, "vpn-readonly") is None
    assert "trust" in shown(network, "acs:ram::1234567890123456:role/vpn-readonly")
    assert "trust" not in shown(network, "acs:ram::1234567890123456:user/vpn-readonly")


def test_several_things_may_go_at_once() -> None:
    gone = ("vpn-broken00000000000001", "vpn-lossy000000000000001", "vpn-healthy0000000000001", HEALTHY)

    network = changed(EXAMPLE, dict.fromkeys(gone))

    left = [gateway.id for gateway in network.accounts[0].vpn_gateways]
    assert left == [
        "vpn-dual0000000000000001",
        "vpn-updating000000000001",
        "vpn-old00000000000000001",
        "vpn-failing0000000000001",
    ]


def test_a_thing_may_go_together_with_what_refers_to_it() -> None:
    change: dict[str, Any] = {"look": None, "vpn-readonly": {"policies": []}}

    assert changed(EXAMPLE, change).accounts[0].policies.keys() == {"assume-the-roles", "diagnose"}


def test_no_secret_is_shown() -> None:
    network = changed(EXAMPLE, {"LTAIemulatorLab": {"secret": "my-own-secret"}})

    text = str(shown(network))

    for secret in (
        "my-own-secret",
        "emulator-base-secret",
        "the-cloud-has-this-key",
        "emulated-bgp-secret",
        "THY_r9b",
    ):
        assert secret not in text
    held = network.accounts[0].users[1].access_keys[0]
    assert held.secret.get_secret_value() == "my-own-secret"


@pytest.mark.parametrize("name", EXAMPLE.scenarios)
def test_every_scenario_changes_something(name: str) -> None:
    network = EXAMPLE

    assert changed(network, network.scenarios[name].change) != network
    assert network.scenarios[name].says
