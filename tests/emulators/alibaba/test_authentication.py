import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from pydantic import SecretStr

from bot.emulators.alibaba.authentication import Nonces, check_signature, read_claim
from bot.emulators.alibaba.callers import Caller, IdentityType
from bot.emulators.alibaba.credentials import Held
from bot.emulators.alibaba.received import Received
from bot.emulators.alibaba.refusals import Refusal
from tests.emulators.alibaba.client import NOON

# Requests captured from the official SDKs, and the example of the documentation.
VECTORS: list[dict[str, Any]] = json.loads(
    (Path(__file__).parents[2] / "alibaba" / "acs3.json").read_text(encoding="utf-8")
)["vectors"]


def as_received(vector: dict[str, Any]) -> Received:
    headers = {name.lower(): value for name, value in vector["headers"].items()}
    headers["authorization"] = vector["authorization"]
    body = vector["body"].encode()
    query = vector["query"]
    return Received(vector["method"], vector["path"], query, headers, body, query)


def held(secret: str) -> Held:
    caller = Caller(
        kind=IdentityType.ACCOUNT,
        account_id="1",
        arn="acs:ram::1:root",
        principal_id="1",
        display_name="1",
        trusted_as=frozenset(),
    )
    return Held(access_key_id="LTAI", secret=SecretStr(secret), caller=caller)


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_what_the_official_sdks_sign_is_accepted(vector: dict[str, Any]) -> None:
    received = as_received(vector)

    claim = read_claim(received)
    check_signature(received, claim, held(vector["access_key_secret"]))

    assert claim.access_key_id == vector["access_key_id"]


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["name"])
def test_with_another_secret_it_is_not(vector: dict[str, Any]) -> None:
    received = as_received(vector)

    with pytest.raises(Refusal) as caught:
        check_signature(received, read_claim(received), held("another"))

    assert caught.value.code == "SignatureDoesNotMatch"
    assert vector["string_to_sign"] in caught.value.message


def test_nonces_are_forgotten_after_half_an_hour_or_when_they_are_too_many() -> None:
    nonces = Nonces()
    nonces.MOST_KEPT = 3
    nonces.use("LTAI", "old", NOON)
    later = NOON + timedelta(minutes=31)
    for name in "abcd":
        nonces.use("LTAI", name, later)

    assert len(nonces._seen) == 3
    nonces.use("LTAI", "old", later)
    with pytest.raises(Refusal, match="SignatureNonceUsed"):
        nonces.use("LTAI", "d", later)
    nonces.use("LTAI2", "d", later)
