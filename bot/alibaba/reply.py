"""What came back on one attempt: a good answer, or what any other one says."""

import re
from collections.abc import Mapping, Sequence
from typing import Any

from bot.alibaba.answer import parsed
from bot.alibaba.operation import Operation
from bot.alibaba.refusal import refusal
from bot.model.problem import Problem

_SUCCESS = range(200, 300)
_REDIRECTION = range(300, 400)

# What products put under `Code` in an answer that is good; with any other code it is none, whatever the status.
_GOOD_CODES = frozenset({"", "200", "ok", "success"})

_MILLISECONDS = re.compile(r"[1-9][0-9]{0,8}")


def understood(
    operation: Operation, status: int, headers: Mapping[str, str], body: bytes, secrets: Sequence[str]
) -> dict[str, Any]:
    """Return a good answer, raise what any other one says; whatever of `secrets` it repeats is taken out."""
    if status in _REDIRECTION:
        raise Problem("cloud.redirected", operation=operation.name, http_status=status)
    answer = _object(body)
    if answer is None:
        raise Problem("cloud.not_understood", operation=operation.name, http_status=status)
    if status in _SUCCESS and _is_good(answer, operation):
        return answer
    problem = refusal(answer, status, operation.name, secrets)
    if problem is None:
        raise Problem("cloud.not_understood", operation=operation.name, http_status=status)
    wait_s = _retry_after_s(headers)
    raise problem if wait_s is None else Problem(problem.code, **problem.facts, retry_after_s=wait_s)


def _is_good(answer: Mapping[str, Any], operation: Operation) -> bool:
    for name in ("Code", "code"):
        code = answer.get(name)
        if code is not None and (type(code) not in {str, int} or str(code).lower() not in _GOOD_CODES):
            return False
    return any(answer.get(field) not in (None, "") for field in operation.answers_with)


def _object(body: bytes) -> dict[str, Any] | None:
    try:
        answer = parsed(body)
    except ValueError:  # not handed on: the parser's words quote the body
        return None
    return answer if isinstance(answer, dict) else None


def _retry_after_s(headers: Mapping[str, str]) -> float | None:
    """Return how many seconds a throttled caller is asked to wait, if it is.

    The SDK reads `x-acs-retry-after`, in milliseconds (alibabacloud_tea_openapi 0.4, client.py).
    """
    text = headers.get("x-acs-retry-after", "")
    return int(text) / 1000 if _MILLISECONDS.fullmatch(text) else None
