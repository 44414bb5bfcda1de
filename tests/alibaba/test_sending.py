"""One attempt as it goes over the wire."""

from datetime import UTC, datetime, timedelta, timezone

import pytest
from pydantic import SecretStr

from bot.alibaba.sending import anonymous_request, secrets_of, signed_request
from bot.alibaba.sts import ASSUME_ROLE, ASSUME_ROLE_WITH_OIDC
from bot.model.credential import Credential

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)


@pytest.mark.parametrize(
    ("base", "host"),
    [
        ("https://sts.aliyuncs.com/", "sts.aliyuncs.com"),
        ("http://127.0.0.1:8080/prefix/", "127.0.0.1:8080"),
        ("http://[::1]:8080/", "[::1]:8080"),
    ],
)
def test_the_host_is_that_of_the_address(base: str, host: str, credential: Credential) -> None:
    url, headers = signed_request(ASSUME_ROLE, base, "A=1", credential, NOON, "n")
    _, unsigned = anonymous_request(ASSUME_ROLE_WITH_OIDC, base, {}, NOON, "n")

    assert str(url) == f"{base}?A=1"
    assert (headers["host"], unsigned["host"]) == (host, host)


def test_the_date_is_sent_in_utc(credential: Credential) -> None:
    in_hangzhou = NOON.astimezone(timezone(timedelta(hours=8)))

    _, headers = signed_request(ASSUME_ROLE, "https://sts.aliyuncs.com/", "", credential, in_hangzhou, "n")

    assert headers["x-acs-date"] == "2026-01-02T12:00:00Z"


def test_what_no_error_may_repeat_is_the_credential_and_what_the_operation_names(credential: Credential) -> None:
    params = {"ExternalId": "shared-with-few", "RoleArn": "acs:ram::1:role/r"}

    assert set(secrets_of(ASSUME_ROLE, params, credential)) == {
        "example-secret",
        "CAIS-example/token+with=reserved&chars%20==",
        "shared-with-few",
    }
    assert secrets_of(ASSUME_ROLE_WITH_OIDC, {"OIDCToken": "eyJ"}, None) == ["eyJ"]
    assert secrets_of(ASSUME_ROLE, {}, Credential(access_key_id="L", access_key_secret=SecretStr("s"))) == ["s"]
