"""`/vpn-diagnose history` and `last`: what somebody may see, told to them alone."""

from collections.abc import Awaitable, Callable
from dataclasses import replace
from typing import Any

import pytest

from bot.emulators.slack.player import Player
from bot.listeners.history import MOST_RUNS
from bot.listeners.intake import Intake
from bot.model.audit import Attempt
from bot.model.ids import ChannelId, RegionId, TeamId, UserId, VpnGatewayId
from bot.model.problem import ProblemDetails
from bot.model.request import DiagnosisRequest, Requester
from bot.model.run import Run
from bot.model.watch import Watch
from bot.store.database import Database
from tests.listeners.told import BROKEN, HERE, NOON, Teller

Play = Callable[[Intake], Awaitable[Player]]
Reported = list[tuple[str | None, Attempt]]
GUEST = Requester(team_id=TeamId("T0EMULATED"), user_id=UserId("U0GUEST"))
ELSEWHERE = ChannelId("C0PAYLOAD")


@pytest.fixture
def tell(database: Database, intake: Intake, a_run: Callable[..., Run]) -> Teller:
    return Teller(database, intake.slack, a_run)


@pytest.fixture
def reported() -> Reported:
    return []


@pytest.fixture
async def playing(play: Play, intake: Intake, reported: Reported) -> Player:
    async def shown(attempt: Attempt) -> None:
        reported.append((None, attempt))

    async def refused(attempt: Attempt, why: ProblemDetails) -> None:
        reported.append((why.code, attempt))

    return await play(replace(intake, report_reading=shown, report_refusal=refused))


async def answered(player: Player, text: str, user: str = "U0ALICE") -> str:
    """Ask, and return what is told alone after the ack."""
    before = len(await player.private_messages(user=user))
    outcome = await player.command(text, user=user)
    assert "Looking back" in str(outcome["payload"])

    async def seen() -> list[dict[str, Any]]:
        private = await player.private_messages(user=user)
        return private if len(private) >= before + 2 else []

    return str((await player.until(seen))[-1])


@pytest.fixture
def gateway(a_request: Callable[..., DiagnosisRequest]) -> Callable[[str], DiagnosisRequest]:
    return lambda name: a_request(gateway_id=VpnGatewayId(f"vpn-{name}"))


async def test_history_lists_ones_own_wherever_with_links(
    playing: Player, tell: Teller, gateway: Callable[[str], DiagnosisRequest], reported: Reported
) -> None:
    await tell(request=gateway("here"))
    await tell(channel=ELSEWHERE, request=gateway("elsewhere"))
    await tell(GUEST, request=gateway("guests"))
    said = await answered(playing, "history")

    assert "Your diagnoses" in said
    assert "vpn-here" in said
    assert "vpn-elsewhere" in said
    assert "vpn-guests" not in said
    assert said.count("/archives/") == 2
    assert [(code, attempt.operation, attempt.channel_id) for code, attempt in reported] == [
        (None, "history", HERE)
    ]


async def test_every_entry_leads_to_its_thread(playing: Player, tell: Teller) -> None:
    await playing.rates(None)
    for ago in range(MOST_RUNS):
        await tell(minutes_ago=10 + ago)
    said = await answered(playing, "history")

    assert said.count("/archives/") == said.count("'type': 'date'") > MOST_RUNS // 2
    assert f"and {MOST_RUNS - said.count('/archives/')} earlier diagnoses" in said


async def test_history_here_is_everybodys_in_this_channel(
    playing: Player, tell: Teller, gateway: Callable[[str], DiagnosisRequest]
) -> None:
    await tell(GUEST, request=gateway("here"))
    await tell(GUEST, ELSEWHERE, request=gateway("elsewhere"))
    said = await answered(playing, "history here")

    assert "vpn-here" in said
    assert "vpn-elsewhere" not in said


async def test_what_was_asked_here_and_told_somebody_in_private_is_theirs_alone(
    playing: Player, tell: Teller, intake: Intake, gateway: Callable[[str], DiagnosisRequest]
) -> None:
    direct = await intake.slack.open_direct_message(UserId("U0GUEST"))
    asked_here = (await tell(GUEST)).run.conversation
    await tell(GUEST, direct, conversation=asked_here, moved_to_dm=True, request=gateway("secret"))

    assert "vpn-secret" not in await answered(playing, "history here")
    assert "none yet" in await answered(playing, "history vpn-secret")


async def test_a_gateways_history_is_what_one_might_ask_for_oneself(
    playing: Player, tell: Teller, a_request: Callable[..., DiagnosisRequest]
) -> None:
    payments = {"gateway_id": VpnGatewayId("vpn-payments1")}
    await tell(GUEST, request=a_request(**payments))
    await tell(GUEST, request=a_request(region=RegionId("eu-west-1"), gateway_id=VpnGatewayId("vpn-far")))
    await tell(GUEST, request=a_request(gateway_id=VpnGatewayId("vpn-near")))

    assert "none yet" in await answered(playing, "history vpn-payments1")
    assert "none yet" in await answered(playing, "history vpn-far")
    assert "U0GUEST" in await answered(playing, "history vpn-near")


async def test_who_is_in_the_book_no_more_sees_nothing(playing: Player, tell: Teller, reported: Reported) -> None:
    await tell(Requester(team_id=TeamId("T0EMULATED"), user_id=UserId("U0MALLORY")))
    outcomes = [str(await playing.command(text, user="U0MALLORY")) for text in ("history", "history here", "last")]

    assert all("vpn-healthy" not in outcome for outcome in outcomes)
    assert [code for code, _ in reported] == ["access.not_mapped"] * 3
    assert [attempt.operation for _, attempt in reported] == ["history", "history", "last"]


async def test_last_is_ones_last_report_of_this_channel(
    playing: Player, tell: Teller, gateway: Callable[[str], DiagnosisRequest], reported: Reported
) -> None:
    await tell(minutes_ago=50, request=gateway("earlier"))
    await tell(minutes_ago=40, report=BROKEN, request=gateway("mine"))
    await tell(GUEST, minutes_ago=30, request=gateway("guests"))
    await tell(channel=ELSEWHERE, minutes_ago=20, request=gateway("elsewhere"))
    said = await answered(playing, "last")

    assert "vpn-mine" in said
    assert "/archives/C0INCIDENT/" in said
    assert "run_again" not in said
    assert "vpn-earlier" not in said
    assert [attempt.operation for _, attempt in reported] == ["last"]


async def test_what_a_watch_has_told_is_the_last_report(playing: Player, tell: Teller) -> None:
    seen = (await tell()).run
    watch = {"id": seen.id, "origin": seen.id, "told": seen.id, "every_s": 300}
    times = {"asks_at": NOON, "until": NOON}
    await tell(minutes_ago=5, report=BROKEN, watch=Watch.model_validate(watch | times))

    assert "1 of 1" in await answered(playing, "last")
    assert "1 of 1" in await answered(playing, "history")


async def test_last_is_from_elsewhere_if_there_is_none_here(playing: Player, tell: Teller) -> None:
    await tell(channel=ELSEWHERE)

    assert "/archives/C0PAYLOAD/" in await answered(playing, "last")


async def test_of_a_run_that_is_under_way_it_is_told_how_far_it_is(playing: Player, tell: Teller) -> None:
    told = await tell()
    await told.pressed(playing, "run_again")

    assert "⏳" in await answered(playing, "last")


@pytest.mark.parametrize("text", ["last", "history"])
async def test_nothing_is_an_answer(playing: Player, text: str) -> None:
    assert "none yet" in await answered(playing, text)


async def test_without_links_it_is_listed_all_the_same(playing: Player, tell: Teller) -> None:
    await tell()
    await playing.fault("chat.getPermalink", "error", error="fatal_error")

    assert "vpn-healthy0000000000001" in await answered(playing, "history")


@pytest.mark.parametrize("text", ["history yesterday", "last week", "history vco-1"])
async def test_a_mistake_is_shown(playing: Player, text: str) -> None:
    outcome = await playing.command(text)

    assert "Nothing was started" in str(outcome["payload"])
