import pytest

from tests.emulators.alibaba.client import BASE, LAB, Cloud, Key, Reply


async def listed(cloud: Cloud, key: Key = LAB, /, **params: str) -> Reply:
    return await cloud.call("DescribeVpnConnections", {"RegionId": "cn-hangzhou"} | params, key=key)


def ids(reply: Reply) -> list[str]:
    return [connection["VpnConnectionId"] for connection in reply.body["VpnConnections"]["VpnConnection"]]


async def test_a_connection_is_told_with_its_keys(cloud: Cloud) -> None:
    reply = await listed(cloud, VpnConnectionId="vco-healthy0000000000001")

    [connection] = reply.body["VpnConnections"]["VpnConnection"]
    assert connection == {
        "VpnConnectionId": "vco-healthy0000000000001",
        "Name": "to-the-office",
        "VpnGatewayId": "vpn-healthy0000000000001",
        "CustomerGatewayId": "cgw-office00000000000001",
        "AttachType": "VPNGW",
        "NetworkType": "public",
        "InternetIp": "198.51.100.10",
        "LocalSubnet": "192.168.0.0/16",
        "RemoteSubnet": "10.8.0.0/16",
        "Status": "ipsec_sa_established",
        "State": "active",
        "CreateTime": 1770094800000,
        "EffectImmediately": False,
        "EnableDpd": True,
        "EnableNatTraversal": True,
        "EnableTunnelsBgp": False,
        "CrossAccountAuthorized": False,
        "ResourceGroupId": "rg-network00000001",
        "Tag": {"Tag": [{"Key": "team", "Value": "network"}]},
        "VcoHealthCheck": {"Enable": "false", "Interval": 3, "Retry": 3, "Policy": "revoke_route"},
        "IkeConfig": {
            "IkeVersion": "ikev2",
            "IkeMode": "main",
            "IkeEncAlg": "aes256",
            "IkeAuthAlg": "sha256",
            "IkePfs": "group14",
            "IkeLifetime": 86400,
            "LocalId": "198.51.100.10",
            "RemoteId": "203.0.113.10",
            "Psk": "emulated-pre-shared-key",
        },
        "IpsecConfig": {
            "IpsecEncAlg": "aes",
            "IpsecAuthAlg": "sha1",
            "IpsecPfs": "group2",
            "IpsecLifetime": 86400,
        },
        "VpnBgpConfig": {},
    }


async def test_a_pair_of_tunnels_is_told_tunnel_by_tunnel_and_as_text(cloud: Cloud) -> None:
    reply = await listed(cloud, RegionId="eu-central-1")

    [connection] = reply.body["VpnConnections"]["VpnConnection"]
    master, slave = connection["TunnelOptionsSpecification"]["TunnelOptions"]
    assert (master["TunnelId"], master["Role"], master["TunnelIndex"]) == ("tun-master00000000000001", "master", 1)
    assert (slave["TunnelId"], slave["Role"], slave["TunnelIndex"]) == ("tun-slave000000000000001", "slave", 2)
    assert (master["Status"], slave["Status"]) == ("ike_sa_not_established", "ipsec_sa_established")
    assert connection["Status"] == "ipsec_sa_established"
    assert (master["ZoneNo"], master["EnableDpd"]) == ("eu-central-1a", "true")
    assert master["TunnelIkeConfig"]["IkeLifetime"] == "86400"
    assert master["TunnelIkeConfig"]["Psk"] == "the-cloud-has-this-key"
    assert master["TunnelBgpConfig"] == {
        "BgpStatus": "false",
        "LocalAsn": "45104",
        "PeerAsn": "65001",
        "TunnelCidr": "169.254.10.0/30",
        "LocalBgpIp": "169.254.10.1",
        "PeerBgpIp": "169.254.10.2",
    }
    assert connection["VpnBgpConfig"]["AuthKey"] == "emulated-bgp-secret"
    assert connection["VpnBgpConfig"]["LocalAsn"] == 45104
    assert connection["EnableTunnelsBgp"] is True


@pytest.mark.parametrize(
    ("params", "names"),
    [
        ({}, ["healthy", "broken", "branches"]),
        ({"VpnConnectionId": "vco-branches000000000001"}, ["branches"]),
        ({"VpnGatewayId": "vpn-broken00000000000001"}, ["broken", "branches"]),
        ({"CustomerGatewayId": "cgw-office00000000000001"}, ["healthy"]),
        ({"ResourceGroupId": "rg-network00000001"}, ["healthy"]),
        ({"Tag.1.Key": "team", "Tag.1.Value": "network"}, ["healthy"]),
        ({"VpnConnectionId": "vco-nobodys0000000000001"}, []),
        ({"VpnConnectionId": "vco-foreign0000000000001"}, []),
    ],
)
async def test_every_filter_narrows(cloud: Cloud, params: dict[str, str], names: list[str]) -> None:
    reply = await listed(cloud, LAB, **params)

    assert [name.removeprefix("vco-").rstrip("01") for name in ids(reply)] == names


async def test_lists_come_in_pages(crowded: Cloud) -> None:
    reply = await listed(crowded, LAB, PageNumber="3")

    assert ids(reply) == ["vco-21", "vco-22", "vco-23"]
    assert reply.body["TotalCount"] == 23


async def test_to_see_all_connections_is_a_permission(cloud: Cloud) -> None:
    denied = await listed(cloud, BASE)

    assert (denied.status, denied.code) == (403, "Forbidden")
    assert denied.body["AccessDeniedDetail"]["AuthAction"] == "vpc:DescribeVpnConnections"


async def test_the_ledger_shows_none_of_the_keys(cloud: Cloud) -> None:
    await listed(cloud, RegionId="eu-central-1")

    text = str(await cloud.calls())
    assert "the-cloud-has-this-key" not in text
    assert "emulated-bgp-secret" not in text
