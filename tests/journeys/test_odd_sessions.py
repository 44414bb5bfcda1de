"""STS answers what is no session, or one that is over: the run ends with a sentence, and nothing is started."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from aiohttp import web

from bot.emulators.slack.player import thread_text
from tests.crash.between import standing_before
from tests.journeys.world import HEALTHY, living

USER = {"Arn": "acs:ram::1234567890123456:role/vpn-diagnose-oncall/slack", "AssumedRoleId": "1:slack"}
SESSION = {
    "AccessKeyId": "STS.planted",
    "AccessKeySecret": "planted-secret",
    "SecurityToken": "planted-token",
    "Expiration": "9999-12-31T23:59:59Z",
}

# Seconds after which the bot gives up what it cannot understand; by default it goes on for five minutes.
PATIENCE_S = "2"


def session(**changes: Any) -> dict[str, Any]:
    return {"RequestId": "R-1", "AssumedRoleUser": USER, "Credentials": SESSION | changes}


ANSWERS: dict[str, Callable[[], web.Response]] = {
    "over already": lambda: web.json_response(session(Expiration="2020-01-01T00:00:00Z")),
    "that nobody knows": lambda: web.json_response(session()),
    "without an end": lambda: web.json_response(session(Expiration="tomorrow")),
    "without a token": lambda: web.json_response(session(SecurityToken=None)),
    "of nobody": lambda: web.json_response({"Credentials": SESSION}),
    "in a list": lambda: web.json_response([session()]),
    "without bounds": lambda: web.Response(text="{" + " " * 5_000_000 + "}", content_type="application/json"),
    "without a floor": lambda: web.Response(
        text='{"Credentials":' + "[" * 50_000, content_type="application/json"
    ),
    "of no bytes": lambda: web.Response(text="", content_type="application/json"),
    "elsewhere": lambda: web.Response(status=302, headers={"Location": "http://127.0.0.1:1/"}),
}


@pytest.mark.parametrize("answer", ANSWERS)
async def test_the_run_ends_with_a_sentence(tmp_path: Path, caplog: pytest.LogCaptureFixture, answer: str) -> None:
    asked = 0

    def answered() -> web.Response:
        nonlocal asked
        asked += 1
        return ANSWERS[answer]()

    async with living(tmp_path) as world, standing_before(world.alibaba_url, {"AssumeRole": answered}) as url:
        patience = {"VPN_DIAGNOSE_GIVE_UP_AFTER_S": PATIENCE_S}
        async with world.bot(VPN_DIAGNOSE_ALIBABA_ENDPOINT=url, **patience):
            await world.player.command(HEALTHY)
            root = await world.ending()
        started = [
            call for call in await world.cloud_calls("DiagnoseVpnGateway") if call["facts"].get("accepted_start")
        ]

    said = thread_text([root], root["ts"])
    assert "❌" in said
    assert 0 < asked < 10
    assert started == []
    assert "planted" not in said + caplog.text
    assert "unexpected" not in caplog.text
