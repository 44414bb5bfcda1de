"""A temporary credential, or none."""

from datetime import UTC, datetime
from typing import Any

import pytest

from bot.alibaba.temporary import read_temporary

GIVEN = {
    "AccessKeyId": "STS.example-id",
    "AccessKeySecret": "example-secret",
    "SecurityToken": "CAIS-example",
    "Expiration": "2026-01-02T13:00:00Z",
}


def test_a_credential_has_an_end_and_shows_no_secret() -> None:
    credential = read_temporary(GIVEN)

    assert credential is not None
    assert credential.expires_at == datetime(2026, 1, 2, 13, tzinfo=UTC)
    assert credential.access_key_secret.get_secret_value() == "example-secret"
    assert not {"example-secret", "CAIS-example"} & set(repr(credential).split("'"))


@pytest.mark.parametrize("name", GIVEN)
@pytest.mark.parametrize("value", [None, "", 7, ["x"], {"a": "b"}, "two\nlines", "\u5317"], ids=repr)
def test_a_credential_that_lacks_a_part_is_none(name: str, value: Any) -> None:
    assert read_temporary(GIVEN | {name: value}) is None


@pytest.mark.parametrize("value", [None, 7, "x", [], [GIVEN]], ids=repr)
def test_what_is_no_object_is_none(value: Any) -> None:
    assert read_temporary(value) is None
