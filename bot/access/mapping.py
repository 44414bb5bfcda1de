"""The mapping: which identity a Slack person has, by their own line or by a user group they are in."""

from datetime import datetime

from bot.access.book import Book
from bot.access.groups import Groups
from bot.access.identity import Identity
from bot.model.problem import Problem
from bot.model.request import Requester


def identity_of(book: Book, groups: Groups, requester: Requester, now: datetime) -> Identity:
    """Find the one identity of this person; nothing is guessed.

    Raises Problem, each with `team_id` and `user_id`: "access.other_workspace"; "access.not_mapped";
    "access.groups_disagree" (with `identities`) if their groups lead to different ones; "access.groups_unknown"
    (with `group_id`) if the members of a group that matters are not known, or not any more.
    """
    team_id, user_id = requester.team_id, requester.user_id
    if team_id not in book.workspaces:
        raise Problem("access.other_workspace", team_id=team_id, user_id=user_id)
    own_line = book.users[team_id].get(user_id)
    return book.identities[own_line or _through_groups(book, groups, requester, now)]


def _through_groups(book: Book, groups: Groups, requester: Requester, now: datetime) -> str:
    found: set[str] = set()
    unknown: dict[str, str] = {}  # identities that this person has too, if they are in that group
    for group, identity in book.groups[requester.team_id].items():
        members = groups.members(group, now)
        if members is None:
            unknown[identity] = group
        elif requester.user_id in members:
            found.add(identity)
    who = {"team_id": requester.team_id, "user_id": requester.user_id}
    if len(found) > 1:
        raise Problem("access.groups_disagree", **who, identities=", ".join(sorted(found)))
    for identity in unknown.keys() - found:
        raise Problem("access.groups_unknown", **who, group_id=unknown[identity])
    if not found:
        raise Problem("access.not_mapped", **who)
    return found.pop()
