"""Whether a version of access.yml has to lie still before it is in force: what is missing yet may be a denial."""

from typing import NamedTuple

from bot.access.book import Book
from bot.access.widening import MayBeIn, why_more


class Version(NamedTuple):
    """A book and the bytes that it was read from, empty if they are not known any more."""

    book: Book
    content: bytes


def why_held_back(in_force: Version, found: Version, may_be_in: MayBeIn) -> str | None:
    """Say as a clause why a version is not taken as it lies there; None for one that may be.

    That is one which gives nobody more than the version in force, and which does not look cut. So half of a
    version, whatever it lacks, lets nobody do what nobody meant: docs/decisions/0016.
    """
    if _is_its_beginning(in_force, found):
        return "it is the beginning of the version in force"
    if not found.content.endswith(b"\n"):
        return "its last line has no end"
    return why_more(in_force.book, found.book, may_be_in)


def _is_its_beginning(in_force: Version, found: Version) -> bool:
    return len(found.content) < len(in_force.content) and in_force.content.startswith(found.content)
