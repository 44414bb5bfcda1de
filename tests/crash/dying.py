"""The bot, killed or stopped by itself at a named point: `python -m tests.crash.dying SIGKILL POINT NUMBER serve`.

A point is a function of the bot, with `<` in front of it the moment it is entered, with `>` the moment it returns
its answer (an exception is none). At the NUMBER-th time the process sends itself the signal. The bot's code
knows nothing of it: the interpreter tells of every call.
"""

import dis
import os
import signal
import sys
from types import FrameType
from typing import Any

from bot.cli import main

_RETURNS = {"RETURN_VALUE", "RETURN_CONST"}


def send_at(what: signal.Signals, point: str, number: int) -> None:
    """Signal this process at the `number`-th time that it comes to `point`: `<Class.method` or `>Class.method`."""
    event, name = {"<": "call", ">": "return"}[point[0]], point[1:]
    left = number

    def seen(frame: FrameType, happened: str, _: Any) -> None:
        nonlocal left
        if happened != event or frame.f_code.co_qualname != name or not _is_meant(frame, happened):
            return
        left -= 1
        if left == 0:
            os.kill(os.getpid(), what)

    sys.setprofile(seen)


def _is_meant(frame: FrameType, happened: str) -> bool:
    """Tell a coroutine's first entry and its real return from its being resumed and suspended."""
    instruction, argument = frame.f_code.co_code[frame.f_lasti : frame.f_lasti + 2]
    if happened == "call":
        return argument == 0  # of RESUME: more after a yield or an await
    return dis.opname[instruction] in _RETURNS


if __name__ == "__main__":
    send_at(signal.Signals[sys.argv[1]], sys.argv[2], int(sys.argv[3]))
    sys.exit(main(sys.argv[4:]))
