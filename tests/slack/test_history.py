"""What may have been posted is found, or known not to be there, however many have to look."""

import asyncio
from collections.abc import Awaitable, Callable
from functools import partial
from typing import Any

import pytest

from bot.model.ids import ChannelId, RunId
from bot.model.problem import Problem
from bot.model.run import Posted, Run, RunState
from bot.slack.history import (
    MOST_ASKING,
    MOST_HISTORIES,
    MOST_PAGES,
    PAGE_SIZE,
    PUT_OFF_S,
    Histories,
    Place,
    Sought,
)
from bot.slack.message import Message
from bot.slack.pacing import TIER_3
from bot.slack.shapes import Cursor, Page, Part, Said, posted_metadata
from bot.slack.thread import Thread
from bot.store.runs import Runs
from tests.slack.scenes import NOON, a_diagnosing_run, a_run
from tests.slack.simulated import SimulatedSlack, finished, simulated_slack

CHANNEL = Place(ChannelId("C0INCIDENT"), None)
THREAD = Place(ChannelId("C0INCIDENT"), "1.000001")
BUSY = Problem("slack.busy", retry_after_s=1)
HELLO = Message(text="hello", blocks=[])


def an_id(number: int) -> RunId:
    return RunId.made(NOON, number.to_bytes(10, "big"))


def a_question(number: int = 0, oldest: float = 0.0, version: int = 1, part: Part = "root") -> Sought:
    return Sought(an_id(number), part, oldest, version)


def own(said: Said) -> bool:
    return said.user == "U0VPNBOT"


class Room:
    """A history that is read a page at a time, newest first; `when_read` is awaited before each page."""

    def __init__(self) -> None:
        self.said: list[Said] = []
        self.read: list[tuple[float, str]] = []
        self.page_size = PAGE_SIZE
        self.when_read: Callable[[], Awaitable[None]] | None = None
        self.now = 0.0

    def post(self, number: int, *, at: float, user: str = "U0VPNBOT", part: Part = "root") -> None:
        metadata: dict[str, Any] = posted_metadata(an_id(number), part, RunState.SUBMITTED)
        self.said.insert(0, Said(ts=f"{at:.6f}", user=user, metadata=metadata))

    def say(self, count: int, *, at: float) -> None:
        for _ in range(count):
            self.said.insert(0, Said(ts=f"{at:.6f}", user="U0ALICE"))

    async def page(self, place: Place, oldest: float, cursor: str) -> Page:
        del place
        self.read.append((oldest, cursor))
        if self.when_read is not None:
            await self.when_read()
        since = [said for said in self.said if float(said.ts) > oldest]
        begin = int(cursor or 0)
        end = begin + self.page_size
        more = str(end) if end < len(since) else ""
        return Page(messages=since[begin:end], response_metadata=Cursor(next_cursor=more))

    def histories(self) -> Histories:
        return Histories(self.page, lambda: self.now)


@pytest.fixture
def room() -> Room:
    return Room()


async def test_what_is_there_is_found(room: Room) -> None:
    room.post(1, at=10)

    assert await room.histories().find(CHANNEL, a_question(1), own) == "10.000000"


async def test_neither_another_run_nor_another_part_nor_anothers_message_is_taken_for_it(room: Room) -> None:
    room.post(1, at=10)
    room.post(2, at=11, user="U0OTHERBOT")
    histories = room.histories()

    assert await histories.find(CHANNEL, a_question(2), own) is None
    assert await histories.find(CHANNEL, a_question(3), own) is None
    assert await histories.find(CHANNEL, a_question(1, part="ending"), own) is None


@pytest.mark.parametrize(
    "metadata",
    [
        None,
        {},
        {"event_type": "vpn_diagnose_run"},
        {"event_type": "vpn_diagnose_run", "event_payload": "run"},
        {"event_type": "vpn_diagnose_run", "event_payload": {"run_id": 7, "part": ["root"]}},
        {"event_type": "vpn_diagnose_run", "event_payload": {"run_id": str(an_id(1)), "part": "other"}},
        {"event_type": "another_app", "event_payload": {"run_id": str(an_id(1)), "part": "root"}},
    ],
)
async def test_metadata_of_any_kind_does_no_harm(room: Room, metadata: dict[str, Any] | None) -> None:
    room.said = [Said(ts="10.0", user="U0VPNBOT", metadata=metadata)]

    assert await room.histories().find(CHANNEL, a_question(1), own) is None


@pytest.mark.parametrize(
    "blocks",
    [
        None,
        "blocks",
        [],
        ["block"],
        [{"type": "divider"}],
        [{"block_id": 7}],
        [{"block_id": f"vpn_diagnose_run:{an_id(1)}"}],
        [{"block_id": f"vpn_diagnose_run:{an_id(1)}:root:more"}],
        [{"block_id": f"another_app:{an_id(1)}:root"}],
        [{"type": "divider"}, {"block_id": f"vpn_diagnose_run:{an_id(1)}:root"}],
    ],
)
async def test_blocks_of_any_kind_do_no_harm(room: Room, blocks: object) -> None:
    room.said = [Said(ts="10.0", user="U0VPNBOT", blocks=blocks)]

    assert await room.histories().find(CHANNEL, a_question(1), own) is None


async def test_a_post_is_found_on_a_later_page_and_the_rest_is_not_read(room: Room) -> None:
    room.say(PAGE_SIZE, at=5)
    room.post(1, at=10)
    room.say(PAGE_SIZE, at=20)

    assert await room.histories().find(CHANNEL, a_question(1), own) == "10.000000"
    assert len(room.read) == 2


async def test_whoever_asks_later_is_not_answered_from_an_old_reading(room: Room) -> None:
    histories = room.histories()
    first = await histories.find(CHANNEL, a_question(1), own)
    room.now = 10
    room.post(1, at=10)

    second = await histories.find(CHANNEL, a_question(1, version=5), own)

    assert (first, second) == (None, "10.000000")


async def test_those_who_waited_are_answered_from_one_reading(room: Room) -> None:
    histories = room.histories()

    async def too_busy() -> None:
        raise BUSY

    room.when_read = too_busy
    for number in range(100):
        with pytest.raises(Problem, match=r"slack\.busy"):
            await histories.find(CHANNEL, a_question(number), own)
    room.when_read = None
    room.post(50, at=10)
    room.read.clear()
    room.now = 60

    found = [await histories.find(CHANNEL, a_question(number, version=3), own) for number in range(100)]

    assert len(room.read) == 1
    assert [number for number, ts in enumerate(found) if ts] == [50]


async def test_a_reading_goes_back_as_far_as_anybody_who_waits_needs(room: Room) -> None:
    histories = room.histories()

    async def too_busy() -> None:
        raise BUSY

    room.when_read = too_busy
    for number in (3, 1, 2):
        with pytest.raises(Problem):
            await histories.find(CHANNEL, a_question(number, oldest=100.0 * number), own)
    room.when_read = None
    room.read.clear()

    await histories.find(CHANNEL, a_question(3, oldest=300.0, version=3), own)

    assert room.read == [(100.0, "")]


async def test_a_run_that_another_bot_had_meanwhile_asks_anew(room: Room) -> None:
    histories = room.histories()

    async def too_busy() -> None:
        raise BUSY

    room.when_read = too_busy
    with pytest.raises(Problem):
        await histories.find(CHANNEL, a_question(1, version=1), own)
    room.when_read = None
    room.now = 10
    await histories.find(CHANNEL, a_question(2), own)  # a reading that began after the first asking
    room.now = 20
    room.post(1, at=20)  # by the other bot, whose answer was lost

    assert await histories.find(CHANNEL, a_question(1, version=5), own) == "20.000000"


async def test_what_is_not_there_is_not_looked_for_again_until_it_is_posted(room: Room) -> None:
    histories = room.histories()
    await histories.find(CHANNEL, a_question(1), own)
    room.now = 10  # meanwhile the run waits for its turn to post
    again = await histories.find(CHANNEL, a_question(1, version=3), own)
    read = len(room.read)
    histories.posting(a_question(1).key)
    room.post(1, at=15)  # and the answer is lost
    room.now = 20

    assert (again, read) == (None, 1)
    assert await histories.find(CHANNEL, a_question(1, version=3), own) == "15.000000"


async def test_a_reading_that_was_put_off_goes_on_where_it_stopped(room: Room) -> None:
    room.post(1, at=10)
    room.say(3 * PAGE_SIZE, at=20)
    histories = room.histories()
    pages = 0

    async def two_at_a_time() -> None:
        nonlocal pages
        pages += 1
        if pages == 3:
            raise BUSY

    room.when_read = two_at_a_time
    with pytest.raises(Problem):
        await histories.find(CHANNEL, a_question(1), own)

    assert await histories.find(CHANNEL, a_question(1, version=3), own) == "10.000000"
    assert [cursor for _, cursor in room.read] == ["", "200", "400", "400", "600"]


async def test_after_a_fault_a_reading_begins_anew(room: Room) -> None:
    room.post(1, at=10)
    room.say(PAGE_SIZE, at=20)
    histories = room.histories()

    async def lost_the_cursor() -> None:
        if room.read[-1][1]:
            raise Problem("slack.internal_error")

    room.when_read = lost_the_cursor
    with pytest.raises(Problem):
        await histories.find(CHANNEL, a_question(1), own)
    room.when_read = None

    assert await histories.find(CHANNEL, a_question(1), own) == "10.000000"
    assert [cursor for _, cursor in room.read] == ["", "200", "", "200"]


async def test_a_cursor_that_slack_forgot_is_no_failure(room: Room) -> None:
    room.post(1, at=10)
    room.say(PAGE_SIZE, at=20)
    histories = room.histories()

    async def lost_the_cursor() -> None:
        if len(room.read) == 2:
            raise Problem("slack.invalid_cursor")

    room.when_read = lost_the_cursor
    with pytest.raises(Problem, match=r"slack\.busy"):
        await histories.find(CHANNEL, a_question(1), own)

    assert await histories.find(CHANNEL, a_question(1, version=3), own) == "10.000000"


async def test_a_history_is_read_so_far_and_no_further(room: Room) -> None:
    room.post(1, at=10)
    room.say(MOST_PAGES * PAGE_SIZE, at=20)

    assert await room.histories().find(CHANNEL, a_question(1), own) is None
    assert len(room.read) == MOST_PAGES


async def test_somebody_who_needs_too_much_does_not_keep_others_from_finding_theirs(room: Room) -> None:
    room.page_size = 1
    for at in range(20):
        room.say(1, at=at)
        if at == 12:
            room.post(1, at=12.5)
    histories = room.histories()

    async def too_busy() -> None:
        raise BUSY

    room.when_read = too_busy
    for number, oldest in ((1, 0.0), (2, 15.0)):
        with pytest.raises(Problem):
            await histories.find(CHANNEL, a_question(number, oldest=oldest), own)
    room.when_read = None
    room.read.clear()

    assert await histories.find(CHANNEL, a_question(2, oldest=15.0, version=3), own) is None
    assert await histories.find(CHANNEL, a_question(1, oldest=0.0, version=3), own) == "12.500000"
    assert room.read[MOST_PAGES] == (15.0, "")  # for this one alone, since the one for both was cut short
    assert len(room.read) <= 3 * MOST_PAGES


async def test_one_run_reads_and_others_do_not_wait_for_it(room: Room) -> None:
    histories = room.histories()
    may_answer = asyncio.Event()

    async def hang() -> None:
        await may_answer.wait()

    room.when_read = hang
    reading = asyncio.create_task(histories.find(CHANNEL, a_question(1), own))
    await asyncio.sleep(0)
    with pytest.raises(Problem, match=r"slack\.busy"):
        await histories.find(CHANNEL, a_question(2), own)
    room.when_read = None
    elsewhere = await histories.find(THREAD, a_question(3), own)
    may_answer.set()

    assert await reading is None
    assert elsewhere is None


async def test_a_run_that_is_cancelled_while_it_reads_leaves_the_way_free(room: Room) -> None:
    histories = room.histories()

    async def hang() -> None:
        await asyncio.Event().wait()

    room.when_read = hang
    reading = asyncio.create_task(histories.find(CHANNEL, a_question(1), own))
    await asyncio.sleep(0)
    reading.cancel()
    with pytest.raises(asyncio.CancelledError):
        await reading
    room.when_read = None

    assert await histories.find(CHANNEL, a_question(2), own) is None


async def test_what_is_remembered_is_bounded(room: Room) -> None:
    histories = room.histories()

    async def too_busy() -> None:
        raise BUSY

    for number in range(MOST_HISTORIES + 1):
        await histories.find(Place(ChannelId("C0INCIDENT"), f"{number}.0"), a_question(1), own)
    room.when_read = too_busy
    for number in range(MOST_ASKING + 1):
        with pytest.raises(Problem):
            await histories.find(CHANNEL, a_question(number), own)

    assert len(histories._histories) == MOST_HISTORIES
    assert len(histories._histories[CHANNEL]._asking) == MOST_ASKING


async def test_a_run_that_never_came_back_is_forgotten(room: Room) -> None:
    histories = room.histories()

    async def too_busy() -> None:
        raise BUSY

    room.when_read = too_busy
    with pytest.raises(Problem):
        await histories.find(CHANNEL, a_question(1, oldest=1.0), own)
    room.when_read = None
    room.read.clear()
    room.now = PUT_OFF_S + 1

    await histories.find(CHANNEL, a_question(2, oldest=500.0), own)

    assert room.read == [(500.0, "")]


async def test_a_run_that_comes_back_has_a_version_that_is_two_higher(
    runs: Runs, a_run: Callable[..., Run]
) -> None:
    await runs.add(a_run(), "a delivery")
    (first,) = await runs.claim_due(NOON, "us", 60, 1)
    await runs.save(first.run, lease_until=None)

    (second,) = await runs.claim_due(NOON, "us", 60, 1)

    assert second.run.version - first.run.version == 2


# On Slack's clock and at Slack's rates


async def _posted(slack: SimulatedSlack, run: Run) -> Run:
    """Post a run's root message without anybody's learning of it, as if the answer had been lost."""
    await slack.player.rates(None)
    root = await slack.api.post_message(
        run.conversation.channel_id, HELLO, metadata=posted_metadata(run.id, "root", run.state)
    )
    return run.changed(posted=Posted(channel_id=root.channel_id, root_ts=root.ts))


async def test_a_thousand_runs_of_one_channel_look_before_they_post_and_nothing_is_said_twice() -> None:
    async with simulated_slack() as slack:
        runs = [a_run(id=an_id(number), created_at=NOON) for number in range(1000)]
        for run in runs[::2]:
            await _posted(slack, run)
        await slack.player.rates(1)
        slack.time.now += 60
        thread = Thread(slack.another_bot())

        steps = [(60.0, [partial(thread.post_root, run, look_first=True)]) for run in runs]
        done = await finished(slack.time, steps)
        said, refused = await slack.player.messages(), await slack.refused()
        looked = len(await slack.player.calls("conversations.history"))

    assert len(said) == 1000
    assert refused == 0
    assert looked <= 60
    assert max(at for (at,) in done) < 60 + 500 / 0.9 + 60


async def test_a_hundred_threads_are_looked_into_one_after_another_and_nothing_is_said_twice() -> None:
    async with simulated_slack() as slack:
        runs = [await _posted(slack, a_run(id=an_id(number), created_at=NOON)) for number in range(100)]
        diagnosing = [a_diagnosing_run(id=run.id, posted=run.posted) for run in runs]
        slack.time.now += 300
        for run in diagnosing[::2]:
            await Thread(slack.api).post_started(run, look_first=False)
            slack.time.now += 2
        await slack.player.rates(1)
        slack.time.now += 60
        begins, thread = slack.time.now, Thread(slack.another_bot())

        steps = [(begins, [partial(thread.post_started, run, look_first=True)]) for run in diagnosing]
        done = await finished(slack.time, steps)
        said, refused = await slack.player.messages(), await slack.refused()

    assert [len(root["replies"]) for root in said] == [1] * 100
    assert refused == 0
    assert max(at for (at,) in done) - begins < 100 / TIER_3.per_s + 30
