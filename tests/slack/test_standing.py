"""Who somebody is to the bot, in words, for their eyes alone."""

from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from bot.model.decision import Answer
from bot.model.ids import ChannelId, RegionId, UserId
from bot.model.problem import Problem
from bot.model.run import Language
from bot.model.standing import Narrowing, OperationAnswer, Standing
from bot.slack.limits import fits
from bot.slack.message import Message
from bot.slack.standing import MOST_STATEMENTS, standing_message

if TYPE_CHECKING:
    from tests.slack.conftest import Slack

LANGUAGES: tuple[Language, ...] = ("en", "zh")
NOON = datetime(2026, 1, 2, 12, 0, tzinfo=UTC)
ROLE = "acs:ram::1234567890123456:role/vpn-diagnose-oncall"


def a_standing(**changes: Any) -> Standing:
    values: dict[str, Any] = {
        "identity": "oncall",
        "mapped_by": "U0ALICE",
        "role": ROLE,
        "session": "slack-T0EMULATED-U0ALICE",
        "principal": f"{ROLE}/slack-T0EMULATED-U0ALICE",
        "account_id": "1234567890123456",
        "regions": (RegionId("cn-hangzhou"), RegionId("cn-qingdao")),
        "region": RegionId("cn-hangzhou"),
        "operations": (
            tried("DiagnoseVpnGateway", Answer.NOT_ASKED),
            tried("GetVpnGatewayDiagnoseResult", Answer.PASSED),
            tried("DescribeVpnGateways", Answer.REFUSED, reason="Forbidden", request_id="R-1"),
            tried("DescribeRegions", Answer.UNKNOWN, reason="Throttling.User"),
            tried("DiagnoseVpnConnections", Answer.NOT_ASKED),
        ),
        "clock_ahead_s": 0.4,
    }
    return Standing(**values | changes)


def tried(operation: str, answer: Answer, **more: str) -> OperationAnswer:
    return OperationAnswer.model_validate({"operation": operation, "answer": answer, **more})


def narrowing(effect: str, *resources: str, conditions: tuple[str, ...] = ()) -> Narrowing:
    return Narrowing(effect=effect, resources=resources, conditions=conditions)


def lines_of(message: Message) -> list[str]:
    """Return the text of each line, bullet and small print."""
    found: list[str] = []
    for block in message.blocks:
        for element in block["elements"]:
            if element["type"] == "rich_text_list":
                found += [part["text"] for item in element["elements"] for part in item["elements"]]
            elif element["type"] == "rich_text_section":
                found.append("".join(part["text"] for part in element["elements"]))
            else:
                found.append(element["text"])
    return found


def test_it_says_who_somebody_is_and_what_passed() -> None:
    assert lines_of(standing_message(a_standing(), NOON, "en")) == [
        "Who you are to this bot",
        "Mapped by the line “U0ALICE: oncall” in access.yml.",
        f"You act as the RAM role {ROLE}, in a session called slack-T0EMULATED-U0ALICE.",
        "The form offers these regions: cn-hangzhou, cn-qingdao.",
        "No guardrail narrows it: whatever the identity may diagnose, you may.",
        "Tried just now in cn-hangzhou",
        "⚪ DiagnoseVpnGateway cannot be tried without starting a diagnosis",
        "✅ GetVpnGatewayDiagnoseResult works",
        "⛔ DescribeVpnGateways is denied (Forbidden, RequestId R-1)",
        "❔ DescribeRegions: no clear answer (Throttling.User)",
        "⚪ DiagnoseVpnConnections: nothing to try it on is visible",
        "The bot's clock agrees with Alibaba Cloud's.",
        "You last asked for a diagnosis at 2026-01-02 12:00 UTC.",
    ]


@pytest.mark.parametrize(
    ("more", "said"),
    [
        ({"tried_on": "vpn-hub0000000000000001"}, "is denied on vpn-hub0000000000000001 (Forbidden)"),
        ({"no_such_gateway": "true"}, "a role that is narrowed to named gateways answers like this too"),
    ],
    ids=["a gateway", "nobody's gateway"],
)
def test_a_denial_says_on_which_gateway_it_was(more: dict[str, str], said: str) -> None:
    denied = tried("GetVpnGatewayDiagnoseResult", Answer.REFUSED, reason="Forbidden", **more)

    assert said in str(lines_of(standing_message(a_standing(operations=(denied,)), None, "en")))


def test_a_line_with_a_sign_of_its_own_has_no_bullet_too() -> None:
    blocks = standing_message(a_standing(), NOON, "en").blocks

    assert [element for block in blocks for element in block["elements"] if "list" in element["type"]] == []


def test_it_says_the_guardrail_in_words_what_is_denied_first() -> None:
    guardrail = (
        narrowing("Allow", "vpngateway/* (cn-hangzhou)"),
        narrowing("Deny", "vpngateway/vpn-payments*", conditions=("acs:CurrentTime DateLessThan 2027",)),
    )
    lines = lines_of(standing_message(a_standing(guardrail=guardrail), None, "en"))

    assert lines[5] == "never: vpngateway/vpn-payments* (only while acs:CurrentTime DateLessThan 2027)"
    assert lines[6] == "may be diagnosed: vpngateway/* (cn-hangzhou)"
    assert lines[-1] == "The bot has no record of a diagnosis by you."


def test_a_long_guardrail_is_cut_honestly() -> None:
    guardrail = tuple(narrowing("Allow", "x" * 2000) for _ in range(MOST_STATEMENTS + 3))
    message = standing_message(a_standing(guardrail=guardrail), None, "en")

    assert "… and 3 more statements." in lines_of(message)
    assert fits(message.blocks)


def test_an_access_key_is_told_as_what_it_is() -> None:
    lab = a_standing(role=None, session=None, principal="acs:ram::1:user/lab", regions=(), clock_ahead_s=None)
    lines = lines_of(standing_message(lab, None, "en"))

    assert "acs:ram::1:user/lab" in lines[2]
    assert "ActionTrail does not tell people apart" in lines[2]
    assert lines[3] == "No region is named for you: the form takes any."
    assert "less than 15 minutes off" in lines[-2]


def test_why_there_are_no_credentials_is_said_in_place_of_what_passed() -> None:
    problem = Problem("EntityNotExist.Role", identity="oncall", role_arn=ROLE).details
    gone = a_standing(problem=problem, operations=(), clock_ahead_s=None)
    lines = lines_of(standing_message(gone, None, "en"))

    assert "Your RAM role does not exist" in lines
    assert not any("Tried just now" in text for text in lines)
    assert "could not be told" in lines[-2]


def test_without_anything_tried_nothing_is_said_of_it() -> None:
    lines = lines_of(standing_message(a_standing(operations=()), None, "en"))

    assert not any("Tried just now" in text for text in lines)


@pytest.mark.parametrize(
    ("ahead_s", "said"), [(600.4, "600 s ahead of"), (-599.6, "600 s behind"), (1.9, "agrees"), (-1.9, "agrees")]
)
def test_a_clock_that_is_off_is_said(ahead_s: float, said: str) -> None:
    assert said in lines_of(standing_message(a_standing(clock_ahead_s=ahead_s), None, "en"))[-2]


@pytest.mark.parametrize("language", LANGUAGES)
async def test_slack_takes_it(slack: "Slack", language: Language) -> None:
    guardrail = (narrowing("Deny", "<!channel>\n*", conditions=("<@U0BOB>",)),)
    message = standing_message(a_standing(guardrail=guardrail), NOON, language)
    await slack.api.post_ephemeral(ChannelId("C0INCIDENT"), UserId("U0ALICE"), message)

    assert len(await slack.player.private_messages(user="U0ALICE")) == 1
