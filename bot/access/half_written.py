"""Whether a version of access.yml may be half of one: what was cut off may be what denied something."""

import re
from collections.abc import Callable, Sequence
from typing import NamedTuple

from bot.access.book import Book
from bot.access.identity import Identity
from bot.alibaba.ram_policy import Statement
from bot.model.ids import TeamId

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
        (_gives_more, "somebody's identity in it is another one than before, or its guardrail allows more"),
        (_lacks_channels, "the list of channels is not in it"),
        (_lacks_groups, "a user group of the version in force is not in it, and others are"),
        (_lacks_own_lines, "people have lost their own lines, and would have what their groups have"),
    )
    return next((said for shows, said in signs if shows(in_force, found)), None)


def _is_its_beginning(in_force: Version, found: Version) -> bool:
    return len(found.content) < len(in_force.content) and in_force.content.startswith(found.content)


def _ends_within_a_line(_: Version, found: Version) -> bool:
    return not found.content.endswith(b"\n")


def _gives_more(in_force: Version, found: Version) -> bool:
    """Tell whether a name, a person or a group has more by its identity; a new line's must be in force already."""
    before, after = in_force.book.identities, found.book.identities
    had, has = _lines(in_force.book), _lines(found.book)
    changes = {(had.get(line), name) for line, name in has.items()}
    changes |= {(name, name) for name in before.keys() & after.keys()}
    return any(
        all(_is_more(known, after[name]) for known in ([before[old]] if old else before.values()))
        for old, name in changes
    )


def _lines(book: Book) -> dict[tuple[TeamId, str], str]:
    mapped = [(team, lines) for section in (book.users, book.groups) for team, lines in section.items()]
    return {(team, line): name for team, lines in mapped for line, name in lines.items()}


def _is_more(before: Identity, after: Identity) -> bool:
    return before.source != after.source or _allows_more(before, after)


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


def _lacks_groups(in_force: Version, found: Version) -> bool:
    """Tell whether groups may have been cut off that disagreed with others, which admits nobody who is in both."""
    after = found.book.groups
    return any(after.get(team) and groups.keys() - after[team] for team, groups in in_force.book.groups.items())


def _lacks_own_lines(in_force: Version, found: Version) -> bool:
    """Tell whether people's own lines, which count before groups, may have been cut off behind the groups."""
    if _USERS_THEN_GROUPS.search(found.content):
        return False
    before, after = in_force.book.users, found.book
    return any(
        after.groups.get(team) and people.keys() - after.users.get(team, {}).keys()
        for team, people in before.items()
    )
