from pathlib import Path
from typing import Any, NamedTuple

import pytest
from pydantic import SecretStr

from bot.access.base_source import (
    OwnKey,
    OwnMachineRole,
    OwnRoleByToken,
    ProviderArn,
    RoleName,
    base_source,
)
from bot.access.identity import RoleArn
from bot.model.problem import Problem
from bot.settings import Settings


class Named(NamedTuple):
    """What settings could say."""

    access_key_id: str | None = None
    access_key_secret: SecretStr | None = None
    security_token: SecretStr | None = None
    role_arn: str | None = None
    oidc_provider_arn: str | None = None
    oidc_token_file: Path | None = None
    ecs_metadata: str | None = None


ROLE = "acs:ram::1234567890123456:role/vpn-diagnose"
PROVIDER = "acs:ram::1234567890123456:oidc-provider/cluster"
FILE = Path("/var/run/secrets/token")
SECRET = SecretStr("planted-secret")

KEY = {"access_key_id": "LTAI1", "access_key_secret": SECRET}
BY_TOKEN = {"role_arn": ROLE, "oidc_provider_arn": PROVIDER, "oidc_token_file": FILE}
MACHINE = {"ecs_metadata": "vpn-diagnose"}


def test_nothing_named_is_no_identity() -> None:
    assert base_source(Named()) is None


@pytest.mark.parametrize(
    ("named", "source"),
    [
        pytest.param(KEY, OwnKey(access_key_id="LTAI1", access_key_secret=SECRET), id="a key"),
        pytest.param(
            KEY | {"security_token": SECRET},
            OwnKey(access_key_id="LTAI1", access_key_secret=SECRET, security_token=SECRET),
            id="a temporary key",
        ),
        pytest.param(
            BY_TOKEN,
            OwnRoleByToken(role_arn=RoleArn(ROLE), provider_arn=ProviderArn(PROVIDER), token_file=FILE),
            id="a token's role",
        ),
        pytest.param(MACHINE, OwnMachineRole(role_name=RoleName("vpn-diagnose")), id="the machine's role"),
    ],
)
def test_each_kind_is_known_by_what_is_named(named: dict[str, Any], source: object) -> None:
    assert base_source(Named(**named)) == source


@pytest.mark.parametrize(
    ("named", "kind"),
    [
        pytest.param(KEY | BY_TOKEN | MACHINE, OwnKey, id="a key before everything"),
        pytest.param(BY_TOKEN | MACHINE, OwnRoleByToken, id="a token before the machine"),
    ],
)
def test_the_precedence_is_the_vendors(named: dict[str, Any], kind: type) -> None:
    assert isinstance(base_source(Named(**named)), kind)


@pytest.mark.parametrize(
    ("named", "missing", "given"),
    [
        ({"access_key_id": "LTAI1"}, "ACCESS_KEY_SECRET", "ACCESS_KEY_ID"),
        ({"access_key_secret": SECRET}, "ACCESS_KEY_ID", "ACCESS_KEY_SECRET"),
        ({"security_token": SECRET}, "ACCESS_KEY_ID", "SECURITY_TOKEN"),
        ({"access_key_id": "LTAI1", "security_token": SECRET}, "ACCESS_KEY_SECRET", "ACCESS_KEY_ID"),
        ({"access_key_id": "STS.1", "access_key_secret": SECRET}, "SECURITY_TOKEN", "ACCESS_KEY_ID"),
        ({"role_arn": ROLE}, "OIDC_PROVIDER_ARN", "ROLE_ARN"),
        ({"oidc_token_file": FILE}, "ROLE_ARN", "OIDC_TOKEN_FILE"),
        ({"role_arn": ROLE, "oidc_provider_arn": PROVIDER}, "OIDC_TOKEN_FILE", "ROLE_ARN"),
        ({"oidc_provider_arn": PROVIDER, "oidc_token_file": FILE}, "ROLE_ARN", "OIDC_PROVIDER_ARN"),
        (KEY | {"role_arn": ROLE}, "OIDC_PROVIDER_ARN", "ROLE_ARN"),
        (MACHINE | {"oidc_token_file": FILE}, "ROLE_ARN", "OIDC_TOKEN_FILE"),
    ],
)
def test_half_an_identity_is_refused_and_not_passed_over(named: dict[str, Any], missing: str, given: str) -> None:
    with pytest.raises(Problem) as raised:
        base_source(Named(**named))

    assert raised.value.code == "settings.identity_incomplete"
    assert raised.value.facts == {"name": f"ALIBABA_CLOUD_{missing}", "given": f"ALIBABA_CLOUD_{given}"}


@pytest.mark.parametrize(
    ("changes", "name"),
    [
        (BY_TOKEN | {"role_arn": "vpn-diagnose"}, "ALIBABA_CLOUD_ROLE_ARN"),
        (BY_TOKEN | {"oidc_provider_arn": ROLE}, "ALIBABA_CLOUD_OIDC_PROVIDER_ARN"),
        ({"ecs_metadata": ROLE}, "ALIBABA_CLOUD_ECS_METADATA"),
    ],
)
def test_a_value_of_another_form_is_named(changes: dict[str, Any], name: str) -> None:
    with pytest.raises(Problem) as raised:
        base_source(Named(**changes))

    assert raised.value.code == "settings.invalid"
    assert raised.value.facts["name"] == name


@pytest.mark.parametrize("named", [KEY | {"security_token": SECRET}, {"access_key_secret": SECRET}], ids=str)
def test_no_secret_is_shown(named: dict[str, Any]) -> None:
    shown = repr(Named(**named))
    try:
        shown += repr(base_source(Named(**named)))
    except Problem as problem:
        shown += repr(problem.facts)

    assert "planted" not in shown


@pytest.mark.parametrize(
    ("named", "said"),
    [
        (KEY, "an access key"),
        (KEY | {"security_token": SECRET}, "a temporary access key"),
        (BY_TOKEN, "the role of a token, /var/run/secrets/token"),
        (MACHINE, "the role of this machine"),
    ],
    ids=["key", "temporary key", "token", "machine"],
)
def test_each_kind_can_be_told_without_its_secret(named: dict[str, Any], said: str) -> None:
    source = base_source(Named(**named))

    assert source is not None
    assert source.described() == said


def test_the_settings_can_be_asked_directly() -> None:
    environ = {"ALIBABA_CLOUD_ECS_METADATA": "vpn-diagnose"}

    assert base_source(Settings.read(environ)) == OwnMachineRole(role_name=RoleName("vpn-diagnose"))
