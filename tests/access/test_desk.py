"""The desk over the emulated cloud: who gets in, with whose credentials, and what the cloud is asked for."""

import asyncio
import re
from collections.abc import Awaitable, Callable
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from bot.access.desk import Access
from bot.model.ids import ChannelId, VpnGatewayId
from bot.model.problem import Problem
from bot.model.request import DiagnosisRequest, Requester
from tests.access.conftest import BOOK

if TYPE_CHECKING:
    from tests.access.conftest import Clock, Cloud, SlackGroups

Desk = Callable[..., Awaitable[Access]]
Person = Callable[..., Requester]
Request = Callable[..., DiagnosisRequest]

INCIDENT = ChannelId("C0INCIDENT")
GUARDED = BOOK.replace(
    "    regions: [cn-hangzhou, cn-qingdao]\n",
    "    regions: [cn-hangzhou, cn-qingdao]\n    guardrail:\n"
    '      - {Effect: Allow, Action: "vpc:DiagnoseVpnGateway", Resource: "acs:vpc:*:*:vpngateway/vpn-healthy*"}\n',
)


# admit


async def test_a_mapped_person_is_admitted_without_asking_the_cloud(
    an_access: Desk, a_requester: Person, a_request: Request, cloud: "Cloud"
) -> None:
    access = await an_access()

    assert access.admit(a_requester("U0ALICE"), INCIDENT, a_request()) == "oncall"
    assert access.admit(a_requester("U0BOB"), INCIDENT, None) == "lab"
    assert await cloud.calls("AssumeRole") == []


@pytest.mark.parametrize(
    ("user", "team", "code"),
    [
        pytest.param("U0MALLORY", "T0EMULATED", "access.not_mapped", id="a stranger"),
        pytest.param("U0GUEST", "T0EMULATED", "access.not_mapped", id="a guest"),
        pytest.param("U0ALICE", "T0ELSEWHERE", "access.other_workspace", id="the same id elsewhere"),
        pytest.param("U0ALICE", "E0EMULATED", "access.other_workspace", id="the same id in an enterprise"),
        pytest.param("W0ALICE", "T0EMULATED", "access.not_mapped", id="the same letters of another kind"),
    ],
)
async def test_everyone_else_is_refused_with_their_own_ids_and_no_call(
    an_access: Desk, a_requester: Person, a_request: Request, cloud: "Cloud", user: str, team: str, code: str
) -> None:
    access = await an_access()
    with pytest.raises(Problem) as admitted:
        access.admit(a_requester(user, team), INCIDENT, None)
    with pytest.raises(Problem) as authorized:
        await access.authorize(a_requester(user, team), INCIDENT, a_request())

    for raised in (admitted, authorized):
        assert raised.value.code == code
        assert raised.value.facts == {"team_id": team, "user_id": user}
    assert await cloud.calls("AssumeRole") == []


@pytest.mark.parametrize("channel", ["C0OTHER", "G0PRIVATE", "D0DIRECT"])
async def test_a_list_of_channels_closes_all_others_and_direct_messages(
    an_access: Desk, a_requester: Person, a_request: Request, channel: str
) -> None:
    access = await an_access(BOOK + "channels: {allow: [C0INCIDENT]}\n")
    with pytest.raises(Problem) as raised:
        access.admit(a_requester(), ChannelId(channel), a_request())

    assert raised.value.code == "access.channel_not_allowed"
    assert raised.value.facts == {"channel_id": channel, "allowed": "C0INCIDENT"}
    assert access.admit(a_requester(), INCIDENT, a_request()) == "oncall"


async def test_without_a_list_every_channel_is_open(an_access: Desk, a_requester: Person) -> None:
    access = await an_access()

    assert access.admit(a_requester(), ChannelId("D0DIRECT"), None) == "oncall"


async def test_a_stranger_does_not_learn_which_channels_are_open(an_access: Desk, a_requester: Person) -> None:
    access = await an_access(BOOK + "channels: {allow: [C0INCIDENT]}\n")
    with pytest.raises(Problem) as raised:
        access.admit(a_requester("U0MALLORY"), ChannelId("C0OTHER"), None)

    assert raised.value.code == "access.not_mapped"


async def test_the_guardrail_is_asked_only_about_a_request(
    an_access: Desk, a_requester: Person, a_request: Request
) -> None:
    access = await an_access(GUARDED)

    assert access.admit(a_requester(), INCIDENT, None) == "oncall"
    assert access.admit(a_requester(), INCIDENT, a_request()) == "oncall"


async def test_what_the_guardrail_denies_reaches_no_cloud(
    an_access: Desk, a_requester: Person, a_request: Request, cloud: "Cloud"
) -> None:
    access = await an_access(GUARDED)
    broken = a_request(gateway_id=VpnGatewayId("vpn-broken00000000000001"))
    with pytest.raises(Problem) as raised:
        await access.authorize(a_requester(), INCIDENT, broken)

    assert raised.value.code == "access.guardrail"
    assert raised.value.facts["identity"] == "oncall"
    assert await cloud.calls("AssumeRole") == []


async def test_a_member_of_a_group_is_admitted_until_they_leave_it(
    an_access: Desk, a_requester: Person, slack_groups: "SlackGroups"
) -> None:
    slack_groups.members = {"S0LAB": {"U0ERIN"}}
    access = await an_access()
    identity = access.admit(a_requester("U0ERIN"), INCIDENT, None)
    slack_groups.members = {}
    await access.refresh_groups()
    with pytest.raises(Problem) as raised:
        access.admit(a_requester("U0ERIN"), INCIDENT, None)

    assert identity == "lab"
    assert raised.value.code == "access.not_mapped"


async def test_a_held_session_admits_nobody_who_left_the_group(
    an_access: Desk, a_requester: Person, a_request: Request, slack_groups: "SlackGroups"
) -> None:
    slack_groups.members = {"S0NETWORK": {"U0ERIN"}}
    access = await an_access()
    await access.authorize(a_requester("U0ERIN"), INCIDENT, a_request())
    slack_groups.members = {}
    await access.refresh_groups()
    with pytest.raises(Problem) as raised:
        await access.authorize(a_requester("U0ERIN"), INCIDENT, a_request())

    assert raised.value.code == "access.not_mapped"


# authorize


async def test_a_role_is_assumed_in_the_askers_name(
    an_access: Desk, a_requester: Person, a_request: Request, cloud: "Cloud"
) -> None:
    access = await an_access()
    authorization = await access.authorize(a_requester("U0ALICE"), INCIDENT, a_request())
    [call] = await cloud.calls("AssumeRole")

    assert authorization.identity == "oncall"
    assert authorization.principal == (
        "acs:ram::1234567890123456:role/vpn-diagnose-oncall/slack-T0EMULATED-U0ALICE"
    )
    assert authorization.credential.access_key_id.startswith("STS.")
    assert authorization.credential.security_token is not None
    assert call["outcome"] == "ok"
    assert call["caller"] == "acs:ram::1234567890123456:user/vpn-diagnose-bot"


async def test_an_external_id_is_sent_and_not_shown(
    an_access: Desk, a_requester: Person, a_request: Request, cloud: "Cloud"
) -> None:
    access = await an_access()
    authorization = await access.authorize(a_requester("U0CAROL"), INCIDENT, a_request())

    assert "role/vpn-external/" in authorization.principal
    assert "emulator-external-id" not in repr(authorization)
    assert [call["outcome"] for call in await cloud.calls("AssumeRole")] == ["ok"]


async def test_an_access_key_is_used_as_it_is(
    an_access: Desk, a_requester: Person, a_request: Request, cloud: "Cloud"
) -> None:
    access = await an_access()
    authorization = await access.authorize(a_requester("U0BOB"), INCIDENT, a_request())

    assert authorization.identity == "lab"
    assert authorization.principal == "acs:ram::1234567890123456:user/lab"
    assert authorization.credential.access_key_secret.get_secret_value() == "emulator-lab-secret"
    assert authorization.credential.expires_at is None
    assert await cloud.calls("AssumeRole") == []


async def test_no_secret_is_in_a_repr(an_access: Desk, a_requester: Person, a_request: Request) -> None:
    access = await an_access()
    for user in ("U0ALICE", "U0BOB"):
        authorization = await access.authorize(a_requester(user), INCIDENT, a_request())
        token = authorization.credential.security_token

        assert authorization.credential.access_key_secret.get_secret_value() not in repr(authorization)
        assert token is None or token.get_secret_value() not in repr(authorization)


async def test_two_hundred_at_once_assume_the_role_once(
    an_access: Desk, a_requester: Person, a_request: Request, cloud: "Cloud"
) -> None:
    access = await an_access()
    await asyncio.gather(*(access.authorize(a_requester(), INCIDENT, a_request()) for _ in range(200)))

    assert len(await cloud.calls("AssumeRole")) == 1


async def test_an_expired_session_is_replaced_once(
    an_access: Desk, a_requester: Person, a_request: Request, cloud: "Cloud", clock: "Clock"
) -> None:
    access = await an_access()
    old = await access.authorize(a_requester(), INCIDENT, a_request())
    clock.pass_by(hours=2)
    new = await access.authorize(a_requester(), INCIDENT, a_request())

    assert new.credential.access_key_id != old.credential.access_key_id
    assert len(await cloud.calls("AssumeRole")) == 2


async def test_a_session_that_the_cloud_refused_is_forgotten(
    an_access: Desk, a_requester: Person, a_request: Request, cloud: "Cloud"
) -> None:
    access = await an_access()
    await access.authorize(a_requester(), INCIDENT, a_request())
    access.forget(a_requester(), "oncall")
    await access.authorize(a_requester(), INCIDENT, a_request())
    access.forget(a_requester())
    await access.authorize(a_requester(), INCIDENT, a_request())

    assert len(await cloud.calls("AssumeRole")) == 3


async def test_a_role_that_does_not_trust_the_bot_ends_in_the_clouds_own_code(
    an_access: Desk, a_requester: Person, a_request: Request
) -> None:
    access = await an_access()
    with pytest.raises(Problem) as raised:
        await access.authorize(a_requester("U0DAVE"), INCIDENT, a_request())

    assert raised.value.code == "NoPermission"
    assert raised.value.facts["operation"] == "AssumeRole"
    assert re.fullmatch(r"[0-9A-F-]{36}", raised.value.facts["request_id"])


async def test_a_role_that_was_deleted_ends_in_the_clouds_own_code(
    an_access: Desk, a_requester: Person, a_request: Request
) -> None:
    access = await an_access(BOOK.replace("role/vpn-closed", "role/vpn-deleted"))
    with pytest.raises(Problem) as raised:
        await access.authorize(a_requester("U0DAVE"), INCIDENT, a_request())

    assert raised.value.code == "EntityNotExist.Role"


async def test_a_wrong_external_id_is_no_way_in(an_access: Desk, a_requester: Person, a_request: Request) -> None:
    access = await an_access(environ={"EXTERNAL_ID": "guessed"})
    with pytest.raises(Problem) as raised:
        await access.authorize(a_requester("U0CAROL"), INCIDENT, a_request())

    assert raised.value.code == "NoPermission"


async def test_no_role_is_assumed_without_an_identity_of_the_bot(
    an_access: Desk, a_requester: Person, a_request: Request, cloud: "Cloud"
) -> None:
    access = await an_access(base=None)
    with pytest.raises(Problem) as raised:
        await access.authorize(a_requester("U0ALICE"), INCIDENT, a_request())

    assert raised.value.code == "access.no_base_identity"
    assert await cloud.calls("AssumeRole") == []


async def test_a_secret_that_is_gone_is_named_and_nothing_else_is_used(
    an_access: Desk, a_requester: Person, a_request: Request, cloud: "Cloud", tmp_path: Path
) -> None:
    access = await an_access()
    (tmp_path / "lab_key_secret").unlink()
    with pytest.raises(Problem) as raised:
        await access.authorize(a_requester("U0BOB"), INCIDENT, a_request())

    assert raised.value.code == "access.secret_missing"
    assert raised.value.facts["identity"] == "lab"
    assert raised.value.facts["reference"] == "file:lab_key_secret"
    assert await cloud.calls("GetCallerIdentity") == []


async def test_a_rotated_access_key_is_taken_up_without_a_restart(
    an_access: Desk, a_requester: Person, a_request: Request, tmp_path: Path
) -> None:
    access = await an_access()
    (tmp_path / "lab_key_secret").write_text("wrong")
    with pytest.raises(Problem) as raised:
        await access.authorize(a_requester("U0BOB"), INCIDENT, a_request())
    (tmp_path / "lab_key_secret").write_text("emulator-lab-secret")
    authorization = await access.authorize(a_requester("U0BOB"), INCIDENT, a_request())

    assert raised.value.code == "SignatureDoesNotMatch"
    assert authorization.identity == "lab"


async def test_a_cloud_that_is_away_is_a_problem_and_nobody_elses_session_is_used(
    an_access: Desk, a_requester: Person, a_request: Request, cloud: "Cloud"
) -> None:
    access = await an_access(BOOK.replace("U0DAVE: closed", "U0DAVE: oncall"))
    await access.authorize(a_requester("U0ALICE"), INCIDENT, a_request())
    await cloud.order_fault(operation="AssumeRole", kind="http_503", times=10)
    with pytest.raises(Problem) as raised:
        await access.authorize(a_requester("U0DAVE"), INCIDENT, a_request())

    assert raised.value.code == "ServiceUnavailable"


# regions, check


async def test_the_form_offers_the_regions_of_the_identity(an_access: Desk, a_requester: Person) -> None:
    access = await an_access()

    assert access.regions(a_requester("U0ALICE")) == ("cn-hangzhou", "cn-qingdao")
    assert access.regions(a_requester("U0BOB")) == ()


async def test_a_stranger_is_offered_no_regions(an_access: Desk, a_requester: Person) -> None:
    access = await an_access()

    assert access.regions(a_requester("U0MALLORY")) == ()


async def test_a_book_whose_secrets_are_all_there_passes_the_check(an_access: Desk) -> None:
    (await an_access()).check()


async def test_a_missing_secret_is_found_at_the_start(an_access: Desk) -> None:
    access = await an_access(environ={"LAB_KEY_ID": "LTAIemulatorLab"})
    with pytest.raises(Problem) as raised:
        access.check()

    assert raised.value.facts == {"identity": "external", "reference": "env:EXTERNAL_ID", "reason": "is not set"}


async def test_a_missing_identity_of_the_bot_is_found_at_the_start(an_access: Desk) -> None:
    with pytest.raises(Problem) as raised:
        (await an_access(base=None)).check()

    assert raised.value.code == "access.no_base_identity"
