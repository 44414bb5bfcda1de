"""Who is in Slack's user groups: asked ahead of need, so that a decision never waits for Slack."""

import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.model.ids import GroupId, UserId
from bot.model.problem import Problem

logger = logging.getLogger(__name__)

Sleep = Callable[[float], Awaitable[object]]

REFRESH_EVERY_S = 300.0
"""How often `refresh` is to be called; a removed member loses access within this time and what the round takes,
which is seven seconds for each group after the first ten (bot/slack/pacing.py)."""

HOLDS_FOR = timedelta(minutes=15)
"""How long an answer is relied upon while Slack gives no newer one; then nobody knows who is in the group."""

# "No usergroup found with the given ID" (docs.slack.dev/reference/methods/usergroups.users.list) is an answer too:
# a group that was deleted has no members.
_NO_SUCH_GROUP = "slack.no_such_subteam"

# Failures that the next group would meet too, and that are not to be made worse by asking on.
_SLACK_IS_AWAY = frozenset({"slack.interrupted", "slack.ratelimited", "slack.timeout", "slack.unreachable"})

# The bot itself holds the call back, for Slack takes 20 of them a minute.
_NOT_YET = "slack.busy"

_NEVER = datetime.min.replace(tzinfo=UTC)


@dataclass(frozen=True)
class _Answer:
    members: frozenset[UserId]
    given_at: datetime


class Groups:
    """The last known members of each group."""

    def __init__(
        self, list_members: Callable[[GroupId], Awaitable[frozenset[UserId]]], clock: Callable[[], datetime]
    ) -> None:
        self._list_members = list_members
        self._clock = clock
        self._answers: dict[GroupId, _Answer] = {}

    async def refresh(self, groups: Iterable[GroupId], sleep: Sleep | None = None) -> None:
        """Ask Slack for the members of these groups, one after the other, the longest unknown first.

        A group whose turn has not come is waited for with `sleep`; without it, it waits for the next time, and so
        do those behind it. A group for which Slack gives no answer keeps its last one; once Slack does not answer
        at all, the rest waits for the next time too. Raises nothing of Slack's.
        """
        for group in sorted(groups, key=self._given_at):
            problem = await self._ask(group)
            while problem is not None and problem.code == _NOT_YET and sleep is not None:
                await sleep(float(problem.facts["retry_after_s"]))
                problem = await self._ask(group)
            if problem is not None and problem.code in _SLACK_IS_AWAY | {_NOT_YET}:
                return

    def unknown(self, groups: Iterable[GroupId]) -> list[GroupId]:
        """Give those of the groups for which Slack has never given an answer."""
        return [group for group in groups if group not in self._answers]

    def members(self, group: GroupId, now: datetime) -> frozenset[UserId] | None:
        """Give the group's members, or None if there is no answer of the last 15 minutes.

        An answer from the future, after the clock was set back, is none either.
        """
        answer = self._answers.get(group)
        if answer is None or not timedelta(0) <= now - answer.given_at <= HOLDS_FOR:
            return None
        return answer.members

    async def _ask(self, group: GroupId) -> Problem | None:
        """Note what Slack says of one group; return why it says nothing."""
        asked_at = self._clock()  # before the call: what changes in Slack meanwhile is not yet known
        try:
            members = await self._list_members(group)
        except Problem as problem:
            if problem.code != _NOT_YET:
                logger.warning("the members of %s are not known anew: %s", group, problem.code)
            if problem.code != _NO_SUCH_GROUP:
                return problem
            members = frozenset()
        self._answers[group] = _Answer(members, asked_at)
        return None

    def _given_at(self, group: GroupId) -> datetime:
        answer = self._answers.get(group)
        return answer.given_at if answer else _NEVER
