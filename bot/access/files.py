"""Files that decide who may do what: read whole, bounded, and only if not everybody could have written them."""

import os
import stat
from collections.abc import Callable
from pathlib import Path

from bot.model.problem import Problem


def read_trusted(path: Path, *, at_most: int, refuse: Callable[[str], Problem]) -> bytes:
    """Read a file of at most so many bytes; `refuse` makes the problem to raise of the reason, in words.

    The folder's own permissions are not looked at: Kubernetes mounts configuration in folders that all may write.
    """
    try:
        descriptor = os.open(path, os.O_RDONLY | os.O_NONBLOCK)  # a pipe would keep us waiting for its writer
        with os.fdopen(descriptor, "rb") as file:
            mode = os.fstat(descriptor).st_mode
            content = file.read(at_most + 1) if stat.S_ISREG(mode) else b""
    except OSError as error:
        raise refuse(f"cannot be read: {error.strerror}") from error
    if not stat.S_ISREG(mode):
        raise refuse("is not a regular file")
    if mode & stat.S_IWOTH:
        raise refuse("may be changed by every user of this machine")
    if len(content) > at_most:
        raise refuse(f"is larger than {at_most} bytes")
    return content
