from collections.abc import Callable

import pytest

from bot.access.book import Book

Load = Callable[[str], Book]
Refused = Callable[[str], dict[str, str]]


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
        "?n-hangzhou:*:vpnconnection/vco-*", "cn-shanghai-finance-1:*:vpngateway/vpn-a",
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
        pytest.param(
            '{Effect: Deny, Action: "*", Resource: "acs:vpc:cn-hangzhuo:*:vpngateway/*"}',
            "acs:vpc:cn-hangzhuo:*:vpngateway/* is in no region that is known",
            id="typo of region",
        ),
        pytest.param(
            '{Effect: Deny, Action: "*", Resource: "acs:vpc:hangzhou*:*:vpngateway/*"}',
            "is in no region that is known",
            id="wildcard for no region",
        ),
        pytest.param(
            '{Effect: Allow, Action: "*", Resource: "*", Condition: {DateLessThan: {}}}',
            "DateLessThan says nothing",
            id="operator without a date",
        ),
        pytest.param(
            '{Effect: Deny, Action: "*", Resource: "*", Condition: {DateLessThan: {"acs:CurrentTime":'
            ' "2026-01-01T00:00:00Z"}, DateGreaterThan: {"acs:CurrentTime": "2026-02-01T00:00:00Z"}}}',
            "its Condition holds at no time",
            id="no moment is before one date and after a later one",
        ),
        pytest.param("Deny", "Input should be", id="text"),
    ],
)
def test_a_statement_that_could_not_work_as_meant_is_refused(refused: Refused, statement: str, what: str) -> None:
    facts = refused(_book(ALLOW, statement))

    assert facts["what"].startswith("identities.lab.guardrail[1]")
    assert what in facts["what"]
    assert facts["line"] == "8"


@pytest.mark.parametrize(
    "region",
    ["cn-hangzhuo", "hangzhou*", "cn-hangzou", "cn-hangzhou-?"],
)
def test_the_nearest_region_is_suggested(refused: Refused, region: str) -> None:
    facts = refused(_book(ALLOW, f'{{Effect: Deny, Action: "*", Resource: "acs:vpc:{region}:*:vpngateway/*"}}'))

    assert "Perhaps cn-hangzhou was meant" in facts["hint"]
    assert facts["line"] == "8"


def test_a_region_that_is_not_public_may_stand_in_a_guardrail_if_an_identity_names_it(load: Load) -> None:
    statement = '{Effect: Deny, Action: "*", Resource: "acs:vpc:cn-new-?:*:vpngateway/*"}'
    other = "  other:\n    access_key: {id: env:A, secret: env:B}\n    regions: [cn-new-1]\n"
    book = load(_book(ALLOW, statement) + other)

    assert len(book.identities["lab"].guardrail) == 2


@pytest.mark.parametrize(
    "date",
    [
        pytest.param("tomorrow", id="a word"),
        pytest.param("2026-01-01", id="a day"),
        pytest.param("20260101", id="a day without signs"),
        pytest.param("2026-W01", id="a week"),
        pytest.param("2026-01-01T00:00:00", id="no zone"),
        pytest.param("2026-01-01T00:00:00.5Z", id="part of a second"),
        pytest.param("2026-02-30T00:00:00Z", id="no day"),
        pytest.param("hunter2hunter2", id="perhaps a secret"),
    ],
)
def test_a_date_that_could_be_read_in_two_ways_or_not_at_all_is_refused(refused: Refused, date: str) -> None:
    condition = f'{{DateLessThan: {{"acs:CurrentTime": "{date}"}}}}'
    facts = refused(_book(ALLOW, f'{{Effect: Deny, Action: "*", Resource: "*", Condition: {condition}}}'))

    assert facts["what"].endswith("[1]: Condition.DateLessThan: this is no date with a time and a zone")
    assert '"2026-12-31T18:00:00+08:00"' in facts["hint"]
    assert facts["line"] == "8"
    assert date not in facts["what"] + facts["hint"]


def test_more_dates_than_anybody_needs_are_refused(refused: Refused) -> None:
    dates = ", ".join(f'"2026-01-01T00:00:{second}Z"' for second in range(10, 31))
    condition = f'{{DateEquals: {{"acs:CurrentTime": [{dates}]}}}}'
    facts = refused(_book(ALLOW, f'{{Effect: Deny, Action: "*", Resource: "*", Condition: {condition}}}'))

    assert facts["what"].endswith("more than 20 dates")


def test_a_window_of_one_second_is_read(load: Load) -> None:
    window = (
        '{DateGreaterThan: {"acs:CurrentTime": "2026-01-01T00:00:00Z"},'
        ' DateLessThan: {"acs:CurrentTime": "2026-01-01T00:00:02Z"}}'
    )
    book = load(_book(ALLOW, f'{{Effect: Deny, Action: "*", Resource: "*", Condition: {window}}}'))

    assert len(book.identities["lab"].guardrail[1].condition) == 2


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
