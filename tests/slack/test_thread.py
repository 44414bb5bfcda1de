"""A run's messages are in its thread, each of them once, whatever was interrupted."""

from collections.abc import Awaitable, Callable
from contextlib import suppress
from functools import partial
from typing import Any

import pytest
from aiohttp import web

from bot.explain.problems import treatment
from bot.model.ids import ChannelId, RunId
from bot.model.problem import Problem, ProblemDetails
from bot.model.request import Conversation
from bot.model.run import Language, Posted, Run
from bot.slack.blocks import line, rich_text, words
from bot.slack.message import Message
from bot.slack.pacing import IN_CHANNEL, LEFT_FOR_ENDINGS, POSTS, TIER_3, TIER_4
from bot.slack.thread import Thread
from bot.store.runs import FencedError
from tests.slack.conftest import Slack, answering
from tests.slack.scenes import HEALTHY, NOON, a_diagnosing_run, a_refused_run, a_reported_run, a_run
from tests.slack.simulated import Step, finished, simulated_slack

INCIDENT = ChannelId("C0INCIDENT")
AWAY = ProblemDetails(code="cloud.timeout", facts={"operation": "AssumeRole"})

Post = Callable[..., Awaitable[object]]


async def _with_root(slack: Slack, run: Run) -> Run:
    root = await Thread(slack.api).post_root(run, look_first=False)
    return run.changed(posted=Posted(channel_id=root.channel_id, root_ts=root.ts))


async def test_the_thread_of_a_run_reads_from_the_question_to_the_report(slack: Slack) -> None:
    thread = Thread(slack.api)
    run = await _with_root(slack, a_run())
    diagnosing = a_diagnosing_run(posted=run.posted)
    await thread.post_started(diagnosing, look_first=False)
    reported = a_reported_run(HEALTHY, posted=run.posted)
    await thread.post_ending(reported, look_first=False)
    await thread.edit_root(reported)

    (root,) = await slack.player.messages()
    assert root["text"].endswith("all 7 checks are normal")
    assert [reply["text"].partition(": ")[2] for reply in root["replies"]] == [
        "diagnosis started, DiagnoseId vpndgn-bp1u6y2c9d4f",
        "All 7 checks are normal",
    ]


@pytest.mark.parametrize(
    "post", [Thread.post_root, Thread.post_started, Thread.post_ending], ids=["root", "started", "ending"]
)
async def test_a_post_that_slack_took_before_the_connection_broke_is_not_made_again(
    slack: Slack, post: Post
) -> None:
    thread = Thread(slack.api)
    run = a_reported_run(HEALTHY) if post is Thread.post_root else await _with_root(slack, a_reported_run(HEALTHY))
    await slack.player.fault("chat.postMessage", "reset_after")
    with pytest.raises(Problem) as raised:
        await post(thread, run, look_first=False)
    before = await slack.texts()

    found = await post(thread, run, look_first=True)

    assert raised.value.code == "slack.interrupted"
    assert found
    assert await slack.texts() == before


async def test_a_post_that_slack_did_not_take_is_made(slack: Slack) -> None:
    thread = Thread(slack.api)
    await slack.player.fault("chat.postMessage", "reset_before")
    with pytest.raises(Problem):
        await thread.post_root(a_run(), look_first=False)

    root = await thread.post_root(a_run(), look_first=True)

    (said,) = await slack.player.messages()
    assert said["ts"] == root.ts


METADATA_REFUSED = ["invalid_metadata_format", "metadata_too_large", "metadata_must_be_sent_from_app"]


@pytest.mark.parametrize("error", METADATA_REFUSED)
async def test_a_post_whose_metadata_is_refused_is_made_without_and_found_again(slack: Slack, error: str) -> None:
    thread = Thread(slack.api)
    await slack.player.fault("chat.postMessage", "error", error=error)
    root = await thread.post_root(a_run(), look_first=False)

    found = await thread.post_root(a_run(), look_first=True)

    (said,) = await slack.player.messages()
    assert "metadata" not in said
    assert said["ts"] == found.ts == root.ts


async def test_another_runs_messages_are_not_taken_for_ours(slack: Slack) -> None:
    other = a_run(id="01000000-0000-7000-8000-000000000001")
    await Thread(slack.api).post_root(other, look_first=False)

    await Thread(slack.api).post_root(a_run(), look_first=True)

    assert len(await slack.player.messages()) == 2


async def test_without_the_scope_to_look_the_answer_is_posted_all_the_same(slack_without_history: Slack) -> None:
    slack = slack_without_history

    await Thread(slack.api).post_root(a_run(), look_first=True)

    assert len(await slack.texts()) == 1


async def test_other_trouble_while_looking_is_not_taken_for_nothing_there(slack: Slack) -> None:
    await slack.player.fault("conversations.history", "throttle", seconds=3)

    with pytest.raises(Problem) as raised:
        await Thread(slack.api).post_root(a_run(), look_first=True)

    assert raised.value.code == "slack.busy"
    assert await slack.texts() == []


async def test_a_question_from_a_thread_is_answered_in_it(slack: Slack) -> None:
    alert = (await slack.api.post_message(INCIDENT, _said("VPN down"))).ts
    run = a_run(conversation=Conversation(channel_id=INCIDENT, thread_ts=alert))

    run = await _with_root(slack, run)
    await Thread(slack.api).post_started(
        a_diagnosing_run(posted=run.posted, conversation=run.conversation), look_first=True
    )

    (root,) = await slack.player.messages()
    assert root["ts"] == alert
    assert len(root["replies"]) == 2


async def test_a_channel_that_is_closed_to_the_bot_is_left_for_a_direct_message(slack: Slack) -> None:
    run = a_run(conversation=Conversation(channel_id=ChannelId("C0OPEN"), thread_ts="1.000001"), moved_to_dm=True)

    run = await _with_root(slack, run)
    reported = a_reported_run(HEALTHY, posted=run.posted, conversation=run.conversation, moved_to_dm=True)
    await Thread(slack.api).post_ending(reported, look_first=False)
    await Thread(slack.api).edit_root(reported)

    assert run.posted.channel_id is not None
    (root,) = await slack.player.messages(run.posted.channel_id)
    assert "/invite" in str(root["blocks"][0])
    assert root["text"].endswith("all 7 checks are normal")
    assert len(root["replies"]) == 1


async def test_a_direct_message_is_not_sent_twice_either(slack: Slack) -> None:
    run = a_run(moved_to_dm=True)
    first = await Thread(slack.api).post_root(run, look_first=False)

    second = await Thread(slack.api).post_root(run, look_first=True)

    assert second == first


async def test_a_run_that_ends_before_it_began_is_told_in_one_message(slack: Slack) -> None:
    run = a_refused_run()

    first = await Thread(slack.api).post_ending_as_root(run, look_first=False)
    second = await Thread(slack.api).post_ending_as_root(run, look_first=True)

    assert first == second
    assert len(await slack.texts()) == 1


async def test_when_the_root_message_was_deleted_its_edit_is_let_go(slack: Slack) -> None:
    run = await _with_root(slack, a_run())
    await slack.session.post(
        f"{slack.url}/api/chat.delete",
        json={"channel": INCIDENT, "ts": run.posted.root_ts},
        headers={"Authorization": "Bearer xoxb-emulator"},
    )

    await Thread(slack.api).edit_root(run)

    assert await slack.texts() == []


async def test_after_the_root_message_was_deleted_the_ending_is_still_told_once(slack: Slack) -> None:
    run = await _with_root(slack, a_run())
    await slack.session.post(
        f"{slack.url}/api/chat.delete",
        json={"channel": INCIDENT, "ts": run.posted.root_ts},
        headers={"Authorization": "Bearer xoxb-emulator"},
    )
    reported = a_reported_run(HEALTHY, posted=run.posted)

    first = await Thread(slack.api).post_ending(reported, look_first=False)
    second = await Thread(slack.api).post_ending(reported, look_first=True)

    assert first == second
    assert len(await slack.texts()) == 1


async def test_a_thread_that_takes_no_replies_is_answered_beside_it() -> None:
    posted: list[dict[str, Any]] = []

    async def handle(request: web.Request) -> web.Response:
        posted.append(await request.json())
        refused = {"ok": False, "error": "cannot_reply_to_message"}
        taken = {"ok": True, "channel": INCIDENT, "ts": "2.000001"}
        return web.json_response(refused if "thread_ts" in posted[-1] else taken)

    async with answering(handle) as api:
        ts = await Thread(api).post_ending(a_reported_run(HEALTHY, posted=Posted(root_ts="1.0")), look_first=False)

    assert ts == "2.000001"
    assert "no longer there" in str(posted[-1]["blocks"][0])


@pytest.mark.parametrize(("language", "said"), [("en", "shows the report"), ("zh", "查看报告")])
@pytest.mark.parametrize("error", ["invalid_blocks", "msg_too_long", "msg_blocks_too_long", "no_text"])
async def test_an_ending_whose_blocks_slack_refuses_is_told_in_words_in_thread_and_root(
    slack: Slack, error: str, language: Language, said: str
) -> None:
    run = await _with_root(slack, a_run())
    reported = a_reported_run(HEALTHY, language, posted=run.posted)
    for method in ("chat.postMessage", "chat.update"):
        await slack.player.fault(method, "error", times=2 if method == "chat.postMessage" else 1, error=error)

    await Thread(slack.api).post_ending(reported, look_first=False)
    await Thread(slack.api).edit_root(reported)

    (root,) = await slack.player.messages()
    ending = root["replies"][-1]["text"]
    assert not root.get("blocks")
    assert not root["replies"][-1].get("blocks")
    assert "7" in root["text"]
    assert "7" in ending
    assert reported.diagnose_id is not None
    assert reported.diagnose_id in ending
    assert f"/vpn-diagnose last{' ' if language == 'en' else ''}{said}" in ending


async def test_a_message_that_belongs_to_no_thread_is_not_tried_twice() -> None:
    tries = 0

    async def handle(request: web.Request) -> web.Response:
        nonlocal tries
        await request.read()
        tries += 1
        return web.json_response({"ok": False, "error": "cannot_reply_to_message"})

    async with answering(handle) as api:
        with pytest.raises(Problem):
            await Thread(api).post_root(a_run(), look_first=False)

    assert tries == 1


async def test_an_edit_that_slack_cannot_do_now_is_reported(slack: Slack) -> None:
    run = await _with_root(slack, a_run())
    await slack.player.fault("chat.update", "throttle", seconds=2)

    with pytest.raises(Problem) as raised:
        await Thread(slack.api).edit_root(run)

    assert raised.value.code == "slack.ratelimited"


async def test_before_there_is_a_root_message_nothing_is_edited(slack: Slack) -> None:
    await Thread(slack.api).edit_root(a_run())

    assert await slack.player.calls("chat.update") == []


class Fence:
    """Notes when it was asked, and what Slack had been called with by then; closed, it lets nothing through."""

    def __init__(self, slack: Slack) -> None:
        self._slack = slack
        self.called_before: list[list[str]] = []
        self.closed = False

    async def __call__(self, run: Run) -> None:
        self.called_before.append([call["operation"] for call in await self._slack.player.calls()])
        if self.closed:
            raise FencedError(run.id)


async def test_the_fence_comes_after_looking_and_before_the_post(slack: Slack) -> None:
    fence = Fence(slack)

    await Thread(slack.api, fence).post_root(a_run(), look_first=True)

    assert fence.called_before == [["auth.test", "conversations.history"]]


async def test_the_fence_comes_before_each_edit(slack: Slack) -> None:
    fence = Fence(slack)
    thread = Thread(slack.api, fence)
    run = await _with_root(slack, a_run())

    await thread.edit_root(run)
    await thread.edit_root(a_reported_run(HEALTHY, posted=run.posted))

    assert [calls[-1] for calls in fence.called_before] == ["chat.postMessage", "chat.update"]


@pytest.mark.parametrize("state", ["diagnosing", "reported"])
async def test_who_has_lost_the_run_neither_posts_nor_edits(slack: Slack, state: str) -> None:
    fence = Fence(slack)
    fence.closed = True
    thread = Thread(slack.api, fence)
    posted = (await _with_root(slack, a_run())).posted
    run = a_diagnosing_run(posted=posted) if state == "diagnosing" else a_reported_run(HEALTHY, posted=posted)
    before = await slack.player.messages()

    for act in (partial(thread.post_started, look_first=False), partial(thread.post_ending, look_first=True)):
        with pytest.raises(FencedError):
            await act(run)
    with pytest.raises(FencedError):
        await thread.edit_root(run)

    assert await slack.player.messages() == before


async def test_what_is_found_needs_no_fence(slack: Slack) -> None:
    fence = Fence(slack)
    await Thread(slack.api).post_root(a_run(), look_first=False)
    fence.closed = True

    found = await Thread(slack.api, fence).post_root(a_run(), look_first=True)

    assert [said["ts"] for said in await slack.player.messages()] == [found.ts]


async def test_without_permission_to_look_of_any_kind_the_answer_is_posted() -> None:
    async def handle(request: web.Request) -> web.Response:
        method = request.match_info["method"]
        if method == "auth.test":
            return web.json_response({"ok": True, "team_id": "T0EMULATED", "user_id": "U0VPNBOT", "bot_id": "B0"})
        if method == "chat.postMessage":
            return web.json_response({"ok": True, "channel": INCIDENT, "ts": "2.000001"})
        return web.json_response({"ok": False, "error": "not_allowed_token_type"})

    async with answering(handle) as api:
        posted = await Thread(api).post_root(a_run(), look_first=True)

    assert posted.ts == "2.000001"


async def test_a_channel_that_is_archived_between_two_posts_is_said(slack: Slack) -> None:
    run = a_run(conversation=Conversation(channel_id=ChannelId("C0ARCHIVED")), posted=Posted(root_ts="1.000001"))

    with pytest.raises(Problem) as raised:
        await Thread(slack.api).post_started(run, look_first=False)

    assert raised.value.code == "slack.is_archived"
    assert treatment(raised.value.details).closes_channel


# At Slack's rates, on a clock of its own


def _crowd(count: int, **changes: Any) -> list[Run]:
    return [a_run(id=RunId.made(NOON, number.to_bytes(10, "big")), **changes) for number in range(count)]


async def test_progress_that_there_is_no_room_for_is_left_out_and_endings_are_not() -> None:
    async with simulated_slack() as slack:
        thread = Thread(slack.api)
        roots = [await slack.api.post_message(INCIDENT, _said("root")) for _ in range(8)]
        posted = [Posted(channel_id=INCIDENT, root_ts=root.ts) for root in roots]
        for number, run in enumerate(_crowd(40)):
            await thread.edit_root(run.changed(posted=posted[number % 8]))
        shown = len(await slack.player.calls("chat.update"))
        endings = [
            a_reported_run(HEALTHY, id=run.id, posted=posted[number]) for number, run in enumerate(_crowd(8))
        ]

        await finished(slack.time, [(0.0, [partial(thread.edit_root, run)]) for run in endings])
        edited, refused = await slack.player.calls("chat.update"), await slack.refused()

    assert 0 < shown <= TIER_3.at_once - LEFT_FOR_ENDINGS
    assert len(edited) == shown + 8
    assert refused == 0


async def test_a_crowd_in_one_channel_is_told_everything_in_turn_and_slack_never_says_too_much() -> None:
    async with simulated_slack() as slack:
        thread = Thread(slack.api)
        told = [_told(thread, run) for run in _crowd(100)]

        done = await finished(slack.time, [(number / 100, steps) for number, steps in enumerate(told)])
        said, refused = await slack.player.messages(), await slack.refused()
        looked = await slack.player.calls("conversations.history")

    assert [len(root["replies"]) for root in said] == [2] * 100
    assert refused == 0
    assert looked == []
    assert max(ended for *_, ended, _ in done) == pytest.approx(300 / IN_CHANNEL.per_s, rel=0.05)


async def test_the_first_in_a_crowd_has_the_report_before_the_last_is_heard() -> None:
    async with simulated_slack() as slack:
        thread = Thread(slack.api)

        async def diagnosed() -> float:
            return 30.0

        crowd = [_told(thread, run) for run in _crowd(100)]
        runs = [(0.0, [*steps[:2], diagnosed, *steps[2:]]) for steps in crowd]
        done = await finished(slack.time, runs)
        refused = await slack.refused()

    roots, endings = [steps[0] for steps in done], [steps[3] for steps in done]
    assert refused == 0
    assert endings[0] < 45
    assert roots[-1] > 250
    assert sorted(endings)[50] < 200
    assert max(endings) < 30 + 300 / IN_CHANNEL.per_s + 10


async def test_a_crowd_in_five_channels_is_told_five_times_as_fast() -> None:
    channels = ["C0INCIDENT", "C0PAYLOAD", "C0SHARED", "C0PENDING", "C0ORG"]
    async with simulated_slack() as slack:
        thread = Thread(slack.api)
        runs = [
            run.changed(conversation=Conversation(channel_id=ChannelId(channels[number % 5])))
            for number, run in enumerate(_crowd(100))
        ]

        done = await finished(slack.time, [(0.0, _told(thread, run)) for run in runs])
        said = [root for channel in channels for root in await slack.player.messages(channel)]
        refused = await slack.refused()

    assert [len(root["replies"]) for root in said] == [2] * 100
    assert refused == 0
    assert max(ended for *_, ended, _ in done) < 300 / POSTS.per_s * 1.1


async def test_an_ending_in_a_lost_thread_needs_one_turn_and_not_two() -> None:
    async with simulated_slack() as slack:
        thread = Thread(slack.api)
        lost = a_reported_run(HEALTHY, posted=Posted(root_ts="1.0"))
        for run in _crowd(30)[1:]:
            with suppress(Problem):
                await thread.post_root(run, look_first=False)
        with pytest.raises(Problem) as raised:
            await thread.post_ending(lost, look_first=False)
        slack.time.now += float(raised.value.facts["retry_after_s"])
        await slack.player.fault("chat.postMessage", "error", error="cannot_reply_to_message")

        await thread.post_ending(lost, look_first=False)
        *_, said = await slack.player.messages()

    assert "no longer there" in str(said["blocks"][0])


async def test_notes_of_delays_wait_for_their_turns_and_take_none_of_the_runs() -> None:
    async with simulated_slack() as slack:
        thread = Thread(slack.api)
        first, *waiting = _crowd(300)
        for run in waiting:
            with suppress(Problem):
                await thread.tell_delay(run, AWAY, NOON, "en")
        await thread.post_root(first, look_first=False)
        notes = await slack.player.calls("chat.postEphemeral")
        posts = await slack.player.calls("chat.postMessage")
        refused = await slack.refused()

    assert 0 < len(notes) <= TIER_4.most_in_a_window
    assert len(posts) == 1
    assert refused == 0


async def test_a_delay_is_told_by_whoever_has_the_run(slack: Slack) -> None:
    async def lost(run: Run) -> None:
        raise FencedError(run.id)

    await slack.player.fault("chat.postEphemeral", "error", error="not_in_channel")
    with pytest.raises(FencedError):
        await Thread(slack.api, lost).tell_delay(a_run(), AWAY, NOON, "en")

    assert await slack.player.calls() == []


def _told(thread: Thread, run: Run) -> list[Step]:
    """Return the steps in which a run is told: root, started, ending, and the last edit."""
    posted = Posted()

    async def root() -> None:
        nonlocal posted
        message = await thread.post_root(run, look_first=False)
        posted = Posted(channel_id=message.channel_id, root_ts=message.ts)

    async def later(act: Callable[[Run], Awaitable[object]]) -> None:
        conversation = run.conversation
        await act(a_reported_run(HEALTHY, id=run.id, posted=posted, conversation=conversation))

    started = partial(thread.post_started, look_first=False)
    ending = partial(thread.post_ending, look_first=False)
    return [root, partial(later, started), partial(later, ending), partial(later, thread.edit_root)]


def _said(text: str) -> Message:
    return Message(text=text, blocks=[rich_text(line(words(text)))])
