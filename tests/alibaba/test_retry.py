"""What a failed attempt says about the next one."""

import pytest

from bot.alibaba.retry import is_their_failure, may_pass, outcome_of, pause_s
from bot.model.problem import Problem


@pytest.mark.parametrize(
    ("problem", "passes", "theirs", "outcome"),
    [
        (Problem("cloud.unreachable"), True, True, "unreachable"),
        (Problem("cloud.timeout"), True, True, "timeout"),
        (Problem("cloud.interrupted"), True, True, "interrupted"),
        (Problem("cloud.not_understood", http_status=200), False, True, "not_understood"),
        (Problem("cloud.not_understood", http_status=502), True, True, "not_understood"),
        (Problem("cloud.redirected", http_status=302), False, True, "redirected"),
        (Problem("cloud.busy", retry_after_s=3), False, False, "busy"),
        (Problem("cloud.circuit_open", retry_after_s=1), False, False, "circuit_open"),
        (Problem("InternalError", http_status=500), True, True, "server_error"),
        (Problem("InternalError", http_status=400), True, False, "refused"),
        (Problem("ServiceUnavailable", http_status=503), True, True, "server_error"),
        (Problem("SignatureNonceUsed", http_status=400), True, False, "refused"),
        (Problem("Throttling.User", http_status=400), True, False, "throttled"),
        (Problem("Throttling.Api", http_status=503), True, False, "throttled"),
        (Problem("Rejected.Throttling", http_status=400, retry_after_s=1.5), True, False, "throttled"),
        (Problem("Throttling", http_status=400, retry_after_s=30), False, False, "throttled"),
        (Problem("Forbidden.RAM", http_status=403), False, False, "refused"),
        (Problem("InvalidTimeStamp.Expired", http_status=400), False, False, "refused"),
        (Problem("VpnGateway.Configuring", http_status=400), False, False, "refused"),
    ],
    ids=lambda value: f"{value.code} {value.facts.get('http_status', '')}" if isinstance(value, Problem) else "",
)
def test_code_and_status_decide(problem: Problem, outcome: str, *, passes: bool, theirs: bool) -> None:
    assert (may_pass(problem), is_their_failure(problem), outcome_of(problem)) == (passes, theirs, outcome)


def test_the_pause_is_a_random_part_of_its_bound() -> None:
    problem = Problem("cloud.timeout")

    assert [pause_s(1.5, problem, chance) for chance in (0.0, 0.5)] == [0.0, 0.75]


def test_what_was_asked_for_is_waited_at_least() -> None:
    assert pause_s(1.5, Problem("Throttling", retry_after_s=1.0), 0.1) == 1.0
