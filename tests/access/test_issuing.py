from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.access.identity import AccessKey, Identity, RoleArn, RoleToAssume
from bot.access.issuing import Issuer
from bot.access.secrets import SecretReference
from bot.model.problem import Problem

if TYPE_CHECKING:
    from bot.model.credential import Credential
    from tests.access.conftest import Cloud

KEY = Identity(name="lab", source=AccessKey(id=SecretReference("env:KEY_ID"), secret=SecretReference("file:key")))
ROLE = Identity(name="oncall", source=RoleToAssume(role_arn=RoleArn("acs:ram::1:role/oncall")))
EXTERNAL = Identity(
    name="external",
    source=RoleToAssume(
        role_arn=RoleArn("acs:ram::1:role/oncall"), external_id=SecretReference("env:EXTERNAL_ID")
    ),
)


def test_an_identity_that_has_all_it_needs_passes_the_check(
    cloud: "Cloud", base: "Credential", tmp_path: Path
) -> None:
    (tmp_path / "key").write_text("value")
    issuer = Issuer(cloud.sts, base, {"KEY_ID": "LTAI", "EXTERNAL_ID": "abc"}, tmp_path)

    for identity in (KEY, ROLE, EXTERNAL):
        issuer.check(identity)


@pytest.mark.parametrize(
    ("identity", "reference", "reason"),
    [
        pytest.param(KEY, "env:KEY_ID", "is not set", id="key's id"),
        pytest.param(EXTERNAL, "env:EXTERNAL_ID", "is not set", id="external id"),
    ],
)
def test_a_missing_secret_is_found_before_it_is_needed(
    cloud: "Cloud", base: "Credential", tmp_path: Path, identity: Identity, reference: str, reason: str
) -> None:
    with pytest.raises(Problem) as raised:
        Issuer(cloud.sts, base, {}, tmp_path).check(identity)

    assert raised.value.code == "access.secret_missing"
    assert raised.value.facts == {"identity": identity.name, "reference": reference, "reason": reason}


def test_a_role_needs_an_identity_of_the_bot(cloud: "Cloud", tmp_path: Path) -> None:
    with pytest.raises(Problem) as raised:
        Issuer(cloud.sts, None, {}, tmp_path).check(ROLE)

    assert raised.value.code == "access.no_base_identity"
    assert raised.value.facts == {"identity": "oncall"}
