"""Who is in Slack's user groups: asked ahead of need, so that a decision never waits for Slack."""

import logging
from collections.abc import Awaitable, Callable, Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from bot.model.ids import GroupId, UserId
from bot.model.problem import Problem

logger = logging.getLogger(__name__)

REFRESH_EVERY_S = 300.0
"""How often `refresh` is to be called; a removed member loses access within this time."""

HOLDS_FOR = timedelta(minutes=15)
"""How long an answer is relied upon while Slack gives no newer one; then nobody knows who is in the group."""

# "No usergroup found with the given ID" (docs.slack.dev/reference/methods/usergroups.users.list) is an answer too:
# a group that was deleted has no members.
_NO_SUCH_GROUP = "slack.no_such_subteam"

# Failures that the next group would meet too, and that are not to be made worse by asking on.
_SLACK_IS_AWAY = frozenset({"slack.interrupted", "slack.ratelimited", "slack.timeout", "slack.unreachable"})


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

    async def refresh(self, groups: Iterable[GroupId]) -> None:
        """Ask Slack for the members of these groups, one after the other, the longest unknown first.

        A group for which Slack gives no answer keeps its last one; once Slack does not answer at all or has been
        asked too often (it allows 20 calls a minute), the rest waits for the next time. Raises nothing of Slack's.
        """
        for group in sorted(groups, key=self._given_at):
            asked_at = self._clock()  # before the call: what changes in Slack meanwhile is not yet known
            try:
                members = await self._list_members(group)
            except Problem as problem:
                logger.warning("the members of %s are not known anew: %s", group, problem.code)
                if problem.code in _SLACK_IS_AWAY:
                    return
                if problem.code != _NO_SUCH_GROUP:
                    continue
                members = frozenset()
            self._answers[group] = _Answer(members, asked_at)

    def members(self, group: GroupId, now: datetime) -> frozenset[UserId] | None:
        """Give the group's members, or None if there is no answer of the last 15 minutes.

        An answer from the future, after the clock was set back, is none either.
        """
        answer = self._answers.get(group)
        if answer is None or not timedelta(0) <= now - answer.given_at <= HOLDS_FOR:
            return None
        return answer.members

    def _given_at(self, group: GroupId) -> datetime:
        answer = self._answers.get(group)
        return answer.given_at if answer else _NEVER
