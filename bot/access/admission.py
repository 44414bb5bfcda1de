"""Who is admitted, by the book that is in force: mapping, membership in Slack, channel and guardrail."""

import asyncio
from collections.abc import Callable
from datetime import datetime
from typing import NamedTuple

from bot.access import guardrail
from bot.access.book import Book
from bot.access.groups import Groups, Sleep
from bot.access.identity import Identity
from bot.access.mapping import identity_of
from bot.access.people import UNMAPPED_WITHIN_S, People
from bot.access.places import Place, Places
from bot.explain.languages import language_of_locale
from bot.model.ids import ChannelId, GroupId, RegionId, UserId
from bot.model.problem import Problem
from bot.model.request import DiagnosisRequest, Requester
from bot.model.run import Language

NEW_GROUPS_WITHIN_S = 2.0
"""How long a new version of the book waits for Slack to say who is in the groups that it names first."""

_MOST_CHANNELS_NAMED = 10

# Why somebody has no identity. Who is in several groups is in the book; who may be in one can be anybody.
_ELSEWHERE = "access.other_workspace"
_IN_SEVERAL = "access.groups_disagree"
_PERHAPS_IN_ONE = "access.groups_unknown"


class Roster(NamedTuple):
    """What Slack is asked about. Without `people` nobody's membership is, and without `places` no channel."""

    groups: Groups
    people: People | None = None
    places: Places | None = None


class Admission:
    """Decides by one version of the book at a time; nobody passes on an earlier decision."""

    def __init__(
        self,
        book: Book,
        roster: Roster,
        clock: Callable[[], datetime],
        new_groups_within_s: float = NEW_GROUPS_WITHIN_S,
    ) -> None:
        self.book = book
        self._groups, self._people, self._places = roster
        self._clock = clock
        self._new_groups_within_s = new_groups_within_s

    def admit_known(
        self, requester: Requester, channel_id: ChannelId, request: DiagnosisRequest | None
    ) -> Identity:
        """Find the identity this person has here, by what is known without waiting; `admit` has the last word.

        Raises Problem: "access.other_workspace"; "access.guest" and its siblings as `bot.access.people` does, of
        those who are not in the book too; "access.not_mapped" and "access.groups_disagree" as
        `bot.access.mapping` does, to full members alone; "access.groups_unknown" too, but to those of whom Slack
        has not said what they are as well, without `group_id`; "access.channel_not_allowed" with `channel_id` and
        `allowed`; "access.guardrail" as `bot.access.guardrail` does.
        """
        if self._people is not None:
            why = self._why_without_identity(requester)
            if why is not None:
                raise _as_told(why, requester, self._people)
            self._people.check_known(requester)
        return self._by_the_book(requester, channel_id, request)

    async def admit(
        self, requester: Requester, channel_id: ChannelId, request: DiagnosisRequest | None
    ) -> Identity:
        """Decide as `admit_known` does, with Slack's word on whether this is a full member."""
        await self._check(requester)
        return self._by_the_book(requester, channel_id, request)  # as it is now

    async def admit_anywhere(self, requester: Requester) -> Identity:
        """Decide as `admit` does about somebody who asks in no channel: that is decided once one is named."""
        await self._check(requester)
        return self._identity_of(requester)  # as it is now

    async def place(self, channel_id: ChannelId) -> Place:
        """Say where answers to a question from this channel belong.

        Raises what Slack answers where it does not say whether the channel is shared, and has not lately.
        """
        if self._places is None or channel_id in self.book.shared_channels:
            return Place(private=False)
        return Place(private=await self._places.is_shared(channel_id))

    def regions(self, requester: Requester) -> tuple[RegionId, ...]:
        """Give the regions to offer to this person, none to somebody without an identity."""
        try:
            return self._identity_of(requester).regions
        except Problem:
            return ()

    def language(self, requester: Requester) -> Language | None:
        """Give the language that this person uses Slack in; None if it is not known, or not one of ours."""
        return None if self._people is None else language_of_locale(self._people.locale(requester))

    async def learn_who(self, requester: Requester, within_s: float, unmapped_within_s: float) -> None:
        """Find out who somebody new is, for so long at most; of other workspaces' people nothing.

        Who has no identity for certain can be waited for longer: what Slack says is the words of their refusal.
        """
        why = self._why_without_identity(requester)
        code = None if why is None else why.code
        if self._people is None or code == _ELSEWHERE:
            return
        wait_s = within_s if code in {None, _PERHAPS_IN_ONE} else unmapped_within_s
        await self._people.learn(requester, wait_s, in_book=code in {None, _IN_SEVERAL})

    async def replace(self, book: Book) -> None:
        """Put another version of the book in force, a moment after Slack was asked who is in its new groups.

        Who was taken out is out then, whatever Slack has not said: `find_unknown_groups` asks again.
        """
        refreshing = asyncio.create_task(self._groups.refresh(book.all_groups - self.book.all_groups))
        try:
            await asyncio.wait({refreshing}, timeout=self._new_groups_within_s)
            self.book = book
            if refreshing.done():
                refreshing.result()
        finally:
            refreshing.cancel()

    def may_be_in(self, user: UserId, group: GroupId) -> bool:
        """Tell whether somebody is in a user group, or may be since Slack has not said lately who is."""
        members = self._groups.members(group, self._clock())
        return members is None or user in members

    async def refresh_groups(self, sleep: Sleep | None = None) -> None:
        """Ask Slack who is in the book's user groups: those that go at once, or with `sleep` all of them."""
        await self._groups.refresh(self.book.all_groups, sleep)

    async def find_unknown_groups(self, sleep: Sleep) -> None:
        """Ask Slack about those of the book's user groups for which it has never given an answer."""
        await self._groups.refresh(self._groups.unknown(self.book.all_groups), sleep)

    async def refresh_people(self) -> None:
        """Ask Slack again about the people and channels of the last hour."""
        if self._people is not None:
            await self._people.refresh()
        if self._places is not None:
            await self._places.refresh()

    async def close(self) -> None:
        """Give up the questions under way."""
        if self._people is not None:
            await self._people.close()
        if self._places is not None:
            await self._places.close()

    async def _check(self, requester: Requester) -> None:
        """Raise unless this is a full member; whoever is outside hears that and nothing of the mapping."""
        if self._people is None:
            return
        why = self._why_without_identity(requester)
        if why is None or why.code == _IN_SEVERAL:
            await self._people.check(requester)
        elif why.code != _ELSEWHERE:
            await self._people.learn(requester, UNMAPPED_WITHIN_S, in_book=False)
        if why is not None:
            raise _as_told(why, requester, self._people)

    def _identity_of(self, requester: Requester) -> Identity:
        return identity_of(self.book, self._groups, requester, self._clock())

    def _why_without_identity(self, requester: Requester) -> Problem | None:
        try:
            self._identity_of(requester)
        except Problem as problem:
            return problem
        return None

    def _by_the_book(
        self, requester: Requester, channel_id: ChannelId, request: DiagnosisRequest | None
    ) -> Identity:
        identity = self._identity_of(requester)
        # A direct message is a channel like any other here: one that is not on the list is not allowed.
        if self.book.channels and channel_id not in self.book.channels:
            allowed = ", ".join(sorted(self.book.channels)[:_MOST_CHANNELS_NAMED])
            raise Problem("access.channel_not_allowed", channel_id=channel_id, allowed=allowed)
        if request is not None:
            guardrail.check(identity.name, identity.guardrail, request, self._clock())
        return identity


def _as_told(why: Problem, requester: Requester, people: People) -> Problem:
    """Return what somebody without an identity hears: that they are outside, else why they have none.

    Which group it is whose members are not known hears only whom Slack calls a full member.
    """
    if why.code == _ELSEWHERE:
        return why
    try:
        people.check_said(requester, in_book=why.code == _IN_SEVERAL)
    except Problem as outside:
        if outside.code == "access.person_unknown" and why.code == _PERHAPS_IN_ONE:
            return Problem(why.code, **requester.model_dump())
        return outside
    return why
