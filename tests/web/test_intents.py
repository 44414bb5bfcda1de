"""What a payload is known by when Slack brings it again, and that the answer is then the same."""

import asyncio
from typing import Any

import pytest

from bot.web.intents import Answered, intent_of


@pytest.mark.parametrize(
    ("payload", "intent"),
    [
        pytest.param({"command": "/vpn-diagnose", "trigger_id": "1.2.3"}, "trigger_id:1.2.3", id="a command"),
        pytest.param({"type": "event_callback", "event_id": "Ev1"}, "event_id:Ev1", id="an event"),
        pytest.param({"type": "block_suggestion", "action_ts": "1.2"}, None, id="a question for options"),
        pytest.param({"trigger_id": ""}, None, id="an empty name"),
        pytest.param({"trigger_id": "x" * 201}, None, id="a name without end"),
        pytest.param({"trigger_id": {"a": 1}}, None, id="a name that is none"),
        pytest.param({"trigger_id": None, "event_id": "Ev1"}, "event_id:Ev1", id="one of two"),
    ],
)
def test_an_intent_is_known_by_the_name_that_slack_gives_it(payload: dict[str, Any], intent: str | None) -> None:
    assert intent_of(payload) == intent


def test_sending_a_form_again_is_a_new_intent() -> None:
    view = {"id": "V1"}

    assert intent_of({"view": view, "trigger_id": "1"}) != intent_of({"view": view, "trigger_id": "2"})


class Answers:
    """Gives 1, 2, 3 and so on, each after a turn of the loop; raises instead where it is told to."""

    def __init__(self, *fails: int) -> None:
        self.given = 0
        self._fails = fails

    async def __call__(self) -> int:
        self.given += 1
        number = self.given
        await asyncio.sleep(0)
        if number in self._fails:
            raise LookupError
        return number


async def test_an_intent_is_answered_once() -> None:
    answers, answered = Answers(), Answered[int](10)

    assert [await answered.once("a", answers) for _ in range(3)] == [1, 1, 1]
    assert await answered.once("b", answers) == 2


async def test_what_has_no_name_is_answered_each_time() -> None:
    answers, answered = Answers(), Answered[int](10)

    assert [await answered.once(None, answers) for _ in range(3)] == [1, 2, 3]


async def test_the_same_at_once_is_answered_once() -> None:
    answers, answered = Answers(), Answered[int](10)

    assert await asyncio.gather(*(answered.once("a", answers) for _ in range(5))) == [1] * 5


async def test_only_the_latest_are_kept() -> None:
    answers, answered = Answers(), Answered[int](2)
    for intent in "abc":
        await answered.once(intent, answers)

    assert await answered.once("c", answers) == 3
    assert await answered.once("a", answers) == 4


async def test_what_could_not_be_answered_is_no_answer() -> None:
    answers, answered = Answers(1), Answered[int](10)
    first = asyncio.create_task(answered.once("a", answers))
    second = asyncio.create_task(answered.once("a", answers))

    with pytest.raises(LookupError):
        await first
    assert await second == 2
    assert await answered.once("a", answers) == 3


async def test_somebody_who_leaves_takes_the_answer_from_nobody() -> None:
    answers, answered = Answers(), Answered[int](10)
    first = asyncio.create_task(answered.once("a", answers))
    second = asyncio.create_task(answered.once("a", answers))
    await asyncio.sleep(0)
    first.cancel()

    assert await second == 2


async def test_somebody_who_waits_may_leave() -> None:
    answers, answered = Answers(), Answered[int](10)
    first = asyncio.create_task(answered.once("a", answers))
    second = asyncio.create_task(answered.once("a", answers))
    await asyncio.sleep(0)
    second.cancel()

    assert await first == 1
