from typing import Any

import pytest

from tests.emulators.alibaba.client import Clock, Cloud

ROLE = "acs:ram::1234567890123456:role/vpn-diagnose-oncall"


async def test_the_clock_is_moved_from_where_it_is(cloud: Cloud) -> None:
    await cloud.control("POST", "clock", move_s=60)
    answer = await cloud.control("POST", "clock", move_s=-20.5)

    assert answer == {"ok": True, "now": "2026-11-23T12:00:39.500000+00:00", "ahead_s": 39.5}
    assert await cloud.control("GET", "clock") == answer


async def test_a_diagnosis_ends_when_the_clock_says_so(cloud: Cloud) -> None:
    diagnose_id = (await cloud.start()).body["DiagnoseId"]
    await cloud.control("POST", "clock", move_s=7)

    assert (await cloud.result(diagnose_id)).body["FinishTime"] == "2026-11-23T12:00:07Z"


async def test_a_client_whose_clock_is_wrong_is_told(cloud: Cloud) -> None:
    await cloud.control("POST", "clock", move_s=901)

    assert (await cloud.start()).code == "InvalidTimeStamp.Expired"


async def test_a_reset_puts_the_clock_right(cloud: Cloud) -> None:
    await cloud.control("POST", "clock", move_s=901)
    await cloud.control("POST", "reset")

    assert (await cloud.start()).code == "ok"


@pytest.mark.parametrize(
    "order", [{"move_s": 1e12}, {"move_s": "soon"}, {"move_s": None}, {}, {"moves": 1}], ids=str
)
async def test_a_clock_is_not_moved_out_of_this_world(cloud: Cloud, order: dict[str, Any]) -> None:
    answer = await cloud.control("POST", "clock", **order)

    assert answer["ok"] is False
    assert answer["error"]
    assert (await cloud.control("GET", "clock"))["ahead_s"] == 0


async def test_the_sessions_of_a_role_can_be_ended(cloud: Cloud, clock: Clock) -> None:
    ending, lasting = (await cloud.assume()).session_key, (await cloud.assume("vpn-readonly")).session_key
    answer = await cloud.control("POST", "sessions", role=ROLE)

    assert answer == {"ok": True, "ended": 1}
    assert (await cloud.start("healthy", ending)).code == "InvalidSecurityToken.Expired"
    assert (await cloud.call("DescribeRegions", key=lasting)).code == "ok"
    clock.advance(1)
    assert (await cloud.start("healthy", (await cloud.assume()).session_key)).code == "ok"


async def test_all_sessions_can_be_ended_in_a_while(cloud: Cloud, clock: Clock) -> None:
    session = (await cloud.assume()).session_key
    await cloud.control("POST", "sessions", in_s=30)

    assert (await cloud.call("GetCallerIdentity", key=session)).code == "ok"
    clock.advance(30)
    assert (await cloud.call("GetCallerIdentity", key=session)).code == "InvalidSecurityToken.Expired"


async def test_an_ended_session_stays_ended_in_another_network(cloud: Cloud) -> None:
    session = (await cloud.assume()).session_key
    await cloud.control("POST", "sessions", role=ROLE)
    await cloud.control("POST", "network", scenario="packet-loss")

    assert (await cloud.call("GetCallerIdentity", key=session)).code == "InvalidSecurityToken.Expired"


async def test_sessions_are_listed_without_their_secrets(cloud: Cloud) -> None:
    session = (await cloud.assume()).session_key
    answer = await cloud.control("GET", "sessions")

    assert answer["sessions"] == [
        {
            "access_key_id": session.id,
            "arn": "acs:ram::1234567890123456:assumed-role/vpn-diagnose-oncall/slack-T0EMULATED-U0ALICE",
            "role": ROLE,
            "ends": "2026-11-23T13:00:00+00:00",
        }
    ]
