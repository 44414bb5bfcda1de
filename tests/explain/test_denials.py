"""Who was denied what, and the least that would allow it: in words, and as a policy that RAM itself would take."""

import json
from typing import Any

import pytest

from bot.alibaba.ram_policy import Policy, Verdict, evaluate
from bot.explain.denials import TRUST, explained, how, is_denial, remedy_words, smallest_policy
from bot.explain.problems import LONGEST_EXPLANATION, explain, treatment
from bot.model.denial import Denial, MatchedPolicy
from bot.model.problem import Problem, ProblemDetails
from bot.model.run import Language

LANGUAGES: tuple[Language, ...] = ("en", "zh")
GATEWAY = "acs:vpc:cn-hangzhou:1234567890123456:vpngateway/vpn-bp1q8bu141iiqrdzb2ab7"
ROLE = "acs:ram::1111111111111111:role/vpn-diagnose-oncall"
DIAGNOSE = {"action": "vpc:DiagnoseVpnGateway", "resource": "*"}
ACCOUNT_LEVEL = "AccountLevelIdentityBasedPolicy"


def a_denial(**changes: Any) -> Denial:
    values: dict[str, Any] = {
        "action": "vpc:GetVpnGatewayDiagnoseResult",
        "resource": GATEWAY,
        "principal": "vpn-diagnose-oncall:slack-T0123ABCD-U0123ABCD",
        "principal_type": "AssumedRoleUser",
        "account_id": "1234567890123456",
        "explicit": False,
        "policy_type": ACCOUNT_LEVEL,
        "policies": (),
        "conditions": (),
    }
    return Denial(**values | changes)


def denying(*names: str) -> tuple[MatchedPolicy, ...]:
    return tuple(
        MatchedPolicy(effect="Deny", name=name, policy_type="Custom", version="v1", attached_to="", scope="")
        for name in names
    )


EXPLICIT = {"explicit": True, "policies": denying("no-vpn")}
SESSION = {"policy_type": "SessionPolicy"}
CONTROL = {"policy_type": "ControlPolicy"}
TRUSTING = {
    "action": "sts:AssumeRole",
    "resource": ROLE,
    "principal": "210000000000000001",
    "principal_type": "SubUser",
    "policy_type": TRUST,
    "to_trust": "acs:ram::1234567890123456:user/vpn-diagnose-bot",
}
UNSAID = {"explicit": None, "policy_type": "", "told_by": "documentation"}

KINDS = [
    pytest.param({}, "implicit", id="implicit"),
    pytest.param(DIAGNOSE, "implicit", id="on all resources"),
    pytest.param(EXPLICIT, "explicit", id="explicit"),
    pytest.param({"explicit": True}, "explicit", id="explicit by nobody knows which"),
    pytest.param(SESSION, "session", id="session"),
    pytest.param(CONTROL, "control", id="control"),
    pytest.param(CONTROL | {"explicit": True}, "control", id="control, explicit"),
    pytest.param(TRUSTING, "trust", id="trust"),
    pytest.param(TRUSTING | {"to_trust": ""}, "trust", id="trust of nobody knows whom"),
    pytest.param(UNSAID, "unsaid", id="unsaid"),
    pytest.param({"action": "?", "explicit": None, "policy_type": ""}, "unsaid", id="unsaid, no action either"),
    pytest.param({"resource": ""}, "implicit", id="no resource"),
]


@pytest.mark.parametrize(("changes", "kind"), KINDS)
def test_the_kind_of_policy_is_known_by_what_ram_says(changes: dict[str, Any], kind: str) -> None:
    assert how(a_denial(**changes)) == kind


@pytest.mark.parametrize(
    ("code", "facts", "verdict"),
    [
        ("NoPermission", {}, True),
        ("NoPermission.Something", {}, True),
        ("Forbidden", {}, True),
        ("Forbidden.RAM", {}, True),
        ("Forbidden.RiskControl", {}, False),
        ("Forbidden.RiskControl", {"denied_action": "vpc:DiagnoseVpnGateway"}, True),
        ("InvalidVpnGatewayInstanceId.NotFound", {}, False),
        ("access.guardrail", {}, False),
    ],
)
def test_a_denial_is_known_by_its_code_or_by_what_it_tells(
    code: str, facts: dict[str, str], *, verdict: bool
) -> None:
    assert is_denial(ProblemDetails(code=code, facts=facts)) is verdict


@pytest.mark.parametrize(
    "changes", [{}, DIAGNOSE, CONTROL, UNSAID, {"action": "sts:AssumeRole", "resource": ROLE}], ids=str
)
def test_the_smallest_policy_allows_what_was_denied_and_nothing_else(changes: dict[str, Any]) -> None:
    denial = a_denial(**changes)
    document = smallest_policy(denial)
    statements = Policy.model_validate_json(json.dumps(document)).statements

    assert evaluate(statements, denial.action, denial.resource) is Verdict.ALLOW
    for action in ("vpc:DeleteVpnGateway", "vpc:DescribeVpnGateways", "ram:ListUsers"):
        assert evaluate(statements, action, denial.resource) is Verdict.IMPLICIT_DENY
    if denial.resource != "*":
        assert evaluate(statements, denial.action, denial.resource + "x") is Verdict.IMPLICIT_DENY


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param(EXPLICIT, id="an Allow does not lift a Deny"),
        pytest.param(SESSION, id="nothing in RAM widens a session"),
        pytest.param(CONTROL | {"explicit": True}, id="nor a control policy's Deny"),
        pytest.param({"action": 'vpc:X","Effect":"Deny'}, id="a forged action"),
        pytest.param({"resource": 'acs:vpc:"}'}, id="a forged resource"),
        pytest.param({"resource": "acs:vpc:*:*:vpn\ngateway"}, id="a resource of two lines"),
        pytest.param(TRUSTING | {"to_trust": "acs:ram::1:root"}, id="trust for a whole account"),
        pytest.param(TRUSTING | {"to_trust": "*"}, id="trust for everybody"),
    ],
)
def test_there_is_no_policy_where_none_would_help_or_be_right(changes: dict[str, Any]) -> None:
    assert smallest_policy(a_denial(**changes)) is None


@pytest.mark.parametrize(
    ("caller", "trusted"),
    [
        ("acs:ram::1234567890123456:user/bot", "acs:ram::1234567890123456:user/bot"),
        ("acs:ram::1234567890123456:assumed-role/bot/vpn-diagnose", "acs:ram::1234567890123456:role/bot"),
    ],
    ids=["a user", "a role's session"],
)
def test_whom_the_role_would_have_to_trust_is_named(caller: str, trusted: str) -> None:
    document = smallest_policy(a_denial(**TRUSTING | {"to_trust": caller}))

    assert document == {
        "Version": "1",
        "Statement": [{"Effect": "Allow", "Action": "sts:AssumeRole", "Principal": {"RAM": [trusted]}}],
    }


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("changes", "kind"), KINDS)
def test_the_remedy_can_be_told_of_every_kind(changes: dict[str, Any], kind: str, language: Language) -> None:
    denial = a_denial(**changes)
    words = remedy_words(denial, language)

    assert kind
    assert denial.principal in words.before[0]
    assert words.document is None or json.loads(words.document) == smallest_policy(denial)
    assert all(line.endswith((".", ":", "。", "：")) for line in (*words.before, *words.after))
    assert all("?" not in line for line in words.before[1:])


def test_an_explicit_denial_names_the_policy_that_denies() -> None:
    words = remedy_words(a_denial(**EXPLICIT | {"policies": denying("no-vpn", "", "night-shift")}), "en")

    assert "1234567890123456" in words.before[2]
    assert "no-vpn, night-shift" in words.before[2]
    assert words.document is None


def test_a_trust_policy_is_mended_in_the_account_of_the_role() -> None:
    words = remedy_words(a_denial(**TRUSTING), "en")

    assert "1111111111111111" in words.before[2]


def test_that_gateways_are_narrowed_elsewhere_is_said_where_ram_cannot() -> None:
    assert "guardrail" in remedy_words(a_denial(**DIAGNOSE), "en").after[0]
    assert remedy_words(a_denial(), "en").after == ()
    assert "documentation" in remedy_words(a_denial(**UNSAID), "en").after[0]


@pytest.mark.parametrize("language", LANGUAGES)
@pytest.mark.parametrize(("changes", "kind"), KINDS)
def test_the_sentence_says_who_was_denied_what_and_keeps_within_its_length(
    changes: dict[str, Any], kind: str, language: Language
) -> None:
    denied = Problem(
        "Forbidden",
        operation="GetVpnGatewayDiagnoseResult",
        request_id="7EA06492-E259-4D3A-8B1C-0123456789AB",
        role_arn=ROLE,
        identity="oncall",
        encoded_diagnostic_message="sealed",
    ).details
    told = explained(denied, a_denial(**changes))
    said = explain(told, language)

    assert len(said.in_full) <= LONGEST_EXPLANATION
    assert said.reference == "RequestId 7EA06492-E259-4D3A-8B1C-0123456789AB"
    assert told.code == "Forbidden"
    assert "encoded_diagnostic_message" not in told.facts
    assert treatment(told).ends == "refused"
    if kind in {"implicit", "explicit", "session", "control"}:
        assert "vpc:" in said.happened


def test_the_sentence_of_an_implicit_denial() -> None:
    said = explain(explained(ProblemDetails(code="Forbidden"), a_denial()), "en")

    assert said.happened == (
        "RAM denied vpc:GetVpnGatewayDiagnoseResult on vpngateway/vpn-bp1q8bu141iiqrdzb2ab7"
        " to vpn-diagnose-oncall: no policy allows it (implicit deny)."
    )
    assert said.mended_by == "a RAM administrator"


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_usual_denial_is_said_uncut(language: Language) -> None:
    denied = Problem("Forbidden", request_id="7EA06492-E259-4D3A-8B1C-0123456789AB").details
    said = explain(explained(denied, a_denial()), language).in_full

    assert "vpngateway/vpn-bp1q8bu141iiqrdzb2ab7" in said
    assert "1234567890123456" in said
    assert "…" not in said


def test_the_sentence_of_an_explicit_denial_names_the_policy() -> None:
    said = explain(explained(ProblemDetails(code="Forbidden"), a_denial(**EXPLICIT | DIAGNOSE)), "en")

    assert said.happened == (
        "A policy, no-vpn, denies vpc:DiagnoseVpnGateway on all resources to vpn-diagnose-oncall (explicit deny)."
    )


def test_an_entry_that_is_not_there_leaves_the_codes_own() -> None:
    details = ProblemDetails(code="NoPermission", facts={"explained_by": "access.denied_in_a_later_version"})

    assert explain(details, "en").title == "RAM does not allow it"
