"""The calls of the Web API, against a Slack that refuses what Slack refuses."""

from datetime import UTC, datetime, timedelta

import pytest
from aiohttp import web

from bot.model.ids import ChannelId, GroupId, RunId, UserId
from bot.model.problem import Problem
from bot.model.run import RunState
from bot.slack.api import MOST_DIRECT, SlackApi
from bot.slack.blocks import line, rich_text, words
from bot.slack.history import PAGE_SIZE
from bot.slack.message import Message
from bot.slack.pacing import IN_CHANNEL, Caller
from bot.slack.shapes import posted_metadata
from tests.slack.conftest import Slack, answering
from tests.slack.scenes import NOON, a_run

INCIDENT, OPEN = ChannelId("C0INCIDENT"), ChannelId("C0OPEN")
ALICE = UserId("U0ALICE")
RUN, OTHER_RUN = a_run(), a_run(id=RunId.made(NOON, b"another-run"))


def a_message(text: str = "hello") -> Message:
    return Message(text=text, blocks=[rich_text(line(words(text)))])


async def test_the_token_says_who_we_are(slack: Slack) -> None:
    identity = await slack.api.auth_test()

    assert identity.team_id == "T0EMULATED"
    assert identity.user_id == "U0VPNBOT"
    assert identity.bot_id == "B0VPNBOT"
    assert "chat:write" in identity.scopes


async def test_a_wrong_token_is_named_as_that(slack: Slack) -> None:
    with pytest.raises(Problem) as raised:
        await slack.api_with("xoxb-wrong").auth_test()

    assert raised.value.code == "slack.invalid_auth"
    assert "xoxb-wrong" not in repr(raised.value.details)


async def test_a_message_is_posted_with_its_metadata(slack: Slack) -> None:
    posted = await slack.api.post_message(
        INCIDENT, a_message(), metadata=posted_metadata(RUN.id, "root", RunState.SUBMITTED)
    )

    (said,) = await slack.player.messages()
    assert said["ts"] == posted.ts
    assert said["metadata"]["event_payload"] == {"run_id": RUN.id, "part": "root", "state": "submitted"}
    assert posted.channel_id == INCIDENT


def in_two_forms() -> Message:
    classic = [rich_text(line(words("classic")))]
    return Message(text="hello", blocks=[rich_text(line(words("new")))], classic_blocks=classic)


async def test_blocks_that_slack_refuses_are_sent_in_their_classic_form(slack: Slack) -> None:
    await slack.player.fault("chat.postMessage", "error", error="invalid_blocks")

    await slack.api.post_message(INCIDENT, in_two_forms())

    (said,) = await slack.player.messages()
    assert "classic" in str(said["blocks"])


async def test_an_edit_that_slack_refuses_is_made_in_its_classic_form(slack: Slack) -> None:
    posted = await slack.api.post_message(INCIDENT, in_two_forms())
    await slack.player.fault("chat.update", "error", error="invalid_blocks")

    await slack.api.update_message(INCIDENT, posted.ts, in_two_forms())

    (said,) = await slack.player.messages()
    assert "classic" in str(said["blocks"])


async def test_what_is_for_one_person_alone_is_told_in_its_classic_form_if_slack_refuses_the_new(
    slack: Slack,
) -> None:
    await slack.player.fault("chat.postEphemeral", "error", error="invalid_blocks")

    await slack.api.post_ephemeral(INCIDENT, ALICE, in_two_forms())

    (told,) = await slack.player.private_messages(user=ALICE)
    assert "classic" in str(told["blocks"])


async def test_other_refusals_are_not_tried_in_another_form(slack: Slack) -> None:
    await slack.player.fault("chat.postMessage", "error", error="restricted_action")

    with pytest.raises(Problem, match=r"slack\.restricted_action"):
        await slack.api.post_message(INCIDENT, in_two_forms())
    assert await slack.player.messages() == []


async def test_a_reply_goes_into_its_thread(slack: Slack) -> None:
    root = await slack.api.post_message(INCIDENT, a_message("root"))

    await slack.api.post_message(INCIDENT, a_message("reply"), thread_ts=root.ts)

    (said,) = await slack.player.messages()
    assert [reply["text"] for reply in said["replies"]] == ["reply"]


async def test_a_channel_without_the_bot_cannot_be_written_to(slack: Slack) -> None:
    with pytest.raises(Problem) as raised:
        await slack.api.post_message(OPEN, a_message())

    assert raised.value.code == "slack.not_in_channel"


async def test_a_message_to_a_person_says_in_which_channel_it_is(slack: Slack) -> None:
    posted = await slack.api.post_message(ALICE, a_message())

    assert posted.channel_id.startswith("D")
    assert await slack.api.open_direct_message(ALICE) == posted.channel_id


async def test_slack_may_ask_to_wait(slack: Slack) -> None:
    await slack.player.fault("chat.postMessage", "throttle", seconds=7)

    with pytest.raises(Problem) as raised:
        await slack.api.post_message(INCIDENT, a_message())

    assert raised.value.code == "slack.ratelimited"
    assert raised.value.facts["retry_after_s"] == "7"
    assert await slack.texts() == []


@pytest.mark.parametrize(
    ("kind", "code", "said"),
    [
        ("reset_before", "slack.interrupted", 0),
        ("reset_after", "slack.interrupted", 1),
        ("truncated", "slack.interrupted", 1),
        ("html", "slack.not_understood", 0),
        ("http_503", "slack.service_unavailable", 0),
    ],
)
async def test_a_call_that_went_wrong_is_not_made_again(slack: Slack, kind: str, code: str, said: int) -> None:
    await slack.player.fault("chat.postMessage", kind)

    with pytest.raises(Problem) as raised:  # a second attempt would have succeeded
        await slack.api.post_message(INCIDENT, a_message())

    assert raised.value.code == code
    assert len(await slack.texts()) == said


async def test_an_edit_replaces_text_and_blocks_and_keeps_the_metadata(slack: Slack) -> None:
    posted = await slack.api.post_message(
        INCIDENT, a_message("before"), metadata=posted_metadata(RUN.id, "root", RunState.SUBMITTED)
    )

    await slack.api.update_message(INCIDENT, posted.ts, a_message("after"))

    (said,) = await slack.player.messages()
    assert said["text"] == "after"
    assert said["blocks"][0]["elements"][0]["elements"][0]["text"] == "after"
    assert said["metadata"]["event_payload"]["run_id"] == RUN.id


async def test_a_private_word_is_seen_by_one_person(slack: Slack) -> None:
    await slack.api.post_ephemeral(INCIDENT, ALICE, a_message("for you"))

    (said,) = await slack.player.private_messages()
    assert said["seen_only_by"] == ALICE
    assert await slack.texts() == []


async def test_the_members_of_a_group_are_listed(slack: Slack) -> None:
    assert await slack.api.list_group_members(GroupId("S0ONCALL")) == {ALICE}


async def test_a_post_is_found_by_its_metadata(slack: Slack) -> None:
    posted = await slack.api.post_message(
        INCIDENT, a_message(), metadata=posted_metadata(RUN.id, "root", RunState.SUBMITTED)
    )

    assert await slack.api.find_posted(INCIDENT, None, RUN, "root") == posted.ts
    assert await slack.api.find_posted(INCIDENT, None, RUN, "ending") is None
    assert await slack.api.find_posted(INCIDENT, None, OTHER_RUN, "root") is None


async def test_a_reply_is_found_in_its_thread(slack: Slack) -> None:
    root = await slack.api.post_message(INCIDENT, a_message())
    reply = await slack.api.post_message(
        INCIDENT, a_message(), thread_ts=root.ts, metadata=posted_metadata(RUN.id, "started", RunState.SUBMITTED)
    )

    assert await slack.api.find_posted(INCIDENT, root.ts, RUN, "started") == reply.ts


async def test_a_post_is_found_behind_many_others(slack: Slack) -> None:
    posted = await slack.api.post_message(
        INCIDENT, a_message(), metadata=posted_metadata(RUN.id, "root", RunState.SUBMITTED)
    )
    for number in range(PAGE_SIZE + 1):
        await slack.player.say(f"message {number}")

    assert await slack.api.find_posted(INCIDENT, None, RUN, "root") == posted.ts


async def test_what_was_said_long_before_is_not_looked_through(slack: Slack) -> None:
    await slack.api.post_message(
        INCIDENT, a_message(), metadata=posted_metadata(RUN.id, "root", RunState.SUBMITTED)
    )
    (said,) = await slack.player.messages()
    later = NOON.fromtimestamp(float(said["ts"]), NOON.tzinfo) + timedelta(hours=1)

    assert await slack.api.find_posted(INCIDENT, None, RUN.changed(created_at=later), "root") is None


@pytest.mark.parametrize("ahead_s", [-7200, 0, 240, 7200], ids=lambda ahead_s: f"{ahead_s} s")
async def test_a_post_is_found_whatever_our_clock_says(slack: Slack, ahead_s: float) -> None:
    def our_clock() -> datetime:
        return datetime.now(UTC) + timedelta(seconds=ahead_s)

    api = SlackApi(slack.api._client, clock=our_clock)
    run = a_run(created_at=our_clock())
    posted = await api.post_message(INCIDENT, a_message(), metadata=posted_metadata(run.id, "root", run.state))

    assert await api.find_posted(INCIDENT, None, run, "root") == posted.ts


@pytest.mark.parametrize("date", [None, "yesterday", "", "Thu, 01 Jan 1970 00:00:00 GMT"])
async def test_an_answer_with_no_date_or_a_wrong_one_does_no_harm(date: str | None) -> None:
    asked: list[str] = []

    async def handle(request: web.Request) -> web.Response:
        asked.append(request.query.get("oldest", ""))
        headers = {} if date is None else {"Date": date}
        team = {"team_id": "T0EMULATED", "user_id": "U0VPNBOT", "bot_id": "B0"}
        return web.json_response({"ok": True, "messages": [], **team}, headers=headers)

    async with answering(handle) as api:
        assert await api.find_posted(INCIDENT, None, RUN, "root") is None

    assert float(asked[-1]) <= NOON.timestamp()


async def test_a_direct_message_counts_to_the_same_channel_by_whichever_name(slack: Slack) -> None:
    direct = (await slack.api.post_message(ALICE, a_message(), caller=Caller("a run"))).channel_id
    for number in range(IN_CHANNEL.at_once):
        await slack.api.post_message((ALICE, direct)[number % 2], a_message(), caller=Caller("a run"))

    for place in (direct, ALICE):
        with pytest.raises(Problem, match=r"slack\.busy"):
            await slack.api.post_message(place, a_message(), caller=Caller(place))


async def test_people_whose_direct_messages_are_known_are_not_asked_for_again(slack: Slack) -> None:
    posted = await slack.api.post_message(ALICE, a_message())

    assert await slack.api.open_direct_message(ALICE) == posted.channel_id
    assert await slack.player.calls("conversations.open") == []


def test_the_direct_messages_that_are_known_are_bounded(slack: Slack) -> None:
    for number in range(MOST_DIRECT + 1):
        slack.api._note_direct(UserId(f"U{number:06}"), ChannelId(f"D{number:06}"))

    assert len(slack.api._direct) == MOST_DIRECT


async def test_looking_needs_the_scope_to_look(slack_without_history: Slack) -> None:
    with pytest.raises(Problem) as raised:
        await slack_without_history.api.find_posted(INCIDENT, None, RUN, "root")

    assert raised.value.code == "slack.missing_scope"
    assert "channels:history" in raised.value.facts["needed"]
