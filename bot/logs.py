"""How log lines look: one line an event, as text or JSON, with nothing in them that could be a token."""

import json
import logging
import re
import sys
import traceback
from datetime import UTC, datetime
from typing import Literal

# Slack's tokens begin xoxb-, xoxp-, xapp- … (docs.slack.dev/authentication/tokens). Nothing of ours logs one; this
# is for the texts of libraries.
_TOKEN = re.compile(r"\b(xox[a-z]|xapp|xoxe\.xox[a-z])-[\w.-]+")

# What could end a line or move a terminal's cursor, and what could turn the text round.
_CONTROL = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\u202a-\u202e\u2066-\u2069]")


def configure(log_format: Literal["text", "json"], level: str) -> None:
    """Send the log to standard error in the given format; libraries speak from WARNING on."""
    handler = logging.StreamHandler(sys.stderr)
    handler.setFormatter(JsonLines() if log_format == "json" else TextLines())
    logging.basicConfig(handlers=[handler], level=logging.WARNING, force=True)
    logging.getLogger("bot").setLevel(level)


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
    if record.exc_info is None or record.exc_info[0] is None:
        return ""
    return _one_line("".join(traceback.format_exception(*record.exc_info)))


def _one_line(text: str) -> str:
    without_tokens = _TOKEN.sub("(a token)", text)
    return _CONTROL.sub(lambda found: found.group().encode("unicode_escape").decode("ascii"), without_tokens)
