"""RAM policies: what is refused when a document is read, and who wins when statements disagree."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from pydantic import ValidationError

from bot.alibaba.ram_policy import Policy, Statement, Verdict, evaluate

DIAGNOSE = "vpc:DiagnoseVpnGateway"
GATEWAY = "acs:vpc:cn-hangzhou:1234567890123456:vpngateway/vpn-payments1"


def a_statement(**changes: Any) -> Statement:
    document = {"Effect": "Allow", "Action": DIAGNOSE, "Resource": "*"} | changes
    return Statement.model_validate({name: value for name, value in document.items() if value is not None})


def test_an_action_that_no_statement_names_is_denied_implicitly() -> None:
    assert evaluate([], DIAGNOSE, GATEWAY) is Verdict.IMPLICIT_DENY
    assert evaluate([a_statement(Action="vpc:Describe*")], DIAGNOSE, GATEWAY) is Verdict.IMPLICIT_DENY


def test_an_allow_that_applies_allows() -> None:
    statement = a_statement(Action=["sts:*", "vpc:Diagnose*"], Resource=["acs:ecs:*", "acs:vpc:*:*:vpngateway/*"])

    assert evaluate([statement], DIAGNOSE, GATEWAY) is Verdict.ALLOW


@pytest.mark.parametrize("deny_first", [True, False])
def test_a_deny_wins_in_any_order(*, deny_first: bool) -> None:
    statements = [a_statement(), a_statement(Effect="Deny", Action="vpc:*", Resource="*vpngateway/vpn-payments*")]

    verdict = evaluate(statements[::-1] if deny_first else statements, DIAGNOSE, GATEWAY)

    assert verdict is Verdict.EXPLICIT_DENY


def test_a_narrow_resource_does_not_cover_an_action_that_is_asked_for_on_everything() -> None:
    assert evaluate([a_statement(Resource=GATEWAY)], DIAGNOSE, "*") is Verdict.IMPLICIT_DENY


def test_an_action_counts_in_any_case_and_a_resource_as_written() -> None:
    assert evaluate([a_statement(Action="VPC:diagnosevpngateway")], DIAGNOSE, GATEWAY) is Verdict.ALLOW
    assert evaluate([a_statement(Resource=GATEWAY.upper())], DIAGNOSE, GATEWAY) is Verdict.IMPLICIT_DENY


def test_not_action_covers_everything_but_what_it_names() -> None:
    statement = a_statement(Action=None, NotAction=["ram:*", "sts:*"])

    assert evaluate([statement], DIAGNOSE, GATEWAY) is Verdict.ALLOW
    assert evaluate([statement], "ram:GetUser", "*") is Verdict.IMPLICIT_DENY


def test_all_operators_and_all_keys_must_hold() -> None:
    condition = {
        "IpAddress": {"acs:SourceIp": ["203.0.113.0/24"]},
        "Bool": {"acs:SecureTransport": True, "acs:MFAPresent": "false"},
    }
    context = {"acs:SourceIp": "203.0.113.9", "acs:SecureTransport": "true", "acs:MFAPresent": "false"}
    statement = a_statement(Condition=condition)

    assert evaluate([statement], DIAGNOSE, GATEWAY, context) is Verdict.ALLOW
    for key in context:
        assert evaluate([statement], DIAGNOSE, GATEWAY, context | {key: "x"}) is Verdict.IMPLICIT_DENY


def test_a_missing_key_neither_allows_nor_denies() -> None:
    condition = {"NotIpAddress": {"acs:SourceIp": "203.0.113.0/24"}}
    deny = a_statement(Effect="Deny", Condition=condition)

    assert evaluate([a_statement(Condition=condition)], DIAGNOSE, GATEWAY) is Verdict.IMPLICIT_DENY
    assert evaluate([a_statement(), deny], DIAGNOSE, GATEWAY) is Verdict.ALLOW


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"Effect": "allow"}, id="an effect in another case"),
        pytest.param({"Action": None}, id="neither Action nor NotAction"),
        pytest.param({"NotAction": "ram:*"}, id="both Action and NotAction"),
        pytest.param({"Action": []}, id="no action at all"),
        pytest.param({"Action": [""]}, id="an empty action"),
        pytest.param({"Action": 7}, id="an action that is a number"),
        pytest.param({"Resource": None}, id="no resource"),
        pytest.param({"NotResource": "*"}, id="NotResource"),
        pytest.param({"Principal": {"RAM": "*"}}, id="a principal, which is for trust policies"),
        pytest.param({"Sid": "x"}, id="a field of another cloud's language"),
        pytest.param({"Condition": {"StringEqualsIfExists": {"k": "v"}}}, id="an operator that does not exist"),
        pytest.param({"Condition": {"NumericEquals": {"k": "many"}}}, id="a number that is none"),
        pytest.param({"Condition": {"IpAddress": {"k": ["203.0.113.0/99"]}}}, id="a network that is none"),
        pytest.param({"Condition": {"DateLessThan": {"k": "tomorrow"}}}, id="a date that is none"),
        pytest.param({"Condition": {"Bool": {"k": "perhaps"}}}, id="a truth that is none"),
        pytest.param({"Condition": {"StringEquals": {"k": []}}}, id="a key without values"),
    ],
)
def test_a_statement_that_could_be_misread_is_refused(changes: dict[str, Any]) -> None:
    with pytest.raises(ValidationError):
        a_statement(**changes)


ALLOW_ALL = '{"Effect": "Allow", "Action": "*", "Resource": "*"}'


def test_a_document_is_read_and_evaluated() -> None:
    policy = Policy.read(f'{{"Version": "1", "Statement": [{ALLOW_ALL}]}}')

    assert evaluate(policy.statements, DIAGNOSE, GATEWAY) is Verdict.ALLOW


@pytest.mark.parametrize(
    "document",
    [
        pytest.param(f'{{"Version": "2012-10-17", "Statement": [{ALLOW_ALL}]}}', id="a foreign version"),
        pytest.param(f'{{"Statement": [{ALLOW_ALL}]}}', id="no version"),
        pytest.param('{"Version": "1", "Statement": []}', id="no statements"),
        pytest.param('{"Version": "1"}', id="no Statement"),
        pytest.param(f'{{"Version": "1", "Statement": {ALLOW_ALL}}}', id="a Statement that is no list"),
        pytest.param(f'{{"Version": "1", "Id": "x", "Statement": [{ALLOW_ALL}]}}', id="an unknown field"),
        pytest.param(f'{{"Version": "1", "Statement": [], "Statement": [{ALLOW_ALL}]}}', id="two Statements"),
        pytest.param(
            '{"Version": "1", "Statement": [{"Effect": "Deny", ' + ALLOW_ALL[1:] + "]}",
            id="two effects",
        ),
        pytest.param(f"[{ALLOW_ALL}]", id="a list"),
        pytest.param("not JSON", id="text"),
        pytest.param("[" * 100_000, id="depth"),
        pytest.param("", id="nothing"),
    ],
)
def test_a_document_outside_the_grammar_is_refused(document: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        Policy.read(document)


def test_numbers_in_conditions_count_as_their_text() -> None:
    statement = a_statement(Condition={"NumericLessThanEquals": {"vpc:Count": 10}})

    assert evaluate([statement], DIAGNOSE, GATEWAY, {"vpc:Count": "10"}) is Verdict.ALLOW


PATTERNS = st.sampled_from(["*", "vpc:*", "vpc:Diagnose*", DIAGNOSE, "ram:*", "vpc:??agnoseVpnGateway"])
RESOURCES = st.sampled_from(["*", GATEWAY, "acs:vpc:*:*:vpngateway/*", "acs:vpc:cn-beijing:*", "acs:ecs:*"])
CONDITIONS = st.sampled_from([None, {"IpAddress": {"acs:SourceIp": "203.0.113.0/24"}}, {"Bool": {"x": "true"}}])
CONTEXTS = st.sampled_from([{}, {"acs:SourceIp": "203.0.113.1"}, {"acs:SourceIp": "192.0.2.1", "x": "true"}])


def statements(effect: str | None = None) -> st.SearchStrategy[Statement]:
    effects = st.just(effect) if effect else st.sampled_from(["Allow", "Deny"])
    return st.builds(
        lambda effect, action, resource, condition: a_statement(
            Effect=effect, Action=action, Resource=resource, Condition=condition
        ),
        effects,
        PATTERNS,
        RESOURCES,
        CONDITIONS,
    )


@given(st.lists(statements()), statements("Deny"), CONTEXTS)
def test_adding_a_deny_never_grants(some: list[Statement], deny: Statement, context: dict[str, str]) -> None:
    before = evaluate(some, DIAGNOSE, GATEWAY, context)
    after = evaluate([*some, deny], DIAGNOSE, GATEWAY, context)

    assert not (after is Verdict.ALLOW and before is not Verdict.ALLOW)


@given(st.lists(statements()), statements("Allow"), CONTEXTS)
def test_removing_an_allow_never_grants(some: list[Statement], allow: Statement, context: dict[str, str]) -> None:
    with_it = evaluate([*some, allow], DIAGNOSE, GATEWAY, context)
    without = evaluate(some, DIAGNOSE, GATEWAY, context)

    assert not (without is Verdict.ALLOW and with_it is not Verdict.ALLOW)


@given(st.permutations([a_statement(), a_statement(Effect="Deny"), a_statement(Action="ram:*")]))
def test_the_order_of_statements_does_not_matter(some: list[Statement]) -> None:
    assert evaluate(some, DIAGNOSE, GATEWAY) is Verdict.EXPLICIT_DENY
