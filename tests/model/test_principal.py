"""Two sessions of one role are of the same role, nobody else's are, and each has a name."""

import pytest

from bot.model.principal import session_in, without_session

ROLE = "acs:ram::1234567890123456:role/oncall"
USER = "acs:ram::1234567890123456:user/oncall"


@pytest.mark.parametrize(
    ("arn", "behind"),
    [
        ("acs:ram::1234567890123456:assumed-role/oncall/slack-T0-U0", ROLE),
        ("acs:ram::1234567890123456:role/oncall/slack-T0-U0", ROLE),
        ("acs:sts::1234567890123456:assumed-role/oncall/slack-T0-U0", ROLE),
        (ROLE, ROLE),
        (USER, USER),
        ("", ""),
    ],
)
def test_a_session_is_its_role(arn: str, behind: str) -> None:
    assert without_session(arn) == behind


@pytest.mark.parametrize("kind", ["acs:ram::1:assumed-role", "acs:ram::1:role", "acs:sts::1:assumed-role"])
def test_a_session_has_a_name(kind: str) -> None:
    assert session_in(f"{kind}/oncall/slack-T0-U0") == "slack-T0-U0"


@pytest.mark.parametrize("arn", [ROLE, USER, ""])
def test_who_has_no_session_has_no_name_of_one(arn: str) -> None:
    assert session_in(arn) is None
