"""The bot, killed by itself at a named point: `python -m tests.crash.dying POINT NUMBER serve`.

A point is a function of the bot, with `<` in front of it the moment it is entered, with `>` the moment it returns
its answer (an exception is none). At the NUMBER-th time the process ends as by `kill -9`. The bot's code knows
nothing of it: the interpreter tells of every call.
"""

import dis
import os
import signal
import sys
from types import FrameType
from typing import Any

from bot.cli import main

_RETURNS = {"RETURN_VALUE", "RETURN_CONST"}


def die_at(point: str, number: int) -> None:
    """End this process at the `number`-th time that it comes to `point`: `<Class.method` or `>Class.method`."""
    event, name = {"<": "call", ">": "return"}[point[0]], point[1:]
    left = number

    def seen(frame: FrameType, happened: str, _: Any) -> None:
        nonlocal left
        if happened != event or frame.f_code.co_qualname != name or not _is_meant(frame, happened):
            return
        left -= 1
        if left == 0:
            os.kill(os.getpid(), signal.SIGKILL)

    sys.setprofile(seen)


def _is_meant(frame: FrameType, happened: str) -> bool:
    """Tell a coroutine's first entry and its real return from its being resumed and suspended."""
    instruction, argument = frame.f_code.co_code[frame.f_lasti : frame.f_lasti + 2]
    if happened == "call":
        return argument == 0  # of RESUME: more after a yield or an await
    return dis.opname[instruction] in _RETURNS


if __name__ == "__main__":
    die_at(sys.argv[1], int(sys.argv[2]))
    sys.exit(main(sys.argv[3:]))
