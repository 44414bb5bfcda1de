"""Whether one book could give anybody more than another does: every field of a book and an identity is weighed.

What stands where in the file does not matter. Groups are weighed for anybody, whoever is in them: Slack changes
that at any time. Whom a group could have only because their own line is gone are asked after by name.
"""

import operator
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import cache
from types import MappingProxyType
from typing import Any

from bot.access.book import Book
from bot.access.identity import Identity
from bot.alibaba.ram_policy import Statement
from bot.model.ids import GroupId, TeamId, UserId

MayBeIn = Callable[[UserId, GroupId], bool]
"""Tells whether somebody may be in a user group: yes if Slack has not said lately who is."""


class _Change:
    """A book and the one that may follow it; `is_more` compares an identity of the one with one of the other."""

    def __init__(self, before: Book, after: Book, may_be_in: MayBeIn) -> None:
        self.before, self.after, self.may_be_in = before, after, may_be_in
        self.is_more = cache(lambda old, new: is_more(before.identities[old], after.identities[new]))


def why_more(before: Book, after: Book, may_be_in: MayBeIn) -> str | None:
    """Say as a clause what somebody could have by `after` that they have not by `before`; None if nobody could."""
    change = _Change(before, after, may_be_in)
    return next((said for weigh in BOOK_WEIGHED.values() for said in weigh(change)), None)


def is_more(before: Identity, after: Identity) -> bool:
    """Tell whether somebody with the one identity might do what they might not do with the other."""
    return any(weigh(getattr(before, name), getattr(after, name)) for name, weigh in IDENTITY_WEIGHED.items())


def _new_workspaces(change: _Change) -> Iterator[str]:
    for team in sorted(change.after.workspaces - change.before.workspaces):
        yield f"the workspace {team} is new in it"


def _more_by_own_lines(change: _Change) -> Iterator[str]:
    for team, lines in change.after.users.items():
        had = change.before.users.get(team, {})
        for user, name in lines.items():
            if user not in had:
                yield f"{user} of {team} has a line of their own in it and had none"
            elif change.is_more(had[user], name):
                yield f"{user} of {team} could do more in it, as {name}"
    for team, lines in change.before.users.items():
        for user in lines.keys() - change.after.users.get(team, {}).keys():
            yield from _more_instead(change, team, user)


def _more_instead(change: _Change, team: TeamId, user: UserId) -> Iterator[str]:
    """Tell what somebody without an own line any more could have by a group they may be in."""
    had = change.before.users[team][user]
    for group, name in change.after.groups.get(team, {}).items():
        if change.is_more(had, name) and change.may_be_in(user, group):
            yield f"{user} of {team} has no line of their own in it, and could do more as {name}, by {group}"


def _more_by_groups(change: _Change) -> Iterator[str]:
    for team, lines in change.after.groups.items():
        had = change.before.groups.get(team, {})
        for group, name in lines.items():
            if group not in had:
                yield f"the user group {group} of {team} is new in it"
            elif change.is_more(had[group], name):
                yield f"the user group {group} of {team} could do more in it, as {name}"
        if _is_dispute_over(had, lines):
            yield f"user groups of {team} disagreed about who is in several of them, and no longer do"


def _is_dispute_over(had: Mapping[GroupId, str], has: Mapping[GroupId, str]) -> bool:
    """Tell whether two groups led to different identities, which admits nobody in both, and lead to one now."""
    before_of: dict[str, set[str]] = defaultdict(set)
    for group in had.keys() & has.keys():
        before_of[has[group]].add(had[group])
    gone = {had[group] for group in had.keys() - has.keys()}
    return any(len(before | gone) > 1 for before in before_of.values())


def _more_channels(change: _Change) -> Iterator[str]:
    before, after = change.before.channels, change.after.channels
    if before and not after:
        yield "the list of channels is not in it"
    elif before and after - before:
        yield f"{min(after - before)} is a new channel to ask in"


def _more_shared_channels(change: _Change) -> Iterator[str]:
    for channel in sorted(change.after.shared_channels - change.before.shared_channels):
        yield f"reports would be open to other organizations in {channel}"


def _nothing(_: _Change) -> Iterator[str]:
    return iter(())


def _allows_more(before: Sequence[Statement], after: Sequence[Statement]) -> bool:
    """Tell whether a guardrail has lost a Deny, or has an Allow that it had not; none at all allows everything."""
    if not before:
        return False
    if not after:
        return True
    lost = [one for one in before if one.effect == "Deny" and one not in after]
    new = [one for one in after if one.effect == "Allow" and one not in before]
    return bool(lost or new)


def _never(before: Any, after: Any) -> bool:
    del before, after
    return False


BOOK_WEIGHED: Mapping[str, Callable[[_Change], Iterator[str]]] = MappingProxyType(
    {
        "version_hash": _nothing,
        "workspaces": _new_workspaces,
        "identities": _nothing,  # whoever has one is weighed with it, in users and groups
        "users": _more_by_own_lines,
        "groups": _more_by_groups,
        "channels": _more_channels,
        "shared_channels": _more_shared_channels,
    }
)
"""What each field of a book could give; a test holds the names to those of `Book`."""

IDENTITY_WEIGHED: Mapping[str, Callable[[Any, Any], bool]] = MappingProxyType(
    {
        "name": _never,
        "source": operator.ne,
        "regions": _never,  # they are offered, and narrow nothing
        "guardrail": _allows_more,
    }
)
"""Whether one value of a field allows more than another; a test holds the names to those of `Identity`."""
