from datetime import timedelta

import pytest

from bot.emulators.alibaba.quotas import Quota, Throttle
from bot.emulators.alibaba.refusals import Refusal
from tests.emulators.alibaba.client import EXAMPLE, NOON, Clock, Cloud, served

RESULT = "GetVpnGatewayDiagnoseResult"
ACCOUNTS = ["1", "2"]
REGIONS = ["cn-hangzhou", "cn-qingdao"]


def count(
    throttle: Throttle, times: int, region: str = "cn-hangzhou", account: str = "1", after_s: float = 0
) -> None:
    for _ in range(times):
        throttle.count(RESULT, account, region, NOON + timedelta(seconds=after_s))


async def test_one_call_beyond_the_quota_is_throttled_with_400(cloud: Cloud, clock: Clock) -> None:
    codes = [(await cloud.result("vpndgn-1")).code for _ in range(120)]
    throttled = await cloud.result("vpndgn-1")

    assert "Throttling.User" not in codes
    assert (throttled.status, throttled.code) == (400, "Throttling.User")
    assert throttled.body["Message"] == "Request was denied due to user flow control."
    assert "x-acs-retry-after" not in throttled.headers
    clock.advance(60)
    assert (await cloud.result("vpndgn-1")).code == "InvalidResourceId.NotFound"


async def test_a_reset_forgets_what_was_counted(cloud: Cloud) -> None:
    for _ in range(120):
        await cloud.result("vpndgn-1")
    await cloud.control("POST", "reset")

    assert (await cloud.result("vpndgn-1")).code == "InvalidResourceId.NotFound"


def test_regions_and_accounts_are_counted_apart() -> None:
    throttle = Throttle({}, ACCOUNTS, REGIONS, {})
    count(throttle, 120)
    count(throttle, 120, region="cn-qingdao")
    count(throttle, 120, account="2")

    with pytest.raises(Refusal, match=r"Throttling\.User"):
        count(throttle, 1, region="cn-qingdao")


@pytest.mark.parametrize(
    ("operation", "calls", "seconds"),
    [
        ("DescribeVpnConnections", 600, 60),
        ("DescribeVpnGateways", 600, 60),
        ("GetVpnGatewayDiagnoseResult", 120, 60),
        ("AssumeRole", 100, 1),
        ("AssumeRoleWithOIDC", 100, 1),
        ("GetCallerIdentity", 100, 1),
    ],
)
def test_every_operation_has_its_documented_quota(operation: str, calls: int, seconds: int) -> None:
    throttle = Throttle({}, ACCOUNTS, REGIONS, {})
    for _ in range(calls):
        throttle.count(operation, "1", "cn-hangzhou", NOON)

    with pytest.raises(Refusal, match=r"Throttling\.User"):
        throttle.count(operation, "1", "cn-hangzhou", NOON + timedelta(seconds=seconds, microseconds=-1))
    throttle.count(operation, "1", "cn-hangzhou", NOON + timedelta(seconds=seconds))


@pytest.mark.parametrize("operation", ["AssumeRole", "AssumeRoleWithOIDC", "GetCallerIdentity"])
def test_sts_counts_all_regions_together(operation: str) -> None:
    throttle = Throttle({}, ACCOUNTS, REGIONS, {})
    for number in range(100):
        throttle.count(operation, "1", REGIONS[number % 2], NOON)

    with pytest.raises(Refusal):
        throttle.count(operation, "1", "cn-hangzhou", NOON)


async def test_calls_without_a_signature_count_for_the_account_of_the_role(clock: Clock) -> None:
    accounts = ("1234567890123456", "6543210987654321", "1111111111111111", "2222222222222222")
    quotas = {"AssumeRoleWithOIDC": Quota(calls=1)}
    async with served(EXAMPLE.changed(api_quotas=quotas), clock) as cloud:
        codes = {account: [await with_oidc(cloud, account) for _ in range(2)] for account in accounts}

    refused = "AuthenticationFail.OIDCToken.Invalid"
    assert codes == {
        accounts[0]: [refused, "Throttling.User"],
        accounts[1]: [refused, "Throttling.User"],
        accounts[2]: [refused, "Throttling.User"],
        accounts[3]: ["Throttling.User", "Throttling.User"],
    }


async def with_oidc(cloud: Cloud, account: str) -> str:
    params = {
        "OIDCProviderArn": "acs:ram::1234567890123456:oidc-provider/emulated-cluster",
        "RoleArn": f"acs:ram::{account}:role/some",
        "RoleSessionName": "bot",
        "OIDCToken": "a.b.c",
    }
    return (await cloud.call_unsigned("AssumeRoleWithOIDC", params)).code


def test_the_window_begins_with_the_first_call() -> None:
    throttle = Throttle({}, ACCOUNTS, REGIONS, {})
    count(throttle, 119)
    count(throttle, 1, after_s=59.9)
    with pytest.raises(Refusal):
        count(throttle, 1, after_s=59.9)

    count(throttle, 120, after_s=60)
    with pytest.raises(Refusal):
        count(throttle, 1, after_s=119)


def test_regions_that_do_not_exist_share_one_count() -> None:
    throttle = Throttle({}, ACCOUNTS, REGIONS, {})
    for number in range(120):
        throttle.count(RESULT, "1", f"made-up-{number}", NOON)

    with pytest.raises(Refusal):
        throttle.count(RESULT, "1", "made-up-again", NOON)


def test_a_network_may_have_its_own_quotas() -> None:
    throttle = Throttle({RESULT: Quota(calls=1, seconds=5, by_region=False)}, ACCOUNTS, REGIONS, {})
    count(throttle, 1)

    with pytest.raises(Refusal):
        count(throttle, 1, region="cn-qingdao")
    count(throttle, 1, after_s=5)


def test_what_has_no_documented_quota_is_not_throttled() -> None:
    throttle = Throttle({}, ACCOUNTS, REGIONS, {})

    for _ in range(10_000):
        throttle.count("DiagnoseVpnGateway", "1", "cn-hangzhou", NOON)
