"""What Slack sends when a workflow comes to the step: read, and nobody is believed but Slack."""

from typing import Any

import pytest

from bot.listeners.function_payload import Step, execution_of
from bot.model.ids import ChannelId, TeamId, UserId
from bot.model.problem import Problem
from bot.model.request import Requester
from bot.slack.views import FormValues

Json = dict[str, Any]

ALICE = {"id": "U0ALICE", "secret": "s"}


def a_step(declared: str = "slack#/types/user_context", **inputs: Any) -> Json:
    values = {"started_by": ALICE, "channel_id": "C0INCIDENT", "gateway_id": "vpn-1", "connection_id": "vco-1"}
    event = {
        "type": "function_executed",
        "function": {
            "callback_id": "diagnose_vpn_gateway",
            "input_parameters": [{"name": "started_by", "type": declared}],
        },
        "inputs": values | inputs,
        "function_execution_id": "Fx1",
    }
    return {"type": "event_callback", "team_id": "T0EMULATED", "event": event}


def test_a_step_says_who_started_it_where_to_answer_and_what_is_asked() -> None:
    step = Step.read(a_step(region="cn-hangzhou", source_ip=None))

    assert step.requester == Requester(team_id=TeamId("T0EMULATED"), user_id=UserId("U0ALICE"))
    assert step.channel_id == ChannelId("C0INCIDENT")
    assert step.values == FormValues(region="cn-hangzhou", gateway_id="vpn-1", connection_id="vco-1")
    assert step.delivery == "function:T0EMULATED:Fx1"


@pytest.mark.parametrize(
    "body",
    [
        pytest.param(a_step("slack#/types/user_id"), id="declared as a field for a person"),
        pytest.param(a_step("slack#/types/user_id", started_by="U0ALICE"), id="a person's ID in that field"),
        pytest.param(a_step(started_by="U0ALICE"), id="an ID alone"),
        pytest.param(a_step(started_by={"id": "U0ALICE"}), id="without Slack's secret"),
        pytest.param(a_step(started_by={"id": "U0ALICE", "secret": ""}), id="with an empty secret"),
        pytest.param(a_step(started_by={"id": "nobody", "secret": "s"}), id="no person"),
        pytest.param(a_step(started_by=[ALICE]), id="several"),
        pytest.param(a_step(started_by=None), id="nobody"),
        pytest.param(a_step(started_by=None, user_id="U0ALICE", interactivity=ALICE), id="in another field"),
    ],
)
def test_nobody_is_taken_for_who_started_it_without_slacks_word(body: Json) -> None:
    with pytest.raises(Problem) as raised:
        _ = Step.read(body).requester

    assert raised.value.code == "access.workflow_nobody"


def test_the_secret_is_not_shown() -> None:
    secret = "planted" + "-secret"

    assert secret not in repr(Step.read(a_step(started_by={"id": "U0ALICE", "secret": secret})).requester)


@pytest.mark.parametrize("channel", ["", "incident", "U0ALICE", "C0INCIDENT\n"])
def test_an_answer_goes_into_a_channel_and_nowhere_else(channel: str) -> None:
    with pytest.raises(Problem) as raised:
        _ = Step.read(a_step(channel_id=channel)).channel_id

    assert raised.value.code == "form.channel_malformed"


ODD_IDS = ("", "Fx 1", "Fx1\n", "Fx\x00", "Fx\ud800", "\u202eFx1", "F" * 201)


def named(execution_id: str) -> Json:
    step = a_step()
    return step | {"event": step["event"] | {"function_execution_id": execution_id}}


@pytest.mark.parametrize(
    "body",
    [
        *map(named, ODD_IDS),
        {},
        {"team_id": "T0EMULATED", "event": {"type": "function_executed"}},
        a_step(gateway_id=7),
        a_step(gateway_id="x" * 10_000),
        a_step() | {"team_id": None},
    ],
)
def test_other_shapes_are_no_step(body: Json) -> None:
    with pytest.raises(Problem) as raised:
        Step.read(body)

    assert raised.value.code == "bot.payload_unknown"


@pytest.mark.parametrize(
    ("body", "execution_id"),
    [
        pytest.param(a_step(), "Fx1", id="a step"),
        pytest.param(a_step(gateway_id=7), "Fx1", id="one in an unknown shape"),
        pytest.param({"event": {"type": "function_executed", "function_execution_id": "Fx1"}}, None, id="whose"),
        pytest.param({"event": {"type": "app_mention"}}, None, id="another event"),
        *(pytest.param(named(odd), None, id=f"the ID {odd[:9]!r}") for odd in ODD_IDS),
        pytest.param({"event": "function_executed"}, None, id="a word"),
        pytest.param({}, None, id="nothing"),
    ],
)
def test_a_step_of_ours_can_be_ended_by_its_id(body: Json, execution_id: str | None) -> None:
    assert execution_of(body) == execution_id
