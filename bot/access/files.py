"""Files that decide who may do what: read whole, bounded, and only if not everybody could have written them."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

from bot.model.problem import Problem


def read_trusted(path: Path, *, at_most: int, refuse: Callable[[str], Problem]) -> bytes:
    """Read a file of at most so many bytes; `refuse` makes the problem to raise of the reason, in words.

    A link is followed, and every folder above the link and above what it leads to counts as well: whoever may
    change one of them can put another file in this one's place.
    """
    try:
        content, mode = _read(path, at_most)
        folder = _open_folder(path)
    except OSError as error:
        raise refuse(f"cannot be read: {error.strerror}") from error
    if not stat.S_ISREG(mode):
        raise refuse("is not a regular file")
    if mode & stat.S_IWOTH:
        raise refuse("may be changed by every user of this machine")
    if folder is not None:
        raise refuse(f"may be replaced by every user of this machine, who all may write in {folder}")
    if len(content) > at_most:
        raise refuse(f"is larger than {at_most} bytes")
    return content


def _read(path: Path, at_most: int) -> tuple[bytes, int]:
    """Return the mode, and of a regular file one byte more than is allowed at most."""
    descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # a pipe would keep us waiting for its writer
    with os.fdopen(descriptor, "rb") as file:
        mode = os.fstat(descriptor).st_mode
        return (file.read(at_most + 1) if stat.S_ISREG(mode) else b""), mode


def _open_folder(path: Path) -> Path | None:
    """Return a folder on the way to the file in which every user may replace what it holds."""
    for folder in dict.fromkeys([*path.absolute().parents, *path.resolve().parents]):
        if all_may_replace(folder.stat().st_mode, os.statvfs(folder).f_flag):
            return folder
    return None


def all_may_replace(folder_mode: int, mount_flags: int) -> bool:
    """Tell whether every user may give a name in a folder to another file.

    In a sticky folder, such as /tmp, only its owner may. Kubernetes mounts configuration in folders that all may
    write, but mounts them read-only (github.com/kubernetes/kubernetes/issues/136032).
    """
    is_open = folder_mode & stat.S_IWOTH and not folder_mode & stat.S_ISVTX
    return bool(is_open) and not mount_flags & os.ST_RDONLY
