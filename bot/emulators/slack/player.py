"""Drive the emulator from Python: do as a person does, look at what they see."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any, TypeVar

import aiohttp

from bot.emulators.slack.text import thread_text

Json = dict[str, Any]
Seen = TypeVar("Seen")

__all__ = ["NotPlayed", "Player", "thread_text"]

LOOK_EVERY_S = 0.02


class NotPlayed(Exception):
    """The emulator says that a person cannot do this; the text says why."""


class Player:
    """Someone at the keyboard; every answer is that of the control interface, see bot.emulators.slack.stage.

    The session is the caller's. Raises NotPlayed for what the emulator refuses.
    """

    def __init__(self, base_url: str, session: aiohttp.ClientSession) -> None:
        self.base_url = base_url.rstrip("/")
        self._session = session

    async def command(
        self, text: str = "", *, user: str = "U0ALICE", channel: str = "C0INCIDENT", command: str = "/vpn-diagnose"
    ) -> Json:
        asked = {"command": command, "text": text, "user": user, "channel": channel}
        return await self._post("command", asked)

    async def submit(self, view_id: str, values: Json, *, user: str = "U0ALICE") -> Json:
        """Send a form; `values` by block_id. The answer has `errors` by block_id while the form stays open.

        A text for a menu that the app fills is typed into it, and the option of just that value is taken.
        """
        return await self._post("submit", {"view_id": view_id, "values": values, "user": user})

    async def close(self, view_id: str, *, user: str = "U0ALICE") -> Json:
        return await self._post("close", {"view_id": view_id, "user": user})

    async def say(
        self, text: str, *, user: str = "U0ALICE", channel: str = "C0INCIDENT", thread_ts: str | None = None
    ) -> Json:
        return await self._post("say", _without_none(text=text, user=user, channel=channel, thread_ts=thread_ts))

    async def mention(
        self, text: str, *, user: str = "U0ALICE", channel: str = "C0INCIDENT", thread_ts: str | None = None
    ) -> Json:
        """Say something to the bot; the text follows its name."""
        asked = _without_none(text=text, user=user, channel=channel, thread_ts=thread_ts)
        return await self._post("mention", asked)

    async def open_home(self, tab: str = "home", *, user: str = "U0ALICE") -> Json:
        """Open a tab of the app's page; what it publishes there is seen with `home`."""
        return await self._post("home", {"user": user, "tab": tab})

    async def home(self, user: str = "U0ALICE") -> Json | None:
        """Give what stands on somebody's Home tab, None if nothing was published there."""
        return next((view for view in await self.views(user) if view["type"] == "home"), None)

    async def shortcut(
        self, callback_id: str, *, user: str = "U0ALICE", channel: str | None = None, message_ts: str | None = None
    ) -> Json:
        asked = _without_none(callback_id=callback_id, user=user, channel=channel, message_ts=message_ts)
        return await self._post("shortcut", asked)

    async def click(self, action_id: str, *, user: str = "U0ALICE", value: Any = None, **where: Any) -> Json:
        """Press or choose; `where` is view_id, or channel and message_ts, and block_id if need be.

        In a form `values` are what else stands in it, by block_id.
        """
        return await self._post("click", _without_none(action_id=action_id, user=user, value=value, **where))

    async def options(self, action_id: str, typed: str, *, user: str = "U0ALICE", **where: str) -> Json:
        return await self._post("options", {"action_id": action_id, "value": typed, "user": user, **where})

    async def start_workflow(
        self, inputs: Json, *, user: str = "U0ALICE", callback_id: str = "diagnose_vpn_gateway"
    ) -> Json:
        """Start a workflow with a step of the app's in it; `inputs` are what its builder has filled in."""
        return await self._post("function", {"user": user, "inputs": inputs, "callback_id": callback_id})

    async def executions(self) -> list[Json]:
        """List the steps that were started, oldest first: who did, and how each has ended."""
        seen: list[Json] = (await self._get("functions", {}))["executions"]
        return seen

    async def messages(self, channel: str = "C0INCIDENT", *, user: str | None = None) -> list[Json]:
        """List what stands in the channel, oldest first, each with its `replies`."""
        seen: list[Json] = (await self._channel(channel, user))["messages"]
        return seen

    async def private_messages(self, channel: str = "C0INCIDENT", *, user: str | None = None) -> list[Json]:
        """List what was shown to one person alone; of all people if none is named."""
        seen: list[Json] = (await self._channel(channel, user))["private"]
        return seen

    async def views(self, user: str | None = None) -> list[Json]:
        query = {} if user is None else {"user": user}
        seen: list[Json] = (await self._get("views", query))["views"]
        return seen

    async def calls(self, operation: str | None = None) -> list[Json]:
        query = {} if operation is None else {"operation": operation}
        seen: list[Json] = (await self._get("calls", query))["calls"]
        return seen

    async def fault(
        self, operation: str, kind: str, *, times: int = 1, seconds: float | None = None, error: str | None = None
    ) -> None:
        order = _without_none(operation=operation, kind=kind, times=times, seconds=seconds, error=error)
        await self._post("faults", order)

    async def delivery(self, **order: Any) -> Json:
        """Change how things are delivered, or do it again: see bot.emulators.slack.switches.Order."""
        return await self._post("delivery", order)

    async def rates(self, times: float | None) -> None:
        """Let methods be called so many times as often as at Slack; None: as often as one likes."""
        await self._post("rates", {"times": times})

    async def reset(self) -> None:
        await self._post("reset", {})

    async def until_connected(self, within_s: float = 10.0) -> None:
        """Wait for a Socket Mode connection; raises TimeoutError."""
        await self.until(self.connections, within_s)

    async def connections(self) -> int:
        """Count the open Socket Mode connections."""
        return int((await self._get("delivery", {}))["sockets"])

    async def until(self, look: Callable[[], Awaitable[Seen]], within_s: float = 10.0) -> Seen:
        """Look again and again until something true is seen, and give it; raises TimeoutError."""
        async with asyncio.timeout(within_s):
            while not (seen := await look()):  # noqa: ASYNC110 (what is looked at is behind HTTP)
                await asyncio.sleep(LOOK_EVERY_S)
        return seen

    async def _channel(self, channel: str, user: str | None) -> Json:
        return await self._get(f"channels/{channel}/messages", {} if user is None else {"user": user})

    async def _get(self, path: str, query: dict[str, str]) -> Json:
        async with self._session.get(f"{self.base_url}/_emulator/{path}", params=query) as response:
            return await _answer(response)

    async def _post(self, path: str, body: Json) -> Json:
        async with self._session.post(f"{self.base_url}/_emulator/{path}", json=body) as response:
            return await _answer(response)


async def _answer(response: aiohttp.ClientResponse) -> Json:
    answer: Json = await response.json()
    if not answer["ok"]:
        raise NotPlayed(answer["error"])
    return answer


def _without_none(**given: Any) -> Json:
    return {name: value for name, value in given.items() if value is not None}
