"""What people read in Slack comes from the catalogue, in both languages, and nothing in the catalogue is dead."""

import ast
import re
from collections.abc import Callable, Iterator
from importlib.resources import files
from pathlib import Path
from typing import Any

import pytest

import bot
from bot.explain.phrases import phrases_of
from bot.model.problem import ProblemDetails
from bot.model.run import Run
from bot.slack.buttons import report_buttons
from bot.slack.cli_text import command_message
from bot.slack.compare import compare_message
from bot.slack.history_list import Past, history_message
from bot.slack.home import Me, home_view
from bot.slack.messages import ending_message, root_message, started_message
from bot.slack.views import FormValues, diagnose_form, notice_view
from bot.slack.watch import change_message, watch_end_message
from tests.slack.parsed_by_slack import texts
from tests.slack.scenes import (
    BROKEN,
    DOWN,
    HEALTHY,
    HEALTHY_AS_FAR_AS_KNOWN,
    ONE_OF_TWO_DOWN,
    REQUEST,
    UNFAMILIAR,
    UNFINISHED,
    UP,
    a_diagnosing_run,
    a_failed_run,
    a_refused_run,
    a_reported_run,
    a_run,
)

ROOT = Path(bot.__path__[0])

# Whatever makes something that Slack shows imports one of these.
SHOWS = re.compile(r"^from bot\.slack\.(blocks|message|messages|views) import", re.MULTILINE)
MODULES = sorted(
    {ROOT / "slack" / "blocks.py"} | {path for path in ROOT.rglob("*.py") if SHOWS.search(path.read_text())}
)

# Two words with a blank between them, or Chinese: a text, where a key or an ID is one word.
A_TEXT = re.compile(r"[A-Za-z]{2,}[,.:;]? [A-Za-z]{2,}|[\u4e00-\u9fff]")

# What looks like a text and is none that is translated: commands that are copied as they are.
COPIED = re.compile(r"^ ?/?(vpn-diagnose|aliyun vpc|vpn-)")


def texts_in(module: ast.Module) -> Iterator[str]:
    """Yield the string constants that people could read: neither docstrings nor what an exception says."""
    unread = {id(inner) for node in ast.walk(module) for inner in _unread(node)}
    for node in ast.walk(module):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in unread:
            yield node.value


def _unread(node: ast.AST) -> Iterator[ast.AST]:
    """Yield what nobody reads in Slack below a node: bare strings, what is raised or logged, type checking."""
    if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
        yield node.value
    if isinstance(node, ast.Raise):
        yield from ast.walk(node)
    if isinstance(node, ast.Call) and ast.unparse(node.func).startswith(("log", "re.")):
        yield from ast.walk(node)
    if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) == "message":
        yield from ast.walk(node)


@pytest.mark.parametrize("path", MODULES, ids=lambda path: f"{path.parent.name}/{path.name}")
def test_no_text_stands_in_the_source(path: Path) -> None:
    module = ast.parse(path.read_text(encoding="utf-8"))

    written = [text for text in texts_in(module) if A_TEXT.search(text) and not COPIED.match(text)]

    assert written == []


def test_the_search_finds_a_text_that_stands_in_the_source() -> None:
    source = '"""A docstring."""\nblock = section("Not in the catalogue")\nheader(f"还有{n}")\nlog.info("x y z")\n'

    found = [text for text in texts_in(ast.parse(source)) if A_TEXT.search(text)]

    assert found == ["Not in the catalogue", "还有"]


def keys_in_the_source() -> tuple[set[str], set[str]]:
    """Give the strings of the whole bot, and the beginnings of those that are put together."""
    whole, beginnings = set(), set()
    for path in ROOT.rglob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.JoinedStr) and isinstance(node.values[0], ast.Constant):
                beginnings.add(str(node.values[0].value))
            elif isinstance(node, ast.Constant) and isinstance(node.value, str):
                whole.add(node.value)
                beginnings |= {node.value} if node.value.endswith("_") else set()
    return whole, {each for each in beginnings if re.fullmatch(r"[a-z_]+\.[a-z_]*", each)}


def test_every_phrase_is_said_somewhere() -> None:
    whole, beginnings = keys_in_the_source()
    names = [entry.name.removesuffix(".toml") for entry in (files("bot.explain") / "phrases").iterdir()]

    keys = [key for name in sorted(names) for key in phrases_of(name)]

    dead = [key for key in keys if key not in whole and not key.startswith(tuple(beginnings))]
    assert dead == []


THREAD = "https://emulated.slack.test/archives/C0INCIDENT/p1767355200000100"


def zh(run: Run) -> Run:
    return run.changed(language="zh")


IN_CHINESE: dict[str, Callable[[], list[dict[str, Any]]]] = {
    "waiting": lambda: root_message(zh(a_run())).blocks,
    "running": lambda: root_message(zh(a_diagnosing_run(finished_count=3, total_count=7))).blocks,
    "retrying": lambda: root_message(zh(a_run(problem=ProblemDetails(code="Throttling.User")))).blocks,
    "in private": lambda: root_message(zh(a_run(moved_to_dm=True))).blocks,
    "started": lambda: started_message(zh(a_diagnosing_run())).blocks,
    "followed": lambda: started_message(zh(a_diagnosing_run(attached=True))).blocks,
    "broken": lambda: ending_message(a_reported_run(BROKEN, "zh")).blocks,
    "healthy": lambda: ending_message(a_reported_run(HEALTHY, "zh"), UP).blocks,
    "unproven": lambda: ending_message(a_reported_run(HEALTHY_AS_FAR_AS_KNOWN, "zh"), DOWN).blocks,
    "classic": lambda: ending_message(a_reported_run(HEALTHY, "zh"), ONE_OF_TWO_DOWN).classic_blocks or [],
    "refused": lambda: ending_message(zh(a_refused_run())).blocks,
    "failed": lambda: ending_message(zh(a_failed_run("cloud.unreachable"))).blocks,
    "unfinished": lambda: ending_message(a_reported_run(UNFINISHED, "zh")).blocks,
    "buttons": lambda: report_buttons(a_reported_run(HEALTHY, "zh")),
    "watched": lambda: report_buttons(a_reported_run(HEALTHY, "zh"), watched=True),
    "changed": lambda: change_message(a_reported_run(BROKEN, "zh"), a_reported_run(HEALTHY)).blocks,
    "watch's end": lambda: (
        watch_end_message(zh(a_refused_run()), a_reported_run(HEALTHY, "zh"), stopped=False).blocks
    ),
    "compared": lambda: compare_message(a_reported_run(BROKEN, "zh"), a_reported_run(HEALTHY), DOWN, UP).blocks,
    "first": lambda: compare_message(a_reported_run(BROKEN, "zh"), None).blocks,
    "command": lambda: command_message(a_reported_run(HEALTHY, "zh")).blocks[1:],
    "history": lambda: (
        history_message([Past(run=a_reported_run(BROKEN), permalink=THREAD)] * 99, "channel", "zh").blocks
    ),
    "home": lambda: home_view(Me(identity="lab"), [Past(run=a_diagnosing_run())], "zh")["blocks"],
    "nobody's home": lambda: home_view(Me(problem=a_refused_run().problem), [], "zh")["blocks"],
    "form": lambda: diagnose_form(
        language="zh", private_metadata="", initial=FormValues(), regions=(REQUEST.region,)
    )["blocks"],
    "notice": lambda: [notice_view("标题", "内容", "zh")["close"]],
}

# What has no Chinese form: names of Alibaba Cloud, of protocols and of this bot, values, IDs and addresses.
NAMES = re.compile(
    r"\b(acs:ram:\S*|(vpn|vco|vpndgn|tun)-\w*|cn-\w+|[0-9A-F]{8}(-[0-9A-F]{4,12})+|network-oncall|lab|access\.yml)"
    r"|\b(VPN|VPC|IPsec|IKE|UDP|ICMP|TLS|DiagnoseId|RequestId|IP|ID|RAM|DH|SA|Slack|JSON|aliyun|ping|MTU|MSS|mtr|users)\b"
    r"|IkeConfig\.\w+|IpsecConfig\.\w+|RemoteSubnet|aes\d*|group14|vpn_quota|U0ALICE|T0EMULATED|UTC"
    r"|/invite @vpn-diagnose|/vpn-diagnose|rejected enctype.*|mismatch of preshared secrets",
    re.ASCII,
)


@pytest.mark.parametrize("name", IN_CHINESE)
def test_in_chinese_nothing_is_left_in_english(name: str) -> None:
    said = texts(IN_CHINESE[name]())

    assert said
    assert not re.findall(r"[A-Za-z]{2,}", NAMES.sub("", said))


def test_foreign_words_are_the_only_ones_that_stay_as_they_are() -> None:
    said = texts(ending_message(a_reported_run(UNFAMILIAR, "zh")).blocks)

    left = set(re.findall(r"[A-Za-z]{2,}", NAMES.sub("", said)))
    assert left == {
        "TunnelFlapDetection",
        "BgpPeerState",
        "QuantumReadiness",
        *("critical", "flaps", "channel", "see"),
        *("fire", "AS", "idle"),
    }
