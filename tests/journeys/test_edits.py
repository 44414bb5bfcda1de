"""A run edits its root message eight times at most, and the last time shows how it ended."""

from pathlib import Path

from bot.setbacks import Pace
from tests.journeys.doorless import alive
from tests.slack.parsed_by_slack import texts

HASTY = Pace(poll_every_s=0.05, give_up_after_s=60, edit_every_s=0)


async def test_a_slow_diagnosis_shows_every_check_within_eight_edits(tmp_path: Path) -> None:
    async with alive(tmp_path, pace=HASTY, diagnosis_s=4) as bot:
        await bot.report(source="192.168.1.1", destination="10.8.0.1")
        edits = await bot.world.player.calls("chat.update")
        (root,) = await bot.world.player.messages()

    assert 4 <= len(edits) <= 8
    assert "all 7 checks are normal" in texts(root["blocks"])


async def test_progress_takes_no_edit_from_the_ending(tmp_path: Path) -> None:
    async with alive(tmp_path, pace=HASTY.changed(most_edits=3), diagnosis_s=4) as bot:
        await bot.report(source="192.168.1.1", destination="10.8.0.1")
        edits = await bot.world.player.calls("chat.update")
        (root,) = await bot.world.player.messages()

    assert len(edits) == 3
    assert "all 7 checks are normal" in texts(root["blocks"])
