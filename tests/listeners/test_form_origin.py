"""Where a form was opened, sealed: what comes back changed, or from somebody else, is not taken."""

import json
from typing import Any

import pytest

from bot.explain.problems import explain
from bot.listeners.form_origin import FormOrigin
from bot.listeners.intake import Intake
from bot.listeners.submission import submission_reply
from bot.model.ids import ChannelId, UserId
from bot.model.problem import Problem
from bot.model.request import Conversation
from bot.store.runs import Runs
from tests.listeners.conftest import FORM_KEY
from tests.listeners.test_submission import a_submission

ALICE = UserId("U0ALICE")
INCIDENT = ChannelId("C0INCIDENT")
THREAD = Conversation(channel_id=INCIDENT, thread_ts="1767355200.000100")


def sealed(conversation: Conversation | None) -> str:
    return FormOrigin.sealed(conversation, ALICE, FORM_KEY).model_dump_json(exclude_none=True)


def read(metadata: str, user: UserId = ALICE) -> FormOrigin:
    return FormOrigin.read(metadata, user, FORM_KEY)


@pytest.mark.parametrize("conversation", [THREAD, Conversation(channel_id=INCIDENT)], ids=["thread", "channel"])
def test_it_comes_back_as_it_went(conversation: Conversation) -> None:
    origin = read(sealed(conversation))

    assert origin.conversation() == conversation
    assert not origin.asks_for_channel


def test_opened_in_no_conversation_it_takes_the_channel_that_is_chosen() -> None:
    origin = read(sealed(None))

    assert origin.asks_for_channel
    assert origin.conversation(INCIDENT) == Conversation(channel_id=INCIDENT)


def test_opened_in_no_conversation_it_needs_a_channel() -> None:
    with pytest.raises(Problem, match=r"form\.channel_missing"):
        read(sealed(None)).conversation()


def test_what_is_chosen_moves_no_answer_that_has_its_place() -> None:
    assert read(sealed(THREAD)).conversation(ChannelId("C0OTHER")) == THREAD


@pytest.mark.parametrize(
    ("conversation", "changes"),
    [
        pytest.param(THREAD, {"thread_ts": "1767355200.000200"}, id="another thread"),
        pytest.param(THREAD, {"thread_ts": None}, id="no thread"),
        pytest.param(Conversation(channel_id=INCIDENT), {"thread_ts": "1767355200.000200"}, id="a thread"),
        pytest.param(THREAD, {"channel_id": "C0OTHER"}, id="another channel"),
        pytest.param(THREAD, {"channel_id": None}, id="the thread of any channel"),
        pytest.param(Conversation(channel_id=INCIDENT), {"channel_id": None}, id="any channel"),
        pytest.param(None, {"channel_id": "C0OTHER"}, id="a channel of their own"),
        pytest.param(None, {"thread_ts": "1767355200.000200"}, id="a thread of their own"),
    ],
)
def test_a_place_that_was_changed_is_not_taken(conversation: Conversation | None, changes: dict[str, Any]) -> None:
    with pytest.raises(Problem, match=r"access\.form_not_yours"):
        read(json.dumps(json.loads(sealed(conversation)) | changes))


@pytest.mark.parametrize("conversation", [THREAD, None], ids=["thread", "no conversation"])
def test_it_is_of_use_to_one_person(conversation: Conversation | None) -> None:
    with pytest.raises(Problem, match=r"access\.form_not_yours"):
        read(sealed(conversation), UserId("U0BOB"))


@pytest.mark.parametrize("thread_ts", ["", "now", "1767355200.000100 ", "9" * 30, 5])
def test_a_thread_in_no_known_shape_is_not_ours(thread_ts: object) -> None:
    with pytest.raises(Problem, match=r"bot\.form_outdated"):
        read(json.dumps(json.loads(sealed(THREAD)) | {"thread_ts": thread_ts}))


def from_home(channel: str | None) -> dict[str, Any]:
    body = a_submission(view={"private_metadata": sealed(None)})
    body["view"]["state"] = {"values": dict(a_submission()["view"]["state"]["values"])}
    field = {"type": "conversations_select", "selected_conversation": channel}
    body["view"]["state"]["values"]["channel"] = {"channel": field}
    return body


async def test_the_answer_goes_to_the_thread_that_the_form_was_opened_for(intake: Intake, runs: Runs) -> None:
    await submission_reply(a_submission(view={"private_metadata": sealed(THREAD)}), intake)

    (run,) = await runs.newest(2)
    assert run.conversation == THREAD


async def test_the_answer_goes_to_the_channel_that_was_chosen(intake: Intake, runs: Runs) -> None:
    assert await submission_reply(from_home("C0PAYLOAD"), intake) is None

    (run,) = await runs.newest(2)
    assert run.conversation == Conversation(channel_id=ChannelId("C0PAYLOAD"))


@pytest.mark.parametrize(
    ("channel", "code"),
    [
        pytest.param("C0PRIVATE", "access.channel_not_allowed", id="a channel that access.yml does not allow"),
        pytest.param("D0ALICE", "access.channel_not_allowed", id="a direct message"),
        pytest.param(None, "form.channel_missing", id="no channel"),
    ],
)
async def test_a_channel_that_cannot_be_is_said_beside_its_field(
    intake: Intake, runs: Runs, channel: str | None, code: str
) -> None:
    reply = await submission_reply(from_home(channel), intake)

    facts = {"channel_id": channel or "", "allowed": "C0INCIDENT, C0PAYLOAD, C0SHARED"}
    assert reply is not None
    assert explain(Problem(code, **facts).details, "en").next_step in reply["errors"]["channel"]
    assert await runs.newest(1) == ()
