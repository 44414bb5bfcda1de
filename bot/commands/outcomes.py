"""What `vpn-diagnose check` found of each part that it tried."""

from collections.abc import Awaitable
from typing import Any, NamedTuple

from bot.explain.problems import explain
from bot.model.problem import Problem
from bot.model.run import Language


class Outcome(NamedTuple):
    """One part that was tried: `detail` says what was found, or what is wrong and what to do.

    `found` is the same for programs, where there is more to it than a sentence.
    """

    name: str
    good: bool
    detail: str
    found: dict[str, Any] | None = None


class Outcomes:
    """Collects what was found; a `Problem` is an outcome, not an end."""

    def __init__(self, language: Language) -> None:
        self.all: list[Outcome] = []
        self.language = language

    async def add(self, name: str, trial: Awaitable[str]) -> bool:
        """Try one part, and return whether it is good."""
        try:
            self.note(Outcome(name, good=True, detail=await trial))
        except Problem as problem:
            self.note(Outcome(name, good=False, detail=explain(problem.details, self.language).in_full))
        return self.all[-1].good

    def note(self, outcome: Outcome) -> None:
        self.all.append(outcome)

    @property
    def good(self) -> bool:
        return all(outcome.good for outcome in self.all)
