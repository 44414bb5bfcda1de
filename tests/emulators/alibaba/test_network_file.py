from pathlib import Path

import pytest

from bot.emulators.alibaba.network_file import load_network, read_network
from bot.emulators.alibaba.yaml_document import Mistake
from bot.model.problem import Problem

SMALL = """\
version: 1
regions:
  - {id: cn-hangzhou, name: Hangzhou, local_name: 杭州}
accounts:
  - id: "1234567890123456"
    vpcs:
      - {id: vpc-1, networks: [192.168.0.0/16]}
    vpn_gateways:
      - id: vpn-1
        region: cn-hangzhou
        vpc: vpc-1
        connections:
          - id: vco-1
            local_networks: [192.168.0.0/16]
            remote_networks: [10.0.0.0/8]
            routes: [10.0.0.0/8]
            peer: {public_ip: 203.0.113.1}
"""

KEY = """\
    oidc_providers:
      - name: mine
        issuer: https://oidc.example.com
        client_ids: [me]
        keys: [{{kid: one, {}}}]
    vpcs:"""
MODULUS = f"n: {'_' * 172}"


def test_the_example_has_what_the_documentation_names() -> None:
    network = load_network()

    for name in ("vpn-healthy0000000000001", "vpn-broken00000000000001", "vpn-lossy000000000000001"):
        found = network.gateway(name)
        assert found is not None
        assert found[1].connections


def test_a_file_of_ones_own_is_read(tmp_path: Path) -> None:
    path = tmp_path / "mine.yml"
    path.write_text(SMALL, encoding="utf-8")

    found = load_network(path).gateway("vpn-1")

    assert found is not None
    assert found[0].id == "1234567890123456"


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("    vpcs:", "    vpcz:", 6, "accounts.vpcz: there is no such key"),
        ("        vpc: vpc-1\n", "", 9, "accounts.vpn_gateways.vpc is missing"),
        ('"1234567890123456"', "1234567890123456", 5, "accounts.id should be text; put it in quotes"),
        ("version: 1", "version: 2", 1, "version"),
        ("routes: [10.0.0.0/8]", "routes: [10.1.0.0/8]", 16, "without bits beyond its prefix"),
        ("routes: [10.0.0.0/8]", "routes: [10]", 16, "should be text"),
        ("routes: [10.0.0.0/8]", "routes: [10.0.0.0/8, 10.0.0.0/8]", 16, "there twice"),
        ("region: cn-hangzhou", "region: cn-nowhere", 10, "cn-nowhere is not among the regions"),
        ("vpc: vpc-1", "vpc: vpc-2", 11, "vpc-2 is not among the account's vpcs"),
        ("id: vpn-1", "id: vpn-****", 9, "not a VpnGatewayId"),
        ("203.0.113.1}", "203.0.113.1, path: {loss_percent: 101}}", 17, "less than or equal to 100"),
        ("203.0.113.1}", "203.0.113.1000}", 17, "public_ip: should be an address such as"),
        ("{id: vpc-1, networks: [192.168.0.0/16]}", "vpc-1", 7, "accounts.vpcs: should have keys and values"),
        ("accounts:", "instance: {role: acs:ram::1234567890123456:role/x}\naccounts:", 4, "role/x is not a role"),
        (
            "accounts:",
            "scenarios: {lost: {change: {vpn-7: {status: updating}}}}\naccounts:",
            4,
            "scenario lost: nothing is called vpn-7",
        ),
        (
            "accounts:",
            "scenarios:\n  torn: {change: {vco-1: {peer: null}}}\naccounts:",
            5,
            "scenario torn: accounts.vpn_gateways.connections: a connection has either a peer or tunnels",
        ),
        (
            "accounts:",
            "api_quotas: {DescribeRegions: {calls: 1, seconds: 99999999999999999}}\naccounts:",
            4,
            "api_quotas.DescribeRegions.seconds: Input should be less than or equal to 86400",
        ),
        (
            "accounts:",
            "api_quotas: {DescribeRegions: {calls: 99999999999999999}}\naccounts:",
            4,
            "api_quotas.DescribeRegions.calls: Input should be less than or equal to 1000000000",
        ),
        (
            "    vpcs:",
            KEY.format("n: AAAA"),
            10,
            "keys.n: should be an odd number of 1024 bits or more, in base64url",
        ),
        (
            "    vpcs:",
            KEY.format("n: AAAAA"),
            10,
            "keys.n: should be an odd number of 1024 bits or more, in base64url",
        ),
        ("    vpcs:", KEY.format(f"n: {'_' * 170}"), 10, "keys.n: should be an odd number of 1024 bits or more"),
        ("    vpcs:", KEY.format(f"n: {'_' * 170}4"), 10, "keys.n: should be an odd number of 1024 bits or more"),
        ("    vpcs:", KEY.format(f"{MODULUS}, e: AAAAA"), 10, "keys.e: should be an odd number of 2 bits or more"),
        ("    vpcs:", KEY.format(f"{MODULUS}, e: AAAA"), 10, "keys.e: should be an odd number of 2 bits or more"),
        (
            "    vpcs:",
            KEY.format(f"{MODULUS}, d: hush!"),
            10,
            "keys.d: should be an odd number of 2 bits or more, in base64url",
        ),
        ("accounts:", "accounts: []\nmore:", 5, "more: there is no such key"),
        (SMALL[SMALL.index("accounts:") :], "accounts: []", 4, "accounts: should not be empty"),
        (SMALL, "# nothing", 1, "the file: "),
    ],
)
def test_a_mistake_is_told_with_its_line(old: str, new: str, line: int, words: str) -> None:
    with pytest.raises(Mistake) as caught:
        read_network(SMALL.replace(old, new))

    assert caught.value.line == line
    assert words in caught.value.what


def test_a_mistake_never_repeats_a_secret() -> None:
    text = SMALL.replace("    vpcs:", "    access_keys: [{id: LTAI, secret: [hush-hush]}]\n    vpcs:")

    with pytest.raises(Mistake) as caught:
        read_network(text)

    assert "secret" in caught.value.what
    assert "hush" not in caught.value.what


def test_a_problem_names_the_file_and_the_line(tmp_path: Path) -> None:
    path = tmp_path / "mine.yml"
    path.write_text("version: 1\nversion: 1\n", encoding="utf-8")

    with pytest.raises(Problem) as caught:
        load_network(path)

    assert caught.value.code == "settings.network_file"
    assert caught.value.facts == {"file": str(path), "line": "2", "what": "version stands here twice"}


@pytest.mark.parametrize("content", [None, b"\xff\xfe\x00"], ids=["not there", "not text"])
def test_a_file_that_cannot_be_read_is_told(tmp_path: Path, content: bytes | None) -> None:
    path = tmp_path / "mine.yml"
    if content is not None:
        path.write_bytes(content)

    with pytest.raises(Problem) as caught:
        load_network(path)

    assert caught.value.facts["file"] == str(path)
