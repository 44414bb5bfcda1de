import json

import pytest

from tests.emulators.alibaba.client import BASE, EXAMPLE, LAB, ROOT, Clock, Cloud, Key, served

ENDS = '{"PrivateSourceIp":"192.168.1.1","PrivateDestinationIp":"10.8.0.1"}'
STRANGER = Key("LTAIemulatorStranger", "emulator-stranger-secret")


async def test_regions_are_chinese_unless_english_is_asked_for(cloud: Cloud) -> None:
    chinese = await cloud.call("DescribeRegions")
    english = await cloud.call("DescribeRegions", {"AcceptLanguage": "en-US"})

    assert chinese.body["Regions"]["Region"][0] == {
        "RegionId": "cn-hangzhou",
        "RegionEndpoint": "vpc.cn-hangzhou.aliyuncs.com",
        "LocalName": "华东1（杭州）",
    }
    assert english.body["Regions"]["Region"][0]["LocalName"] == "China (Hangzhou)"


async def test_a_start_answers_with_a_diagnose_id_and_nothing_else(cloud: Cloud) -> None:
    reply = await cloud.start()

    assert reply.status == 200
    assert reply.body.keys() == {"DiagnoseId", "RequestId"}
    assert reply.body["DiagnoseId"].startswith("vpndgn-")


async def test_a_diagnosis_takes_its_time_and_shows_what_is_done(cloud: Cloud, clock: Clock) -> None:
    diagnose_id = (await cloud.start(IPsecExtendInfo=ENDS)).body["DiagnoseId"]

    counts = []
    for _ in range(8):
        body = (await cloud.result(diagnose_id)).body
        assert len(body["DiagnoseResult"]) == body["FinishedCount"]
        assert ("FinishTime" in body) is (body["FinishedCount"] == 7)
        counts.append(body["FinishedCount"])
        clock.advance(1)

    assert counts == [0, 1, 2, 3, 4, 5, 6, 7]


async def test_a_finished_report_has_the_documented_fields(cloud: Cloud, clock: Clock) -> None:
    diagnose_id = (await cloud.start(IPsecExtendInfo=ENDS)).body["DiagnoseId"]
    clock.advance(20)

    body = (await cloud.result(diagnose_id)).body

    assert {name: value for name, value in body.items() if name not in {"DiagnoseResult", "RequestId"}} == {
        "DiagnoseId": diagnose_id,
        "VpnGatewayId": "vpn-healthy0000000000001",
        "ResourceInstanceId": "vco-healthy0000000000001",
        "ResourceType": "IPsec",
        "BeginTime": "2026-11-23T12:00:00Z",
        "FinishTime": "2026-11-23T12:00:07Z",
        "FinishedCount": 7,
        "TotalCount": 7,
    }
    assert {item["DiagnoseResultLevel"] for item in body["DiagnoseResult"]} == {"normal"}
    assert all(isinstance(json.loads(item["DiagnoseResultDescription"]), dict) for item in body["DiagnoseResult"])


async def test_without_private_ends_there_are_six_checks(cloud: Cloud, clock: Clock) -> None:
    diagnose_id = (await cloud.start()).body["DiagnoseId"]
    clock.advance(7)

    assert (await cloud.result(diagnose_id)).body["TotalCount"] == 6


@pytest.mark.parametrize(
    ("name", "levels"),
    [
        ("broken", ["error", "warning", "normal", "normal", "error", "error", "error"]),
        ("lossy", ["warning", "normal", "normal", "normal", "normal", "warning", "warning"]),
    ],
)
async def test_the_examples_show_their_faults(cloud: Cloud, clock: Clock, name: str, levels: list[str]) -> None:
    region = "cn-qingdao" if name == "lossy" else "cn-hangzhou"
    diagnose_id = (await cloud.start(name, IPsecExtendInfo=ENDS, RegionId=region)).body["DiagnoseId"]
    clock.advance(7)

    body = (await cloud.result(diagnose_id, RegionId=region)).body

    assert [item["DiagnoseResultLevel"] for item in body["DiagnoseResult"]] == levels


async def test_of_two_tunnels_the_one_in_use_is_diagnosed(cloud: Cloud, clock: Clock) -> None:
    frankfurt = "eu-central-1"
    diagnose_id = (await cloud.start("dual", IPsecExtendInfo=ENDS, RegionId=frankfurt)).body["DiagnoseId"]
    clock.advance(7)

    checks = (await cloud.result(diagnose_id, RegionId=frankfurt)).body["DiagnoseResult"]

    wrong = [item["DiagnoseName"] for item in checks if item["DiagnoseResultLevel"] != "normal"]
    assert wrong == ["VcoConfigConsistency"]
    [internet] = [item for item in checks if item["DiagnoseName"] == "VcoUserInternetIpConnectivity"]
    assert json.loads(internet["DiagnoseResultDescription"])["targetIp"] == "203.0.113.61"


@pytest.mark.parametrize(
    ("name", "changes", "code", "status"),
    [
        ("updating", {"RegionId": "cn-qingdao"}, "VpnGateway.Configuring", 400),
        ("old", {"RegionId": "cn-qingdao"}, "OperationUnsupported.DiagnoseVpn", 400),
        ("failing", {"RegionId": "cn-qingdao"}, "OperationFailed.StartDiagnose", 400),
        ("foreign", {}, "Forbidden", 403),
        ("nobodys", {}, "InvalidVpnGatewayInstanceId.NotFound", 404),
        ("healthy", {"RegionId": "cn-qingdao"}, "InvalidVpnGatewayInstanceId.NotFound", 404),
        ("healthy", {"RegionId": "cn-atlantis"}, "InvalidRegionId.NotFound", 404),
        ("healthy", {"ResourceId": "vco-broken00000000000001"}, "InvalidResourceId.NotFound", 404),
        ("healthy", {"ResourceType": "SslVpn"}, "IllegalParam.ResourceType", 400),
        ("healthy", {"IPsecExtendInfo": "{"}, "InvalidIPsecExtendInfo", 400),
        ("healthy", {"IPsecExtendInfo": "[" * 2000}, "InvalidIPsecExtendInfo", 400),
        ("healthy", {"IPsecExtendInfo": "[]"}, "InvalidIPsecExtendInfo", 400),
        ("healthy", {"ClientToken": "令牌"}, "InvalidClientToken", 400),
        ("healthy", {"ClientToken": "x" * 65}, "InvalidClientToken", 400),
    ],
)  # fmt: skip
async def test_a_start_is_refused_for_its_cause(
    cloud: Cloud, name: str, changes: dict[str, str], code: str, status: int
) -> None:
    reply = await cloud.start(name, **changes)

    assert (reply.code, reply.status) == (code, status)
    assert reply.body["Message"]
    assert [call for call in await cloud.calls() if call["facts"].get("accepted_start")] == []


DOCUMENTED = {
    "IdempotentParameterMismatch": 400,
    "VpnGateway.Configuring": 400,
    "OperationUnsupported.DiagnoseVpn": 400,
    "IllegalParam.ResourceType": 400,
    "OperationFailed.VpnGatewayDiagnosing": 400,
    "OperationFailed.StartDiagnose": 400,
    "IllegalParam.PrivateSourceIp": 400,
    "IllegalParam.PrivateDestinationIp": 400,
    "Forbidden": 403,
    "InvalidVpnGatewayInstanceId.NotFound": 404,
    "InvalidResourceId.NotFound": 404,
}


async def test_every_documented_code_has_a_real_cause(cloud: Cloud) -> None:
    qingdao = {"RegionId": "cn-qingdao"}
    await cloud.start(ClientToken="used")

    replies = [
        await cloud.start("broken", ClientToken="used"),
        await cloud.start("updating", **qingdao),
        await cloud.start("old", **qingdao),
        await cloud.start(ResourceType="SSL"),
        await cloud.start(),
        await cloud.start("failing", **qingdao),
        await cloud.start(IPsecExtendInfo=ENDS.replace("192.168.1.1", "192.168.1.500")),
        await cloud.start(IPsecExtendInfo=ENDS.replace("10.8.0.1", "")),
        await cloud.start("foreign"),
        await cloud.start("nobodys"),
        await cloud.start(ResourceId="vco-nobodys0000000000001"),
    ]

    assert {reply.code: reply.status for reply in replies} == DOCUMENTED
    assert all(reply.body["Message"] for reply in replies)


async def test_descriptions_may_be_escaped_as_the_documentation_shows_them(clock: Clock) -> None:
    async with served(EXAMPLE.changed(result_descriptions="escaped"), clock) as cloud:
        diagnose_id = (await cloud.start()).body["DiagnoseId"]
        clock.advance(7)
        [quota] = [
            check["DiagnoseResultDescription"]
            for check in (await cloud.result(diagnose_id)).body["DiagnoseResult"]
            if check["DiagnoseName"] == "VpnRouteQuota"
        ]

    assert quota == r"{\"quotaName\":\"vpn_route_entry\",\"quantity\":20,\"used\":1}"


@pytest.mark.parametrize(
    ("source", "destination", "code"),
    [
        ('"10.0.0.1"', "null", "IllegalParam.PrivateDestinationIp"),
        ("null", '"10.0.0.1"', "IllegalParam.PrivateSourceIp"),
        ('"192.168.1.1"', '"10.8.0.256"', "IllegalParam.PrivateDestinationIp"),
        ('"fe80::1"', '"10.8.0.1"', "IllegalParam.PrivateSourceIp"),
        ('"192.168.1.0/24"', '"10.8.0.1"', "IllegalParam.PrivateSourceIp"),
        ("3232235777", '"10.8.0.1"', "IllegalParam.PrivateSourceIp"),
    ],
    ids=["only a source", "only a destination", "no address", "IPv6", "a network", "a number"],
)
async def test_a_private_end_that_is_no_ipv4_address_is_named(
    cloud: Cloud, source: str, destination: str, code: str
) -> None:
    info = f'{{"PrivateSourceIp":{source},"PrivateDestinationIp":{destination}}}'

    assert (await cloud.start(IPsecExtendInfo=info)).code == code


async def test_the_type_of_resource_is_taken_in_both_documented_spellings(cloud: Cloud) -> None:
    assert (await cloud.start(ResourceType="Ipsec")).code == "ok"


async def test_private_ends_that_are_both_left_empty_are_none(cloud: Cloud) -> None:
    assert (await cloud.start(IPsecExtendInfo='{"PrivateSourceIp":"","PrivateDestinationIp":""}')).code == "ok"


async def test_a_gateway_is_diagnosed_once_at_a_time(cloud: Cloud, clock: Clock) -> None:
    first = await cloud.start()

    assert (await cloud.start()).code == "OperationFailed.VpnGatewayDiagnosing"
    assert (await cloud.start("broken")).code == "ok"
    clock.advance(7)
    again = await cloud.start()
    assert again.code == "ok"
    assert again.body["DiagnoseId"] != first.body["DiagnoseId"]


async def test_the_same_token_with_the_same_parameters_starts_nothing_new(cloud: Cloud, clock: Clock) -> None:
    first = await cloud.start(ClientToken="t-1")
    during = await cloud.start(ClientToken="t-1")
    clock.advance(60)
    after = await cloud.start(ClientToken="t-1")

    assert during.body["DiagnoseId"] == after.body["DiagnoseId"] == first.body["DiagnoseId"]
    assert [call["facts"]["accepted_start"] for call in await cloud.calls()] == [True, False, False]


async def test_the_same_token_with_other_parameters_is_a_mismatch(cloud: Cloud) -> None:
    await cloud.start(ClientToken="t-1")

    assert (await cloud.start("broken", ClientToken="t-1")).code == "IdempotentParameterMismatch"
    assert (await cloud.start(ClientToken="t-1", IPsecExtendInfo=ENDS)).code == "IdempotentParameterMismatch"


async def test_a_refused_start_does_not_use_up_its_token(cloud: Cloud, clock: Clock) -> None:
    await cloud.start(ClientToken="t-1")
    assert (await cloud.start(ClientToken="t-2")).code == "OperationFailed.VpnGatewayDiagnosing"
    clock.advance(7)

    assert (await cloud.start(ClientToken="t-2")).code == "ok"


async def test_a_diagnosis_needs_permission_on_everything(cloud: Cloud) -> None:
    session = (await cloud.assume("vpn-readonly")).session_key

    reply = await cloud.start("healthy", session)

    assert (reply.status, reply.code) == (403, "Forbidden")
    detail = reply.body["AccessDeniedDetail"]
    assert detail.pop("EncodedDiagnosticMessage")
    assert detail == {
        "AuthAction": "vpc:DiagnoseVpnGateway",
        "AuthPrincipalType": "AssumedRoleUser",
        "AuthPrincipalDisplayName": "vpn-readonly:slack-T0EMULATED-U0ALICE",
        "AuthPrincipalOwnerId": "1234567890123456",
        "NoPermissionType": "ImplicitDeny",
        "PolicyType": "AccountLevelIdentityBasedPolicy",
    }


async def test_who_may_not_diagnose_learns_nothing_about_gateways(cloud: Cloud) -> None:
    codes = {(await cloud.start(name, BASE)).code for name in ("healthy", "nobodys", "foreign")}

    assert codes == {"Forbidden"}


async def test_the_root_user_may_diagnose(cloud: Cloud) -> None:
    assert (await cloud.start("healthy", ROOT)).code == "ok"


async def test_the_latest_diagnosis_of_a_gateway_is_found_without_its_id(cloud: Cloud, clock: Clock) -> None:
    await cloud.start()
    clock.advance(7)
    latest = (await cloud.start()).body["DiagnoseId"]

    reply = await cloud.result("", VpnGatewayId="vpn-healthy0000000000001")

    assert reply.body["DiagnoseId"] == latest


@pytest.mark.parametrize(
    ("changes", "code"),
    [
        ({}, "MissingDiagnoseId"),
        ({"RegionId": ""}, "MissingRegionId"),
        ({"RegionId": "cn-atlantis", "DiagnoseId": "THE ONE"}, "InvalidRegionId.NotFound"),
        ({"RegionId": "cn-qingdao", "DiagnoseId": "THE ONE"}, "InvalidResourceId.NotFound"),
        ({"DiagnoseId": "vpndgn-nobodys"}, "InvalidResourceId.NotFound"),
        ({"DiagnoseId": "THE ONE", "VpnGatewayId": "vpn-broken00000000000001"}, "InvalidResourceId.NotFound"),
        ({"VpnGatewayId": "vpn-broken00000000000001"}, "InvalidResourceId.NotFound"),
        ({"VpnGatewayId": "vpn-nobodys0000000000001"}, "InvalidVpnGatewayInstanceId.NotFound"),
        ({"VpnGatewayId": "vpn-foreign0000000000001"}, "Forbidden"),
    ],
)
async def test_a_result_is_refused_for_its_cause(cloud: Cloud, changes: dict[str, str], code: str) -> None:
    the_one = (await cloud.start()).body["DiagnoseId"]
    if changes.get("DiagnoseId") == "THE ONE":
        changes = changes | {"DiagnoseId": the_one}

    reply = await cloud.result(changes.pop("DiagnoseId", ""), **changes)

    assert reply.code == code


async def test_another_accounts_diagnosis_is_not_found(cloud: Cloud) -> None:
    diagnose_id = (await cloud.start()).body["DiagnoseId"]

    assert (await cloud.result(diagnose_id, STRANGER)).code == "InvalidResourceId.NotFound"


async def test_a_result_needs_permission_on_the_gateway_alone(cloud: Cloud) -> None:
    diagnose_id = (await cloud.start()).body["DiagnoseId"]
    codes = {}
    for gateway in ("vpn-healthy0000000000001", "vpn-broken00000000000001"):
        arn = f"acs:vpc:cn-hangzhou:1234567890123456:vpngateway/{gateway}"
        statement = {"Effect": "Allow", "Action": "vpc:GetVpnGatewayDiagnoseResult", "Resource": arn}
        policy = json.dumps({"Version": "1", "Statement": [statement]})
        session = (await cloud.assume(Policy=policy)).session_key
        codes[gateway] = (await cloud.result(diagnose_id, session)).code

    assert codes == {"vpn-healthy0000000000001": "ok", "vpn-broken00000000000001": "Forbidden"}


async def test_a_reader_may_see_what_another_started(cloud: Cloud) -> None:
    diagnose_id = (await cloud.start("healthy", LAB)).body["DiagnoseId"]
    reader = (await cloud.assume("vpn-readonly")).session_key

    assert (await cloud.result(diagnose_id, reader)).code == "ok"
