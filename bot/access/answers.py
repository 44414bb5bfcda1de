"""What Slack last said: fresh for a while, relied upon a while longer if it says nothing new, then no more."""

import asyncio
from collections import OrderedDict
from collections.abc import Awaitable, Callable, Hashable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Generic, TypeVar

from bot.model.problem import Problem, ProblemDetails

Subject = TypeVar("Subject", bound=Hashable)
Said = TypeVar("Said")

HOLDS_FOR = timedelta(minutes=15)
"""How long an answer is relied upon while Slack gives no newer one."""

SEEN_LATELY = timedelta(hours=1)
"""For how long after it was last wanted an answer is renewed ahead of need."""

MOST_AT_ONCE = 40
"""Questions in one round of `renew`, and under way for those who wait for none (of the methods asked Slack allows
50 calls a minute or more, docs.slack.dev/apis/web-api/rate-limits)."""

MOST_KEPT = 2048
"""The answer that was not wanted for longest makes room."""


@dataclass
class _Answer(Generic[Said]):
    said: Said
    asked_at: datetime
    wanted_at: datetime


class Answers(Generic[Subject, Said]):
    """Answers by what was asked about; `look` asks Slack, not twice at once about the same, or raises Problem."""

    def __init__(
        self,
        look: Callable[[Subject], Awaitable[Said]],
        clock: Callable[[], datetime],
        fresh_for: timedelta,
    ) -> None:
        self._look = look
        self._clock = clock
        self._fresh_for = fresh_for
        self._kept: OrderedDict[Subject, _Answer[Said]] = OrderedDict()
        self._questions: dict[Subject, asyncio.Task[_Answer[Said] | ProblemDetails]] = {}

    def known(self, subject: Subject) -> Said | None:
        """Give what is known without waiting; None: nothing, and Slack is being asked."""
        answer = self._within(subject, HOLDS_FOR)
        if answer is not None:
            return self._wanted(subject, answer)
        if len(self._questions) < MOST_AT_ONCE:
            self._question(subject)
        return None

    def held(self, subject: Subject) -> Said | None:
        """Give what is relied upon, without asking or waiting; None: nothing is."""
        answer = self._within(subject, HOLDS_FOR)
        return None if answer is None else answer.said

    def last(self, subject: Subject) -> Said | None:
        """Give what was last said, however old it is, without asking; for what nothing is decided by."""
        answer = self._kept.get(subject)
        return None if answer is None else answer.said

    async def learn(self, subject: Subject, within_s: float) -> None:
        """Have Slack asked, and wait so many seconds at most if nothing is relied upon; raises nothing."""
        known = self.known(subject)
        question = self._questions.get(subject)
        if question is not None and known is None:
            await asyncio.wait({question}, timeout=within_s)

    async def get(self, subject: Subject) -> Said:
        """Give a fresh answer, or one that still holds if Slack gives none; else raise Slack's Problem."""
        answer = self._within(subject, self._fresh_for)
        if answer is None:
            # One who gives up leaves the question to the others.
            outcome = await asyncio.shield(self._question(subject))
            if isinstance(outcome, ProblemDetails):
                answer = self._within(subject, HOLDS_FOR)
                if answer is None:
                    raise Problem.of(outcome)
            else:
                answer = outcome
        return self._wanted(subject, answer)

    async def renew(self) -> None:
        """Ask again about what was wanted lately, the longest unasked first, until Slack does not answer."""
        now = self._clock()
        lately = [subject for subject, answer in self._kept.items() if now - answer.wanted_at <= SEEN_LATELY]
        lately.sort(key=lambda subject: self._kept[subject].asked_at)
        for subject in lately[:MOST_AT_ONCE]:
            if isinstance(await asyncio.shield(self._question(subject)), ProblemDetails):
                return

    async def close(self) -> None:
        """Give up the questions under way."""
        questions = list(self._questions.values())
        for question in questions:
            question.cancel()
        await asyncio.gather(*questions, return_exceptions=True)

    def _wanted(self, subject: Subject, answer: _Answer[Said]) -> Said:
        answer.wanted_at = self._clock()
        if subject in self._kept:
            self._kept.move_to_end(subject)
        return answer.said

    def _within(self, subject: Subject, age: timedelta) -> _Answer[Said] | None:
        """Give an answer of at most that age; one from the future, after the clock was set back, is none."""
        answer = self._kept.get(subject)
        if answer is None or not timedelta(0) <= self._clock() - answer.asked_at <= age:
            return None
        return answer

    def _question(self, subject: Subject) -> asyncio.Task[_Answer[Said] | ProblemDetails]:
        under_way = self._questions.get(subject)
        if under_way is None:
            under_way = asyncio.create_task(self._ask(subject), name=f"ask Slack about {subject}")
            self._questions[subject] = under_way
            under_way.add_done_callback(lambda _: self._questions.pop(subject))
        return under_way

    async def _ask(self, subject: Subject) -> _Answer[Said] | ProblemDetails:
        asked_at = self._clock()  # before the call: what changes in Slack meanwhile is not yet known
        try:
            said = await self._look(subject)
        except Problem as problem:
            return problem.details
        earlier = self._kept.get(subject)
        answer = _Answer(said, asked_at, earlier.wanted_at if earlier else asked_at)
        self._kept[subject] = answer
        if len(self._kept) > MOST_KEPT:
            self._kept.popitem(last=False)
        return answer
