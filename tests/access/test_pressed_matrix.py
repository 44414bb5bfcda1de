"""People who may not press the buttons under Alice's report, or look back: one table, between the two emulators.

Of each: the cloud has heard nothing, the presser was answered alone, it is in the audit trail, and nowhere was it
said that anything is running.
"""

import itertools
import json
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Any

import pytest
import pytest_asyncio

from bot.emulators.slack import payloads
from bot.slack.buttons import COMPARE, COPY_COMMAND, EXPORT, RUN_AGAIN, STOP_WATCHING, WATCH
from bot.slack.verdict import UNDER_WAY
from tests.access.refused import (
    ABROAD,
    ALICE,
    BOB,
    BOOK,
    MAPPED_OUTSIDERS,
    NOT_TO_BE_TOLD,
    OUTSIDERS,
    WORKSPACE,
    Deed,
    Who,
    delivered,
    everything_said,
    refusals_of,
    title,
    trail_of,
    types,
    until_a_refusal_is_kept,
    until_slack_has_said_who_all_are,
)
from tests.journeys.world import HEALTHY, World, living, part_of

pytestmark = pytest.mark.asyncio(loop_scope="module")

Json = dict[str, Any]

HERE, ELSEWHERE = "C0INCIDENT", "C0PAYLOAD"

GONE = "01900000-0000-7000-8000-000000000000"

_triggers = (f"{number}.pressed" for number in itertools.count())


@dataclass(frozen=True)
class Pressing:
    """A press in a channel, of a button that names the run told in another, or no run."""

    action_id: str
    channel: str = HERE
    run_told_in: str = HERE
    value: str | None = None

    async def __call__(self, world: World, who: Who) -> list[Json]:
        (root, *_) = await world.player.messages(HERE)
        message = root["replies"][-1]
        value = await run_id(world, self.run_told_in) if self.value is None else self.value
        action = {
            "type": "button",
            "action_id": self.action_id,
            "block_id": "b",
            "action_ts": "1.2",
            "value": value,
        }
        channel = next(room for room in WORKSPACE.channels if room.id == self.channel)
        place = payloads.in_message(channel, message, "http://127.0.0.1", is_ephemeral=False)
        body = payloads.block_actions(WORKSPACE, who.person, action, place, next(_triggers))
        return await delivered(world, "interactive", body)


async def run_id(world: World, channel: str) -> str:
    (root, *_) = await world.player.messages(channel)
    return str(root["metadata"]["event_payload"]["run_id"])


@pytest_asyncio.fixture(scope="module", loop_scope="module")
async def world(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[World]:
    """Give a world in which Alice has a report in two channels, and the bot runs through the whole table."""
    folder = tmp_path_factory.mktemp("pressed")
    async with living(folder, diagnosis_s=0.2, workspace=WORKSPACE) as alive:
        alive.write_access(BOOK)
        await alive.player.rates(None)
        async with alive.bot():
            for channel in (HERE, ELSEWHERE):
                await alive.player.command(HEALTHY, channel=channel)
                await alive.ending(channel)
            await until_slack_has_said_who_all_are(alive)
            yield alive


PRESSES = {name: Pressing(name) for name in (RUN_AGAIN, COMPARE, WATCH, STOP_WATCHING, COPY_COMMAND, EXPORT)}
LOOKS = {text: types(text) for text in ("history", "history here", "history vpn-healthy0000000000001", "last")}

FORGERIES = {
    "that names no run": Pressing(RUN_AGAIN, value=""),
    "that names nonsense": Pressing(RUN_AGAIN, value="nonsense"),
    "that holds JSON": Pressing(EXPORT, value='{"run_id": "x", "user_id": "U0ALICE"}'),
    "that names a run told elsewhere": Pressing(RUN_AGAIN, run_told_in=ELSEWHERE),
    "to compare with a run told elsewhere": Pressing(COMPARE, run_told_in=ELSEWHERE),
    "to export a run told elsewhere": Pressing(EXPORT, run_told_in=ELSEWHERE),
    "to watch a run told elsewhere": Pressing(WATCH, run_told_in=ELSEWHERE),
    "to stop the watch of a run told elsewhere": Pressing(STOP_WATCHING, run_told_in=ELSEWHERE),
    "in another channel than its run": Pressing(RUN_AGAIN, channel=ELSEWHERE),
}


def _rows() -> Iterator[tuple[str, Who, Deed, str]]:
    for name, (who, code) in (OUTSIDERS | MAPPED_OUTSIDERS).items():
        told = "" if who.user in NOT_TO_BE_TOLD else title(code)
        for press_name, press in PRESSES.items():
            yield f"{name} presses {press_name}", who, press, told
        gone = Pressing(STOP_WATCHING, value=GONE)
        yield f"{name} presses {STOP_WATCHING} for a run that is gone", who, gone, told
        for look_name, look in LOOKS.items():
            yield f"{name} types {look_name}", who, look, title(code)
    for deed_name, deed in (PRESSES | LOOKS).items():
        yield f"Alice of another organization: {deed_name}", ABROAD, deed, title("access.other_organization")
    for name, who in {"Alice": ALICE, "a colleague": BOB}.items():
        for forgery_name, forgery in FORGERIES.items():
            yield f"{name} presses a button {forgery_name}", who, forgery, title("access.button_foreign")
        for press_name in PRESSES:
            gone = Pressing(press_name, value=GONE)
            yield f"{name} presses {press_name} for a run that is gone", who, gone, title("bot.run_gone")
        not_here = title("access.channel_not_allowed")
        yield f"{name} presses where it is not allowed", who, Pressing(RUN_AGAIN, channel="C0OPEN"), not_here


ROWS = list(_rows())
PEOPLE = sorted({who.user for _, who, _, _ in ROWS})


async def test_the_table_is_long_enough_and_its_rows_differ() -> None:
    names = [name for name, *_ in ROWS]

    assert len(set(names)) == len(names) >= 180


@pytest.mark.parametrize(("who", "deed", "told"), [pytest.param(*row[1:], id=row[0]) for row in ROWS])
async def test_whoever_is_outside_is_told_so_alone_and_nothing_happens(
    world: World, who: Who, deed: Deed, told: str
) -> None:
    before, calls = await everything_said(world, PEOPLE), len(await world.cloud_calls())
    audited = refusals_of(world, who)
    acks = await deed(world, who)

    async def answered() -> list[dict[str, Json]]:
        new = {ts: one for ts, one in (await everything_said(world, PEOPLE)).items() if ts not in before}
        return [new] if told in json.dumps([acks, list(new.values())], ensure_ascii=False) else []

    (new,) = await world.player.until(answered)
    assert len(await world.cloud_calls()) == calls
    assert {part_of(one) for one in new.values()} <= {""}
    assert all(one.get("seen_only_by", who.user) == who.user for one in new.values())
    assert UNDER_WAY not in json.dumps([acks, list(new.values())], ensure_ascii=False)
    await until_a_refusal_is_kept(world, who, audited)


async def all_told(world: World) -> bool:
    """Tell whether all diagnoses have ended: what comes late would be taken for an answer to somebody else."""
    return all("ending" in map(part_of, root["replies"]) for root in await world.player.messages(HERE))


async def says_that_the_watch_has_ended(world: World) -> bool:
    return any("watch_end" in map(part_of, root["replies"]) for root in await world.player.messages(HERE))


async def test_a_colleague_may_press_and_does_so_as_themselves(world: World) -> None:
    before = len(await world.cloud_calls("DiagnoseVpnGateway"))
    await Pressing(RUN_AGAIN)(world, BOB)

    async def started() -> bool:
        return len(await world.cloud_calls("DiagnoseVpnGateway")) > before

    await world.player.until(started)
    sessions = [str(call["facts"]) for call in await world.cloud_calls("AssumeRole")]
    assert any("slack-T0EMULATED-U0BOB" in facts for facts in sessions)
    await world.player.until(partial(all_told, world))


async def test_a_watch_is_stopped_by_whoever_began_it_alone(world: World) -> None:
    await Pressing(WATCH)(world, ALICE)
    told = ("told", STOP_WATCHING, None)
    before_her, before_him = trail_of(world, ALICE).count(told), refusals_of(world, BOB)
    before = await everything_said(world, PEOPLE)
    await Pressing(STOP_WATCHING)(world, BOB)
    await until_a_refusal_is_kept(world, BOB, before_him)

    async def named() -> bool:
        new = [one for ts, one in (await everything_said(world, PEOPLE)).items() if ts not in before]
        return any(one.get("seen_only_by") == BOB.user and "U0ALICE" in str(one["blocks"]) for one in new)

    await world.player.until(named)
    await Pressing(STOP_WATCHING)(world, ALICE)

    async def kept() -> bool:
        return trail_of(world, ALICE).count(told) > before_her

    await world.player.until(kept)
    assert ("refused", STOP_WATCHING, "access.watch_not_yours") in trail_of(world, BOB)
    await world.player.until(partial(says_that_the_watch_has_ended, world))
