"""The policy that would allow a denied call, as the asker alone gets it: whole, and ready to be copied."""

import json
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from bot.explain.denials import TRUST, smallest_policy
from bot.model.decision import Answer, Decision, Step, StepAnswer
from bot.model.denial import Denial, MatchedPolicy
from bot.model.ids import ChannelId, UserId
from bot.model.run import Language
from bot.slack.limits import fits
from bot.slack.remedy import remedy_message
from tests.slack.parsed_by_slack import texts

if TYPE_CHECKING:
    from tests.slack.conftest import Slack

GATEWAY = "acs:vpc:cn-hangzhou:1234567890123456:vpngateway/vpn-healthy0000000000001"
LANGUAGES: tuple[Language, ...] = ("en", "zh")


def a_denial(**changes: Any) -> Denial:
    values: dict[str, Any] = {
        "action": "vpc:GetVpnGatewayDiagnoseResult",
        "resource": GATEWAY,
        "principal": "vpn-diagnose-oncall:slack-T0EMULATED-U0ALICE",
        "principal_type": "AssumedRoleUser",
        "account_id": "1234567890123456",
        "explicit": False,
        "policy_type": "AccountLevelIdentityBasedPolicy",
        "policies": (),
        "conditions": (),
    }
    return Denial(**values | changes)


def policy_in(message: dict[str, Any]) -> str:
    """Return what stands in the typewriter face."""
    elements = message["blocks"][0]["elements"]
    found = [element for element in elements if element["type"] == "rich_text_preformatted"]
    return "".join(part["text"] for element in found for part in element["elements"])


@pytest.mark.parametrize("language", LANGUAGES)
async def test_the_policy_arrives_as_it_can_be_pasted(slack: "Slack", language: Language) -> None:
    denial = a_denial()
    message = remedy_message(denial, language)
    await slack.api.post_ephemeral(ChannelId("C0INCIDENT"), UserId("U0ALICE"), message)
    (shown,) = await slack.player.private_messages(user="U0ALICE")

    assert json.loads(policy_in(shown)) == smallest_policy(denial)
    assert '\n  "Statement": [\n' in policy_in(shown)


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(
    "changes",
    [
        {},
        {"action": "vpc:DiagnoseVpnGateway", "resource": "*"},
        {"explicit": True},
        {"policy_type": "SessionPolicy"},
        {"policy_type": "ControlPolicy"},
        {"policy_type": TRUST, "action": "sts:AssumeRole", "to_trust": "acs:ram::1:user/bot"},
        {"explicit": None, "policy_type": "", "told_by": "documentation"},
        {"action": "x" * 5000, "resource": "y" * 5000, "principal": "z" * 5000},
    ],
    ids=lambda changes: str(next(iter(changes.values()), "implicit"))[:20],
)
async def test_slack_takes_every_kind_of_it(slack: "Slack", changes: dict[str, Any], language: Language) -> None:
    message = remedy_message(a_denial(**changes), language)
    await slack.api.post_ephemeral(ChannelId("C0INCIDENT"), UserId("U0ALICE"), message)

    assert fits(message.blocks)
    assert len(await slack.player.private_messages(user="U0ALICE")) == 1


def test_below_it_stands_what_else_was_asked() -> None:
    decision = Decision(made_at=datetime(2026, 1, 2, 12, 0, tzinfo=UTC)).with_answer(
        StepAnswer(step=Step.RESULTS, answer=Answer.REFUSED, reason="NoPermission", request_id="R-1")
    )

    said = texts(remedy_message(a_denial(), "en", decision).blocks)

    assert said.index("What RAM denied") < said.index("What was asked, step by step")
    assert "May read results of the gateway: no (NoPermission, RequestId R-1)" in said
    assert "The start: not asked" in said


async def test_foreign_text_in_it_mentions_nobody_and_forges_no_policy(slack: "Slack") -> None:
    forged = a_denial(
        action='vpc:X","Effect":"Allow","Action":"*',
        principal="<!channel> *bold*\n```",
        explicit=True,
        policies=(
            MatchedPolicy(effect="Deny", name="<@U0BOB>", policy_type="", version="", attached_to="", scope=""),
        ),
    )
    message = remedy_message(forged, "en")
    await slack.api.post_ephemeral(ChannelId("C0INCIDENT"), UserId("U0ALICE"), message)
    (shown,) = await slack.player.private_messages(user="U0ALICE")

    assert policy_in(shown) == ""
    kinds = {part["type"] for section in shown["blocks"][0]["elements"] for part in section["elements"]}
    assert kinds == {"text"}
