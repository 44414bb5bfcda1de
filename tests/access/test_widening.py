"""What of a new book could give anybody more than the old one did, and what could not."""

from collections.abc import Callable

import pytest

from bot.access.book import Book
from bot.access.identity import Identity
from bot.access.widening import BOOK_WEIGHED, IDENTITY_WEIGHED, why_more
from bot.model.ids import GroupId, UserId

ROLE = 'assume_role: "acs:ram::1234567890123456:role/lab"'
ALLOW = '      - {Effect: Allow, Action: "vpc:*", Resource: "*"}\n'
DENY = '      - {Effect: Deny, Action: "vpc:*", Resource: "acs:vpc:*:*:vpngateway/vpn-pay*"}\n'
HEAD = "version: 1\nworkspaces: [T0ONE]\n"
TWO = "version: 1\nworkspaces: [T0ONE, T0TWO]\n"
LAB = f"identities:\n  lab:\n    {ROLE}\n"
GUARDED = f"{LAB}    guardrail:\n{ALLOW}{DENY}"
SAME = f"  same:\n    {ROLE}\n    guardrail:\n{DENY}{ALLOW}"
OTHER = '  other:\n    assume_role: "acs:ram::1234567890123456:role/other"\n'
OPEN = f"  open:\n    {ROLE}\n"
USERS = "users:\n  U0ALICE: lab\n  U0BOB: lab\n"
ONE_USER = "users:\n  U0BOB: lab\n"
GROUP, BOTH = "groups: {S0ONE: lab}\n", "groups: {S0ONE: lab, S0TWO: other}\n"
CHANNELS = "channels: {allow: [C0ONE, C0TWO], shared: [C0TWO]}\n"


def _nobody(user: UserId, group: GroupId) -> bool:
    del user, group
    return False


def _anybody(user: UserId, group: GroupId) -> bool:
    return not _nobody(user, group)


def test_every_field_of_a_book_and_of_an_identity_is_weighed() -> None:
    assert BOOK_WEIGHED.keys() == Book.model_fields.keys()
    assert IDENTITY_WEIGHED.keys() == Identity.model_fields.keys()


@pytest.mark.parametrize(
    ("before", "after", "said"),
    [
        pytest.param(HEAD + LAB + ONE_USER, HEAD + LAB + USERS, "U0ALICE of T0ONE has a line", id="a person"),
        pytest.param(HEAD + LAB, HEAD + LAB + GROUP, "the user group S0ONE of T0ONE is new", id="a group"),
        pytest.param(HEAD + LAB, TWO + LAB, "the workspace T0TWO is new", id="a workspace"),
        pytest.param(
            HEAD + GUARDED + OPEN + USERS,
            HEAD + GUARDED + OPEN + USERS.replace("BOB: lab", "BOB: open"),
            "U0BOB of T0ONE could do more in it, as open",
            id="a person's identity without a guardrail",
        ),
        pytest.param(
            HEAD + GUARDED + OPEN + GROUP,
            HEAD + GUARDED + OPEN + GROUP.replace("lab", "open"),
            "the user group S0ONE of T0ONE could do more in it, as open",
            id="a group's identity without a guardrail",
        ),
        pytest.param(HEAD + GUARDED + USERS, HEAD + LAB + USERS, "could do more", id="the guardrail is gone"),
        pytest.param(
            HEAD + GUARDED + USERS, HEAD + GUARDED.replace(DENY, "") + USERS, "could do more", id="a Deny is gone"
        ),
        pytest.param(
            HEAD + GUARDED + USERS,
            HEAD + GUARDED.replace("pay*", "payments*") + USERS,
            "could do more",
            id="another Deny",
        ),
        pytest.param(
            HEAD + GUARDED + USERS,
            HEAD + GUARDED + ALLOW.replace("vpc:*", "vpc:Diagnose*") + USERS,
            "could do more",
            id="a further Allow",
        ),
        pytest.param(
            HEAD + GUARDED + USERS, HEAD + GUARDED.replace("role/lab", "role/x") + USERS, "more", id="a role"
        ),
        pytest.param(
            HEAD + GUARDED + USERS,
            HEAD + GUARDED.replace("  lab", "  new").replace(DENY, "") + USERS.replace("lab", "new"),
            "as new",
            id="renamed, and without its Deny",
        ),
        pytest.param(HEAD + CHANNELS + LAB, HEAD + LAB, "the list of channels", id="no channels"),
        pytest.param(
            HEAD + CHANNELS + LAB,
            HEAD + CHANNELS.replace("allow: [", "allow: [C0NEW, ") + LAB,
            "C0NEW is a new channel",
            id="a channel to ask in",
        ),
        pytest.param(
            HEAD + CHANNELS + LAB,
            HEAD + CHANNELS.replace("shared: [", "shared: [C0ONE, ") + LAB,
            "open to other organizations in C0ONE",
            id="a channel to report in",
        ),
        pytest.param(
            HEAD + LAB + OTHER + BOTH,
            HEAD + LAB + OTHER + GROUP,
            "user groups of T0ONE disagreed",
            id="the group that disagreed is gone",
        ),
        pytest.param(
            HEAD + LAB + OTHER + BOTH,
            HEAD + LAB + OTHER + BOTH.replace("other", "lab").replace("S0ONE: lab", "S0ONE: other"),
            "could do more",
            id="groups exchanged their identities",
        ),
        pytest.param(
            HEAD + GUARDED + SAME + BOTH.replace("other", "same"),
            HEAD + GUARDED + SAME + BOTH.replace("other", "lab"),
            "user groups of T0ONE disagreed",
            id="groups that disagreed about names lead to one",
        ),
    ],
)
def test_what_could_give_somebody_more_is_told(
    load: Callable[[str], Book], before: str, after: str, said: str
) -> None:
    assert said in (why_more(load(before), load(after), _nobody) or "")


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param(HEAD + LAB + USERS, HEAD + LAB + ONE_USER, id="a person is out"),
        pytest.param(HEAD + LAB + GROUP, HEAD + LAB, id="the only group is out"),
        pytest.param(TWO + LAB, HEAD + LAB, id="a workspace is out"),
        pytest.param(HEAD + LAB + USERS, HEAD + GUARDED + USERS, id="a guardrail"),
        pytest.param(HEAD + GUARDED + USERS, HEAD + GUARDED + DENY.replace("pay", "hr") + USERS, id="a Deny"),
        pytest.param(
            HEAD + GUARDED + USERS,
            HEAD + GUARDED.replace("  lab", "  new") + USERS.replace("lab", "new"),
            id="another name and the same identity",
        ),
        pytest.param(
            HEAD + GUARDED + OPEN + USERS.replace("lab", "open"),
            HEAD + GUARDED + OPEN + USERS,
            id="somebody has less",
        ),
        pytest.param(HEAD + GUARDED, HEAD + GUARDED + OPEN + OTHER, id="identities that nobody has"),
        pytest.param(
            HEAD + LAB + USERS,
            HEAD + LAB + "    regions: [cn-hangzhou]\n" + USERS,
            id="regions, which are offered",
        ),
        pytest.param(HEAD + LAB, HEAD + "channels: {allow: [C0ONE]}\n" + LAB, id="a list of channels"),
        pytest.param(HEAD + CHANNELS + LAB, HEAD + CHANNELS.replace("C0ONE, ", "") + LAB, id="a channel is out"),
        pytest.param(
            HEAD + CHANNELS + LAB, HEAD + "channels: {allow: [C0ONE, C0TWO]}\n" + LAB, id="nothing is shared"
        ),
        pytest.param(
            HEAD + LAB + "groups: {S0ONE: lab, S0TWO: lab}\n",
            HEAD + LAB + GROUP,
            id="one of groups that agree is out",
        ),
        pytest.param(HEAD + LAB + USERS + GROUP, HEAD + GROUP + USERS + LAB, id="another order"),
    ],
)
def test_what_takes_away_or_changes_nothing_gives_nobody_more(
    load: Callable[[str], Book], before: str, after: str
) -> None:
    assert why_more(load(before), load(after), _anybody) is None


@pytest.mark.parametrize(
    ("identity", "may_be_in", "said"),
    [
        pytest.param("open", _anybody, "U0ALICE of T0ONE has no line", id="a group may give more"),
        pytest.param("open", _nobody, None, id="in no group"),
        pytest.param("same", _anybody, None, id="the group gives the very same"),
    ],
)
@pytest.mark.parametrize("groups_first", [True, False])
def test_who_lost_their_own_line_is_weighed_with_the_groups_they_may_be_in(
    load: Callable[[str], Book],
    identity: str,
    may_be_in: Callable[[UserId, GroupId], bool],
    said: str | None,
    *,
    groups_first: bool,
) -> None:
    group = GROUP.replace("lab", identity)
    head = HEAD + GUARDED + SAME + OPEN
    texts = [head + (group + users if groups_first else users + group) for users in (USERS, ONE_USER)]

    why = why_more(load(texts[0]), load(texts[1]), may_be_in)

    assert (why is None) if said is None else (said in (why or ""))
