"""Every condition operator of RAM, and what happens where its documents are silent."""

import re
import sys

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.alibaba.ram_conditions import OPERATORS, matches

NOON = "2026-11-23T12:00:00Z"


@pytest.mark.parametrize(
    ("operator", "wanted", "actual", "holds"),
    [
        ("StringEquals", "dev", "dev", True),
        ("StringEquals", "dev", "Dev", False),
        ("StringEquals", "de*", "dev", False),
        ("StringNotEquals", "dev", "Dev", True),
        ("StringNotEquals", "dev", "dev", False),
        ("StringEqualsIgnoreCase", "dev", "DEV", True),
        ("StringEqualsIgnoreCase", "dev", "prod", False),
        ("StringNotEqualsIgnoreCase", "dev", "DEV", False),
        ("StringNotEqualsIgnoreCase", "dev", "prod", True),
        ("StringLike", "d?v*", "dev-1", True),
        ("StringLike", "d?v*", "Dev-1", False),
        ("StringNotLike", "d?v*", "dev-1", False),
        ("StringNotLike", "d?v*", "prod", True),
        ("NumericEquals", "10", "10.0", True),
        ("NumericEquals", "10", "11", False),
        ("NumericNotEquals", "10", "11", True),
        ("NumericNotEquals", "10", "10", False),
        ("NumericLessThan", "10", "9.99", True),
        ("NumericLessThan", "10", "10", False),
        ("NumericLessThanEquals", "10", "10", True),
        ("NumericLessThanEquals", "10", "11", False),
        ("NumericGreaterThan", "10", "11", True),
        ("NumericGreaterThan", "10", "10", False),
        ("NumericGreaterThanEquals", "-10", "-10", True),
        ("NumericGreaterThanEquals", "10", "9", False),
        ("DateEquals", NOON, "2026-11-23T20:00:00+08:00", True),
        ("DateEquals", NOON, "2026-11-23T12:00:01Z", False),
        ("DateNotEquals", NOON, "2026-11-23T12:00:01Z", True),
        ("DateNotEquals", NOON, NOON, False),
        ("DateLessThan", NOON, "2026-11-23T11:59:59Z", True),
        ("DateLessThan", NOON, NOON, False),
        ("DateLessThanEquals", NOON, NOON, True),
        ("DateLessThanEquals", NOON, "2026-11-24T00:00:00Z", False),
        ("DateGreaterThan", "2026-11-23", NOON, True),
        ("DateGreaterThan", NOON, NOON, False),
        ("DateGreaterThanEquals", NOON, NOON, True),
        ("DateGreaterThanEquals", NOON, "2026-11-23T11:59:59", False),
        ("Bool", "true", "True", True),
        ("Bool", "true", "false", False),
        ("IpAddress", "203.0.113.0/24", "203.0.113.7", True),
        ("IpAddress", "203.0.113.7", "203.0.113.7", True),
        ("IpAddress", "203.0.113.0/24", "203.0.114.7", False),
        ("IpAddress", "203.0.113.0/24", "2001:db8::1", False),
        ("IpAddress", "2001:db8::/32", "2001:db8::1", True),
        ("NotIpAddress", "203.0.113.0/24", "203.0.114.7", True),
        ("NotIpAddress", "203.0.113.0/24", "203.0.113.7", False),
    ],
)
def test_an_operator_compares_as_documented(operator: str, wanted: str, actual: str, *, holds: bool) -> None:
    assert OPERATORS[operator].holds([wanted], actual) is holds


def test_all_documented_operators_are_known() -> None:
    six = ("Equals", "NotEquals", "LessThan", "LessThanEquals", "GreaterThan", "GreaterThanEquals")
    texts = ("Equals", "NotEquals", "EqualsIgnoreCase", "NotEqualsIgnoreCase", "Like", "NotLike")

    assert set(OPERATORS) == {
        *(f"String{name}" for name in texts),
        *(f"Numeric{name}" for name in six),
        *(f"Date{name}" for name in six),
        "Bool",
        "IpAddress",
        "NotIpAddress",
    }


@pytest.mark.parametrize("operator", OPERATORS)
def test_a_key_that_the_request_does_not_have_makes_every_condition_false(operator: str) -> None:
    assert not OPERATORS[operator].holds(["2026"], None)


@pytest.mark.parametrize("operator", [name for name in OPERATORS if not name.startswith("String")])
@pytest.mark.parametrize(
    "unreadable", ["", "nan", "inf", "\u0661", "1_0", "maybe", "2026-13-01T00:00:00Z", "1.2.3"]
)
def test_a_value_that_cannot_be_read_makes_every_condition_false(operator: str, unreadable: str) -> None:
    wanted = {"N": "1", "D": NOON, "B": "false", "I": "203.0.113.0/24"}[operator.removeprefix("Not")[0]]

    assert not OPERATORS[operator].holds([wanted], unreadable)


def test_one_of_several_values_is_enough() -> None:
    assert OPERATORS["StringEquals"].holds(["dev", "test"], "test")


def test_a_negated_operator_holds_only_if_the_value_is_none_of_them() -> None:
    outside = OPERATORS["NotIpAddress"]

    assert not outside.holds(["203.0.113.0/24", "198.51.100.0/24"], "198.51.100.1")
    assert outside.holds(["203.0.113.0/24", "198.51.100.0/24"], "192.0.2.1")


@pytest.mark.parametrize(
    ("pattern", "text", "match"),
    [
        ("*", "", True),
        ("?", "", False),
        ("vpc:*", "vpc:DiagnoseVpnGateway", True),
        ("vpc:Describe*", "vpc:DiagnoseVpnGateway", False),
        ("acs:vpc:*/vpn-1", "acs:vpc:cn-hangzhou:1:vpngateway/vpn-1", True),
        ("vpn-1", "vpn-10", False),
        ("vpn-1", "a-vpn-1", False),
        ("vpn-?", "vpn-12", False),
        ("a*b*c", "a-b-b-c", True),
        ("a*b*c", "a-c-b", False),
        ("**a", "ba", True),
        ("a.c", "abc", False),
        ("\\?", "\\x", True),
        ("[a]", "a", False),
        ("a*", "a\nb", True),
    ],
)
def test_a_pattern_matches_the_whole_text(pattern: str, text: str, *, match: bool) -> None:
    assert matches(pattern, text) is match


def test_a_pattern_of_many_stars_does_not_hang() -> None:
    assert not matches("*a" * 500 + "b", "a" * 5000)


def test_a_pattern_of_many_stars_and_question_marks_does_not_hang() -> None:
    assert not matches("*a?" * 500 + "b", "a" * 5000)


@pytest.mark.parametrize("pattern", ["vpn-1*", "vpn-?2*", "*:vpngateway/vpn-??3?"])
def test_a_pattern_that_was_never_seen_takes_no_more_than_one_that_was(pattern: str) -> None:
    def functions_called() -> int:
        called: list[str] = []
        before = sys.getprofile()
        sys.setprofile(lambda _, event, __: called.append(event) if event == "call" else None)
        try:
            matches(pattern, "acs:vpc:cn-hangzhou:*:vpngateway/vpn-1234")
        finally:
            sys.setprofile(before)
        return len(called)

    assert functions_called() == functions_called()


@given(st.text("ab*??", min_size=6, max_size=14), st.text("ab", min_size=4, max_size=24))
def test_a_longer_pattern_means_what_a_regular_expression_says(pattern: str, text: str) -> None:
    stars_once = re.sub(r"\*+", "*", pattern)
    expression = stars_once.replace("?", ".").replace("*", ".*")

    assert matches(pattern, text) is (re.fullmatch(expression, text) is not None)


@given(st.text("ab*?", max_size=8), st.text("ab", max_size=8))
def test_a_pattern_means_what_its_definition_says(pattern: str, text: str) -> None:
    def by_definition(rest: str, left: str) -> bool:
        if not rest:
            return not left
        if rest[0] == "*":
            return any(by_definition(rest[1:], left[taken:]) for taken in range(len(left) + 1))
        return bool(left) and rest[0] in {"?", left[0]} and by_definition(rest[1:], left[1:])

    assert matches(pattern, text) is by_definition(pattern, text)


@given(st.sampled_from(sorted(OPERATORS)), st.text(max_size=40))
def test_no_value_of_a_request_makes_an_operator_fail(operator: str, actual: str) -> None:
    wanted = {"N": "1", "D": NOON, "B": "false", "I": "::/0", "S": "x"}[operator.removeprefix("Not")[0]]

    assert OPERATORS[operator].holds([wanted], actual) in {True, False}
