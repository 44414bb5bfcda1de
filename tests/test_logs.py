"""Log lines."""

import asyncio
import gc
import json
import logging
import os
import re
import subprocess
import sys

import pytest

from bot.logs import JsonLines, TextLines, configure, tell_of_loop

PLANTED = "planted-secret"


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


@pytest.mark.parametrize("formatter", [TextLines(), JsonLines()], ids=["text", "json"])
def test_what_an_error_says_is_not_in_its_line(formatter: logging.Formatter) -> None:
    record = a_record("failed", error=ValueError("planted"))
    logging.Formatter().format(record)  # as another handler's, which leaves the whole text in the record

    assert "planted" not in formatter.format(record)


@pytest.mark.parametrize("formatter", [TextLines(), JsonLines()], ids=["text", "json"])
def test_frames_that_somebody_else_has_put_together_are_shown(formatter: logging.Formatter) -> None:
    record = a_record("failed")
    record.exc_text = "  in a library"

    assert "in a library" in formatter.format(record)


async def test_a_task_that_nobody_waited_for_is_told_without_what_it_says_and_looks_like(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def planted() -> None:
        raise ValueError(PLANTED)

    loop = asyncio.get_running_loop()
    loop.set_exception_handler(tell_of_loop)
    task = asyncio.create_task(planted())
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    del task
    gc.collect()
    loop.call_soon(int, PLANTED)
    await asyncio.sleep(0.01)

    assert "Task exception was never retrieved" in caplog.text
    assert "an exception in a callback" in caplog.text
    assert "ValueError" in caplog.text
    assert PLANTED not in caplog.text


CRASHES = {
    "in the main thread": "raise ValueError(SECRET)",
    "behind another one": "try:\n int(SECRET)\nexcept ValueError as error:\n raise KeyError(SECRET) from error",
    "in a thread": "import threading\nt = threading.Thread(target=int, args=(SECRET,))\nt.start()\nt.join()",
    "at the end of an object": "class A:\n def __del__(self): raise ValueError(SECRET)\nA()",
    "in a value that pydantic refuses": "import pydantic\npydantic.TypeAdapter(int).validate_python(SECRET)",
    "several": "raise ExceptionGroup(SECRET, [ValueError(SECRET)])",
    "with a note": "error = ValueError()\nerror.add_note(SECRET)\nraise error",
    "in a warning": "import warnings\nwarnings.warn('xoxb-' + SECRET)",
}


@pytest.mark.parametrize("crash", CRASHES)
def test_a_crash_tells_its_kind_and_nothing_that_it_says(crash: str) -> None:
    begin = (
        'from bot.logs import configure, keep_crashes_quiet\nkeep_crashes_quiet()\nconfigure("text", "WARNING")'
    )
    code = f"{begin}\nimport os\nSECRET = os.environ['PLANTED']\n{CRASHES[crash]}"
    environ = os.environ | {"PLANTED": PLANTED}
    ended = subprocess.run([sys.executable, "-c", code], env=environ, capture_output=True, text=True, check=False)

    assert re.search("Error|Warning|ExceptionGroup", ended.stderr)
    assert PLANTED not in ended.stdout + ended.stderr


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
