"""An error that nobody foresaw: the person and the log get the same id."""

import asyncio
from contextlib import AsyncExitStack
from functools import partial

import pytest

from bot.access.tunnels_seen import see_tunnels
from bot.alibaba.vpn import StartedDiagnosis, VpnApi
from bot.app.parts import parts_of
from bot.app.running import intake_of
from bot.app.sources import now
from bot.diagnosis import Diagnosis
from bot.emulators.slack.player import thread_text
from bot.listeners.trail import Trail
from bot.model.credential import Credential
from bot.model.ids import ChannelId, RunId, TeamId, UserId
from bot.model.request import Conversation, DiagnosisRequest, Requester
from bot.setbacks import Pace
from bot.settings import Settings
from bot.slack.thread import Thread
from bot.worker import Worker
from tests.journeys.world import HEALTHY, World


class Surprising(VpnApi):
    """A cloud client with a defect."""

    async def diagnose_vpn_gateway(
        self, credential: Credential, request: DiagnosisRequest, client_token: RunId
    ) -> StartedDiagnosis:
        del credential, request, client_token
        raise ZeroDivisionError


async def test_an_unforeseen_error_reaches_the_thread_under_the_id_that_is_in_the_log(
    world: World, caplog: pytest.LogCaptureFixture
) -> None:
    gateway_id, connection_id, region = HEALTHY.split()
    request = DiagnosisRequest.model_validate(
        {"region": region, "gateway_id": gateway_id, "connection_id": connection_id}
    )
    requester = Requester(team_id=TeamId("T0EMULATED"), user_id=UserId("U0ALICE"))
    environ = world.environ()
    settings = Settings.read(environ)
    async with AsyncExitStack() as stack:
        parts = await parts_of(settings, environ, stack)
        plot = Diagnosis(
            parts.access,
            Surprising(parts.vpn._rpc),
            Thread(parts.slack),
            parts.runs,
            Pace(poll_every_s=1, give_up_after_s=60),
            partial(see_tunnels, parts.probes),
        )
        worker = Worker(
            parts.runs,
            plot,
            owner="test",
            lease_s=60,
            clock=now,
            new_error_id=lambda: "c0ffee01",
            give_way=parts.precedence.give_way,
        )
        await intake_of(settings, parts, worker, Trail(parts.audit.append, parts.access.book_hash, now)).accept(
            requester, Conversation(channel_id=ChannelId("C0INCIDENT")), request, "trigger:1"
        )
        working = asyncio.create_task(worker.work())
        root = await world.ending()
        worker.stop()
        await working

    assert "c0ffee01" in thread_text([root], root["ts"])
    assert "ZeroDivisionError" not in str(root)
    assert "unexpected error c0ffee01" in caplog.text
