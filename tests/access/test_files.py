import os
from pathlib import Path

import pytest

from bot.access.files import all_may_replace, read_trusted
from bot.model.problem import Problem


def _read(path: Path, at_most: int = 100) -> bytes:
    return read_trusted(path, at_most=at_most, refuse=lambda reason: Problem("settings.test", reason=reason))


def _reason(path: Path, at_most: int = 100) -> str:
    with pytest.raises(Problem) as raised:
        _read(path, at_most)
    return raised.value.facts["reason"]


def test_a_file_is_read_whole(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"content")

    assert _read(tmp_path / "file", at_most=7) == b"content"


def test_a_link_is_followed_as_kubernetes_mounts_need(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"content")
    (tmp_path / "link").symlink_to(tmp_path / "file")

    assert _read(tmp_path / "link") == b"content"


def test_a_missing_file_is_named_so(tmp_path: Path) -> None:
    assert _reason(tmp_path / "none") == "cannot be read: No such file or directory"


def test_a_folder_is_no_file(tmp_path: Path) -> None:
    assert "cannot be read" in _reason(tmp_path)


def test_a_pipe_is_refused_without_waiting_for_its_writer(tmp_path: Path) -> None:
    os.mkfifo(tmp_path / "pipe")

    assert _reason(tmp_path / "pipe") == "is not a regular file"


def test_an_endless_device_is_refused() -> None:
    assert _reason(Path("/dev/zero")) == "is not a regular file"


def test_a_file_that_everybody_may_write_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"content")
    (tmp_path / "file").chmod(0o646)

    assert _reason(tmp_path / "file") == "may be changed by every user of this machine"


def test_a_file_that_the_group_may_write_is_read(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"content")
    (tmp_path / "file").chmod(0o664)

    assert _read(tmp_path / "file") == b"content"


def test_a_file_in_a_folder_that_everybody_may_write_is_refused(tmp_path: Path) -> None:
    (tmp_path / "open" / "below").mkdir(parents=True)
    (tmp_path / "open" / "below" / "file").write_bytes(b"content")
    (tmp_path / "open").chmod(0o777)

    reason = _reason(tmp_path / "open" / "below" / "file")
    assert reason == f"may be replaced by every user of this machine, who all may write in {tmp_path / 'open'}"


def test_a_link_to_a_file_in_a_folder_that_everybody_may_write_is_refused(tmp_path: Path) -> None:
    (tmp_path / "open").mkdir()
    (tmp_path / "open" / "file").write_bytes(b"content")
    (tmp_path / "open").chmod(0o777)
    (tmp_path / "link").symlink_to(tmp_path / "open" / "file")

    assert str(tmp_path / "open") in _reason(tmp_path / "link")


def test_a_link_in_a_folder_that_everybody_may_write_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"content")
    (tmp_path / "open").mkdir()
    (tmp_path / "open").chmod(0o777)
    (tmp_path / "open" / "link").symlink_to(tmp_path / "file")

    assert str(tmp_path / "open") in _reason(tmp_path / "open" / "link")


def test_a_sticky_folder_lets_nobody_replace_anothers_file(tmp_path: Path) -> None:
    (tmp_path / "shared").mkdir()
    (tmp_path / "shared" / "file").write_bytes(b"content")
    (tmp_path / "shared").chmod(0o1777)

    assert _read(tmp_path / "shared" / "file") == b"content"


@pytest.mark.parametrize(
    ("mode", "flags", "replaceable"),
    [
        pytest.param(0o40777, 0, True, id="open to all"),
        pytest.param(0o40775, 0, False, id="open to a group"),
        pytest.param(0o41777, 0, False, id="sticky"),
        pytest.param(0o40777, os.ST_RDONLY, False, id="mounted read-only, as Kubernetes does"),
    ],
)
def test_who_may_put_another_file_in_its_place(mode: int, flags: int, *, replaceable: bool) -> None:
    assert all_may_replace(mode, flags) is replaceable


def test_a_large_file_is_refused(tmp_path: Path) -> None:
    (tmp_path / "file").write_bytes(b"12345678")

    assert _reason(tmp_path / "file", at_most=7) == "is larger than 7 bytes"
