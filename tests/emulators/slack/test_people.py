from typing import Any

import pytest

from tests.emulators.slack.playground import Playground


@pytest.mark.parametrize("name", ["command", "say", "mention", "shortcut", "submit", "close", "click", "options"])
@pytest.mark.parametrize(
    "body",
    [b"", b"{", b"[]", b'"x"', b"[" * 10_000, b'{"user": 1}', b'{"user": "U0ALICE", "surprise": 1}', b"\xff"],
)
async def test_a_request_that_makes_no_sense_is_answered_with_400(
    slack: Playground, name: str, body: bytes
) -> None:
    response = await slack.session.post(f"{slack.url}/_emulator/{name}", data=body)

    assert response.status == 400
    assert (await response.json())["ok"] is False


@pytest.mark.parametrize(
    "order",
    [
        {"events_url": "ftp://x"},
        {"events_url": "javascript:alert(1)"},
        {"redeliver": 0},
        {"redeliver": 1_000_000},
        {"disconnect": "because"},
        {"envelope": {"type": ""}},
    ],
)
async def test_an_impossible_order_about_delivery_is_refused(slack: Playground, order: dict[str, Any]) -> None:
    response = await slack.session.post(f"{slack.url}/_emulator/delivery", json=order)

    assert response.status == 400
