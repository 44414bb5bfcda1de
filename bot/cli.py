"""The command line: which commands there are, and how a failure is said.

Exit status: 0 good, 1 the job failed, 2 wrong usage.
"""

import argparse
import os
import sys
from collections.abc import Sequence
from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Protocol, cast

from bot.logs import configure, keep_crashes_quiet
from bot.model.problem import Problem

# Each is a module of `bot.commands` with `SUMMARY`, `add_arguments` and `run`.
COMMANDS = {
    "try": "try_it",
    "serve": "serve",
    "check": "check",
    "emulate": "emulate",
    "settings": "settings_list",
    "policy": "policy",
    "history": "history",
    "audit": "audit",
    "migrate": "migrate",
}


class Command(Protocol):
    """What a module of `bot.commands` offers; `run` returns the exit status."""

    SUMMARY: str

    @staticmethod
    def add_arguments(parser: argparse.ArgumentParser) -> None: ...

    @staticmethod
    def run(arguments: argparse.Namespace) -> int: ...


def main(argv: Sequence[str] | None = None) -> int:
    """Run one command and return the exit status; without `argv` it is the whole process that is spoken for."""
    if argv is None:
        keep_crashes_quiet()
        configure("text", "WARNING")
    arguments = _parser().parse_args(argv)
    command = _command(arguments.command)
    try:
        status = command.run(arguments)
        sys.stdout.flush()  # here and not at the interpreter's end, where a reader that has gone is a traceback
    except Problem as problem:
        print(f"vpn-diagnose: {_in_words(problem)}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130  # what a shell expects of a program that Ctrl-C ended
    except BrokenPipeError:
        # The reader (head, less) has gone; nothing more can be written, also not by the interpreter at its end.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return 1
    return status


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(
        prog="vpn-diagnose", description="Find out from Slack why a VPN to Alibaba Cloud is down."
    )
    parser.add_argument("--version", action="version", version=f"vpn-diagnose {_version()}")
    commands = parser.add_subparsers(dest="command", required=True, metavar="command")
    for name in COMMANDS:
        command = _command(name)
        command.add_arguments(commands.add_parser(name, help=command.SUMMARY, description=command.SUMMARY))
    return parser


def _command(name: str) -> Command:
    return cast("Command", import_module(f"bot.commands.{COMMANDS[name]}"))


def _version() -> str:
    try:
        return version("vpn-diagnose")
    except PackageNotFoundError:  # run from a checkout that was never installed
        return "(not installed)"


def _in_words(problem: Problem) -> str:
    from bot.explain.problems import explain
    from bot.settings import Settings, environment

    try:
        language = Settings.read(environment(os.environ, Path.cwd())).language
    except Problem:
        language = "en"  # the settings themselves are what is wrong
    return explain(problem.details, language).in_full
