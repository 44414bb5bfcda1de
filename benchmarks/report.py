"""From the end of a diagnosis in the emulated cloud to the report in its thread, and how often a run edits.

The bot is a process of its own and looks once a second; one diagnosis after another, short ones and a long one.
"""

import asyncio
import statistics
from datetime import datetime
from typing import Any, NamedTuple

import aiohttp

from benchmarks.main_job import emulated, served
from bot.commands.try_it import HEALTHY
from bot.emulators.slack.player import Player

# As benchmarks.main_job runs the bot.
POLL_EVERY_S = 1.0

SHORT_S, SHORT_RUNS = 4.3, 10
LONG_S, LONG_RUNS = 60.0, 1
TARGET_S = POLL_EVERY_S + 1
MOST_EDITS = 8


class Took(NamedTuple):
    """How late a report was, and how often its run edited a message until then."""

    late_s: float
    edits: int


async def ended_at(alibaba_url: str, diagnosis_s: float) -> float:
    """Return when the diagnosis that was started last is done, as seconds since 1970."""
    url = f"{alibaba_url}/_emulator/calls?operation=DiagnoseVpnGateway"
    async with aiohttp.ClientSession() as session, session.get(url) as answer:
        starts = (await answer.json())["calls"]
    return datetime.fromisoformat(starts[-1]["at"]).timestamp() + diagnosis_s


async def one_run(player: Player, alibaba_url: str, diagnosis_s: float) -> Took:
    before = {message["ts"] for message in await player.messages()}
    edits = len(await player.calls("chat.update"))

    async def report() -> list[dict[str, Any]]:
        roots = [root for root in await player.messages() if root["ts"] not in before]
        return [reply for root in roots for reply in root.get("replies", ()) if is_report(reply)]

    async def shown() -> bool:
        return "⏳" not in str([root["blocks"] for root in await player.messages()])

    await player.command(HEALTHY.text)
    (told,) = await player.until(report, diagnosis_s + 30)
    await player.until(shown, 30)
    late_s = float(told["ts"]) - await ended_at(alibaba_url, diagnosis_s)
    return Took(late_s, len(await player.calls("chat.update")) - edits)


def is_report(reply: dict[str, Any]) -> bool:
    told = reply.get("metadata", {}).get("event_payload", {})
    return (told.get("part"), told.get("state")) == ("ending", "reported")


async def main() -> None:
    for diagnosis_s, runs in ((SHORT_S, SHORT_RUNS), (LONG_S, LONG_RUNS)):
        async with emulated(diagnosis_s) as (player, alibaba_url), served(player, alibaba_url):
            took = [await one_run(player, alibaba_url, diagnosis_s) for _ in range(runs)]
        late = [one.late_s for one in took]
        print(
            f"end of {diagnosis_s:g} s to report: median {statistics.median(late):.2f} s, worst {max(late):.2f} s"
            f" of {runs} (target: {TARGET_S:g} s); at most {max(one.edits for one in took)} edits of {MOST_EDITS}"
        )


if __name__ == "__main__":
    asyncio.run(main())
