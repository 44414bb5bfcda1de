"""`vpn-diagnose audit`: is the audit trail as it was written; and the trail itself, a JSON object a line."""

import argparse
import asyncio
import json
import os
import re
import sys
from contextlib import asynccontextmanager
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from bot.store.audit_check import Fault, Verdict
    from bot.store.audit_reading import AuditTrail
    from bot.store.audit_runs import Untold

SUMMARY = "check the audit trail, or print it (also while the bot is running)"

_ONE_MISSING = "entry {seq} is missing"
_SAID = {
    "changed": "entry {seq} was changed",
    "moved": "entry {seq} is in the wrong place: it was entry {other}",
    "missing": "entries {seq} to {other} are missing",
    "detached": "entry {seq} does not follow entry {before}: one of the two was replaced",
    "stray": "entry {seq} has a number that is never given",
    "other": "entry {seq} is not the one that was expected: it, or all up to it, was written anew",
}

_UNTOLD = "run {run} is stored, but its entry `{event}` is missing"
_OLDER = "not checked: {older} stored runs, which are older than the first entry"
_END_UNCHECKED = (
    "not checked: whether other entries than those of stored runs were cut off at the very end, or all were "
    "written anew; only an end that was noted earlier tells (--expect)"
)

_HEAD = re.compile(r"([1-9][0-9]{0,17}):([0-9a-f]{64})")


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Take what to do."""
    tasks = parser.add_subparsers(dest="task", required=True, metavar="task")
    verify = tasks.add_parser("verify", help="find entries that were changed, removed or put elsewhere")
    verify.add_argument(
        "--expect",
        action="append",
        default=[],
        type=_head,
        metavar="SEQ:HASH",
        help="an end of the trail as it was told earlier, here or in the log; without one nobody can see that "
        "entries were cut off at the very end, or that all were written anew; may be given more than once",
    )
    export = tasks.add_parser("export", help="print the entries as JSON lines, oldest first")
    export.add_argument("--after", type=_number, metavar="SEQ", help="only those after this one")


def run(arguments: argparse.Namespace) -> int:
    """Check or print; 1 if there is something wrong with the trail."""
    if arguments.task == "export":
        return asyncio.run(_export(arguments.after))
    expected = dict(arguments.expect)
    verdict = asyncio.run(_verified(expected))
    for line in _lines(verdict, was_noted=bool(expected)):
        print(line)
    return 1 if verdict.number else 0


async def _verified(expected: dict[int, str]) -> "Verdict":
    from bot.store.audit_check import verify

    async with _trail() as trail:
        return await verify(trail.rows(), expected, await trail.runs())


async def _export(after: int | None) -> int:
    """Print every row, whatever was done to it; 1 if one is not as it could have been written."""
    from bot.store.audit_rows import damaged, exported

    status = 0
    async with _trail() as trail:
        async for row in trail.rows(after):
            for column in damaged(row):
                print(f"entry {row['seq']} was changed: its {column} cannot be read", file=sys.stderr)
                status = 1
            line = json.dumps(exported(row), ensure_ascii=False, default=repr)
            # Bytes that are no text are told in JSON's own spelling; `verify` names the row.
            sys.stdout.write(line.encode(errors="backslashreplace").decode() + "\n")
    return status


@asynccontextmanager
async def _trail() -> "AsyncIterator[AuditTrail]":
    from bot.settings import Settings, environment
    from bot.store.audit_reading import audit_trail

    url = Settings.read(environment(os.environ, Path.cwd())).database_url.get_secret_value()
    async with audit_trail(url) as trail:
        yield trail


def _lines(verdict: "Verdict", *, was_noted: bool) -> list[str]:
    lines = [*map(_line, verdict.faults), *map(_untold, verdict.untold)]
    if verdict.number > len(lines):
        lines.append(f"… and {verdict.number - len(lines)} more")
    if lines:
        return [*lines, f"NOT as it was written: {verdict.number} faults in {verdict.rows} entries"]
    if verdict.head is None:
        return ["no entries yet"]
    return [
        f"as it was written: {verdict.rows} entries",
        *([_OLDER.format(older=verdict.older)] if verdict.older else []),
        *([] if was_noted else [_END_UNCHECKED]),
        f"the end, to be noted elsewhere and checked the next time: --expect {verdict.head}",
    ]


def _untold(untold: "Untold") -> str:
    """Say which entry a run lacks; an ID that an intruder made up cannot write on the terminal."""
    return _UNTOLD.format(run=ascii(untold.run_id)[1:-1], event=untold.event)


def _line(fault: "Fault") -> str:
    said = _ONE_MISSING if fault.seq == fault.other else _SAID[fault.kind]
    return said.format(seq=fault.seq, other=fault.other, before=fault.seq - 1)


def _head(text: str) -> tuple[int, str]:
    head = _HEAD.fullmatch(text)
    if head is None:
        raise argparse.ArgumentTypeError("a number, a colon and the 64 digits of a hash")
    return int(head[1]), head[2]


def _number(text: str) -> int:
    number = int(text)
    if number < 0:
        raise argparse.ArgumentTypeError("at least 0")
    return number
