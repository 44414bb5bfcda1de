"""A problem becomes a short, plain explanation, whatever its facts are."""

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bot.explain.catalogue import CLOUD_FILES, OWN_FILES, entries, entry_for
from bot.explain.problems import LONGEST_EXPLANATION, Explanation, Treatment, explain, treatment
from bot.explain.sentences import names
from bot.model.problem import Problem, ProblemDetails
from bot.model.run import Language

GROUPS = [(name,) for name in OWN_FILES] + [CLOUD_FILES]
CODES = sorted(
    {
        code.rpartition(":")[2]
        for group in GROUPS
        for key, entry in entries(group).items()
        for code in (key, *entry.get("also", ()))
    }
)
ENTRIES = sorted({key for group in GROUPS for key in entries(group)})
ABOUT_DENIALS = [
    key for key in ENTRIES if re.search(r"{(denied_|base_arn)", str([entries(group).get(key) for group in GROUPS]))
]
FACTS = sorted(names(str([entries(group) for group in GROUPS])) | {"request_id", "error_id", "http_status"})
LANGUAGES: tuple[Language, ...] = ("en", "zh")
REQUEST_ID = "7EA06492-E259-4B3B-9F1E-0ED8D006F706"


def length(said: Explanation) -> int:
    return len(" ".join(part for part in (said.happened, said.next_step, said.reference) if part))


@given(
    code=st.sampled_from(CODES) | st.text(max_size=2000),
    facts=st.dictionaries(st.sampled_from(FACTS), st.text(max_size=3000) | st.just("界" * 3000), max_size=12),
    language=st.sampled_from(["en", "zh"]),
)
def test_an_explanation_is_never_longer_than_300_characters(
    code: str, facts: dict[str, str], language: Language
) -> None:
    said = explain(ProblemDetails(code=code, facts=facts), language)

    assert length(said) <= LONGEST_EXPLANATION
    assert said.title
    assert said.happened
    assert said.next_step


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("code", CODES)
def test_a_usual_reference_is_never_cut(code: str, language: Language) -> None:
    facts = dict.fromkeys(FACTS, "x" * 500) | {"request_id": REQUEST_ID}

    said = explain(ProblemDetails(code=code, facts=facts), language)

    assert said.reference == f"RequestId {REQUEST_ID}"
    assert length(said) <= LONGEST_EXPLANATION


@pytest.mark.parametrize("kind", ["ImplicitDeny", "ExplicitDeny"])
@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("entry", ENTRIES)
def test_whether_a_denial_was_explicit_is_said_whole_whatever_else_is_cut(
    entry: str, language: Language, kind: str
) -> None:
    operation, _, code = entry.rpartition(":")
    facts = dict.fromkeys(FACTS, "x y" * 200) | {
        "request_id": REQUEST_ID,
        "operation": operation or "AnyOperation",
        "denied_kind": kind,
        "explained_by": code,
    }

    said = explain(ProblemDetails(code=code, facts=facts), language)

    assert length(said) <= LONGEST_EXPLANATION
    if "{denied_kind}" in str(entry_for(ProblemDetails(code=code, facts=facts)).in_language(language)):
        assert kind in said.happened


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("entry", ABOUT_DENIALS)
def test_the_names_in_a_usual_denial_are_never_cut(entry: str, language: Language) -> None:
    operation, _, code = entry.rpartition(":")
    facts = {
        "request_id": REQUEST_ID,
        "operation": operation or "GetVpnGatewayDiagnoseResult",
        "identity": "oncall-hangzhou",
        "role_arn": "acs:ram::1234567890123456:role/vpn-diagnose-oncall",
        "base_arn": "acs:ram::1234567890123456:user/vpn-diagnose-bot",
        "denied_action": "vpc:GetVpnGatewayDiagnoseResult",
        "denied_resource": "vpngateway/vpn-bp1q8bu141iiqrdzb2ab7",
        "denied_principal": "vpn-diagnose-oncall",
        "denied_owner": "1234567890123456",
        "denied_kind": "ImplicitDeny",
        "explained_by": code if code.startswith("access.") else "",
    }

    said = explain(ProblemDetails(code=code, facts=facts), language)

    assert "…" not in said.in_full


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("code", CODES)
def test_missing_facts_leave_whole_sentences(code: str, language: Language) -> None:
    said = explain(ProblemDetails(code=code), language)

    assert said.reference is None
    for text in (said.happened, said.next_step):
        assert not any(mark in text for mark in ("{", "}", "[", "]", "  ", " ,", "（）", ": .", " |"))


def test_an_unmapped_person_reads_their_own_ids() -> None:
    said = explain(Problem("access.not_mapped", team_id="T0ABC", user_id="U0ABC").details, "en")

    assert "U0ABC in workspace T0ABC" in said.happened
    assert "access.yml" in said.next_step
    assert said.mended_by == "the people who keep access.yml"


def test_foreign_text_stays_on_one_line_and_keeps_its_signs() -> None:
    said = explain(Problem("Strange.Code", message="see <!channel>\n\u202eevil *bold*").details, "en")

    assert "see <!channel> evil *bold*" in said.happened


def test_the_vendors_full_stop_is_not_doubled() -> None:
    said = explain(Problem("Strange.Code", message="No such thing.").details, "en")

    assert said.happened == "Alibaba Cloud answered the call with Strange.Code: No such thing."


def test_an_unexpected_fault_refers_to_the_log() -> None:
    said = explain(Problem("bot.unexpected", error_id="e-42").details, "en")

    assert said.reference == "error id e-42"


@pytest.mark.parametrize("code", CODES)
def test_no_problem_promises_that_a_run_that_has_ended_goes_on(code: str) -> None:
    promise = re.compile(
        r"the bot (goes|comes|tries|repeats|looks)|nothing to do|waiting helps|0\.5|to wait|\bsoon\b"
        r"|无需操作|机器人会(先|自动|使用)|稍后|稍候",
        re.IGNORECASE,
    )
    facts = {"retry_after_s": "0.5"}

    for language in LANGUAGES:
        said = explain(ProblemDetails(code=code, facts=facts), language)
        assert not promise.search(f"{said.happened} {said.next_step} {said.mended_by}")


PASSING = [code for code in CODES if treatment(ProblemDetails(code=code)).retry == "later"]
FOR_ADMINISTRATORS = {"settings.database_unusable", "AuthenticationFail.OIDCToken.Expired"}


@pytest.mark.parametrize("code", sorted(set(PASSING) - FOR_ADMINISTRATORS))
def test_what_may_pass_is_worth_asking_for_again(code: str) -> None:
    assert re.search(r"\bagain\b", explain(ProblemDetails(code=code), "en").next_step)
    assert re.search(r"重新发起|重试|再发起", explain(ProblemDetails(code=code), "zh").next_step)


def test_an_unknown_fault_of_the_server_is_worth_asking_for_again() -> None:
    details = ProblemDetails(code="Never.Heard.Of", facts={"http_status": "503"})

    assert "Ask again" in explain(details, "en").next_step
    assert "重新发起" in explain(details, "zh").next_step


def test_what_a_setting_should_be_does_not_read_as_its_fault() -> None:
    problem = Problem("settings.invalid", name="SLACK_API_URL", what="an address that begins with https://")

    assert explain(problem.details, "en").happened == (
        "The value of SLACK_API_URL is not valid; what is expected: an address that begins with https://."
    )
    assert explain(problem.details, "zh").happened == (
        "设置SLACK_API_URL的值无效，应为：an address that begins with https://。"
    )


@pytest.mark.parametrize(
    ("language", "expected"),
    [
        ("en", "It broke. Ask again. RequestId R-1"),
        ("zh", "它坏了。请重新发起。RequestId R-1"),
    ],
)
def test_sentences_are_joined_as_their_language_does(language: Language, expected: str) -> None:
    happened, next_step = ("It broke.", "Ask again.") if language == "en" else ("它坏了。", "请重新发起。")
    said = Explanation(
        title="A fault", happened=happened, next_step=next_step, mended_by="you", reference="RequestId R-1"
    )

    assert said.in_full == expected


def test_the_same_code_means_something_else_in_another_operation() -> None:
    starting = explain(Problem("NoPermission", operation="DiagnoseVpnGateway").details, "en")
    assuming = explain(Problem("NoPermission", operation="AssumeRole").details, "en")
    elsewhere = explain(Problem("NoPermission", operation="DescribeRegions").details, "en")

    assert len({starting.title, assuming.title, elsewhere.title}) == 3
    assert "sts:AssumeRole" in assuming.next_step


@pytest.mark.parametrize("code", ["Forbidden.RAM", "NotAuthorized", "NoPermission", "ActionUnauthorized"])
def test_every_spelling_of_a_denial_is_explained_alike(code: str) -> None:
    facts = {
        "operation": "DiagnoseVpnGateway",
        "denied_principal": "oncall:slack-T0-U0",
        "denied_kind": "ImplicitDeny",
    }

    said = explain(ProblemDetails(code=code, facts=facts), "en")

    assert said.happened == "RAM refused to start the diagnosis for oncall:slack-T0-U0 (ImplicitDeny)."


def test_a_code_of_ours_that_nobody_wrote_about_is_still_answered() -> None:
    for code in ("bot.something_new", "access.something_new"):
        assert code in explain(ProblemDetails(code=code), "en").happened


NO = Treatment(retry="never", ends="refused")
FAILS = Treatment(retry="never", ends="failed")
AGAIN = Treatment(retry="later", ends="failed")
CLOSED = Treatment(retry="never", ends="failed", closes_channel=True)


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("access.not_mapped", NO),
        ("access.other_workspace", NO),
        ("access.channel_not_allowed", NO),
        ("access.guardrail", NO),
        ("access.groups_disagree", NO),
        ("access.groups_unknown", Treatment(retry="later", ends="refused")),
        ("access.secret_missing", FAILS),
        ("access.no_base_identity", FAILS),
        ("NoPermission", NO),
        ("Forbidden", NO),
        ("Forbidden.RAM", NO),
        ("NotAuthorized", NO),
        ("Forbbiden.SubUser", NO),
        ("EntityNotExist.Role", NO),
        ("IdempotentParameterMismatch", FAILS),
        ("VpnGateway.Configuring", AGAIN),
        ("OperationUnsupported.DiagnoseVpn", FAILS),
        ("OperationFailed.VpnGatewayDiagnosing", AGAIN),
        ("OperationFailed.StartDiagnose", AGAIN),
        ("OperationFailed.SomethingElse", FAILS),
        ("IllegalParam.PrivateSourceIp", FAILS),
        ("InvalidVpnGatewayInstanceId.NotFound", FAILS),
        ("Throttling", AGAIN),
        ("Throttling.User", AGAIN),
        ("Rejected.Throttling", AGAIN),
        ("ServiceUnavailable", AGAIN),
        ("InternalError", AGAIN),
        ("SignatureDoesNotMatch", FAILS),
        ("SignatureNonceUsed", AGAIN),
        ("InvalidTimeStamp.Expired", FAILS),
        ("InvalidSecurityToken.Expired", AGAIN),
        ("InvalidSecurityToken.Malformed", AGAIN),
        ("InvalidAccessKeyId.NotFound", FAILS),
        ("MissingRegionId", FAILS),
        ("InvalidParameter.RoleArn", FAILS),
        ("Never.Heard.Of", FAILS),
        ("cloud.unreachable", AGAIN),
        ("cloud.timeout", AGAIN),
        ("cloud.interrupted", AGAIN),
        ("cloud.not_understood", AGAIN),
        ("cloud.redirected", FAILS),
        ("slack.not_in_channel", CLOSED),
        ("slack.restricted_action_thread_locked", CLOSED),
        ("slack.ratelimited", AGAIN),
        ("slack.internal_error", AGAIN),
        ("slack.unreachable", AGAIN),
        ("slack.interrupted", AGAIN),
        ("slack.invalid_auth", FAILS),
        ("bot.unexpected", FAILS),
        ("bot.gave_up", FAILS),
        ("bot.other_connection_diagnosing", AGAIN),
    ],
)
def test_treatment(code: str, expected: Treatment) -> None:
    assert treatment(ProblemDetails(code=code)) == expected


@pytest.mark.parametrize("status", ["500", "502", "503"])
def test_a_servers_own_fault_is_tried_again_whatever_its_code(status: str) -> None:
    assert treatment(ProblemDetails(code="Never.Heard.Of", facts={"http_status": status})) == AGAIN


@pytest.mark.parametrize("status", ["400", "", "５０３x", "soon"])
def test_another_status_changes_nothing(status: str) -> None:
    assert treatment(ProblemDetails(code="Never.Heard.Of", facts={"http_status": status})) == FAILS


CLOSED_CHANNELS = {
    "slack.not_in_channel",
    "slack.channel_not_found",
    "slack.method_not_supported_for_channel_type",
    "slack.is_archived",
    "slack.restricted_action",
    "slack.restricted_action_read_only_channel",
    "slack.restricted_action_thread_only_channel",
    "slack.restricted_action_non_threadable_channel",
    "slack.restricted_action_thread_locked",
    "slack.ekm_access_denied",
    "slack.access_denied",
}


@pytest.mark.parametrize("code", sorted(CLOSED_CHANNELS))
def test_a_channel_that_is_closed_to_the_bot_sends_the_answer_to_the_asker(code: str) -> None:
    assert treatment(ProblemDetails(code=code)).closes_channel


@pytest.mark.parametrize("code", sorted({code for code in CODES if "*" not in code} - CLOSED_CHANNELS))
def test_no_other_problem_moves_the_answer(code: str) -> None:
    assert not treatment(ProblemDetails(code=code)).closes_channel
