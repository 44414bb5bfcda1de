import json

import pytest

from tests.emulators.alibaba.client import BASE, LAB, Cloud, Key, Reply

STRANGER = Key("LTAIemulatorStranger", "emulator-stranger-secret")


async def listed(cloud: Cloud, key: Key = LAB, /, **params: str) -> Reply:
    return await cloud.call("DescribeVpnGateways", {"RegionId": "cn-hangzhou"} | params, key=key)


def ids(reply: Reply) -> list[str]:
    return [gateway["VpnGatewayId"] for gateway in reply.body["VpnGateways"]["VpnGateway"]]


async def test_a_gateway_is_told_with_the_documented_fields(cloud: Cloud) -> None:
    reply = await listed(cloud, VpnGatewayId="vpn-healthy0000000000001")

    [gateway] = reply.body["VpnGateways"]["VpnGateway"]
    assert gateway.pop("Tag") == '{"VpnEnableBgp":"false","VpnNewImage":"true","VpnVersion":"v1.2.6"}'
    assert gateway == {
        "VpnGatewayId": "vpn-healthy0000000000001",
        "Name": "office-hangzhou",
        "Description": "everything is as it should be",
        "VpcId": "vpc-healthy0000000000001",
        "VSwitchId": "vsw-healthy0000000000001",
        "Status": "active",
        "BusinessStatus": "Normal",
        "GatewayType": "Traditional",
        "NetworkType": "public",
        "VpnType": "Normal",
        "InternetIp": "198.51.100.10",
        "Spec": "100M",
        "IpsecVpn": "enable",
        "SslVpn": "disable",
        "SslMaxConnections": 5,
        "EnableBgp": False,
        "AutoPropagate": True,
        "ChargeType": "POSTPAY",
        "CreateTime": 1770091506000,
        "EndTime": 4102416000000,
        "ResourceGroupId": "rg-network00000001",
        "Tags": {"Tag": [{"Key": "team", "Value": "network"}, {"Key": "stage", "Value": "production"}]},
        "EniInstanceIds": {"EniInstanceId": []},
    }


async def test_a_region_shows_its_own_gateways_of_the_callers_account(cloud: Cloud) -> None:
    assert ids(await listed(cloud)) == ["vpn-healthy0000000000001", "vpn-broken00000000000001"]
    assert ids(await listed(cloud, STRANGER)) == ["vpn-foreign0000000000001"]
    assert ids(await listed(cloud, RegionId="eu-central-1")) == ["vpn-dual0000000000000001"]
    assert (await listed(cloud, RegionId="cn-atlantis")).code == "InvalidRegionId.NotFound"


@pytest.mark.parametrize(
    ("params", "names"),
    [
        ({"VpnGatewayId": "vpn-broken00000000000001"}, ["broken"]),
        ({"VpcId": "vpc-healthy0000000000001"}, ["healthy"]),
        ({"Status": "active"}, ["healthy", "broken"]),
        ({"Status": "updating"}, []),
        ({"BusinessStatus": "FinancialLocked"}, []),
        ({"GatewayType": "Traditional"}, ["healthy", "broken"]),
        ({"GatewayType": "Enhanced.SiteToSite"}, []),
        ({"ResourceGroupId": "rg-network00000001"}, ["healthy"]),
        ({"Tag.1.Key": "team"}, ["healthy"]),
        ({"Tag.1.Key": "team", "Tag.1.Value": "network", "Tag.2.Key": "stage"}, ["healthy"]),
        ({"Tag.1.Key": "team", "Tag.2.Key": "nowhere"}, []),
        ({"Tag.1.Key": "team", "Tag.1.Value": "Network"}, []),
        ({"Tag.1.Key": "", "Status": "active"}, "IllegalParam.TagKey"),
        ({"Tag.1.Value": "network"}, "IllegalParam.TagKey"),
        ({f"Tag.{n}.Key": "team" for n in range(1, 22)}, "SizeLimitExceeded.TagNum"),
        ({"VpnGatewayId": "vpn-broken00000000000001", "VpcId": "vpc-healthy0000000000001"}, []),
    ],
)  # fmt: skip
async def test_every_filter_narrows(cloud: Cloud, params: dict[str, str], names: list[str] | str) -> None:
    reply = await listed(cloud, LAB, **params)

    if isinstance(names, str):
        assert reply.code == names
    else:
        assert [name.removeprefix("vpn-").rstrip("01") for name in ids(reply)] == names
        assert reply.body["TotalCount"] == len(names)


@pytest.mark.parametrize(
    ("params", "first", "count", "number", "size"),
    [
        ({}, 1, 10, 1, 10),
        ({"PageNumber": "3"}, 21, 3, 3, 10),
        ({"PageNumber": "4"}, 0, 0, 4, 10),
        ({"PageSize": "50"}, 1, 23, 1, 50),
        ({"PageSize": "1", "PageNumber": "23"}, 23, 1, 23, 1),
    ],
)
async def test_lists_come_in_pages(
    crowded: Cloud, params: dict[str, str], first: int, count: int, number: int, size: int
) -> None:
    reply = await listed(crowded, LAB, **params)

    names = ids(reply)
    assert (len(names), names[:1]) == (count, [f"vpn-{first:02}"] if first else [])
    assert {name: reply.body[name] for name in ("PageNumber", "PageSize", "TotalCount")} == {
        "PageNumber": number,
        "PageSize": size,
        "TotalCount": 23,
    }


@pytest.mark.parametrize(
    ("params", "code"),
    [
        ({"PageSize": "0"}, "InvalidPageSize"),
        ({"PageSize": "51"}, "InvalidPageSize"),
        ({"PageSize": "ten"}, "InvalidPageSize"),
        ({"PageSize": "١٠"}, "InvalidPageSize"),
        ({"PageNumber": "0"}, "InvalidPageNumber"),
        ({"PageNumber": "-1"}, "InvalidPageNumber"),
        ({"PageNumber": "9999999999"}, "InvalidPageNumber"),
    ],
)
async def test_a_page_that_cannot_be_is_refused(cloud: Cloud, params: dict[str, str], code: str) -> None:
    assert (await listed(cloud, LAB, **params)).code == code


async def test_who_may_see_one_gateway_sees_it_alone(cloud: Cloud) -> None:
    arn = "acs:vpc:cn-hangzhou:1234567890123456:vpngateway/vpn-healthy0000000000001"
    statement = {"Effect": "Allow", "Action": "vpc:DescribeVpnGateways", "Resource": arn}
    policy = json.dumps({"Version": "1", "Statement": [statement]})
    session = (await cloud.assume(Policy=policy)).session_key

    assert ids(await listed(cloud, session, VpnGatewayId="vpn-healthy0000000000001")) == [
        "vpn-healthy0000000000001"
    ]
    denied = await listed(cloud, session)
    assert (denied.status, denied.code) == (403, "Forbidden")
    assert (await listed(cloud, session, VpnGatewayId="vpn-broken00000000000001")).code == "Forbidden"
    assert (await listed(cloud, BASE)).code == "Forbidden"


async def test_a_gateway_that_supports_no_diagnosis_says_an_older_version(cloud: Cloud) -> None:
    reply = await listed(cloud, RegionId="cn-qingdao", VpnGatewayId="vpn-old00000000000000001")

    [gateway] = reply.body["VpnGateways"]["VpnGateway"]
    assert json.loads(gateway["Tag"])["VpnNewImage"] == "false"
