"""Questions that nobody waits for leave room for those that look at a diagnosis."""

from collections.abc import Callable
from typing import Any

import pytest
from pydantic import SecretStr

from bot.access.sparing import Sparing
from bot.alibaba.ram import DECODE
from bot.alibaba.sts import GET_CALLER_IDENTITY
from bot.alibaba.vpn import DESCRIBE_CONNECTIONS, DESCRIBE_GATEWAYS, GET_RESULT
from bot.model.credential import Credential
from bot.model.ids import RegionId

HANGZHOU, QINGDAO = RegionId("cn-hangzhou"), RegionId("cn-qingdao")


class Seconds:
    """A clock that is put forward by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def seconds() -> Seconds:
    return Seconds()


@pytest.fixture
def sparing(seconds: Seconds) -> Sparing:
    return Sparing(seconds)


def of_account(account: str | None = "1", key: str = "STS.1") -> Credential:
    return Credential(access_key_id=key, access_key_secret=SecretStr("x"), account_id=account)


def passing(lets: Callable[[], bool], asked: int = 200) -> int:
    return sum(lets() for _ in range(asked))


@pytest.mark.parametrize(
    ("operation", "at_once"),
    [(GET_RESULT, 5), (DESCRIBE_GATEWAYS, 20), (GET_CALLER_IDENTITY, 15), (DECODE, 8)],
    ids=lambda value: str(getattr(value, "name", value)),
)
def test_half_of_what_may_pass_at_once_is_used(sparing: Sparing, operation: Any, at_once: int) -> None:
    assert passing(lambda: sparing.lets(operation, of_account(), HANGZHOU)) == at_once


def test_a_quarter_of_what_may_pass_in_a_minute_is_used(sparing: Sparing, seconds: Seconds) -> None:
    passed = passing(lambda: sparing.lets(GET_RESULT, of_account(), HANGZHOU))
    for second in range(1, 61):
        seconds.now = float(second)
        passed += passing(lambda: sparing.lets(GET_RESULT, of_account(), HANGZHOU), asked=3)

    assert passed == 5 + 22  # of 10 at once and 90 a minute


def test_whoever_is_alone_with_the_cloud_may_use_all_of_it(seconds: Seconds) -> None:
    alone = Sparing(seconds, at_once=1, in_the_long_run=1)

    assert passing(lambda: alone.lets(GET_RESULT, of_account(), HANGZHOU)) == 10


def test_each_account_and_region_is_counted_apart(sparing: Sparing) -> None:
    passing(lambda: sparing.lets(GET_RESULT, of_account(), HANGZHOU))

    assert sparing.lets(GET_RESULT, of_account(), QINGDAO)
    assert sparing.lets(GET_RESULT, of_account("2"), HANGZHOU)
    assert not sparing.lets(GET_RESULT, of_account(key="STS.2"), HANGZHOU)


def test_a_key_whose_account_is_not_known_is_counted_for_itself(sparing: Sparing) -> None:
    passing(lambda: sparing.lets(GET_RESULT, of_account(None), HANGZHOU))

    assert sparing.lets(GET_RESULT, of_account(None, "STS.2"), HANGZHOU)


def test_operations_that_share_a_quota_share_what_is_used_of_it(sparing: Sparing) -> None:
    passing(lambda: sparing.lets(DESCRIBE_GATEWAYS, of_account(), HANGZHOU))

    assert not sparing.lets(DESCRIBE_CONNECTIONS, of_account(), HANGZHOU)
