"""The one exception."""

import pytest

from bot.model.problem import LONGEST_FACT, Problem, ProblemDetails


@pytest.mark.parametrize(
    ("code", "from_the_cloud"),
    [
        ("OperationFailed.VpnGatewayDiagnosing", True),
        ("Forbidden", True),
        ("param_error", True),
        ("slack", True),
        ("slack.not_in_channel", False),
        ("bot.unexpected", False),
    ],
)
def test_a_code_tells_whose_it_is(code: str, from_the_cloud: bool) -> None:  # noqa: FBT001 - a table's column
    assert ProblemDetails(code=code).is_from_the_cloud is from_the_cloud


def test_a_fact_is_cut_to_a_bound() -> None:
    assert len(Problem("Forbidden", message="x" * 10_000).facts["message"]) == LONGEST_FACT


def test_its_text_is_the_code_and_the_request_id_and_nothing_foreign() -> None:
    assert str(Problem("Forbidden", message="a secret?", request_id="AB-1")) == "Forbidden (RequestId AB-1)"
    assert str(Problem("bot.unexpected", error_id="e1")) == "bot.unexpected"


def test_details_make_the_same_problem_again() -> None:
    details = Problem("Forbidden", message="no", http_status=403).details

    assert Problem.of(details).details == details
