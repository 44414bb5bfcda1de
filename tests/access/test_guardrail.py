from collections.abc import Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.access.guardrail import ACTION, check
from bot.alibaba.ram_policy import Statement
from bot.model.problem import Problem
from bot.model.request import DiagnosisRequest

NOW = datetime(2026, 1, 2, 12, tzinfo=UTC)

HUB = "acs:vpc:cn-hangzhou:*:vpngateway/vpn-hub"
BRANCH = "acs:vpc:cn-hangzhou:*:vpnconnection/vco-branch"


def _statement(effect: str, resource: str | Sequence[str], **more: Any) -> Statement:
    return Statement.model_validate({"Effect": effect, "Action": ACTION, "Resource": resource, **more})


def _a_request(
    region: str = "cn-hangzhou", gateway: str = "vpn-hub", connection: str = "vco-branch"
) -> DiagnosisRequest:
    values = {"region": region, "gateway_id": gateway, "connection_id": connection}
    return DiagnosisRequest.model_validate(values)


def _verdict(guardrail: Sequence[Statement], request: DiagnosisRequest, now: datetime = NOW) -> str:
    try:
        check("oncall", guardrail, request, now)
    except Problem as problem:
        return f"{problem.facts['verdict']} {problem.facts['resource']}"
    return "Allow"


ALL_OF_HANGZHOU = _statement("Allow", "acs:vpc:cn-hangzhou:*:vpngateway/*")
BRANCH_OF_HUB = _statement("Allow", [HUB, BRANCH])


@pytest.mark.parametrize(
    ("guardrail", "request_", "verdict"),
    [
        pytest.param([], _a_request(), "Allow", id="no guardrail narrows nothing"),
        pytest.param([ALL_OF_HANGZHOU], _a_request(), "Allow", id="gateway allowed, connections not spoken of"),
        pytest.param(
            [ALL_OF_HANGZHOU],
            _a_request(region="cn-qingdao"),
            "ImplicitDeny acs:vpc:cn-qingdao:*:vpngateway/vpn-hub",
            id="another region",
        ),
        pytest.param([BRANCH_OF_HUB], _a_request(), "Allow", id="this connection of this gateway"),
        pytest.param(
            [BRANCH_OF_HUB],
            _a_request(connection="vco-other"),
            "ImplicitDeny acs:vpc:cn-hangzhou:*:vpnconnection/vco-other",
            id="another connection of this gateway",
        ),
        pytest.param(
            [BRANCH_OF_HUB],
            _a_request(gateway="vpn-other"),
            "ImplicitDeny acs:vpc:cn-hangzhou:*:vpngateway/vpn-other",
            id="this connection of another gateway",
        ),
        pytest.param(
            [
                BRANCH_OF_HUB,
                _statement("Allow", ["acs:vpc:*:*:vpngateway/vpn-two", "acs:vpc:*:*:vpnconnection/vco-two"]),
            ],
            _a_request(connection="vco-two"),
            "ImplicitDeny acs:vpc:cn-hangzhou:*:vpnconnection/vco-two",
            id="the connection that another statement allows",
        ),
        pytest.param(
            [BRANCH_OF_HUB, ALL_OF_HANGZHOU],
            _a_request(connection="vco-other"),
            "Allow",
            id="one statement suffices",
        ),
        pytest.param(
            [ALL_OF_HANGZHOU, _statement("Deny", "acs:vpc:*:*:vpngateway/vpn-h*")],
            _a_request(),
            f"ExplicitDeny {HUB}",
            id="gateway denied",
        ),
        pytest.param(
            [ALL_OF_HANGZHOU, _statement("Deny", "acs:vpc:*:*:vpnconnection/vco-branc?")],
            _a_request(),
            f"ExplicitDeny {BRANCH}",
            id="connection denied",
        ),
        pytest.param([_statement("Allow", "*")], _a_request(), "Allow", id="everything"),
        pytest.param([_statement("Allow", "acs:vpc:cn-hangzhou:*:*")], _a_request(), "Allow", id="a whole region"),
    ],
)
def test_verdicts(guardrail: Sequence[Statement], request_: DiagnosisRequest, verdict: str) -> None:
    assert _verdict(guardrail, request_) == verdict


def test_a_refusal_says_what_was_asked_and_as_whom() -> None:
    with pytest.raises(Problem) as raised:
        check("oncall", [ALL_OF_HANGZHOU], _a_request(region="cn-qingdao"), NOW)

    assert raised.value.code == "access.guardrail"
    assert raised.value.facts == {
        "identity": "oncall",
        "region": "cn-qingdao",
        "gateway_id": "vpn-hub",
        "connection_id": "vco-branch",
        "resource": "acs:vpc:cn-qingdao:*:vpngateway/vpn-hub",
        "verdict": "ImplicitDeny",
    }


def test_a_change_freeze_can_be_a_condition() -> None:
    freeze = _statement(
        "Deny", "*", Condition={"DateGreaterThan": {"acs:CurrentTime": "2026-01-02T18:00:00+08:00"}}
    )

    assert _verdict([ALL_OF_HANGZHOU, freeze], _a_request(), datetime(2026, 1, 2, 9, 59, tzinfo=UTC)) == "Allow"
    assert "ExplicitDeny" in _verdict(
        [ALL_OF_HANGZHOU, freeze], _a_request(), datetime(2026, 1, 2, 10, 1, tzinfo=UTC)
    )


PATTERNS = st.sampled_from(
    [HUB, BRANCH, "*", "acs:vpc:*:*:vpngateway/*", "acs:vpc:*:*:vpngateway/vpn-o*", "acs:vpc:*:*:vpnconnection/*"]
)
STATEMENTS = st.builds(_statement, st.sampled_from(["Allow", "Deny"]), st.lists(PATTERNS, min_size=1, max_size=3))
REQUESTS = st.builds(
    _a_request,
    st.sampled_from(["cn-hangzhou", "cn-qingdao"]),
    st.sampled_from(["vpn-hub", "vpn-other"]),
    st.sampled_from(["vco-branch", "vco-other"]),
)
DENIALS = st.lists(PATTERNS, min_size=1, max_size=2).map(lambda patterns: _statement("Deny", patterns))


@given(st.lists(STATEMENTS, min_size=1, max_size=4), DENIALS, REQUESTS)
def test_adding_a_deny_never_allows(
    guardrail: list[Statement], denial: Statement, request_: DiagnosisRequest
) -> None:
    if _verdict(guardrail, request_) != "Allow":
        assert _verdict([*guardrail, denial], request_) != "Allow"


@given(st.lists(STATEMENTS, min_size=2, max_size=4), st.integers(0, 3), REQUESTS)
def test_removing_an_allow_never_allows(
    guardrail: list[Statement], place: int, request_: DiagnosisRequest
) -> None:
    removed = guardrail[place % len(guardrail)]
    rest = [statement for statement in guardrail if statement is not removed]
    if removed.effect == "Allow" and _verdict(guardrail, request_) != "Allow":
        assert _verdict(rest, request_) != "Allow"


@given(st.lists(STATEMENTS, min_size=1, max_size=4), REQUESTS)
def test_the_order_of_statements_does_not_matter(guardrail: list[Statement], request_: DiagnosisRequest) -> None:
    allowed = _verdict(guardrail, request_) == "Allow"

    assert (_verdict(guardrail[::-1], request_) == "Allow") is allowed
