"""A request of Slack's that somebody recorded is refused by a bot that was started again since."""

import sqlite3
from contextlib import closing
from datetime import UTC, datetime
from urllib.parse import urlencode

import aiohttp
from pydantic import SecretStr

from bot.web.guard import SIGNATURE, TIMESTAMP, signature_of
from tests.journeys.world import World

SECRET = "emulator-signing-secret"
COMMAND = {
    "command": "/vpn-diagnose",
    "text": "help",
    "team_id": "T0EMULATED",
    "user_id": "U0ALICE",
    "channel_id": "C0INCIDENT",
    "trigger_id": "1.2.recorded",
}


def recorded() -> tuple[bytes, dict[str, str]]:
    """Give the body and the headers of a command that Slack signed just now."""
    body = urlencode(COMMAND).encode()
    stamp = str(int(datetime.now(UTC).timestamp()))
    signature = signature_of(SecretStr(SECRET), stamp, body)
    return body, {"Content-Type": "application/x-www-form-urlencoded", TIMESTAMP: stamp, SIGNATURE: signature}


async def sent(world: World, command: tuple[bytes, dict[str, str]], *, unknown_to_the_file: bool = False) -> int:
    """Start a bot behind HTTP, send it the command, and return the status of its answer."""
    body, headers = command
    async with world.bot(SLACK_APP_TOKEN="", SLACK_SIGNING_SECRET=SECRET) as bot:
        if unknown_to_the_file:
            with closing(sqlite3.connect(world.folder / "bot.db")) as file, file:
                assert file.execute("DELETE FROM signatures").rowcount == 1
        async with aiohttp.ClientSession() as session:
            answer = await session.post(f"{bot.address}/slack/events", data=body, headers=headers)
            return answer.status


async def test_what_was_let_in_before_the_start_is_refused(world: World) -> None:
    command = recorded()

    assert [await sent(world, command), await sent(world, command)] == [200, 401]


async def test_a_bot_alone_with_its_file_knows_by_itself_what_was_let_in_before_it_started(world: World) -> None:
    command = recorded()

    assert await sent(world, command) == 200
    assert await sent(world, command, unknown_to_the_file=True) == 401
