"""How log lines look, and what a crash leaves behind: nothing in either that could be a secret.

One line an event, as text or JSON. Of an error its kinds, codes and frames are told, and never its text.
"""

import asyncio
import json
import logging
import re
import sys
import threading
from datetime import UTC, datetime
from types import TracebackType
from typing import TYPE_CHECKING, Any, Literal

from bot.explain.accidents import told
from bot.model.tokens import without_tokens

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

log = logging.getLogger(__name__)

# What could end a line or move a terminal's cursor, and what could turn the text round.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def configure(log_format: Literal["text", "json"], level: str) -> None:
    """Send the log to standard error in the given format; libraries speak from WARNING on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if log_format == "json" else TextLines())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("bot").setLevel(level)


def keep_crashes_quiet() -> None:
    """Have whatever ends this process, a thread or an object's life unforeseen told without its text.

    It is for a whole process: what the interpreter would write is the error's text and what an object looks like.
    """
    sys.excepthook = _crashed
    threading.excepthook = lambda of: _crashed(of.exc_type, of.exc_value, of.exc_traceback)
    sys.unraisablehook = _unraisable
    logging.captureWarnings(capture=True)


def tell_of_loop(loop: asyncio.AbstractEventLoop, context: dict[str, Any]) -> None:
    """Log what `loop` has nobody else for, as its exception handler; what the context shows may be a secret."""
    del loop
    what = "an exception in a callback" if "handle" in context else str(context.get("message"))
    error = context.get("exception")
    log.error("%s%s", what, f"\n{told(error)}" if isinstance(error, BaseException) else "")


def _crashed(kind: type[BaseException], error: BaseException | None, _: TracebackType | None = None) -> None:
    if issubclass(kind, KeyboardInterrupt | SystemExit):
        return
    sys.stderr.write(f"vpn-diagnose: an error that nobody foresaw\n{told(error or kind())}")


def _unraisable(of: "UnraisableHookArgs") -> None:
    _crashed(of.exc_type, of.exc_value)


class TextLines(logging.Formatter):
    """`2026-01-02T03:04:05Z INFO bot.worker: …`, a traceback behind it in the same line."""

    def format(self, record: logging.LogRecord) -> str:
        text = f"{_time(record)} {record.levelname} {record.name}: {_message(record)}"
        trace = _trace(record)
        return f"{text} | {trace}" if trace else text


class JsonLines(logging.Formatter):
    """One JSON object a line: time, level, logger, message and, where there is one, traceback."""

    def format(self, record: logging.LogRecord) -> str:
        line = {
            "time": _time(record),
            "level": record.levelname,
            "logger": record.name,
            "message": _message(record),
        }
        trace = _trace(record)
        return json.dumps(line | ({"traceback": trace} if trace else {}), ensure_ascii=False)


def _time(record: logging.LogRecord) -> str:
    return datetime.fromtimestamp(record.created, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _message(record: logging.LogRecord) -> str:
    return _one_line(record.getMessage())


def _trace(record: logging.LogRecord) -> str:
    # An exc_text beside the error itself is another formatter's, and holds the error's text.
    error = record.exc_info[1] if record.exc_info else None
    return _one_line((record.exc_text or "") if error is None else told(error))


def _one_line(text: str) -> str:
    return _CONTROL.sub(lambda found: found.group().encode("unicode_escape").decode("ascii"), without_tokens(text))
