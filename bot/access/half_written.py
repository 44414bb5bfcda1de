"""Whether a version of access.yml may be half of one: what was cut off may be what denied something."""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from bot.access.book import Book
from bot.access.identity import Identity
from bot.alibaba.ram_policy import Statement

_USERS_THEN_GROUPS = re.compile(rb"^users:.*^groups:", re.MULTILINE | re.DOTALL)


class Version(NamedTuple):
    """A book and the bytes that it was read from, empty if they are not known any more."""

    book: Book
    content: bytes


def why_suspicious(in_force: Version, found: Version) -> str | None:
    """Say what makes a version look half-written, as a clause; None for one that may be taken as it lies there.

    Half of the version in force is seen by its bytes. Half of another one is seen by its last line, which is cut
    in the middle, or is told by what it lacks: whatever of that would let somebody do more than before counts.
    """
    signs: tuple[tuple[Callable[[Version, Version], bool], str], ...] = (
        (_is_its_beginning, "it is the beginning of the version in force"),
        (_ends_within_a_line, "its last line has no end"),
        (_lacks_guardrails, "a guardrail of the version in force is not in it, or allows more"),
        (_lacks_channels, "the list of channels is not in it"),
        (_lacks_own_lines, "people have lost their own lines, and would have what their groups have"),
    )
    return next((said for shows, said in signs if shows(in_force, found)), None)


def _is_its_beginning(in_force: Version, found: Version) -> bool:
    return len(found.content) < len(in_force.content) and in_force.content.startswith(found.content)


def _ends_within_a_line(in_force: Version, found: Version) -> bool:
    return in_force.content.endswith(b"\n") and not found.content.endswith(b"\n")


def _lacks_guardrails(in_force: Version, found: Version) -> bool:
    before, after = in_force.book.identities, found.book.identities
    return any(_allows_more(before[name], after[name]) for name in before.keys() & after.keys())


def _allows_more(before: Identity, after: Identity) -> bool:
    """Tell whether a guardrail has lost a Deny, or has an Allow that it had not; none at all allows everything."""
    if not before.guardrail:
        return False
    if not after.guardrail:
        return True
    lost = [one for one in _of("Deny", before.guardrail) if one not in after.guardrail]
    new = [one for one in _of("Allow", after.guardrail) if one not in before.guardrail]
    return bool(lost or new)


def _of(effect: str, guardrail: Sequence[Statement]) -> list[Statement]:
    return [statement for statement in guardrail if statement.effect == effect]


def _lacks_channels(in_force: Version, found: Version) -> bool:
    return bool(in_force.book.channels) and not found.book.channels


def _lacks_own_lines(in_force: Version, found: Version) -> bool:
    """Tell whether people's own lines, which count before groups, may have been cut off behind the groups."""
    if _USERS_THEN_GROUPS.search(found.content):
        return False
    before, after = in_force.book.users, found.book
    return any(
        after.groups.get(team) and people.keys() - after.users.get(team, {}).keys()
        for team, people in before.items()
    )
