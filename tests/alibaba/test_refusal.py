"""Error answers in every spelling become the vendor's own words, and nobody else's."""

import json
from typing import Any
from urllib.parse import quote

import pytest

from bot.alibaba.refusal import refusal
from bot.model.problem import Problem

DETAIL = {
    "AuthAction": "vpc:DiagnoseVpnGateway",
    "AuthPrincipalType": "AssumedRoleUser",
    "AuthPrincipalDisplayName": "vpn-diagnose-oncall:slack-T0-U0",
    "AuthPrincipalOwnerId": "1234567890123456",
    "NoPermissionType": "ImplicitDeny",
    "PolicyType": "AccountLevelIdentityBasedPolicy",
    "EncodedDiagnosticMessage": "AQFohtp4aIbaeEXXXX",
}
DENIED = {
    "Code": "Forbidden.RAM",
    "Message": "User not authorized to operate on the specified resource.",
    "RequestId": "0ED8D006-F706-4D23-88ED-E11ED28DCAC0",
    "HostId": "vpc.cn-qingdao.aliyuncs.com",
}


def in_camel_case(names: dict[str, Any]) -> dict[str, Any]:
    return {name[0].lower() + name[1:]: value for name, value in names.items()}


def the_refusal(answer: dict[str, Any], secrets: tuple[str, ...] = ()) -> Problem:
    problem = refusal(answer, 403, "DiagnoseVpnGateway", secrets)
    assert problem is not None
    return problem


@pytest.mark.parametrize(
    "answer",
    [
        pytest.param(DENIED | {"AccessDeniedDetail": DETAIL}, id="as an object"),
        pytest.param(DENIED | {"AccessDeniedDetail": json.dumps(DETAIL)}, id="as a JSON text"),
        pytest.param(DENIED | {"AccessDeniedDetail": in_camel_case(DETAIL)}, id="as an object in camel case"),
        pytest.param(
            in_camel_case(DENIED | {"AccessDeniedDetail": json.dumps(in_camel_case(DETAIL))}),
            id="all in camel case",
        ),
    ],
)
def test_a_denial_says_who_was_denied_what_in_every_spelling(answer: dict[str, Any]) -> None:
    problem = the_refusal(answer)

    assert problem.code == "Forbidden.RAM"
    assert problem.facts == {
        "operation": "DiagnoseVpnGateway",
        "http_status": "403",
        "message": DENIED["Message"],
        "request_id": DENIED["RequestId"],
        "denied_action": "vpc:DiagnoseVpnGateway",
        "denied_principal_type": "AssumedRoleUser",
        "denied_principal": "vpn-diagnose-oncall:slack-T0-U0",
        "denied_owner": "1234567890123456",
        "denied_kind": "ImplicitDeny",
        "denied_policy_type": "AccountLevelIdentityBasedPolicy",
        "encoded_diagnostic_message": "AQFohtp4aIbaeEXXXX",
    }


@pytest.mark.parametrize("detail", [None, "", "{", "[]", 7, [], "x" * 10_000], ids=repr)
def test_a_detail_in_no_known_form_is_left_out(detail: Any) -> None:
    problem = the_refusal(DENIED | {"AccessDeniedDetail": detail})

    assert set(problem.facts) == {"operation", "http_status", "message", "request_id"}


def test_an_account_that_is_a_number_is_kept() -> None:
    problem = the_refusal(DENIED | {"AccessDeniedDetail": {"AuthPrincipalOwnerId": 1234567890123456}})

    assert problem.facts["denied_owner"] == "1234567890123456"


def test_an_encoded_message_is_whole_or_absent() -> None:
    problem = the_refusal(DENIED | {"AccessDeniedDetail": {"EncodedDiagnosticMessage": "x" * 1001}})

    assert "encoded_diagnostic_message" not in problem.facts


@pytest.mark.parametrize(
    "code",
    [None, "", 400, "400", "two words", "line\nbreak", "x" * 129, ["NoPermission"], "<b>", "\u4e2d"],
    ids=repr,
)
def test_an_answer_without_a_code_is_no_refusal(code: Any) -> None:
    assert refusal({"Code": code, "Message": "?"}, 500, "AssumeRole") is None


@pytest.mark.parametrize("code", ["access.not_mapped", "bot.unexpected", "slack.not_in_channel"])
def test_the_bots_own_codes_are_not_believed_from_outside(code: str) -> None:
    assert refusal({"Code": code}, 403, "AssumeRole") is None


def test_a_secret_that_the_answer_repeats_is_taken_out() -> None:
    answer = DENIED | {
        "Message": "hunter2-secret" * 9000,
        "AccessDeniedDetail": {"AuthAction": "hunter2-secret"},
    }

    problem = the_refusal(answer, ("hunter2-secret", ""))

    assert "hunter2" not in str(problem.facts)
    assert problem.facts["denied_action"] == "(hidden)"


def test_a_secret_that_the_answer_repeats_as_it_was_sent_is_taken_out() -> None:
    answer = DENIED | {"Message": "the query was OIDCToken=hunter2%2Bsecret%3D"}

    problem = the_refusal(answer, ("hunter2+secret=",))

    assert problem.facts["message"] == "the query was OIDCToken=(hidden)"


def test_a_name_without_a_value_does_not_hide_its_other_spelling() -> None:
    problem = the_refusal({"Code": None, "code": "Forbidden.RAM", "RequestId": None, "requestId": "0ED8"})

    assert (problem.code, problem.facts["request_id"]) == ("Forbidden.RAM", "0ED8")


def test_a_secret_on_the_edge_of_what_is_kept_is_taken_out_whole() -> None:
    problem = the_refusal(DENIED | {"Message": "a" * 995 + "hunter2-secret"}, ("hunter2-secret",))

    assert problem.facts["message"] == "a" * 995 + "(hidd"


def test_a_message_of_another_type_or_with_nul_can_still_be_stored() -> None:
    assert "message" not in the_refusal(DENIED | {"Message": {"a": 1}}).facts
    assert the_refusal(DENIED | {"Message": "a\x00b"}).facts["message"] == "a\ufffdb"


@pytest.mark.parametrize(
    "code", ["SignatureDoesNotMatch", "SignatureDoesNotMatch.Version3", "IncompleteSignature"]
)
def test_a_message_that_repeats_the_whole_request_is_not_kept(code: str) -> None:
    repeated = "server string is: POST ExternalId=an%20external%20id x-acs-security-token:canary"

    problem = the_refusal({"Code": code, "Message": repeated, "RequestId": "R-1"})

    assert "message" not in problem.facts
    assert problem.facts["request_id"] == "R-1"


@pytest.mark.parametrize(
    "spelled",
    [
        "hunter2%2bsecret%2f%20%3d",
        quote("hunter2+secret/ ="),
        quote(quote("hunter2+secret/ =", safe=""), safe=""),
        "hunter2+secret\\/ =",
        "hunter2+secret\\u002F =",
        "hunter2%2Bsecret%2F+%3D",
        "hunter2%2Bsecret%5c%2F+%3D",
    ],
)
def test_a_message_that_repeats_a_secret_in_another_encoding_is_not_kept(spelled: str) -> None:
    problem = the_refusal(DENIED | {"Message": f"the query was ExternalId={spelled}"}, ("hunter2+secret/ =",))

    assert "message" not in problem.facts
    assert problem.facts["request_id"] == DENIED["RequestId"]


def test_a_secret_that_holds_an_escape_is_found_after_it_was_taken_off() -> None:
    problem = the_refusal(DENIED | {"Message": "ExternalId=two words"}, ("two%20words",))

    assert "message" not in problem.facts


def test_a_message_with_escapes_but_no_secret_is_kept() -> None:
    problem = the_refusal(DENIED | {"Message": "acs:vpc:*%2f\\/ 100%"}, ("hunter2+secret/",))

    assert problem.facts["message"] == "acs:vpc:*%2f\\/ 100%"
