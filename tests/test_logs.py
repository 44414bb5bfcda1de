"""Log lines."""

import json
import logging

import pytest

from bot.logs import JsonLines, TextLines, configure


def a_record(message: str, *args: object, error: BaseException | None = None) -> logging.LogRecord:
    trace = None if error is None else (type(error), error, error.__traceback__)
    record = logging.LogRecord("bot.test", logging.INFO, __file__, 1, message, args, trace)
    record.created = 1767323045.0
    return record


def test_a_text_line_says_when_how_grave_and_where() -> None:
    assert TextLines().format(a_record("run %s", "1")) == "2026-01-02T03:04:05Z INFO bot.test: run 1"


@pytest.mark.parametrize("formatter", [TextLines(), JsonLines()], ids=["text", "json"])
def test_foreign_text_breaks_no_line_and_moves_no_cursor(formatter: logging.Formatter) -> None:
    line = formatter.format(a_record("%s", "a\nb\r\x1b[31mred\u2028c\u202ed"))

    assert len(line.splitlines()) == 1
    assert not {"\x1b", "\u202e", "\u2028"} & set(line)


@pytest.mark.parametrize("formatter", [TextLines(), JsonLines()], ids=["text", "json"])
def test_a_traceback_stays_in_its_line(formatter: logging.Formatter) -> None:
    line = formatter.format(a_record("failed", error=ValueError("first\nsecond")))

    assert len(line.splitlines()) == 1
    assert "ValueError" in line


@pytest.mark.parametrize("token", ["xoxb-1-2-abc", "xapp-1-A0-b", "xoxe.xoxp-1-abc"])
def test_a_token_is_not_shown(token: str) -> None:
    assert token not in TextLines().format(a_record("url is wss://x?token=%s", token))


def test_a_json_line_is_json() -> None:
    line = json.loads(JsonLines().format(a_record("网关")))

    assert line == {"time": "2026-01-02T03:04:05Z", "level": "INFO", "logger": "bot.test", "message": "网关"}


def test_the_level_is_that_of_the_bot_and_libraries_only_warn() -> None:
    configure("json", "DEBUG")

    assert logging.getLogger("bot").getEffectiveLevel() == logging.DEBUG
    assert logging.getLogger("some.library").getEffectiveLevel() == logging.WARNING
