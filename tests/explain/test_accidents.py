"""What is told of an error that nobody foresaw."""

import sqlite3
from collections.abc import Callable

import pytest

from bot.explain.accidents import told
from bot.model.problem import Problem


def caught(fail: Callable[[], object]) -> BaseException:
    try:
        fail()
    except BaseException as error:  # noqa: BLE001 - whatever it is
        return error
    raise AssertionError


def refuse() -> None:
    with sqlite3.connect(":memory:") as connection:
        connection.execute("CREATE TABLE one (two TEXT UNIQUE)")
        connection.executemany("INSERT INTO one VALUES (?)", [("planted",), ("planted",)])


def fail_because_of_another() -> None:
    try:
        int("planted")
    except ValueError as error:
        raise KeyError("planted") from error


@pytest.mark.parametrize(
    ("fail", "kind"),
    [
        (lambda: int("planted"), "ValueError\n"),
        (lambda: open("/planted/file"), "FileNotFoundError: ENOENT\n"),  # noqa: PTH123, SIM115
        (refuse, "sqlite3.IntegrityError: SQLITE_CONSTRAINT_UNIQUE\n"),
    ],
    ids=["of Python", "of the system", "of the database"],
)
def test_its_kind_and_code_and_where_it_was_are_told(fail: Callable[[], object], kind: str) -> None:
    said = told(caught(fail))

    assert said.endswith(kind)
    assert "test_accidents.py" in said
    assert "planted" not in said.replace('int("planted")', "").replace('open("/planted/file")', "").replace(
        '"planted"', ""
    )


def test_a_problem_says_its_code_and_no_fact() -> None:
    error = caught(lambda: (_ for _ in ()).throw(Problem("slack.not_in_channel", channel="planted")))

    assert told(error).endswith("bot.model.problem.Problem: slack.not_in_channel\n")


def test_what_led_to_it_is_told_first() -> None:
    said = told(caught(fail_because_of_another))

    assert said.index("ValueError\n") < said.index("KeyError\n")


def test_each_of_a_group_is_told() -> None:
    said = told(ExceptionGroup("planted", [ValueError("planted"), ExceptionGroup("planted", [KeyError()])]))

    assert said.count("ExceptionGroup\n") == 2
    assert "ValueError\n" in said
    assert "KeyError\n" in said
    assert "planted" not in said


def test_errors_that_led_to_each_other_are_told_once() -> None:
    first, second = ValueError(), KeyError()
    first.__cause__, second.__cause__ = second, first

    assert told(first).count("KeyError\n") == 1
