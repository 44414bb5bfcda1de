"""access.yml as it changes: a new version is taken once it lies still and is right, a broken one never.

One that gives somebody more is taken only if it goes on lying there: docs/decisions/0016.
"""

import asyncio
import hashlib
import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

from bot.access.book import Book, parse_book, read_content
from bot.access.half_written import Version, why_held_back
from bot.access.widening import MayBeIn
from bot.explain.problems import explain
from bot.model.ids import TeamId
from bot.model.problem import Problem, ProblemDetails

logger = logging.getLogger(__name__)

LOOK_EVERY_S = 1.0
"""How often `look` is to be called. The file is read each time, since neither its time nor its size tells a change
for certain; 10,000 people take half a millisecond, in a thread."""

TRY_AGAIN_AFTER = timedelta(seconds=30)
"""How long a refused version is not tried again: a secret that it names may have come to be where it should."""

HELD_FOR = timedelta(seconds=30)
"""How long a version that gives somebody more than the one in force has to lie there unchanged."""


@dataclass(frozen=True)
class _Found:
    """What a look found: the file's bytes, or why they cannot be read; `mark` is the same for the same."""

    mark: str
    content: bytes | ProblemDetails


@dataclass(frozen=True)
class _Refused:
    mark: str
    problem: ProblemDetails
    try_again_at: datetime


@dataclass(frozen=True)
class _Held:
    mark: str
    version: str
    reason: str


class BookFile:
    """Finds new versions of the book at `path`; `in_force` is the one that was read at the start.

    `own_team` is the bot's own workspace, which every version must list.

    A version is looked at only when two looks in a row have found the same. One that takes away is in force then;
    one that gives somebody more may lack what denies it yet, and is held back for a while. Links are followed anew
    each time, as Kubernetes exchanges them.
    """

    def __init__(
        self,
        path: Path,
        environ: Mapping[str, str],
        in_force: Book,
        clock: Callable[[], datetime],
        own_team: TeamId | None = None,
    ) -> None:
        self._own_team = own_team
        self._path = path
        self._environ = environ
        self.in_force = in_force
        self._clock = clock
        self._last_mark = in_force.version_hash
        self._lies_since = clock()
        self._content = b""  # of the version in force, once it has been seen lying there
        self._refused: _Refused | None = None
        self._held: _Held | None = None

    async def look(self, usable: Callable[[Book], None], may_be_in: MayBeIn) -> Book | None:
        """Give the new version if there is one, else None: nothing changed, or the change is no good.

        `usable` raises Problem for a book that is right and cannot be used all the same; it may read files.
        `may_be_in` tells who may be in a user group of the version in force.
        """
        found = await asyncio.to_thread(self._find)
        lies_still = found.mark == self._last_mark
        self._last_mark = found.mark
        if not lies_still:
            self._lies_since = self._clock()
            return None
        if found.mark == self.in_force.version_hash and isinstance(found.content, bytes):
            self._as_before(found.content)
            return None
        if self._refused and self._refused.mark == found.mark and self._clock() < self._refused.try_again_at:
            return None
        if self._held and self._held.mark == found.mark and self._clock() < self._held_until:
            return None
        return await self._taken(found, usable, may_be_in)

    def why_stale(self) -> str | None:
        """Say what keeps the file that lies there from being in force; None if it is."""
        if self._held is not None:
            return (
                f"{self._path}: version {self._held.version} is held back in case it is half-written, for"
                f" {self._held.reason}. If it lies there unchanged it is taken at {self._held_until:%H:%M:%S} UTC;"
                f" until then version {self.in_force.version} stays in force."
            )
        if self._refused is None:
            return None
        version = f"version {self.in_force.version} stays in force"
        return f"{explain(self._refused.problem, 'en').in_full} Until then {version}."

    @property
    def _held_until(self) -> datetime:
        return self._lies_since + HELD_FOR

    def _find(self) -> _Found:
        try:
            content = read_content(self._path)
        except Problem as problem:
            return _Found(str(problem.facts), problem.details)
        return _Found(hashlib.sha256(content).hexdigest(), content)

    async def _taken(self, found: _Found, usable: Callable[[Book], None], may_be_in: MayBeIn) -> Book | None:
        book = await asyncio.to_thread(self._parsed, found.content, usable)
        if isinstance(book, ProblemDetails):
            self._refuse(found.mark, book)
            return None
        content = found.content if isinstance(found.content, bytes) else b""
        before, after = Version(self.in_force, self._content), Version(book, content)
        reason = await asyncio.to_thread(why_held_back, before, after, may_be_in)
        if reason is not None and self._clock() < self._held_until:
            self._hold(found.mark, book, reason)
            return None
        self.in_force, self._content = book, content
        self._refused = self._held = None
        people = sum(len(of_team) for of_team in book.users.values())
        logger.info(
            "%s: version %s is in force, %d people, %d groups, %d identities",
            self._path,
            book.version,
            people,
            len(book.all_groups),
            len(book.identities),
        )
        return book

    def _parsed(self, content: bytes | ProblemDetails, usable: Callable[[Book], None]) -> Book | ProblemDetails:
        if isinstance(content, ProblemDetails):
            return content
        try:
            book = parse_book(content, self._path, self._environ)
            self._check_team(book)
            usable(book)
        except Problem as problem:
            return problem.details
        return book

    def _check_team(self, book: Book) -> None:
        if self._own_team is not None and self._own_team not in book.workspaces:
            raise Problem("settings.slack_other_workspace", team_id=self._own_team)

    def _hold(self, mark: str, book: Book, reason: str) -> None:
        self._refused = None
        self._held = _Held(mark, book.version, reason)
        logger.warning("%s", self.why_stale())

    def _refuse(self, mark: str, problem: ProblemDetails) -> None:
        self._held = None
        is_news = self._refused is None or (self._refused.mark, self._refused.problem) != (mark, problem)
        self._refused = _Refused(mark, problem, self._clock() + TRY_AGAIN_AFTER)
        if is_news:
            logger.error("%s", self.why_stale())

    def _as_before(self, content: bytes) -> None:
        self._content = content
        if self._refused is not None or self._held is not None:
            self._refused = self._held = None
            logger.info("%s: version %s, which is in force, is back", self._path, self.in_force.version)
