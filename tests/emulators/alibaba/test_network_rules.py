import pytest

from bot.emulators.alibaba.network_file import read_network
from bot.emulators.alibaba.yaml_document import Mistake

TEXT = """\
version: 1
regions: [{id: cn-hangzhou, name: Hangzhou, local_name: 杭州}]
accounts:
  - id: "1234567890123456"
    access_keys: [{id: LTAIroot, secret: s}]
    users:
      - {name: ann, id: "210000000000000001", access_keys: [{id: LTAIann, secret: s}], policies: [all]}
      - {name: bob, id: "210000000000000002"}
    roles:
      - name: oncall
        id: "310000000000000001"
        trust:
          Version: "1"
          Statement:
          - Effect: Allow
            Action: sts:AssumeRole
            Principal: {RAM: "acs:ram::1234567890123456:root"}
            Condition: {StringEquals: {"sts:ExternalId": x}}
      - {name: instance, id: "310000000000000002", trust: {Version: "1", Statement: [{
          Effect: Allow, Action: "sts:AssumeRole", Principal: {Service: ecs.aliyuncs.com}}]}}
    oidc_providers:
      - {name: one, issuer: "https://one.example.com", client_ids: [a], keys: [{kid: k, n: MODULUS}]}
      - {name: two, issuer: "https://two.example.com", client_ids: [a], keys: [{kid: k, n: MODULUS}]}
    policies:
      all: {Version: "1", Statement: [{Effect: Allow, Action: "*", Resource: "*"}]}
    vpcs:
      - {id: vpc-1, networks: [192.168.0.0/16], hosts: [{ip: 192.168.1.1}]}
    vpn_gateways:
      - {id: vpn-1, region: cn-hangzhou, vpc: vpc-1, connections: [
          {id: vco-1, local_networks: [10.0.0.0/8], remote_networks: [10.0.0.0/8], peer: {public_ip: 10.0.0.1}},
          {id: vco-2, local_networks: [10.0.0.0/8], remote_networks: [10.0.0.0/8], peer: {public_ip: 10.0.0.1}}]}
      - {id: vpn-2, region: cn-hangzhou, vpc: vpc-1, connections: [
          {id: vco-3, local_networks: [10.0.0.0/8], remote_networks: [10.0.0.0/8], tunnels: [
            {id: tun-1, role: master, peer: {public_ip: 10.0.0.1}},
            {id: tun-2, role: slave, peer: {public_ip: 10.0.0.2}}]}]}
api_quotas: {AssumeRole: {calls: 1}}
instance: {role: "acs:ram::1234567890123456:role/instance"}
""".replace("MODULUS", "_" * 172)


def test_the_text_is_right_as_it_is() -> None:
    assert read_network(TEXT).accounts[0].users[0].name == "ann"


@pytest.mark.parametrize(
    ("old", "new", "line", "words"),
    [
        ("LTAIann", "LTAIroot", 7, "LTAIroot is there twice (access key)"),
        ("name: bob", "name: ann", 8, "ann is there twice"),
        ("policies: [all]", "policies: [al]", 7, "al is not among the account's policies"),
        ("StringEquals", "StringIsh", 15, "StringIsh is not a condition operator"),
        ("role/instance", "role/oncall", 37, "oncall does not trust ecs.aliyuncs.com"),
        ("{ip: 192.168.1.1}", "{ip: 10.0.0.1}", 27, "10.0.0.1 is in none of the VPC's networks"),
        ("id: vpn-2", "id: vpn-1", 32, "vpn-1 is there twice (VPN gateway)"),
        ("id: vco-2", "id: vco-1", 31, "vco-1 is there twice (IPsec connection)"),
        ("tun-2", "tun-1", 35, "tun-1 is there twice (tunnel)"),
        ("name: two", "name: one", 23, "one is there twice (OIDC provider)"),
        ("AssumeRole: {", "AssumeRoles: {", 36, "AssumeRoles is not an operation"),
        ("role: slave", "role: master", 33, "tunnels are two"),
        ("tunnels: [", "peer: {public_ip: 10.0.0.9}, tunnels: [", 33, "either a peer or tunnels"),
        (", peer: {public_ip: 10.0.0.1}}]", "}]", 31, "either a peer or tunnels"),
        ('{RAM: "acs:ram::1234567890123456:root"}', "{}", 17, "somebody, under RAM, Federated or Service"),
        ("3456:root", "3456:everybody", 17, "String should match pattern"),
        ("local_name: 杭州}", "local_name: 杭州}, {id: cn-hangzhou, name: a, local_name: b}", 2, "twice (region)"),
    ],
)
def test_what_does_not_fit_together_is_told_with_its_line(old: str, new: str, line: int, words: str) -> None:
    with pytest.raises(Mistake) as caught:
        read_network(TEXT.replace(old, new))

    assert caught.value.line == line
    assert words in caught.value.what
