"""Whatever the cloud says, Slack takes the message and parses nothing of it, and it admits what it leaves out."""

import re
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bot.emulators.slack.blocks import Surface, block_flaws, characters_in
from bot.emulators.slack.limits import MOST_CHARACTERS_IN_BLOCKS
from bot.model.problem import ProblemDetails
from bot.model.report import (
    ConfigConsistency,
    ConfigDifference,
    Connectivity,
    DiagnosisReport,
    DiagnosticItem,
    Quota,
    ResultLevel,
    RouteConflict,
    Unreadable,
)
from bot.model.run import Language, Posted, Run, RunState
from bot.model.tunnels import Tunnels, TunnelState
from bot.model.vpn import TunnelFinding
from bot.slack.buttons import report_buttons
from bot.slack.messages import Message, ending_message, root_message, started_message
from bot.slack.watch import change_message
from tests.slack.parsed_by_slack import flaws, shown_in_notification, texts
from tests.slack.scenes import (
    HEALTHY,
    MASTER,
    NOON,
    REQUEST,
    a_diagnosing_run,
    a_report,
    a_reported_run,
    a_run,
    an_item,
)

HOSTILE = (
    "<!channel>",
    "<@U0ALICE>",
    "<https://evil.example|Open the console>",
    "*bold* _it_ ~no~ `code` ```block```",
    ":fire: :+1:",
    "\u202egnp.exe\u2066",
    "\x00\x1b[31m\r\n\t",
    "\ud800",
    "网关诊断失败",
    "🔥" * 20,
    "שלום עולם",
    "&lt;!here&gt; & <",
    "e\u0301" * 30,
    "",
)
SHORT = st.one_of(st.sampled_from(HOSTILE), st.text(st.characters(codec=None), max_size=30))
LONG = st.builds(lambda text, times: (text or "x") * times, SHORT, st.integers(1, 3000))
TEXT = st.one_of(SHORT, LONG)
NAMES = st.one_of(
    TEXT,
    st.sampled_from(
        [
            "RouteEntryConflict",
            "VpnRouteQuota",
            "VcoConfigConsistency",
            "VcoUserInternetIpConnectivity",
            "VcoPrivateConnectivity",
        ]
    ),
)
NUMBERS = st.integers(-(10**12), 10**12)
FLOATS = st.floats(-1e12, 1e12)
DETAILS = st.one_of(
    st.builds(
        RouteConflict, routes=st.lists(TEXT, max_size=30).map(tuple), remarks=st.lists(TEXT, max_size=9).map(tuple)
    ),
    st.builds(Quota, quota_name=TEXT, used=NUMBERS, quantity=NUMBERS),
    st.builds(
        ConfigConsistency,
        peer_known=st.booleans(),
        differing=st.lists(
            st.builds(ConfigDifference, setting=TEXT, cloud_side=TEXT, peer_side=st.none() | TEXT), max_size=20
        ).map(tuple),
        lacking=st.lists(TEXT, max_size=20).map(tuple),
    ),
    st.builds(
        Connectivity, target_ip=TEXT, source_ip=st.none() | TEXT, loss_percent=FLOATS, rtt_ms=st.none() | FLOATS
    ),
    st.builds(Unreadable, text=TEXT),
)
ITEMS = st.builds(DiagnosticItem, name=NAMES, level=st.sampled_from(ResultLevel), level_text=TEXT, detail=DETAILS)
TIMES = st.none() | st.timedeltas(timedelta(days=-9), timedelta(days=9)).map(lambda after: NOON + after)
LANGUAGES: st.SearchStrategy[Language] = st.sampled_from(("en", "zh"))
CODES = st.one_of(
    TEXT,
    st.sampled_from(
        ["NoPermission", "Throttling.User", "slack.not_in_channel", "access.not_mapped", "bot.gave_up"]
    ),
)
FACT_NAMES = st.sampled_from(["message", "request_id", "error_id", "denied_action", "operation", "reference"])
PROBLEMS = st.builds(ProblemDetails, code=CODES, facts=st.dictionaries(FACT_NAMES, TEXT, max_size=6))

FINDINGS = st.builds(
    TunnelFinding,
    connection_id=st.just(REQUEST.connection_id),
    tunnel_id=st.just(MASTER),
    reason_code=st.sampled_from(["PskMismatch", "NoResponse"]) | TEXT,
    reason=TEXT,
    severity=st.sampled_from(["Critical", "Warn", "Normal"]) | TEXT,
    failed_at=st.none() | st.just(NOON),
    cloud_side=st.none() | TEXT,
    peer_side=st.none() | TEXT,
    log=TEXT,
)
STATES = st.builds(
    TunnelState,
    tunnel_id=st.sampled_from([None, MASTER]),
    role=st.sampled_from(["master", "slave"]) | TEXT,
    status=st.sampled_from(["", "ipsec_sa_established", "ike_sa_not_established"]) | TEXT,
    finding=st.none() | FINDINGS,
)
TUNNELS = st.builds(Tunnels, each=st.lists(STATES, max_size=12).map(tuple))

BUTTONS = report_buttons(a_reported_run(HEALTHY))

few_examples = settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))


@st.composite
def reports(draw: st.DrawFn) -> DiagnosisReport:
    items = draw(st.lists(ITEMS, max_size=12))
    repeated = items * draw(st.sampled_from([1, 1, 1, 60]))  # up to 720 checks
    return a_report(
        *repeated,
        diagnose_id=draw(TEXT),
        request_id=draw(TEXT),
        begin_time=draw(TIMES),
        finish_time=draw(TIMES),
        finished_count=draw(NUMBERS),
        total_count=draw(NUMBERS),
    )


@given(
    report=reports(), language=LANGUAGES, attached=st.booleans(), identity=TEXT, principal=TEXT, tunnels=TUNNELS
)
@few_examples
def test_any_report_is_one_that_slack_takes(
    *,
    report: DiagnosisReport,
    language: Language,
    attached: bool,
    identity: str,
    principal: str,
    tunnels: Tunnels,
) -> None:
    run = a_reported_run(report, language, attached=attached, identity=identity, principal=principal)

    for message in (ending_message(run, tunnels, BUTTONS), root_message(run, tunnels)):
        _assert_taken(message, run)


@given(
    problem=PROBLEMS,
    language=LANGUAGES,
    state=st.sampled_from(RunState),
    report=st.none() | reports(),
    moved=st.booleans(),
)
@few_examples
def test_any_problem_is_one_that_slack_takes(
    *, problem: ProblemDetails, language: Language, state: RunState, report: DiagnosisReport | None, moved: bool
) -> None:
    run = a_run(state=state, problem=problem, language=language, report=report, moved_to_dm=moved)

    for message in (ending_message(run), root_message(run), ending_message(run).with_remark("Lost.")):
        _assert_taken(message, run)


@given(diagnose_id=TEXT, request_id=TEXT, language=LANGUAGES, attached=st.booleans())
@few_examples
def test_any_start_is_one_that_slack_takes(
    *, diagnose_id: str, request_id: str, language: Language, attached: bool
) -> None:
    run = a_diagnosing_run(
        diagnose_id=diagnose_id, start_request_id=request_id, language=language, attached=attached
    )

    _assert_taken(started_message(run), run)


@pytest.mark.parametrize("language", ["en", "zh"])
def test_seven_hundred_checks_are_cut_from_the_least_bad_end_and_counted(language: Language) -> None:
    items = [an_item(f"Check{n}", "normal", Unreadable(text="x" * 200)) for n in range(600)]
    items += [an_item(f"Bad{n}", "error", Unreadable(text="y" * 200)) for n in range(100)]

    message = ending_message(a_reported_run(a_report(*items), language))

    said = texts(message.blocks)
    shown = len(set(re.findall(r"Bad\d+(?= |\n|$)", said.partition("\n")[2])))
    (left_out,) = re.findall(r"…[^\d\n]*(\d+)[^\n]*Slack", said)
    assert not list(flaws(message.blocks))
    assert "100" in message.text
    assert 0 < shown < 100
    assert int(left_out) == 700 - shown
    assert "Check" not in said


def test_a_description_of_100_kb_does_not_crowd_out_the_other_checks() -> None:
    huge = an_item("VpnRouteQuota", "error", Unreadable(text="<!channel> " * 10_000))
    items = [huge, *(an_item(name, "warning", Unreadable(text=name)) for name in ("First", "Second", "Third"))]

    message = ending_message(a_reported_run(a_report(*items)))

    said = texts(message.blocks)
    assert all(name in said for name in ("First", "Second", "Third"))
    assert "…" in said


def test_the_longest_gateway_leaves_room_for_the_verdict() -> None:
    gateway = "vpn-" + "a" * 60
    request = REQUEST.changed(gateway_id=gateway)
    items = [an_item(f"Check{n}", "error", Unreadable(text="")) for n in range(700)]

    for message in _all_of(a_reported_run(a_report(*items), request=request)):
        assert message.text.startswith(f"{gateway}: 700 of 700 checks need attention")


def _all_of(run: Run) -> tuple[Message, Message]:
    return ending_message(run), root_message(run)


def _assert_taken(message: Message, run: Run) -> None:
    shown = shown_in_notification(message.text)
    for blocks in filter(None, (message.blocks, message.classic_blocks)):
        assert not list(flaws(blocks))
        assert not list(block_flaws(blocks, Surface.MESSAGE))
        assert characters_in(blocks) <= MOST_CHARACTERS_IN_BLOCKS
        assert "\u202e" not in texts(blocks)
    assert "table" not in {block["type"] for block in (message.classic() or message).blocks}
    assert shown.startswith(run.request.gateway_id)
    assert len(message.text) <= 100
    assert not re.search(r"[<>*~`\n\r]|&(?!amp;|lt;|gt;)|:[a-z0-9_+'-]+:|\w_\W", message.text)
    message.model_dump_json().encode()


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    "apart",
    [
        {"moved_because": "slack.channel_not_found"},
        {"moved_because": "slack.restricted_action"},
        {"moved_because": "slack.not_in_channel"},
        {"in_shared_channel": True},
    ],
    ids=lambda apart: str(next(iter(apart.values()))),
)
def test_a_long_report_has_room_for_why_it_comes_alone_and_for_what_a_watch_says(
    language: Language, apart: dict[str, Any]
) -> None:
    for width in range(0, 300, 23):
        report = a_report(*(an_item(f"Check{n}", "error", Unreadable(text="x" * width)) for n in range(60)))
        run = a_reported_run(report, language, moved_to_dm=True, posted=Posted(), **apart)

        blocks = change_message(run, a_reported_run(HEALTHY), report_buttons(run)).blocks
        assert not list(block_flaws(blocks, Surface.MESSAGE))
        assert characters_in(blocks) <= MOST_CHARACTERS_IN_BLOCKS
