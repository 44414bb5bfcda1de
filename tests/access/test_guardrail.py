from collections.abc import Callable, Sequence
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.access.book import Book
from bot.access.guardrail import ACTION, check
from bot.alibaba.ram_policy import Statement
from bot.model.problem import Problem
from bot.model.request import DiagnosisRequest

Load = Callable[[str], Book]
Refused = Callable[[str], dict[str, str]]
Request = Callable[..., DiagnosisRequest]

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


# Reading


def _book(*statements: str) -> str:
    lines = "".join(f"\n      - {statement}" for statement in statements)
    return (
        "version: 1\nworkspaces: [T0ONE]\nidentities:\n  lab:\n"
        f"    access_key: {{id: env:A, secret: env:B}}\n    guardrail:{lines}\n"
    )


ALLOW = '{Effect: Allow, Action: "vpc:DiagnoseVpnGateway", Resource: "acs:vpc:*:*:vpngateway/*"}'


def test_statements_are_read(load: Load) -> None:
    deny = '{Effect: Deny, Action: "vpc:*", Resource: ["acs:vpc:*:*:vpngateway/vpn-pay*"]}'
    book = load(_book(ALLOW, deny))

    assert [statement.effect for statement in book.identities["lab"].guardrail] == ["Allow", "Deny"]


@pytest.mark.parametrize(
    "resource",
    [
        "cn-*:*:vpngateway/vpn-?a*", "*:*:*", "cn-hangzhou:*:vpngateway/*-payments", "*:*:vpnconnection/v*",
        "?n-hangzhou:*:vpnconnection/vco-*", "cn-hangzhou-finance-1:*:vpngateway/vpn-a",
    ],
)  # fmt: skip
def test_resources_that_there_may_be_are_read(load: Load, resource: str) -> None:
    book = load(_book(ALLOW, f'{{Effect: Deny, Action: "*", Resource: "acs:vpc:{resource}"}}'))

    assert book.identities["lab"].guardrail[1].resource == (f"acs:vpc:{resource}",)


def test_conditions_are_read(load: Load) -> None:
    condition = '{DateLessThan: {"acs:CurrentTime": ["2026-01-02T00:00:00Z"]}}'
    book = load(_book(ALLOW, f'{{Effect: Deny, Action: "*", Resource: "*", Condition: {condition}}}'))

    assert "DateLessThan" in book.identities["lab"].guardrail[1].condition


@pytest.mark.parametrize(
    ("statement", "what"),
    [
        pytest.param(
            '{Effect: Deny, Action: "vpc:DiagnoseVpnGatway", Resource: "*"}', "its Action does not", id="typo"
        ),
        pytest.param('{Effect: Deny, Action: "vpc:Describe*", Resource: "*"}', "its Action does not", id="other"),
        pytest.param(
            '{Effect: Deny, NotAction: "vpc:D*", Resource: "*"}', "its Action does not", id="not this one"
        ),
        pytest.param(
            '{Effect: Deny, Action: "*", Resource: "acs:vpc:*:1234:vpngateway/*"}', "no resource", id="account"
        ),
        pytest.param(
            '{Effect: Deny, Action: "*", Resource: "acs:vpc:*:*:vpngatway/*"}', "no resource", id="typo of kind"
        ),
        pytest.param('{Effect: Deny, Action: "*", Resource: "vpn-payments"}', "no resource", id="ID alone"),
        pytest.param(
            '{Effect: Deny, Action: "*", Resource: "acs:vpc:*:*:vpngateway/VPN-1"}', "no resource", id="capitals"
        ),
        pytest.param(
            '{Effect: Deny, Action: "*", Resource: "acs:ecs:*:*:instance/*"}', "no resource", id="product"
        ),
        pytest.param(
            '{Effect: deny, Action: "*", Resource: "*"}', "Effect: Input should be 'Allow' or 'Deny'", id="effect"
        ),
        pytest.param("{Effect: Deny, Action: '*'}", "Resource: Field required", id="no resource"),
        pytest.param('{Effect: Deny, Resource: "*"}', "either Action or NotAction", id="no action"),
        pytest.param('{Effect: Deny, Action: "*", NotResource: "*"}', "Field required", id="NotResource"),
        pytest.param('{Effect: Deny, Action: "*", Resource: 1}', "a number where text belongs", id="number"),
        pytest.param(
            '{Effect: Deny, Action: "*", Resource: "*", Condition: {IpAddress: {"acs:SourceIp": "10.0.0.0/8"}}}',
            "the condition acs:SourceIp cannot be decided",
            id="condition that would never hold",
        ),
        pytest.param(
            '{Effect: Deny, Action: "*", Resource: "*", Condition: {DateLess: {"acs:CurrentTime": "2026-01-01"}}}',
            "DateLess is not a condition operator",
            id="operator",
        ),
        pytest.param(
            '{Effect: Allow, Action: "*", Resource: "acs:vpc:*:*:vpnconnection/vco-a"}',
            "it names connections but not their gateway",
            id="connections alone",
        ),
        pytest.param(
            '{Effect: Deny, Action: "*", Resource: "acs:vpc:*:*:vpngateway/vco-a*"}',
            "no resource",
            id="connection for a gateway",
        ),
        pytest.param(
            '{Effect: Deny, Action: "*", Resource: "acs:vpc:*:*:vpnconnection/vpn-a"}',
            "no resource",
            id="gateway for a connection",
        ),
        pytest.param(
            '{Effect: Deny, Action: "*", Resource: "acs:vpc:*:*:vpngateway/payments*"}',
            "no resource",
            id="ID without its beginning",
        ),
        pytest.param(
            '{Effect: Deny, Action: "*", Resource: "acs:vpc:hangzhou:*:vpngateway/*"}',
            "no resource",
            id="no region",
        ),
        pytest.param(
            '{Effect: Deny, Action: "*", Resource: "*", Condition: {Bool: {"acs:CurrentTime": "true"}}}',
            "Bool compares no moments",
            id="Bool",
        ),
        pytest.param(
            '{Effect: Deny, Action: "*", Resource: "*", Condition: {StringEquals: {"acs:CurrentTime": "x"}}}',
            "StringEquals compares no moments",
            id="StringEquals",
        ),
        pytest.param(
            '{Effect: Deny, Action: "*", Resource: "*", Condition: {NumericLessThan: {"acs:CurrentTime": "1"}}}',
            "NumericLessThan compares no moments",
            id="NumericLessThan",
        ),
        pytest.param("Deny", "Input should be", id="text"),
    ],
)
def test_a_statement_that_could_not_work_as_meant_is_refused(refused: Refused, statement: str, what: str) -> None:
    facts = refused(_book(ALLOW, statement))

    assert facts["what"].startswith("identities.lab.guardrail[1]")
    assert what in facts["what"]
    assert facts["line"] == "8"


def test_a_guardrail_that_allows_nothing_is_refused(refused: Refused) -> None:
    facts = refused(_book('{Effect: Deny, Action: "*", Resource: "acs:vpc:*:*:vpngateway/vpn-pay*"}'))

    assert (
        facts["what"] == "identities.lab.guardrail: nothing is allowed here, so every diagnosis would be refused"
    )
    assert "Effect: Allow" in facts["hint"]


def a_guarded(statements: str) -> str:
    return f"""\
version: 1
workspaces: [T0123ABCD]
identities:
  oncall:
    assume_role: acs:ram::1234567890123456:role/vpn-diagnose-oncall
    guardrail:
{statements}"""


MANY = '      - {Effect: Allow, Action: "vpc:*", Resource: "acs:vpc:*:*:vpngateway/vpn-1*"}\n'
LONG = '      - {Effect: Allow, Action: "%s", Resource: "*"}\n'


@pytest.mark.parametrize(
    ("statements", "what"),
    [(MANY * 10_000, "more than 1000 resources"), (LONG % ("*v" * 300_000), "more than 256 characters")],
    ids=["many statements", "a long pattern"],
)
def test_what_would_hold_everybody_up_is_refused(refused: Refused, statements: str, what: str) -> None:
    assert what in refused(a_guarded(statements))["what"]


def test_an_empty_guardrail_is_refused(refused: Refused) -> None:
    facts = refused(_book().replace("guardrail:", "guardrail: []"))

    assert "nothing is allowed" in facts["what"]
