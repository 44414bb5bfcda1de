"""Answers of Slack's: asked once at a time, kept for a while, renewed ahead of need, and given up when too old."""

import asyncio
from datetime import timedelta
from typing import TYPE_CHECKING

import pytest

from bot.access.answers import MOST_AT_ONCE, MOST_KEPT, Answers
from bot.model.problem import Problem

if TYPE_CHECKING:
    from tests.access.conftest import Clock


class Slack:
    """Answers with the number of the question, once `open` is set, or with the problem it was given."""

    def __init__(self) -> None:
        self.open = asyncio.Event()
        self.open.set()
        self.fails: str | None = None
        self.asked: list[str] = []

    async def __call__(self, subject: str) -> str:
        self.asked.append(subject)
        number = len(self.asked)
        await self.open.wait()
        if self.fails:
            raise Problem(self.fails)
        return f"{subject}{number}"


@pytest.fixture
def slack() -> Slack:
    return Slack()


@pytest.fixture
async def answers(slack: Slack, clock: "Clock") -> Answers[str, str]:
    return Answers(slack, clock, timedelta(minutes=5))


async def test_a_fresh_answer_is_not_asked_for_again(
    answers: Answers[str, str], slack: Slack, clock: "Clock"
) -> None:
    first = await answers.get("a")
    clock.pass_by(minutes=5)
    second = await answers.get("a")

    assert (first, second) == ("a1", "a1")
    assert slack.asked == ["a"]


async def test_an_answer_that_is_not_fresh_is_asked_for_again(answers: Answers[str, str], clock: "Clock") -> None:
    await answers.get("a")
    clock.pass_by(minutes=5, seconds=1)

    assert await answers.get("a") == "a2"


async def test_an_answer_holds_for_15_minutes_while_slack_gives_none(
    answers: Answers[str, str], slack: Slack, clock: "Clock"
) -> None:
    await answers.get("a")
    slack.fails = "slack.unreachable"
    clock.pass_by(minutes=15)
    held = await answers.get("a")
    clock.pass_by(seconds=1)
    with pytest.raises(Problem) as raised:
        await answers.get("a")

    assert held == "a1"
    assert raised.value.code == "slack.unreachable"


async def test_an_answer_from_the_future_is_none(answers: Answers[str, str], clock: "Clock") -> None:
    await answers.get("a")
    clock.pass_by(minutes=-1)

    assert await answers.get("a") == "a2"


async def test_an_answer_counts_from_when_it_was_asked_for(
    answers: Answers[str, str], slack: Slack, clock: "Clock"
) -> None:
    slack.open.clear()
    waiting = asyncio.create_task(answers.get("a"))
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    clock.pass_by(minutes=6)
    slack.open.set()
    await waiting

    assert await answers.get("a") == "a2"


async def test_a_hundred_at_once_are_one_question(answers: Answers[str, str], slack: Slack) -> None:
    assert await asyncio.gather(*(answers.get("a") for _ in range(100))) == ["a1"] * 100
    assert slack.asked == ["a"]


async def test_each_waiter_has_a_problem_of_their_own(answers: Answers[str, str], slack: Slack) -> None:
    slack.fails = "slack.timeout"
    problems = await asyncio.gather(*(answers.get("a") for _ in range(3)), return_exceptions=True)

    assert [str(problem) for problem in problems] == ["slack.timeout"] * 3
    assert len({id(problem) for problem in problems}) == 3


async def test_one_who_gives_up_leaves_the_question_to_the_others(
    answers: Answers[str, str], slack: Slack
) -> None:
    slack.open.clear()
    first, second = (asyncio.create_task(answers.get("a")) for _ in range(2))
    await asyncio.sleep(0)
    first.cancel()
    await asyncio.sleep(0)
    slack.open.set()

    assert await second == "a1"


async def test_what_is_known_is_given_without_waiting_even_if_it_is_not_fresh(
    answers: Answers[str, str], slack: Slack, clock: "Clock"
) -> None:
    await answers.get("a")
    clock.pass_by(minutes=15)

    assert answers.known("a") == "a1"
    assert slack.asked == ["a"]


async def test_what_is_not_known_is_asked_meanwhile(answers: Answers[str, str], slack: Slack) -> None:
    before = answers.known("a")
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    after = answers.known("a")

    assert before is None
    assert after == "a1"
    assert slack.asked == ["a"]


async def test_questions_that_nobody_waits_for_are_bounded(answers: Answers[str, str], slack: Slack) -> None:
    slack.open.clear()
    for number in range(MOST_AT_ONCE + 10):
        answers.known(f"n{number}")
    await asyncio.sleep(0)
    await answers.close()

    assert len(slack.asked) == MOST_AT_ONCE


async def test_what_was_wanted_lately_is_renewed_the_longest_unasked_first(
    answers: Answers[str, str], slack: Slack, clock: "Clock"
) -> None:
    await answers.get("old")
    clock.pass_by(minutes=50)
    await answers.get("b")
    clock.pass_by(minutes=1)
    await answers.get("a")
    clock.pass_by(minutes=10)
    slack.asked.clear()
    await answers.renew()

    assert slack.asked == ["b", "a"]


async def test_renewing_does_not_count_as_wanting(
    answers: Answers[str, str], slack: Slack, clock: "Clock"
) -> None:
    await answers.get("a")
    for _ in range(7):
        clock.pass_by(minutes=10)
        await answers.renew()

    assert len(slack.asked) == 1 + 6


async def test_renewing_stops_while_slack_is_away(answers: Answers[str, str], slack: Slack) -> None:
    for subject in ("a", "b", "c"):
        await answers.get(subject)
    slack.fails = "slack.ratelimited"
    slack.asked.clear()
    await answers.renew()

    assert slack.asked == ["a"]
    assert await answers.get("c") == "c3"


async def test_a_round_of_renewing_is_bounded(answers: Answers[str, str], slack: Slack) -> None:
    for number in range(MOST_AT_ONCE + 10):
        await answers.get(f"n{number}")
    slack.asked.clear()
    await answers.renew()

    assert len(slack.asked) == MOST_AT_ONCE


async def test_the_answer_not_wanted_for_longest_makes_room(answers: Answers[str, str], slack: Slack) -> None:
    for number in range(MOST_KEPT):
        await answers.get(f"n{number}")
    await answers.get("n0")  # wanted again, so that n1 is the oldest now
    await answers.get("new")
    slack.asked.clear()
    await answers.get("n0")
    await answers.get("n1")

    assert slack.asked == ["n1"]


async def test_closing_gives_up_what_is_under_way(answers: Answers[str, str], slack: Slack) -> None:
    slack.open.clear()
    waiting = asyncio.create_task(answers.get("a"))
    await asyncio.sleep(0)
    await answers.close()

    with pytest.raises(asyncio.CancelledError):
        await waiting
