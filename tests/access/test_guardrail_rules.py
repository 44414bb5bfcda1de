"""Guardrails against RAM's documented rules, one by one, and against a second reading of them made for the test.

Source: www.alibabacloud.com/help/en/ram/policy-elements and …/ram/conditional-operator, read November 2026.
"""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bot.access.guardrail import ACTION, check
from bot.alibaba.ram_policy import Statement
from bot.model.problem import Problem
from bot.model.request import DiagnosisRequest

NOON = datetime(2026, 1, 2, 12, tzinfo=UTC)
EVERYTHING = "*"


def _statement(effect: str = "Allow", resource: Any = EVERYTHING, action: Any = ACTION, **more: Any) -> Statement:
    document = {"Effect": effect, "Action": action, "Resource": resource} | more
    return Statement.model_validate({name: value for name, value in document.items() if value is not None})


def _request(
    gateway: str = "vpn-hub", connection: str = "vco-branch", region: str = "cn-hangzhou"
) -> DiagnosisRequest:
    values = {"region": region, "gateway_id": gateway, "connection_id": connection}
    return DiagnosisRequest.model_validate(values)


def _allows(guardrail: Sequence[Statement], request: DiagnosisRequest, now: datetime = NOON) -> bool:
    try:
        check("oncall", guardrail, request, now)
    except Problem:
        return False
    return True


@pytest.mark.parametrize(
    ("resource", "gateway", "allowed"),
    [
        pytest.param("acs:vpc:cn-hangzhou:*:vpngateway/vpn-hub", "vpn-hub", True, id="as it is written"),
        pytest.param("acs:vpc:cn-hangzhou:*:vpngateway/vpn-hub", "vpn-hub2", False, id="the whole of it"),
        pytest.param("acs:vpc:cn-hangzhou:*:vpngateway/vpn-h*", "vpn-hub", True, id="* for some"),
        pytest.param("acs:vpc:cn-hangzhou:*:vpngateway/vpn-hub*", "vpn-hub", True, id="* for none"),
        pytest.param("acs:vpc:cn-hangzhou:*:vpngateway/vpn-*b", "vpn-hub", True, id="* in the middle"),
        pytest.param("acs:vpc:cn-hangzhou:*:vpngateway/vpn-*x", "vpn-hub", False, id="* and what is not there"),
        pytest.param("acs:vpc:cn-hangzhou:*:vpngateway/vpn-hu?", "vpn-hub", True, id="? for one"),
        pytest.param("acs:vpc:cn-hangzhou:*:vpngateway/vpn-hub?", "vpn-hub", False, id="? for none"),
        pytest.param("acs:vpc:cn-hangzhou:*:vpngateway/vpn-h?", "vpn-hub", False, id="? for two"),
        pytest.param("acs:vpc:cn-*:*:vpngateway/vpn-hub", "vpn-hub", True, id="* for a part of the region"),
        pytest.param("acs:vpc:cn-hangzho?:*:vpngateway/*", "vpn-hub", True, id="? in the region"),
        pytest.param("acs:vpc:*:*:*", "vpn-hub", True, id="* for all that is left"),
        pytest.param("acs:vpc:cn-qingdao:*:vpngateway/*", "vpn-hub", False, id="another region"),
        pytest.param(
            ["acs:vpc:*:*:vpngateway/vpn-x", "acs:vpc:*:*:vpngateway/vpn-hub"], "vpn-hub", True, id="one of a list"
        ),
    ],
)
def test_resources_are_matched_as_documented(resource: Any, gateway: str, *, allowed: bool) -> None:
    assert _allows([_statement(resource=resource)], _request(gateway)) is allowed


@pytest.mark.parametrize(
    ("elements", "allowed"),
    [
        pytest.param({"Action": ACTION}, True, id="as it is written"),
        pytest.param({"Action": "vpc:diagnosevpngateway"}, True, id="in another case"),
        pytest.param({"Action": "vpc:*"}, True, id="all of the service"),
        pytest.param({"Action": "*"}, True, id="everything"),
        pytest.param({"Action": "vpc:Diagnose*"}, True, id="a beginning"),
        pytest.param({"Action": "vpc:DiagnoseVpnGatewa?"}, True, id="? for one"),
        pytest.param({"Action": "vpc:Diagnose"}, False, id="a beginning without *"),
        pytest.param({"Action": ["ecs:*", "vpc:*"]}, True, id="one of a list"),
        pytest.param({"Action": "ecs:*"}, False, id="another service"),
        pytest.param({"Action": None, "NotAction": "ecs:*"}, True, id="all but another service"),
        pytest.param({"Action": None, "NotAction": "vpc:*"}, False, id="all but this service"),
        pytest.param({"Action": None, "NotAction": ["ecs:*", ACTION]}, False, id="all but a list with this"),
    ],
)
def test_actions_are_matched_as_documented(elements: dict[str, Any], *, allowed: bool) -> None:
    assert _allows([_statement(**{"action": None} | elements)], _request()) is allowed


@pytest.mark.parametrize(
    ("operator", "moment", "allowed"),
    [
        ("DateEquals", "2026-01-02T20:00:00+08:00", True),
        ("DateEquals", "2026-01-02T12:00:01Z", False),
        ("DateNotEquals", "2026-01-02T12:00:01Z", True),
        ("DateNotEquals", "2026-01-02T12:00:00Z", False),
        ("DateLessThan", "2026-01-02T12:00:01Z", True),
        ("DateLessThan", "2026-01-02T12:00:00Z", False),
        ("DateLessThanEquals", "2026-01-02T12:00:00Z", True),
        ("DateGreaterThan", "2026-01-02T11:59:59Z", True),
        ("DateGreaterThan", "2026-01-02T12:00:00Z", False),
        ("DateGreaterThanEquals", "2026-01-02T12:00:00Z", True),
    ],
)
def test_the_time_is_compared_as_documented(operator: str, moment: str, *, allowed: bool) -> None:
    statement = _statement(Condition={operator: {"acs:CurrentTime": moment}})

    assert _allows([statement], _request()) is allowed


@pytest.mark.parametrize(
    ("operator", "allowed"),
    [("DateEquals", True), ("DateLessThanEquals", True), ("DateNotEquals", False), ("DateGreaterThan", False)],
)
def test_a_second_is_the_same_until_the_next_as_dates_have_no_smaller_part(
    operator: str, *, allowed: bool
) -> None:
    statement = _statement(Condition={operator: {"acs:CurrentTime": NOON.isoformat()}})

    assert _allows([statement], _request(), NOON + timedelta(milliseconds=999)) is allowed


def test_all_conditions_must_hold_and_one_value_of_each_is_enough() -> None:
    window = {
        "DateGreaterThan": {"acs:CurrentTime": ["2026-01-02T11:00:00Z", "2030-01-01T00:00:00Z"]},
        "DateLessThan": {"acs:CurrentTime": "2026-01-02T13:00:00Z"},
    }
    guardrail = [_statement(Condition=window)]

    assert _allows(guardrail, _request())
    assert not _allows(guardrail, _request(), NOON + timedelta(hours=2))
    assert not _allows(guardrail, _request(), NOON - timedelta(hours=2))


# A second reading of the rules, as plain as it can be, to hold the evaluator against.


def _means(pattern: str, text: str) -> bool:
    if not pattern:
        return not text
    if pattern[0] == "*":
        return any(_means(pattern[1:], text[taken:]) for taken in range(len(text) + 1))
    return bool(text) and pattern[0] in {"?", text[0]} and _means(pattern[1:], text[1:])


def _concerns(statement: Statement, resource: str, now: datetime) -> bool:
    limits = [
        (operator, moment)
        for operator, keys in statement.condition.items()
        for moments in keys.values()
        for moment in moments
    ]
    in_time = all(
        (now < datetime.fromisoformat(moment))
        if operator == "DateLessThan"
        else now > datetime.fromisoformat(moment)
        for operator, moment in limits
    )
    named = any(
        _means(pattern.lower(), ACTION.lower()) for pattern in statement.action or statement.not_action or ()
    )
    is_meant = named if statement.action is not None else not named
    return is_meant and in_time and any(_means(pattern, resource) for pattern in statement.resource)


def _expected(guardrail: Sequence[Statement], request: DiagnosisRequest, now: datetime) -> bool:
    gateway = f"acs:vpc:{request.region}:*:vpngateway/{request.gateway_id}"
    connection = f"acs:vpc:{request.region}:*:vpnconnection/{request.connection_id}"
    denials = [one for one in guardrail if one.effect == "Deny"]
    if any(_concerns(one, resource, now) for one in denials for resource in (gateway, connection)):
        return False
    allows = [one for one in guardrail if one.effect == "Allow" and _concerns(one, gateway, now)]
    return not guardrail or any(
        _concerns(one, connection, now) or not any(":vpnconnection/" in name for name in one.resource)
        for one in allows
    )


REGIONS = st.sampled_from(["*", "cn-hangzhou", "cn-*", "cn-qingdao", "cn-hangzho?"])
GATEWAYS = st.sampled_from(["*", "vpn-*", "vpn-hub", "vpn-h?b", "vpn-hub?"]).map("vpngateway/{}".format)
CONNECTIONS = st.sampled_from(["*", "vco-branch", "vco-other", "v?o-b*h"]).map("vpnconnection/{}".format)
RESOURCES = st.just("*") | st.builds("acs:vpc:{}:*:{}".format, REGIONS, GATEWAYS | CONNECTIONS)
ACTIONS = st.sampled_from([ACTION, "vpc:*", "*", "vpc:diagnosevpngatewa?", "vpc:Describe*"])
TIMES = st.sampled_from(["2026-01-02T11:00:00+00:00", "2026-01-02T13:00:00+00:00"])
CONDITIONS = (
    st.none()
    | st.none()
    | st.builds(
        lambda operator, moment: {operator: {"acs:CurrentTime": moment}},
        st.sampled_from(["DateLessThan", "DateGreaterThan"]),
        TIMES,
    )
)


def statements(effects: Sequence[str] = ("Allow", "Deny")) -> st.SearchStrategy[Statement]:
    return st.builds(
        lambda effect, resource, actions, negated, condition: _statement(
            effect,
            resource,
            None if negated else actions,
            NotAction=actions if negated else None,
            Condition=condition,
        ),
        st.sampled_from(effects),
        st.lists(RESOURCES, min_size=1, max_size=3),
        st.lists(ACTIONS, min_size=1, max_size=2),
        st.sampled_from([False, False, True]),
        CONDITIONS,
    )


GUARDRAILS = st.lists(statements(), max_size=5)
REQUESTS = st.builds(
    _request,
    st.sampled_from(["vpn-hub", "vpn-hub2", "vpn-other"]),
    st.sampled_from(["vco-branch", "vco-other"]),
    st.sampled_from(["cn-hangzhou", "cn-qingdao"]),
)
MOMENTS = st.sampled_from([NOON + timedelta(hours=hours) for hours in (-2, 0, 2)])


@settings(max_examples=400)
@given(GUARDRAILS, REQUESTS, MOMENTS)
def test_a_guardrail_means_what_a_second_reading_says(
    guardrail: list[Statement], request_: DiagnosisRequest, now: datetime
) -> None:
    assert _allows(guardrail, request_, now) is _expected(guardrail, request_, now)


@given(GUARDRAILS, REQUESTS, MOMENTS)
def test_a_denial_that_applies_always_wins(
    guardrail: list[Statement], request_: DiagnosisRequest, now: datetime
) -> None:
    gateway = f"acs:vpc:{request_.region}:*:vpngateway/{request_.gateway_id}"

    for place in range(len(guardrail) + 1):
        denied = [*guardrail[:place], _statement("Deny", gateway), *guardrail[place:]]
        assert not _allows(denied, request_, now)


@given(GUARDRAILS.filter(bool), statements(["Deny"]), REQUESTS, MOMENTS)
def test_adding_a_denial_never_allows(
    guardrail: list[Statement], denial: Statement, request_: DiagnosisRequest, now: datetime
) -> None:
    assert _allows(guardrail, request_, now) or not _allows([*guardrail, denial], request_, now)


@given(GUARDRAILS.filter(bool), statements(["Allow"]), REQUESTS, MOMENTS)
def test_taking_an_allowance_away_never_allows(
    guardrail: list[Statement], allowance: Statement, request_: DiagnosisRequest, now: datetime
) -> None:
    assert _allows([*guardrail, allowance], request_, now) or not _allows(guardrail, request_, now)
