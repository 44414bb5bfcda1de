"""The form as people send it, through Slack's emulator: mistakes beside their fields, or a run."""

import json
from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from bot.emulators.slack.player import Player
from bot.explain.problems import explain
from bot.listeners.form_origin import FormOrigin
from bot.listeners.intake import Intake
from bot.listeners.submission import submission_reply
from bot.model.ids import ChannelId, UserId
from bot.model.problem import Problem
from bot.model.request import Conversation
from bot.slack.views import LONGEST_VALUE
from bot.store.runs import Runs
from tests.listeners.conftest import FORM_KEY

GATEWAY = "vpn-healthy0000000000001"
CONNECTION = "vco-healthy0000000000001"
GOOD = {"region": "cn-hangzhou", "gateway_id": GATEWAY, "connection_id": CONNECTION}

Play = Callable[[Intake], Awaitable[Player]]


def sealed(channel: str = "C0INCIDENT", user: str = "U0ALICE") -> str:
    return FormOrigin.sealed(Conversation(channel_id=ChannelId(channel)), UserId(user), FORM_KEY).model_dump_json()


def a_submission(**changes: Any) -> dict[str, Any]:
    values = {name: {name: {"type": "plain_text_input", "value": value}} for name, value in GOOD.items()}
    view = {
        "id": "V1", "callback_id": "vpn_diagnose", "private_metadata": sealed(),
        "state": {"values": values},
    }  # fmt: skip
    payload: dict[str, Any] = {
        "type": "view_submission",
        "team": {"id": "T0EMULATED"},
        "user": {"id": "U0ALICE", "team_id": "T0EMULATED"},
        "view": view | changes.pop("view", {}),
    }
    return payload | changes


async def opened(player: Player, user: str = "U0ALICE") -> str:
    outcome = await player.command("", user=user)
    view_id: str = outcome["views"][0]["id"]
    return view_id


async def test_a_good_form_closes_and_is_stored(player: Player, runs: Runs, woken: list[str]) -> None:
    outcome = await player.submit(await opened(player), GOOD)

    assert outcome["closed"] is True
    (run,) = await runs.newest(2)
    assert (run.request.gateway_id, run.conversation.channel_id) == (GATEWAY, "C0INCIDENT")
    assert run.requester.user_id == "U0ALICE"
    assert woken == ["woken"]
    assert await player.messages() == []


async def test_every_mistake_is_said_beside_its_field_at_once(player: Player, runs: Runs) -> None:
    wrong = {
        "region": "cn-hangzou", "gateway_id": CONNECTION, "connection_id": "vco-bp1****",
        "source_ip": "10.0.0.0/8", "destination_ip": "",
    }  # fmt: skip
    outcome = await player.submit(await opened(player), wrong)

    errors = outcome["errors"]
    assert set(errors) == set(wrong)
    assert "cn-hangzhou" in errors["region"]
    assert "vpn-" in errors["gateway_id"]
    assert await runs.newest(1) == ()


async def test_a_corrected_form_is_taken(player: Player, runs: Runs) -> None:
    view_id = await opened(player)
    await player.submit(view_id, GOOD | {"gateway_id": CONNECTION})
    outcome = await player.submit(view_id, GOOD)

    assert outcome["closed"] is True
    assert len(await runs.newest(2)) == 1


async def test_a_redelivery_starts_nothing_more(player: Player, runs: Runs) -> None:
    await player.submit(await opened(player), GOOD)
    await player.delivery(redeliver=10)

    assert len(await runs.newest(20)) == 1


async def test_what_cannot_be_stored_keeps_the_form_and_what_was_typed(
    play: Play, unwritable: Intake, woken: list[str]
) -> None:
    player = await play(unwritable)
    outcome = await player.submit(await opened(player), GOOD)

    assert not outcome["closed"]
    assert "database" in " ".join(outcome["errors"].values())
    assert woken == []


async def test_a_gateway_behind_the_guardrail_is_refused_beside_its_field(player: Player, runs: Runs) -> None:
    outcome = await player.submit(await opened(player), GOOD | {"gateway_id": "vpn-payments1"})

    assert set(outcome["errors"]) == {"gateway_id"}
    assert await runs.newest(1) == ()


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param(
            {
                "user": {"id": "U0MALLORY", "team_id": "T0EMULATED"},
                "view": {"private_metadata": sealed(user="U0MALLORY")},
            },
            id="somebody without an identity",
        ),
        pytest.param({"user": {"id": "U0ALICE", "team_id": "T0PARTNER"}}, id="the same ID in another company"),
        pytest.param(
            {"user": {"id": "U0ALICE"}, "team": {"id": "T0PARTNER"}}, id="another company, said in one place"
        ),
        pytest.param(
            {
                "user": {"id": "U0ALICE", "team_id": "T0PARTNER"},
                "view": {"app_installed_team_id": "T0EMULATED", "team_id": "T0EMULATED"},
            },
            id="another company, in a channel that is shared with it",
        ),
        pytest.param({"view": {"private_metadata": sealed("C0PRIVATE")}}, id="a channel not allowed"),
    ],
)
async def test_whoever_submits_is_decided_about_again(intake: Intake, runs: Runs, changes: dict[str, Any]) -> None:
    reply = await submission_reply(a_submission(**changes), intake)

    assert reply is not None
    assert reply["response_action"] == "update"
    assert await runs.newest(1) == ()


@pytest.mark.parametrize(
    "metadata",
    [
        pytest.param("", id="nothing"),
        pytest.param("{", id="broken JSON"),
        pytest.param("[]", id="a list"),
        pytest.param('{"channel_id": "C0INCIDENT"}', id="no seal"),
        pytest.param('{"channel_id": "C0INCIDENT", "seal": 5}', id="a number for a seal"),
        pytest.param(f'{{"channel_id": "C0INCIDENT", "seal": "{"0" * 65}"}}', id="a long seal"),
        pytest.param(sealed()[:-1] + ', "user_id": "U0BOB"}', id="more than was written"),
        pytest.param('{"channel_id": "incident"}', id="a name"),
        pytest.param('{"channel_id": ["C0INCIDENT"]}', id="a list for a channel"),
        pytest.param(json.dumps({"channel_id": "C0INCIDENT\n"}), id="a line break after it"),
    ],
)
async def test_a_form_that_does_not_say_where_it_was_opened_starts_nothing(
    intake: Intake, runs: Runs, metadata: str
) -> None:
    reply = await submission_reply(a_submission(view={"private_metadata": metadata}), intake)

    assert reply is not None
    assert reply["response_action"] == "update"
    assert await runs.newest(1) == ()


def tampered(channel: str) -> str:
    """Write another channel into a form that was sealed for Alice."""
    return json.dumps(json.loads(sealed()) | {"channel_id": channel})


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"view": {"private_metadata": tampered("C0SHARED")}}, id="another channel, which is allowed"),
        pytest.param({"view": {"private_metadata": tampered("C0PRIVATE")}}, id="another channel, which is not"),
        pytest.param({"user": {"id": "U0GUEST", "team_id": "T0EMULATED"}}, id="somebody else, with an identity"),
        pytest.param({"user": {"id": "U0MALLORY", "team_id": "T0EMULATED"}}, id="somebody else, without one"),
        pytest.param(
            {"view": {"private_metadata": '{"channel_id": "C0INCIDENT", "seal": "é"}'}}, id="a seal of no digits"
        ),
        pytest.param(
            {"view": {"private_metadata": sealed().replace(sealed()[-10:-2], "00000000")}}, id="a forged seal"
        ),
    ],
)
async def test_a_form_that_was_opened_for_somebody_else_or_changed_starts_nothing(
    intake: Intake, runs: Runs, changes: dict[str, Any]
) -> None:
    reply = await submission_reply(a_submission(**changes), intake)

    assert reply is not None
    assert explain(Problem("access.form_not_yours").details, "en").title in str(reply["view"])
    assert await runs.newest(1) == ()


async def test_a_key_of_another_process_opens_nothing(intake: Intake, runs: Runs) -> None:
    reply = await submission_reply(a_submission(), replace(intake, form_key=b"another key"))

    assert reply is not None
    assert explain(Problem("access.form_not_yours").details, "en").title in str(reply["view"])
    assert await runs.newest(1) == ()


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"user": None}, id="nobody"),
        pytest.param({"user": {"id": "U0ALICE"}, "team": None}, id="no workspace"),
        pytest.param({"view": {"id": ""}}, id="no form"),
        pytest.param({"view": {"state": {"values": []}}}, id="a list for the values"),
        pytest.param({"view": {"state": {"values": {"region": {"region": {"value": 5}}}}}}, id="a number typed"),
        pytest.param(
            {"view": {"state": {"values": {"region": {"region": {"value": "a" * 250_000}}}}}},
            id="more than a field takes",
        ),
    ],
)
async def test_a_submission_that_makes_no_sense_is_answered_politely(
    intake: Intake, runs: Runs, changes: dict[str, Any]
) -> None:
    reply = await submission_reply(a_submission(**changes), intake)

    assert reply is not None
    assert reply["response_action"] == "update"
    assert explain(Problem("bot.payload_unknown").details, "en").title in str(reply["view"])
    assert await runs.newest(1) == ()


async def test_as_much_as_a_field_takes_is_answered_beside_it(intake: Intake) -> None:
    values = {"region": {"region": {"value": ":grinning_face:" * LONGEST_VALUE}}}
    reply = await submission_reply(a_submission(view={"state": {"values": values}}), intake)

    assert reply is not None
    assert "region" in reply["errors"]


async def test_an_organization_wide_installation_names_no_team(intake: Intake, runs: Runs) -> None:
    reply = await submission_reply(a_submission(team=None, enterprise={"id": "E0ORG"}), intake)

    assert reply is None
    assert len(await runs.newest(2)) == 1


async def test_the_team_stands_in_where_slack_does_not_say_whose_the_person_is(intake: Intake, runs: Runs) -> None:
    reply = await submission_reply(a_submission(user={"id": "U0ALICE"}), intake)

    assert reply is None
    assert len(await runs.newest(2)) == 1


async def test_fields_that_slack_leaves_out_are_empty(intake: Intake) -> None:
    reply = await submission_reply(a_submission(view={"state": {}}), intake)

    assert reply is not None
    assert set(reply["errors"]) == {"region", "gateway_id", "connection_id"}


async def test_the_same_form_in_two_workspaces_is_two_intents(intake: Intake, runs: Runs) -> None:
    await submission_reply(a_submission(), intake)
    await submission_reply(a_submission(view={"id": "V2"}), intake)

    assert len(await runs.newest(3)) == 2
