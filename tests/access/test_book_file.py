"""access.yml changes on disk, in all the ways in which files do; looks are taken one by one, without a clock."""

import logging
import os
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.access.book import Book, load_book
from bot.access.book_file import HELD_FOR, TRY_AGAIN_AFTER, BookFile
from bot.model.ids import GroupId, TeamId, UserId
from bot.model.problem import Problem

if TYPE_CHECKING:
    from tests.access.conftest import Clock

TEAM = TeamId("T0ONE")

TEXT = """\
version: 1
workspaces: [T0ONE]
identities:
  lab:
    access_key: {id: env:KEY_ID, secret: file:key}
users:
  U0BOB: lab
  U0ALICE: lab
"""
WITHOUT_BOB = TEXT.replace("  U0BOB: lab\n", "")
BROKEN = TEXT.replace("U0BOB: lab", "U0BOB: la")


def nobody(user: UserId, group: GroupId) -> bool:
    del user, group
    return False


class Folder:
    """A folder with access.yml in it, and what looks at it."""

    def __init__(self, path: Path, clock: "Clock") -> None:
        self.path = path / "access.yml"
        self.secret = path / "key"
        self.path.write_text(TEXT)
        self.secret.write_text("planted")
        self.unusable: set[str] = set()
        self.file = BookFile(self.path, {"KEY_ID": "planted"}, load_book(self.path), clock)

    async def looks(self, count: int = 2) -> Book | None:
        """Look so often, and give what the last look has found."""
        for _ in range(count):
            found = await self.file.look(self.check, nobody)
        return found

    def check(self, book: Book) -> None:
        if book.users[TEAM].keys() & self.unusable:
            raise Problem("access.no_base_identity", identity="lab")


@pytest.fixture
def folder(tmp_path: Path, clock: "Clock") -> Folder:
    return Folder(tmp_path, clock)


async def test_nothing_happens_while_nothing_changes(folder: Folder) -> None:
    assert await folder.looks(5) is None
    assert folder.file.why_stale() is None


async def test_a_new_version_is_taken_at_the_second_look_and_once(folder: Folder) -> None:
    folder.path.write_text(WITHOUT_BOB)
    first = await folder.looks(1)
    second = await folder.looks(1)
    third = await folder.looks(1)

    assert first is None
    assert second is not None
    assert second.users == {"T0ONE": {"U0ALICE": "lab"}}
    assert third is None


async def test_half_of_a_file_is_not_taken_though_it_is_right_in_itself(folder: Folder) -> None:
    folder.path.write_text(TEXT[: TEXT.index("  U0ALICE")])
    first = await folder.looks(1)
    folder.path.write_text(TEXT + "groups: {}\n")  # which says no more than the version in force
    second = await folder.looks(1)
    third = await folder.looks(1)

    assert (first, second) == (None, None)
    assert third is not None
    assert len(third.users[TEAM]) == 2


def exchanged(path: Path, text: str) -> None:
    """Replace a file as editors do."""
    path.with_suffix(".new").write_text(text)
    path.with_suffix(".new").replace(path)


def kept_its_time_and_size(path: Path, text: str) -> None:
    before = path.stat()
    path.write_text(text)
    assert path.stat().st_size == before.st_size
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))


@pytest.mark.parametrize(
    ("write", "text"),
    [
        pytest.param(Path.write_text, WITHOUT_BOB, id="written in place"),
        pytest.param(exchanged, WITHOUT_BOB, id="another file in its place"),
        pytest.param(kept_its_time_and_size, TEXT.replace("  U0BOB", "# U0BOB"), id="with the old time and size"),
    ],
)
async def test_every_kind_of_change_is_seen(folder: Folder, write: Callable[[Path, str], None], text: str) -> None:
    write(folder.path, text)
    found = await folder.looks()

    assert found is not None
    assert "U0BOB" not in found.users[TEAM]


async def test_a_mount_of_kubernetes_is_exchanged_by_its_link(tmp_path: Path, clock: "Clock") -> None:
    for version, text in (("..one", TEXT), ("..two", WITHOUT_BOB)):
        (tmp_path / version).mkdir()
        (tmp_path / version / "access.yml").write_text(text)
        (tmp_path / version / "key").write_text("planted")
    (tmp_path / "..data").symlink_to("..one")
    for name in ("access.yml", "key"):
        (tmp_path / name).symlink_to(f"..data/{name}")
    path = tmp_path / "access.yml"
    file = BookFile(path, {"KEY_ID": "planted"}, load_book(path), clock)
    (tmp_path / "..data_tmp").symlink_to("..two")
    (tmp_path / "..data_tmp").rename(tmp_path / "..data")
    await file.look(lambda _: None, nobody)
    found = await file.look(lambda _: None, nobody)

    assert found is not None
    assert found.users == {"T0ONE": {"U0ALICE": "lab"}}


async def test_a_broken_version_is_not_taken_and_told_once(
    folder: Folder, caplog: pytest.LogCaptureFixture
) -> None:
    folder.path.write_text(BROKEN)
    with caplog.at_level(logging.ERROR):
        found = await folder.looks(5)

    assert found is None
    assert len(caplog.messages) == 1
    assert "line 7" in caplog.messages[0]
    assert "there is no identity la" in caplog.messages[0]
    assert caplog.messages[0] == folder.file.why_stale()


async def test_what_stays_in_force_is_named(folder: Folder) -> None:
    in_force = load_book(folder.path).version
    folder.path.write_text(BROKEN)
    await folder.looks()

    assert (folder.file.why_stale() or "").endswith(f"Until then version {in_force} stays in force.")


async def test_a_mended_version_is_taken(folder: Folder) -> None:
    folder.path.write_text(BROKEN)
    await folder.looks()
    folder.path.write_text(WITHOUT_BOB)
    found = await folder.looks()

    assert found is not None
    assert folder.file.why_stale() is None


async def test_the_version_in_force_may_come_back(folder: Folder, caplog: pytest.LogCaptureFixture) -> None:
    folder.path.write_text(BROKEN)
    await folder.looks()
    folder.path.write_text(TEXT)
    with caplog.at_level(logging.INFO):
        found = await folder.looks()

    assert found is None
    assert folder.file.why_stale() is None
    assert "is back" in caplog.messages[-1]


@pytest.mark.parametrize(
    ("harm", "said"),
    [
        pytest.param(Path.unlink, "No such file", id="gone"),
        pytest.param(lambda path: path.chmod(0o666), "may be changed by every user", id="open to all"),
        pytest.param(lambda path: path.write_bytes(b"\xff"), "not UTF-8", id="no text"),
        pytest.param(lambda path: path.write_text(""), "is empty", id="empty"),
        pytest.param(lambda path: path.write_text("#" * 3_000_000), "larger than", id="huge"),
    ],
)
async def test_what_cannot_be_read_leaves_the_last_good_one_in_force(
    folder: Folder, harm: Callable[[Path], object], said: str
) -> None:
    harm(folder.path)
    found = await folder.looks(3)

    assert found is None
    assert said in (folder.file.why_stale() or "")


async def test_a_file_that_is_away_for_a_moment_is_no_news(folder: Folder) -> None:
    folder.path.rename(folder.path.with_suffix(".away"))
    await folder.looks(1)
    folder.path.with_suffix(".away").rename(folder.path)
    await folder.looks(2)

    assert folder.file.why_stale() is None


async def test_a_version_that_cannot_be_used_is_refused_like_a_broken_one(folder: Folder) -> None:
    folder.unusable = {"U0EVE"}
    folder.path.write_text(TEXT + "  U0EVE: lab\n")
    found = await folder.looks()

    assert found is None
    assert "has no credentials" in (folder.file.why_stale() or "")


async def test_a_secret_that_is_missing_is_looked_for_again_after_a_while(
    folder: Folder, clock: "Clock", caplog: pytest.LogCaptureFixture
) -> None:
    folder.secret.unlink()
    folder.path.write_text(WITHOUT_BOB)
    with caplog.at_level(logging.ERROR):
        refused = await folder.looks()
        clock.pass_by(seconds=TRY_AGAIN_AFTER.total_seconds())
        still_refused = await folder.looks(1)
        folder.secret.write_text("planted")
        too_early = await folder.looks(1)
        clock.pass_by(seconds=TRY_AGAIN_AFTER.total_seconds())
        taken = await folder.looks(1)

    assert (refused, still_refused, too_early) == (None, None, None)
    assert taken is not None
    assert len(caplog.messages) == 1
    assert "line 5" in caplog.messages[0]
    assert "planted" not in caplog.text


async def test_a_second_mistake_in_place_of_the_first_is_told(
    folder: Folder, caplog: pytest.LogCaptureFixture
) -> None:
    folder.path.write_text(BROKEN)
    await folder.looks()
    folder.path.write_text(TEXT + "usrs: {}\n")
    with caplog.at_level(logging.ERROR):
        await folder.looks()

    assert "usrs is not known" in caplog.messages[-1]


async def test_a_version_that_is_taken_is_told_with_how_much_is_in_it(
    folder: Folder, caplog: pytest.LogCaptureFixture
) -> None:
    folder.path.write_text(WITHOUT_BOB)
    with caplog.at_level(logging.INFO):
        found = await folder.looks()

    assert found is not None
    assert f"version {found.version} is in force, 1 people, 0 groups, 1 identities" in caplog.text


async def test_half_of_the_version_in_force_is_held_back_and_told_once(
    folder: Folder, caplog: pytest.LogCaptureFixture
) -> None:
    in_force = load_book(folder.path).version
    await folder.looks()
    folder.path.write_text(TEXT[: TEXT.index("  U0ALICE")])
    with caplog.at_level(logging.WARNING):
        found = await folder.looks(5)

    assert found is None
    assert len(caplog.messages) == 1
    assert "it is the beginning of the version in force" in caplog.messages[0]
    assert f"taken at 12:00:30 UTC; until then version {in_force} stays in force." in caplog.messages[0]
    assert caplog.messages[0] == folder.file.why_stale()


async def test_what_was_held_back_and_is_completed_was_never_in_force(folder: Folder) -> None:
    await folder.looks()
    folder.path.write_text(TEXT[: TEXT.index("  U0ALICE")])
    held = await folder.looks()
    folder.path.write_text(TEXT + "groups: {}\n")
    found = await folder.looks()

    assert held is None
    assert found is not None
    assert len(found.users[TEAM]) == 2
    assert folder.file.why_stale() is None


async def test_what_was_held_back_and_is_undone_is_forgotten(folder: Folder) -> None:
    await folder.looks()
    folder.path.write_text(TEXT[: TEXT.index("  U0ALICE")])
    await folder.looks()
    folder.path.write_text(TEXT)
    await folder.looks()

    assert folder.file.why_stale() is None


async def test_somebody_who_is_taken_off_the_end_is_out_once_the_file_has_lain_still(
    folder: Folder, clock: "Clock"
) -> None:
    await folder.looks()
    folder.path.write_text(TEXT[: TEXT.index("  U0ALICE")])
    too_early = await folder.looks()
    clock.pass_by(seconds=HELD_FOR.total_seconds())
    found = await folder.looks(1)

    assert too_early is None
    assert found is not None
    assert list(found.users[TEAM]) == ["U0BOB"]
    assert folder.file.why_stale() is None


async def test_a_version_that_changes_while_it_is_held_back_is_waited_for_anew(
    folder: Folder, clock: "Clock"
) -> None:
    await folder.looks()
    folder.path.write_text(TEXT[: TEXT.index("  U0ALICE")])
    await folder.looks()
    clock.pass_by(seconds=HELD_FOR.total_seconds() - 1)
    folder.path.write_text(TEXT[: TEXT.index(": lab\n  U0ALICE")] + ": lab")
    clock.pass_by(seconds=HELD_FOR.total_seconds() - 1)
    found = await folder.looks()

    assert found is None


async def test_what_gives_somebody_more_is_taken_once_it_has_lain_there_unchanged(
    folder: Folder, clock: "Clock", caplog: pytest.LogCaptureFixture
) -> None:
    folder.path.write_text(TEXT + "  U0EVE: lab\n")
    with caplog.at_level(logging.WARNING):
        held = await folder.looks(5)
    clock.pass_by(seconds=HELD_FOR.total_seconds())
    found = await folder.looks(1)

    assert held is None
    assert len(caplog.messages) == 1
    assert "for U0EVE of T0ONE has a line of their own in it and had none." in caplog.messages[0]
    assert found is not None
    assert folder.file.why_stale() is None


async def test_what_was_away_for_a_moment_has_to_lie_there_anew(folder: Folder, clock: "Clock") -> None:
    folder.path.write_text(TEXT + "  U0EVE: lab\n")
    await folder.looks()
    clock.pass_by(seconds=HELD_FOR.total_seconds() - 1)
    folder.path.write_text(WITHOUT_BOB + "# not yet")
    await folder.looks(1)
    folder.path.write_text(TEXT + "  U0EVE: lab\n")
    await folder.looks(1)
    clock.pass_by(seconds=1)
    too_early = await folder.looks()
    clock.pass_by(seconds=HELD_FOR.total_seconds())

    assert too_early is None
    assert await folder.looks(1) is not None


async def test_somebody_is_out_at_once_whose_groups_give_the_same(folder: Folder, clock: "Clock") -> None:
    grouped = TEXT + "groups: {S0ONE: lab}\n"
    folder.path.write_text(grouped)
    folder.file = BookFile(folder.path, {"KEY_ID": "planted"}, load_book(folder.path), clock)
    await folder.looks()
    folder.path.write_text(grouped.replace("  U0BOB: lab\n", ""))

    assert await folder.looks() is not None
