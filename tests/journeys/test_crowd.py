"""A crowd asks at once: everybody gets an answer, in turn, and Slack never has to say that it is too much."""

import asyncio
import re
from collections.abc import AsyncIterator, Callable
from pathlib import Path

import pytest

from bot.emulators.slack.workspace import EXAMPLE, Channel, Person, Workspace
from bot.model.ids import ChannelId, UserId
from tests.journeys.world import ACCESS_FILE, HEALTHY, Json, World, living, part_of

PEOPLE = tuple(Person(id=UserId(f"U0CROWD{n:03}"), name=f"crowd{n}", real_name=f"Crowd {n}") for n in range(100))
CHANNELS = tuple(f"C0CROWD{number}" for number in range(5))

# How many times faster than Slack both Slack and the bot are here: an hour of theirs takes a minute and a half.
PACE = 40


def _crowded() -> Workspace:
    members = (*(person.id for person in PEOPLE), EXAMPLE.app.bot_user_id)
    channels = tuple(Channel(id=ChannelId(name), name=name.lower(), members=members) for name in CHANNELS)
    return EXAMPLE.model_copy(update={"people": EXAMPLE.people + PEOPLE, "channels": EXAMPLE.channels + channels})


@pytest.fixture
async def crowd(tmp_path: Path) -> AsyncIterator[World]:
    async with living(tmp_path, diagnosis_s=15, workspace=_crowded()) as world:
        mapped = ", ".join(f"{person.id}: oncall" for person in PEOPLE)
        world.write_access(ACCESS_FILE.replace("users: {", f"users: {{{mapped}, "))
        await world.player.rates(PACE)
        yield world


async def _ask(world: World, channel_of: Callable[[int], str]) -> None:
    """Let everybody ask within a second, each in a channel."""

    async def asking(number: int, person: Person) -> int:
        await asyncio.sleep(number / len(PEOPLE))
        outcome = await world.player.command(HEALTHY, user=person.id, channel=channel_of(number))
        return int(outcome["status"])

    answered = await asyncio.gather(*(asking(number, person) for number, person in enumerate(PEOPLE)))
    assert answered == [200] * len(PEOPLE)


async def _told(world: World, channels: tuple[str, ...], count: int) -> list[Json]:
    """Wait until so many have their report in these channels, and return their root messages."""

    async def told() -> list[Json]:
        await asyncio.sleep(0.2)  # looking at a hundred threads is work for the same processor
        roots = [
            root for channel in channels for root in await world.player.messages(channel) if _has_report(root)
        ]
        return roots if len(roots) >= count else []

    return await world.player.until(told, 120)


async def _starts(world: World) -> int:
    return sum(1 for call in await world.cloud_calls() if call["facts"].get("accepted_start"))


def _has_report(root: Json) -> bool:
    return [part_of(reply) for reply in root["replies"]] == ["started", "ending"]


def _askers(roots: list[Json]) -> list[str]:
    """List whom the root messages name; nobody else's ID is in them."""
    return sorted(re.findall(r"'user_id': '(\w+)'", str([root["blocks"] for root in roots])))


async def test_a_hundred_people_on_one_gateway_all_get_their_answer(crowd: World) -> None:
    async with crowd.bot(VPN_DIAGNOSE_SLACK_PACE=str(PACE)):
        await _ask(crowd, lambda number: CHANNELS[number % 5])
        roots = await _told(crowd, CHANNELS, len(PEOPLE))

    posted = [call for call in await crowd.player.calls("chat.postMessage") if call["outcome"] == "ok"]
    assert _askers(roots) == sorted(person.id for person in PEOPLE)
    assert len(posted) == 3 * len(PEOPLE)
    assert await _starts(crowd) == 1


async def test_a_crowd_in_one_channel_is_answered_and_does_not_hold_up_somebody_in_another(crowd: World) -> None:
    busy, quiet = CHANNELS[:2]
    last = len(PEOPLE) - 1
    async with crowd.bot(VPN_DIAGNOSE_SLACK_PACE=str(PACE)):
        await _ask(crowd, lambda number: quiet if number == last else busy)
        alone = await _told(crowd, (quiet,), 1)
        told_by_then = sum(_has_report(root) for root in await crowd.player.messages(busy))
        roots = await _told(crowd, (busy,), last)

    assert _askers(alone) == [PEOPLE[last].id]
    assert told_by_then < last  # in one line with them it would have been the last
    assert _askers(roots) == sorted(person.id for person in PEOPLE[:last])
    assert await _starts(crowd) == 1
