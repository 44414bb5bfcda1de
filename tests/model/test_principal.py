"""Two sessions of one role are of the same role, and nobody else's are."""

import pytest

from bot.model.principal import without_session

ROLE = "acs:ram::1234567890123456:role/oncall"
USER = "acs:ram::1234567890123456:user/oncall"


@pytest.mark.parametrize(
    ("arn", "behind"),
    [
        ("acs:ram::1234567890123456:assumed-role/oncall/slack-T0-U0", ROLE),
        ("acs:ram::1234567890123456:role/oncall/slack-T0-U0", ROLE),
        (ROLE, ROLE),
        (USER, USER),
        ("", ""),
    ],
)
def test_a_session_is_its_role(arn: str, behind: str) -> None:
    assert without_session(arn) == behind
