"""What makes a version of access.yml look half-written, and what does not."""

from collections.abc import Callable

import pytest

from bot.access.book import Book
from bot.access.half_written import Version, why_suspicious
from bot.model.problem import Problem

ROLE = 'assume_role: "acs:ram::1234567890123456:role/lab"'
ALLOW = '      - {Effect: Allow, Action: "vpc:*", Resource: "*"}\n'
DENY = '      - {Effect: Deny, Action: "vpc:*", Resource: "acs:vpc:*:*:vpngateway/vpn-pay*"}\n'
HEAD = "version: 1\nworkspaces: [T0ONE]\n"
CHANNELS = "channels: {allow: [C0ONE]}\n"
GROUPS = "groups: {S0ONE: lab}\n"
LAB = f"identities:\n  lab:\n    {ROLE}\n"
GUARDED = f"{LAB}    guardrail:\n{ALLOW}{DENY}"
NEW = '  new:\n    assume_role: "acs:ram::1234567890123456:role/new"\n'
OTHER = NEW.replace("new", "other")
OPEN = f"  open:\n    {ROLE}\n"
USERS = "users:\n  U0ALICE: lab\n  U0BOB: lab\n"
TO_OTHER, TO_OPEN = USERS.replace("BOB: lab", "BOB: other"), USERS.replace("BOB: lab", "BOB: open")


@pytest.fixture
def judged(load: Callable[[str], Book]) -> Callable[[str, str], str | None]:
    """Return what judges a text after another one."""

    def judge(before: str, after: str) -> str | None:
        return why_suspicious(
            Version(load(before), before.encode()),
            Version(load(after), after.encode()),
        )

    return judge


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        pytest.param(HEAD + LAB + USERS, HEAD + LAB + USERS[:-13], "the beginning", id="a user short"),
        pytest.param(HEAD + LAB + USERS, "# new\n" + HEAD + LAB + USERS[:-1], "no end", id="a line cut"),
        pytest.param(HEAD + GUARDED + USERS, "# new\n" + HEAD + LAB, "guardrail", id="no guardrail left"),
        pytest.param(
            HEAD + USERS + GUARDED,
            "# new\n" + HEAD + USERS + GUARDED.replace(DENY, ""),
            "guardrail",
            id="a Deny short",
        ),
        pytest.param(
            HEAD + USERS + GUARDED,
            HEAD + USERS + GUARDED.replace("acs:vpc:*:*:vpngateway/vpn-pay*", "acs:vpc:*:*:vpngateway/vpn-b*"),
            "guardrail",
            id="another Deny",
        ),
        pytest.param(HEAD + CHANNELS + LAB + USERS, "# new\n" + HEAD + LAB + USERS, "channels", id="no channels"),
        pytest.param(
            HEAD + LAB + GROUPS + USERS, "# new\n" + HEAD + LAB + GROUPS, "own lines", id="groups but no people"
        ),
        pytest.param(
            HEAD + USERS + LAB,
            HEAD + USERS + "  U0EVE: new\n" + LAB + NEW,
            "identity",
            id="somebody with a new one",
        ),
        pytest.param(
            HEAD + USERS + GUARDED,
            HEAD + USERS.replace("lab", "new") + GUARDED + NEW,
            "identity",
            id="a new one whose guardrail may follow",
        ),
        pytest.param(
            HEAD + USERS + GUARDED,
            HEAD + USERS.replace("lab", "new") + GUARDED.replace("lab:", "new:").replace(DENY, ""),
            "identity",
            id="renamed and cut before its Deny",
        ),
        pytest.param(HEAD + GUARDED + OTHER + USERS, HEAD + GUARDED + OTHER + TO_OTHER, "identity", id="source"),
        pytest.param(
            HEAD + GUARDED + OPEN + USERS, HEAD + GUARDED + OPEN + TO_OPEN, "identity", id="lab-x cut to x"
        ),
        pytest.param(
            HEAD + GUARDED + OPEN + GROUPS,
            HEAD + GUARDED + OPEN + GROUPS.replace("lab", "open"),
            "identity",
            id="a group's identity",
        ),
        pytest.param(
            HEAD + LAB + OTHER + "groups: {S0ONE: lab, S0TWO: other}\n",
            "# new\n" + HEAD + LAB + OTHER + GROUPS,
            "user group",
            id="the group that disagreed",
        ),
        pytest.param(
            HEAD + LAB + USERS[:-1], HEAD + LAB + USERS.replace("BOB", "EVE")[:-1], "no end", id="never an end"
        ),
    ],
)
def test_what_may_be_half_a_file_is_told_by_why(
    judged: Callable[[str, str], str | None], before: str, after: str, said: str
) -> None:
    assert said in (judged(before, after) or "")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(HEAD + LAB + USERS, HEAD + LAB + USERS + GROUPS, id="more"),
        pytest.param(HEAD + LAB + USERS, HEAD + LAB + USERS.replace("  U0ALICE: lab\n", ""), id="somebody is out"),
        pytest.param(HEAD + LAB + USERS, HEAD + GUARDED + USERS, id="a new guardrail"),
        pytest.param(
            HEAD + GUARDED + USERS, HEAD + GUARDED + DENY.replace("pay", "hr") + USERS, id="a further Deny"
        ),
        pytest.param(HEAD + GUARDED + USERS, HEAD + GUARDED + USERS.replace("BOB", "EVE"), id="another person"),
        pytest.param(
            HEAD + LAB + USERS + GROUPS,
            HEAD + LAB + USERS.replace("  U0BOB: lab\n", "") + GROUPS,
            id="somebody is out who may be in a group",
        ),
        pytest.param(
            HEAD + GUARDED + USERS,
            HEAD + GUARDED.replace("lab:", "new:") + USERS.replace("lab", "new"),
            id="renamed, and the same",
        ),
        pytest.param(HEAD + GUARDED + OPEN + TO_OPEN, HEAD + GUARDED + OPEN + USERS, id="somebody has less"),
        pytest.param(
            HEAD + LAB + OTHER + USERS + GROUPS,
            "# new\n" + HEAD + LAB + OTHER + USERS,
            id="no group is left to have more by",
        ),
    ],
)
def test_an_ordinary_change_is_taken_as_it_is(
    judged: Callable[[str, str], str | None], before: str, after: str
) -> None:
    assert judged(before, after) is None


def test_every_beginning_of_a_file_that_would_be_a_version_is_noticed(
    judged: Callable[[str, str], str | None], load: Callable[[str], Book]
) -> None:
    whole = HEAD + CHANNELS + GUARDED + GROUPS + USERS
    beginnings = [whole[:length] for length in range(1, len(whole)) if _is_version(load, whole[:length])]

    assert beginnings
    assert all(judged(whole, beginning) for beginning in beginnings)


def _is_version(load: Callable[[str], Book], text: str) -> bool:
    try:
        load(text)
    except Problem:
        return False
    return True
