"""What a failed attempt says about the next one: whether it may pass, after how long, and whose fault it was."""

from bot.model.problem import Problem

# Attempts of one call, and the bound of the pause after each but the last: a random part of it is waited ("full
# jitter"), so that callers who failed together do not come back together.
PAUSES_UP_TO_S = (0.5, 1.5)

# Seconds that one call waits at most when it is asked to; whoever is asked for more comes back later.
LONGEST_WAIT_S = 2.0

# There was no answer; there was one, but not from the cloud.
_NO_ANSWER = frozenset({"cloud.interrupted", "cloud.timeout", "cloud.unreachable"})
_STRANGE_ANSWER = frozenset({"cloud.not_understood", "cloud.redirected"})

# Codes after which the same call may pass (each attempt has a nonce of its own).
_TRANSIENT = frozenset({"InternalError", "ServiceUnavailable", "SignatureNonceUsed"})

_SERVER_ERROR = 500


def may_pass(problem: Problem) -> bool:
    """Tell whether the same call may succeed within seconds."""
    if asked_to_wait_s(problem) > LONGEST_WAIT_S:
        return False
    return problem.code in _NO_ANSWER | _TRANSIENT or is_throttling(problem) or _is_server_error(problem)


def is_throttling(problem: Problem) -> bool:
    """Tell whether it was too much: `Throttling.User`, `Rejected.Throttling`, …; mostly it comes with HTTP 400."""
    return "Throttling" in problem.code


def is_their_failure(problem: Problem) -> bool:
    """Tell whether the other side, or the way to it, is broken; an answer that says no is none."""
    if is_throttling(problem):
        return False
    return problem.code in _NO_ANSWER | _STRANGE_ANSWER or _is_server_error(problem)


def asked_to_wait_s(problem: Problem) -> float:
    """Return how many seconds the other side asked to wait, 0 if it did not."""
    return float(problem.facts.get("retry_after_s", "0"))


def outcome_of(problem: Problem) -> str:
    """Return one of a few words to count by: the vendor's codes are foreign text, and without number."""
    if problem.code.startswith("cloud."):
        return problem.code.removeprefix("cloud.")
    if is_throttling(problem):
        return "throttled"
    return "server_error" if _is_server_error(problem) else "refused"


def pause_s(bound_s: float, problem: Problem, chance: float) -> float:
    """Return how long to wait: a part of the bound, by a chance in [0, 1), or as long as was asked for."""
    return max(chance * bound_s, asked_to_wait_s(problem))


def _is_server_error(problem: Problem) -> bool:
    return int(problem.facts.get("http_status", "0")) >= _SERVER_ERROR
