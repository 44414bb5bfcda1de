"""A channel is opened to other companies while a diagnosis runs: the answer goes to the asker alone."""

from pathlib import Path

import pytest

from bot.app.sources import now
from bot.emulators.slack.player import thread_text
from bot.model.ids import ChannelId
from bot.model.request import Conversation
from bot.model.run import RunState
from tests.journeys.doorless import ALICE, a_question, alive
from tests.journeys.world import part_of

SHARED = ChannelId("C0SHARED")


@pytest.mark.parametrize("dies", [False, True], ids=["lives", "dies after every step"])
async def test_what_was_begun_before_the_channel_was_opened_ends_with_the_asker(
    tmp_path: Path, *, dies: bool
) -> None:
    async with alive(tmp_path, dies=dies) as bot:
        reported = await bot.report()
        asked = a_question(ALICE, b"\x02" * 10).changed(conversation=Conversation(channel_id=SHARED))
        begun = await bot.with_root(asked)
        opened = begun.changed(state=RunState.REPORTED, report=reported.report, reported_at=now())
        await bot.runs.add(opened, "opened")
        ended = await bot.ended(opened)
        (root,) = await bot.world.player.messages(SHARED)
        (told,) = await bot.world.player.messages(str(ended.posted.channel_id))

    assert ended.moved_to_dm
    assert part_of(told) == "ending"
    assert "All 6 checks are normal" in thread_text([told], told["ts"])
    assert root["replies"] == []
    assert "the answer goes to whoever asked" in str(root["blocks"])
    assert "⏳" not in str(root["blocks"])
    assert "normal" not in str(root["blocks"])
    assert "'channel_id': 'C0SHARED'" in str(told["blocks"])
