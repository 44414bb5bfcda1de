from collections.abc import Callable

import pytest

from bot.access.book import Book
from bot.access.identity import AccessKey, RoleArn, RoleToAssume
from bot.access.secrets import SecretReference

Load = Callable[[str], Book]
Refused = Callable[[str], dict[str, str]]

ROLE = "acs:ram::1234567890123456:role/vpn-diagnose-oncall"


def _book(identity: str, name: str = "one") -> str:
    return f"version: 1\nworkspaces: [T0ONE]\nidentities:\n  {name}:\n    {identity}\n"


def test_a_role_is_read(load: Load) -> None:
    identity = load(_book(f"{{assume_role: '{ROLE}', external_id: env:ID, regions: [cn-hangzhou]}}")).identities[
        "one"
    ]

    assert identity.name == "one"
    assert identity.source == RoleToAssume(role_arn=RoleArn(ROLE), external_id=SecretReference("env:ID"))
    assert identity.regions == ("cn-hangzhou",)
    assert identity.guardrail == ()


def test_an_access_key_is_read_as_two_references(load: Load) -> None:
    identity = load(_book("access_key: {id: env:KEY_ID, secret: file:/run/secrets/key}")).identities["one"]

    assert identity.source == AccessKey(
        id=SecretReference("env:KEY_ID"), secret=SecretReference("file:/run/secrets/key")
    )


@pytest.mark.parametrize(
    ("identity", "what", "hint"),
    [
        pytest.param("{}", "exactly one of assume_role and access_key", "assume_role:", id="neither"),
        pytest.param(
            f"{{assume_role: '{ROLE}', access_key: {{id: env:A, secret: env:B}}}}", "exactly one", "or", id="both"
        ),
        pytest.param(ROLE, "text where a mapping belongs", "key: value", id="a role alone"),
        pytest.param(
            "assume_roles: x", "the key assume_roles is not known", "assume_role was meant", id="typing mistake"
        ),
        pytest.param("access_key: {id: env:A}", "the key secret is missing", "secret:", id="half a key"),
        pytest.param(
            "{access_key: {id: env:A, secret: env:B}, external_id: env:C}",
            "no external ID",
            "Leave",
            id="external ID",
        ),
        pytest.param(
            f"{{assume_role: '{ROLE}', external_id: plain}}", "external_id: this is not a", "env:", id="plain"
        ),
        pytest.param(
            f"{{assume_role: '{ROLE}', regions: [Hangzhou]}}", "not a region's ID", "cn-", id="region's name"
        ),
        pytest.param(
            f"{{assume_role: '{ROLE}', regions: cn-hangzhou}}", "where a list", "[", id="region, no list"
        ),
    ],
)
def test_a_mistake_in_an_identity_is_told(refused: Refused, identity: str, what: str, hint: str) -> None:
    facts = refused(_book(identity))

    assert what in facts["what"]
    assert hint in facts["hint"]
    assert facts["what"].startswith("identities.one")


@pytest.mark.parametrize(
    "arn",
    [
        "acs:ram::123456789012****:role/vpn",
        "acs:ram::1234567890123456:user/vpn",
        "acs:ram::1234567890123456:role/",
        "acs:ram::1234567890123456:role/a/b",
        "acs:ram:*:1234567890123456:role/*",
        "arn:aws:iam::123456789012:role/vpn",
        "vpn-diagnose-oncall",
        "acs:ram::1234567890123456:role/vpn\\n",
        "acs:ram::١٢٣:role/vpn",
    ],
)
def test_what_is_not_a_roles_arn_is_refused(refused: Refused, arn: str) -> None:
    facts = refused(_book(f'assume_role: "{arn}"'))

    assert facts["what"] == "identities.one.assume_role: this is not the ARN of a RAM role"
    assert "acs:ram::1234567890123456:role/" in facts["hint"]


@pytest.mark.parametrize("place", ["id", "secret"])
@pytest.mark.parametrize("value", ["plantedSecret0123", "env:", "env:1A", "env:A B", "file:", "vault:x", "ENV:A"])
def test_a_secret_where_a_reference_belongs_is_not_shown(refused: Refused, place: str, value: str) -> None:
    halves = {"id": "env:A", "secret": "env:B"} | {place: value}
    facts = refused(_book(f"access_key: {{id: '{halves['id']}', secret: '{halves['secret']}'}}"))

    assert facts["what"] == f"identities.one.access_key.{place}: this is not a reference to a secret"
    assert "planted" not in str(facts)


@pytest.mark.parametrize("name", ["'two words'", "'*'", "-x", "'<!here>'", "ö", "x" * 65, "''"])
def test_a_name_that_would_need_escaping_is_refused(refused: Refused, name: str) -> None:
    facts = refused(_book(f"assume_role: '{ROLE}'", name))

    assert "cannot be the name of an identity" in facts["what"]
