"""What a menu of the form is answered, for whoever opens it, whatever the cloud does."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import pytest

from bot.explain.catalogue import entries
from bot.listeners.form_origin import FormOrigin
from bot.listeners.intake import MENUS_WITHIN_S, Intake
from bot.listeners.pickers import CHOOSE, picker_reply
from bot.listeners.trail import WAIT_S
from bot.model.audit import Attempt
from bot.model.ids import ChannelId, RegionId, UserId, VpnGatewayId
from bot.model.problem import ProblemDetails
from bot.model.request import Conversation
from bot.model.run import Language
from bot.slack.limits import OPTION_TEXT, length
from bot.slack.menus import NO_CHOICE
from tests.listeners.conftest import FORM_KEY
from tests.listeners.listed import listed, silent

HEALTHY = VpnGatewayId("vpn-healthy0000000000001")


def a_question(
    field: str = "gateway_id",
    typed: str = "",
    *,
    region: str | None = "cn-hangzhou",
    gateway: str | None = None,
    user: str = "U0ALICE",
    opened_for: str = "U0ALICE",
) -> dict[str, Any]:
    place = Conversation(channel_id=ChannelId("C0INCIDENT"))
    origin = FormOrigin.sealed(place, UserId(opened_for), FORM_KEY)
    origin = origin.choosing(region and RegionId(region), gateway and VpnGatewayId(gateway))  # type: ignore[arg-type]
    return {
        "type": "block_suggestion",
        "user": {"id": user, "team_id": "T0EMULATED"},
        "team": {"id": "T0EMULATED"},
        "action_id": field,
        "block_id": field,
        "value": typed,
        "view": {"id": "V1", "private_metadata": origin.model_dump_json()},
    }


async def asked(intake: Intake, body: dict[str, Any]) -> tuple[list[str], list[str]]:
    """Return the labels of the groups that are offered, and the values in them."""
    reply = await picker_reply(body, intake)
    assert reply is not None
    groups = reply["option_groups"]
    values = [option["value"] for group in groups for option in group["options"]]
    return [group["label"]["text"] for group in groups], values


@pytest.fixture
async def looking(intake: Intake) -> AsyncIterator[Intake]:
    """Return an intake with a cloud that has more gateways than anybody reads."""
    async with listed() as lists:
        yield replace(intake, listings=lists)


async def test_a_hundred_at_most_are_offered_and_it_is_said_that_there_are_more(looking: Intake) -> None:
    labels, values = await asked(looking, a_question())

    assert len(values) == 100
    assert labels[0].startswith("The first 100 of ")


async def test_what_is_typed_finds_by_a_part_of_the_name_or_the_id(looking: Intake) -> None:
    by_name = await asked(looking, a_question(typed="BRANCH-12"))
    by_id = await asked(looking, a_question(typed="many007"))

    assert by_name[1] == [*(f"vpn-many12{n}" for n in range(10)), "BRANCH-12"]
    assert by_id[1] == ["vpn-many007", "many007"]


async def test_what_the_guardrail_excludes_is_not_offered_and_can_still_be_typed(looking: Intake) -> None:
    labels, values = await asked(looking, a_question(typed="vpn-payments1"))

    assert (labels, values) == (["As typed"], ["vpn-payments1"])


async def test_a_name_is_no_markup_and_breaks_nothing(looking: Intake) -> None:
    reply = await picker_reply(a_question(typed="gnitirw"), looking)

    assert reply is not None
    text = reply["option_groups"][0]["options"][0]["text"]
    assert text["type"] == "plain_text"
    assert text["text"].endswith("vpn-hostile")
    assert not {"\n", "\u202e"} & set(text["text"])


async def test_connections_are_those_of_the_gateway_that_is_chosen(looking: Intake) -> None:
    labels, values = await asked(looking, a_question("connection_id", gateway=HEALTHY))

    assert (labels, values) == ([f"Of {HEALTHY}"], ["vco-healthy0000000000001"])


async def test_without_a_gateway_all_connections_of_the_region_are_offered(looking: Intake) -> None:
    _, values = await asked(looking, a_question("connection_id"))

    assert {"vco-healthy0000000000001", "vco-broken00000000000001"} <= set(values)


async def test_a_gateway_without_connections_is_said_to_have_none(looking: Intake) -> None:
    labels, values = await asked(looking, a_question("connection_id", gateway="vpn-off"))

    assert (labels, values) == (["oncall sees no connection of this gateway"], [NO_CHOICE])


async def test_regions_are_those_of_the_identity(looking: Intake) -> None:
    _, values = await asked(looking, a_question("region"))

    assert values == ["cn-hangzhou", "cn-qingdao"]


@pytest.mark.parametrize("typed", ["杭州", "Hangzhou", "hangz"])
@pytest.mark.parametrize(("language", "named"), [("en", "cn-hangzhou · Hangzhou"), ("zh", "cn-hangzhou · 杭州")])
async def test_a_region_is_found_by_its_place_in_either_language(
    looking: Intake, typed: str, language: Language, named: str
) -> None:
    reply = await picker_reply(a_question("region", typed), replace(looking, language=language))

    assert reply is not None
    assert reply["option_groups"][0]["options"][0]["text"]["text"] == named


async def test_a_region_comes_before_a_gateway(looking: Intake) -> None:
    labels, values = await asked(looking, a_question(region=None))

    assert labels == ["Choose the region first, or type the ID"]
    assert values == [NO_CHOICE]


async def test_a_cloud_that_is_silent_is_waited_for_no_longer_than_slack_waits(intake: Intake) -> None:
    waiting = replace(intake, listings=silent(), menus_within_s=0.05)
    labels, values = await asked(waiting, a_question(typed="vpn-typed"))

    assert (labels, values) == (["The cloud does not answer; type the ID"], ["vpn-typed"])
    assert waiting.listings is not None
    await waiting.listings.close()


@pytest.mark.parametrize(("language", "said"), [("en", "Unknown region"), ("zh", "未知的地域")])
async def test_what_the_cloud_answers_is_not_called_silence(
    looking: Intake, language: Language, said: str
) -> None:
    elsewhere = replace(looking, language=language)
    labels, values = await asked(elsewhere, a_question(typed="vpn-typed", region="cn-shanghai"))

    assert (labels, values) == ([said], ["vpn-typed"])


@pytest.mark.parametrize("language", ["en", "zh"])
def test_what_stands_in_a_menus_way_fits_into_a_label(language: str) -> None:
    titles = [entry[language]["title"] for entry in entries(("cloud", "gateway", "sts", "vpc")).values()]

    assert titles
    assert [title for title in titles if length(title) > OPTION_TEXT] == []


async def test_what_was_typed_can_be_taken_where_nothing_is_looked_up(intake: Intake) -> None:
    assert (await asked(intake, a_question(typed="vpn-typed")))[1] == ["vpn-typed"]


@pytest.mark.parametrize(
    ("body", "code"),
    [
        (a_question(user="U0GUEST"), "access.form_not_yours"),
        (a_question(user="U0MALLORY", opened_for="U0MALLORY"), "access.not_mapped"),
        (a_question() | {"action_id": "elsewhere"}, "bot.payload_unknown"),
    ],
)
async def test_whoever_is_not_let_in_is_told_why_and_it_is_kept(
    intake: Intake, body: dict[str, Any], code: str
) -> None:
    refused: list[tuple[Attempt, str]] = []

    async def keep(attempt: Attempt, problem: ProblemDetails) -> None:
        refused.append((attempt, problem.code))

    _, values = await asked(replace(intake, listings=silent(), report_refusal=keep), body)

    assert values == [NO_CHOICE]
    assert [(attempt.operation, told) for attempt, told in refused] == [(CHOOSE, code)]


async def test_that_somebody_looked_is_kept_once_for_a_menu_and_not_for_each_letter(looking: Intake) -> None:
    kept: list[Attempt] = []

    async def keep(attempt: Attempt) -> None:
        kept.append(attempt)

    watched = replace(looking, report_reading=keep)
    for typed in ("", "v", "vp"):
        await asked(watched, a_question(typed=typed))

    assert [(attempt.operation, attempt.channel_id) for attempt in kept] == [(CHOOSE, "C0INCIDENT")]
    assert kept[0].as_whom is not None
    assert kept[0].as_whom.identity == "oncall"
    assert kept[0].as_whom.request_id


@pytest.mark.parametrize("is_understood", [True, False])
async def test_a_token_that_was_typed_is_not_offered_again(intake: Intake, *, is_understood: bool) -> None:
    body = a_question(typed="xoxb-1234567890-0987654321-abcdefabcdefabcdef")
    reply = await picker_reply(body if is_understood else body | {"view": 1}, intake)

    assert "xoxb" not in str(reply)


@pytest.mark.parametrize("body", [{}, {"type": "block_suggestion", "view": 1}, {"user": {"id": "nobody"}}])
async def test_what_is_no_question_is_answered_all_the_same(intake: Intake, body: dict[str, Any]) -> None:
    assert (await asked(intake, body))[1] == [NO_CHOICE]


def test_the_cloud_and_the_audit_trail_together_leave_slack_time_to_hear_the_answer() -> None:
    assert MENUS_WITHIN_S + WAIT_S < 2.8
