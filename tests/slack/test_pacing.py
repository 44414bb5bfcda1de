"""Slack is called as often as it allows and no more often, everyone in turn, and people at once."""

import logging
from collections.abc import Awaitable, Callable
from functools import partial
from itertools import pairwise

import pytest
from aiohttp import web

from bot.emulators.slack import EXAMPLE
from bot.model.ids import ChannelId, UserId
from bot.model.problem import Problem
from bot.slack import pacing as pacing_module
from bot.slack.blocks import line, rich_text, words
from bot.slack.message import Message
from bot.slack.pacing import (
    IN_CHANNEL,
    LEAST_SILENCE_S,
    LONGEST_SILENCE_S,
    PATIENCE_S,
    PERSON,
    POST,
    POSTS,
    SILENCE_S,
    UPDATE,
    Caller,
    Pacing,
)
from bot.turns import MOST_TURNS, Quota
from tests.slack.conftest import answering
from tests.slack.simulated import SimulatedTime, finished, simulated_slack

QUOTAS = [one for one in vars(pacing_module).values() if isinstance(one, Quota)]
INCIDENT, OTHER = ChannelId("C0INCIDENT"), ChannelId("C0PAYLOAD")
# One after another in age.
RUNS = [f"run {number:05}" for number in range(2000)]
HELLO = Message(text="hello", blocks=[rich_text(line(words("hello")))])


@pytest.fixture
def time() -> SimulatedTime:
    return SimulatedTime()


@pytest.fixture
def pacing(time: SimulatedTime) -> Pacing:
    return Pacing(time.monotonic, time.pause)


@pytest.fixture
def at_once(time: SimulatedTime) -> Pacing:
    """Return a pacing whose callers all come at the same moment: while one waits, no time passes for others."""

    async def pause(for_s: float) -> None:
        assert for_s <= PATIENCE_S

    return Pacing(time.monotonic, pause)


async def _call(pacing: Pacing, who: str | None, method: str = POST, channel: str = INCIDENT) -> None:
    async with pacing.admitted(method, Caller(who), channel):
        pass


async def _too_often(
    pacing: Pacing, who: str | None, method: str = POST, channel: str = INCIDENT, **facts: str
) -> Problem:
    """Let Slack answer 429 to a call."""
    with pytest.raises(Problem) as raised:
        async with pacing.admitted(method, Caller(who), channel):
            raise Problem("slack.ratelimited", operation=method, **facts)
    return raised.value


async def _busy_s(pacing: Pacing, who: str | None, method: str = POST, channel: str = INCIDENT) -> float:
    """Return after how many seconds somebody is told to come back."""
    with pytest.raises(Problem) as raised:
        await _call(pacing, who, method, channel)
    assert raised.value.code == "slack.busy"
    return float(raised.value.facts["retry_after_s"])


async def _filled(pacing: Pacing, method: str = POST, channel: str = INCIDENT) -> None:
    for number in range(200):
        try:
            await _call(pacing, f"before {number}", method, channel)
        except Problem:
            return
    raise AssertionError("everybody passed")


@pytest.mark.parametrize("quota", QUOTAS, ids=lambda quota: quota.name)
def test_what_is_used_stays_within_what_is_documented(quota: Quota) -> None:
    assert quota.most_in_a_window <= quota.documented


async def test_a_few_posts_pass_at_once_and_then_one_a_second(pacing: Pacing, time: SimulatedTime) -> None:
    for who in RUNS[: IN_CHANNEL.at_once]:
        await _call(pacing, who)

    assert time.now == 0
    assert await _busy_s(pacing, RUNS[10]) == pytest.approx(1 / IN_CHANNEL.per_s, abs=0.01)
    assert await _busy_s(pacing, RUNS[11]) == pytest.approx(2 / IN_CHANNEL.per_s, abs=0.01)


async def test_whoever_comes_back_has_the_turn_that_was_kept(pacing: Pacing, time: SimulatedTime) -> None:
    await _filled(pacing)
    wait_s = await _busy_s(pacing, "patient")
    for who in RUNS[:50]:
        await _busy_s(pacing, who)

    time.now += wait_s
    await _call(pacing, "patient")

    assert time.now == pytest.approx(wait_s, abs=PATIENCE_S)


async def test_the_oldest_run_comes_first_wherever_it_stands(pacing: Pacing, time: SimulatedTime) -> None:
    await _filled(pacing)
    waits = [await _busy_s(pacing, who) for who in RUNS[1:20]]
    oldest_s = await _busy_s(pacing, RUNS[0])

    time.now += oldest_s
    await _call(pacing, RUNS[0])

    assert oldest_s == waits[0] == min(waits)


async def test_a_moment_is_waited_for(pacing: Pacing, time: SimulatedTime) -> None:
    await _filled(pacing)
    wait_s = await _busy_s(pacing, "almost")

    time.now = wait_s - PATIENCE_S / 2
    await _call(pacing, "almost")

    assert time.now == pytest.approx(wait_s, abs=0.01)


async def test_a_channel_that_is_full_does_not_delay_another(pacing: Pacing, time: SimulatedTime) -> None:
    await _filled(pacing)

    await _call(pacing, "elsewhere", channel=OTHER)

    assert time.now == 0


async def test_a_method_that_is_full_does_not_delay_another(pacing: Pacing, time: SimulatedTime) -> None:
    await _filled(pacing, UPDATE)

    await _call(pacing, "a post")
    await _call(pacing, "a look", "conversations.history")

    assert time.now == 0


async def test_a_workspace_has_a_limit_over_all_channels(at_once: Pacing) -> None:
    for number in range(POSTS.at_once + 1):  # the last one within the patience
        await _call(at_once, RUNS[number], channel=f"C{number}")

    assert await _busy_s(at_once, "more", channel="C-more") == pytest.approx(2 / POSTS.per_s, abs=0.01)


@pytest.mark.parametrize("method", ["views.open", "chat.postEphemeral", "auth.test", POST, UPDATE])
async def test_people_wait_for_no_run(pacing: Pacing, time: SimulatedTime, method: str) -> None:
    await _filled(pacing, method)

    for _ in range(500):
        async with pacing.admitted(method, PERSON, INCIDENT):
            pass

    assert time.now == pytest.approx(0)


async def test_what_people_have_said_counts(pacing: Pacing) -> None:
    for _ in range(IN_CHANNEL.at_once):
        await _call(pacing, None)

    assert await _busy_s(pacing, "a run") > PATIENCE_S


async def test_after_a_429_its_channel_is_silent_and_no_other(pacing: Pacing, time: SimulatedTime) -> None:
    problem = await _too_often(pacing, "refused", retry_after_s="7")
    await _call(pacing, "elsewhere", channel=OTHER)
    await _call(pacing, "an edit", UPDATE)

    assert (problem.code, problem.facts["retry_after_s"]) == ("slack.busy", "7.00")
    assert time.now == 0
    assert await _busy_s(pacing, "another") >= 7


async def test_after_a_429_the_method_is_silent_and_no_other(pacing: Pacing) -> None:
    await _too_often(pacing, "refused", UPDATE, retry_after_s="7")

    await _call(pacing, "a post")
    await _call(pacing, "a look", "conversations.replies")

    assert await _busy_s(pacing, "another", UPDATE, channel=OTHER) >= 7


async def test_whoever_slack_refused_is_the_first_again(pacing: Pacing, time: SimulatedTime) -> None:
    await _filled(pacing)
    wait_s = await _busy_s(pacing, RUNS[0])
    for who in RUNS[1:20]:
        await _busy_s(pacing, who)
    time.now += wait_s
    await _too_often(pacing, RUNS[0], retry_after_s="3")

    time.now += 3
    await _call(pacing, RUNS[0])

    assert time.now == pytest.approx(wait_s + 3, abs=PATIENCE_S)


@pytest.mark.parametrize(
    ("facts", "silent_s"),
    [
        pytest.param({}, SILENCE_S, id="none"),
        pytest.param({"retry_after_s": "0"}, LEAST_SILENCE_S, id="nothing"),
        pytest.param({"retry_after_s": "30"}, 30, id="half a minute"),
        pytest.param({"retry_after_s": "999999"}, LONGEST_SILENCE_S, id="eleven days"),
    ],
)
async def test_the_silence_that_slack_asks_for_is_kept_within_reason(
    pacing: Pacing, facts: dict[str, str], silent_s: float
) -> None:
    problem = await _too_often(pacing, "refused", **facts)

    assert float(problem.facts["retry_after_s"]) == silent_s


async def test_people_are_told_at_once_while_slack_wants_silence(pacing: Pacing, time: SimulatedTime) -> None:
    first = await _too_often(pacing, None, "views.open", retry_after_s="7")
    time.now = 2.0

    with pytest.raises(Problem) as raised:
        await _call(pacing, None, "views.open")

    assert first.code == "slack.ratelimited"
    assert (raised.value.code, raised.value.facts["retry_after_s"]) == ("slack.ratelimited", "5.00")
    time.now = 7.0
    await _call(pacing, None, "views.open")


async def test_a_429_is_in_the_log(pacing: Pacing, caplog: pytest.LogCaptureFixture) -> None:
    with caplog.at_level(logging.WARNING):
        await _too_often(pacing, "refused", retry_after_s="7")

    assert "chat.postMessage for 7 s" in caplog.text


async def test_other_refusals_silence_nobody(pacing: Pacing) -> None:
    with pytest.raises(Problem, match=r"slack\.not_in_channel"):
        async with pacing.admitted(POST, Caller("refused"), INCIDENT):
            raise Problem("slack.not_in_channel")

    await _call(pacing, "next")


async def test_the_check_comes_after_the_turn_and_before_the_call(pacing: Pacing) -> None:
    happened: list[str] = []

    async def check() -> None:
        happened.append("checked")

    await _filled(pacing)
    with pytest.raises(Problem):
        async with pacing.admitted(POST, Caller("later", check), INCIDENT):
            happened.append("called too early")
    async with pacing.admitted(POST, Caller("now", check), OTHER):
        happened.append("called")

    assert happened == ["checked", "called"]


async def test_what_a_check_raises_passes_untouched(pacing: Pacing) -> None:
    async def check() -> None:
        raise KeyError("not ours any more")

    with pytest.raises(KeyError, match="not ours any more"):
        async with pacing.admitted(POST, Caller("late", check), INCIDENT):
            raise AssertionError("called")


async def test_there_is_room_for_courtesies_while_endings_have_enough(pacing: Pacing) -> None:
    before = pacing.has_room(UPDATE)
    for who in RUNS[:5]:
        await _call(pacing, who, UPDATE)

    assert before
    assert not pacing.has_room(UPDATE)
    await _call(pacing, "an ending", UPDATE)


async def test_an_emulator_may_be_in_a_hurry(time: SimulatedTime) -> None:
    hasty = Pacing(time.monotonic, time.pause, times=10)
    for who in RUNS[: IN_CHANNEL.at_once + 9]:
        await _call(hasty, who)

    assert time.now == pytest.approx(0.9 / IN_CHANNEL.per_s)


async def test_a_hundred_runs_in_a_channel_are_served_one_after_another_and_another_at_once() -> None:
    async with simulated_slack() as slack:

        def posting(who: int, channel: ChannelId) -> Callable[[], Awaitable[object]]:
            return lambda: slack.api.post_message(channel, HELLO, caller=Caller(RUNS[who]))

        crowd = [(0.0, [posting(who, INCIDENT)]) for who in range(100)]
        alone = (30.0, [posting(100, OTHER)])
        *done, (other,) = await finished(slack.time, [*crowd, alone])
        refused = await slack.refused()

    served = [at for (at,) in done]
    assert refused == 0
    assert all(earlier <= later for earlier, later in pairwise(served))
    assert max(served) == pytest.approx((100 - IN_CHANNEL.at_once) / IN_CHANNEL.per_s, abs=1)
    assert other == pytest.approx(30.0, abs=PATIENCE_S)


async def test_six_hundred_posts_to_channels_and_people_are_never_too_many() -> None:
    async with simulated_slack() as slack:

        def posting(who: int, place: ChannelId | UserId) -> Callable[[], Awaitable[object]]:
            return lambda: slack.api.post_message(place, HELLO, caller=Caller(RUNS[who]))

        people = [UserId(person.id) for person in EXAMPLE.people if not person.is_bot]
        places: list[ChannelId | UserId] = [INCIDENT, OTHER, ChannelId("C0SHARED"), *people]
        crowd = [(who / 100, [posting(who, places[who % len(places)])] * 3) for who in range(200)]
        await finished(slack.time, crowd)
        refused, posted = await slack.refused(), await slack.player.calls(POST)

    assert refused == 0
    assert len(posted) == 600


async def test_two_bots_that_know_nothing_of_each_other_get_all_their_posts_out() -> None:
    async with simulated_slack() as slack:
        other = slack.another_bot()

        def posting(who: int) -> Callable[[], Awaitable[object]]:
            api = (slack.api, other)[who % 2]
            return lambda: api.post_message(INCIDENT, HELLO, caller=Caller(RUNS[who]))

        done = await finished(slack.time, [(0.0, [posting(who)]) for who in range(60)])
        refused, said = await slack.refused(), await slack.player.messages()

    assert refused > 0
    assert len(said) == 60
    assert max(at for (at,) in done) < 120


async def test_a_line_is_bounded_and_everybody_gets_through_all_the_same(
    pacing: Pacing, time: SimulatedTime
) -> None:
    done = await finished(time, [(0.0, [partial(_call, pacing, who)]) for who in RUNS[: MOST_TURNS + 500]])

    served = [at for (at,) in done]
    assert max(served) == pytest.approx(len(done) / IN_CHANNEL.per_s, rel=0.01)


@pytest.mark.parametrize("header", ["", "soon", "-5", "1e9", "99999999999", "Wed, 21 Oct 2026 07:28:00 GMT"])
async def test_a_429_with_an_absurd_time_is_a_short_silence(header: str) -> None:
    async def handle(request: web.Request) -> web.Response:
        await request.read()
        headers = {"Retry-After": header} if header else {}
        return web.json_response({"ok": False, "error": "ratelimited"}, status=429, headers=headers)

    async with answering(handle) as api:
        with pytest.raises(Problem) as raised:
            await api.post_message(INCIDENT, HELLO, caller=Caller("run"))

    assert (raised.value.code, raised.value.facts["retry_after_s"]) == ("slack.busy", f"{SILENCE_S:.2f}")


async def test_a_429_that_is_a_page_is_one_too() -> None:
    async def handle(request: web.Request) -> web.Response:
        await request.read()
        return web.Response(text="<html>slow down</html>", status=429, headers={"Retry-After": "9"})

    async with answering(handle) as api:
        with pytest.raises(Problem) as raised:
            await api.post_message(INCIDENT, HELLO, caller=Caller("run"))

    assert (raised.value.code, raised.value.facts["retry_after_s"]) == ("slack.busy", "9.00")
