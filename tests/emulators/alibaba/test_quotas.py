from datetime import timedelta

import pytest

from bot.emulators.alibaba.quotas import Quota, Throttle
from bot.emulators.alibaba.refusals import Refusal
from tests.emulators.alibaba.client import NOON, Clock, Cloud

RESULT = "GetVpnGatewayDiagnoseResult"
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
    throttle = Throttle({}, REGIONS, {})
    count(throttle, 120)
    count(throttle, 120, region="cn-qingdao")
    count(throttle, 120, account="2")

    with pytest.raises(Refusal, match=r"Throttling\.User"):
        count(throttle, 1, region="cn-qingdao")


def test_the_window_begins_with_the_first_call() -> None:
    throttle = Throttle({}, REGIONS, {})
    count(throttle, 119)
    count(throttle, 1, after_s=59.9)
    with pytest.raises(Refusal):
        count(throttle, 1, after_s=59.9)

    count(throttle, 120, after_s=60)
    with pytest.raises(Refusal):
        count(throttle, 1, after_s=119)


def test_regions_that_do_not_exist_share_one_count() -> None:
    throttle = Throttle({}, REGIONS, {})
    for number in range(120):
        throttle.count(RESULT, "1", f"made-up-{number}", NOON)

    with pytest.raises(Refusal):
        throttle.count(RESULT, "1", "made-up-again", NOON)


def test_a_network_may_have_its_own_quotas() -> None:
    throttle = Throttle({RESULT: Quota(calls=1, seconds=5, by_region=False)}, REGIONS, {})
    count(throttle, 1)

    with pytest.raises(Refusal):
        count(throttle, 1, region="cn-qingdao")
    count(throttle, 1, after_s=5)


def test_what_has_no_documented_quota_is_not_throttled() -> None:
    throttle = Throttle({}, REGIONS, {})

    for _ in range(10_000):
        throttle.count("DiagnoseVpnGateway", "1", "cn-hangzhou", NOON)
