"""The control interface for whoever keeps looking: that something has changed, and what is new in a channel."""

import asyncio
from contextlib import suppress
from typing import Any

from aiohttp import web

from bot.emulators.control import PREFIX, refusal
from bot.emulators.ledger import Ledger
from bot.emulators.slack.rooms import Message, Room
from bot.emulators.slack.state import State
from bot.emulators.slack.wire import message_object

Json = dict[str, Any]

# Seconds: what happens within them is told once; after the longer ones a sign of life is sent.
TOLD_EVERY_S = 0.03
SIGN_OF_LIFE_S = 15.0


def news_routes(state: State, ledger: Ledger) -> list[web.RouteDef]:
    """GET live, an event stream of the version, and GET channels/{id}/news?user=…&after=(a revision)."""

    async def live(request: web.Request) -> web.StreamResponse:
        stream = web.StreamResponse(headers={"Content-Type": "text/event-stream", "Cache-Control": "no-store"})
        await stream.prepare(request)
        with suppress(ConnectionResetError):
            await _tell(stream, ledger)
        return stream

    async def news(request: web.Request) -> web.Response:
        channel_id, user = request.match_info["channel"], request.query.get("user", "")
        direct = state.rooms.direct(user) if channel_id.startswith("D") else None
        room = direct if direct and direct.channel.id == channel_id else state.rooms.room(channel_id)
        if room is None or user not in room.channel.members:
            raise refusal(404, f"there is no {channel_id} for {user}")
        after = request.query.get("after", "")
        return web.json_response({"ok": True, **_news(state, room, user, int(after) if after.isdecimal() else 0)})

    return [web.get(f"{PREFIX}/live", live), web.get(f"{PREFIX}/channels/{{channel}}/news", news)]


async def _tell(stream: web.StreamResponse, ledger: Ledger) -> None:
    known = -1
    while True:
        try:
            known = await asyncio.wait_for(ledger.change(known), SIGN_OF_LIFE_S)
            await stream.write(f"data: {known}\n\n".encode())
        except TimeoutError:
            await stream.write(b": still here\n\n")
        await asyncio.sleep(TOLD_EVERY_S)


def _news(state: State, room: Room, user: str, after: int) -> Json:
    """Give messages, replies and private ones alike, that are new or changed, and the `ts` of what is gone.

    With `is_whole` they are all there are.
    """
    changed = room.changed_since(after)
    seen = [m for m in room.all_messages() if m.seen_only_by in (None, user)]
    listed = [_seen(state, m) for m in seen if changed is None or m.ts in changed]
    gone = sorted((changed or set()) - {m.ts for m in seen})
    return {"revision": room.revision, "is_whole": changed is None, "messages": listed, "gone": gone}


def _seen(state: State, message: Message) -> Json:
    shown = message_object(message, state.workspace)
    return shown if message.seen_only_by is None else shown | {"seen_only_by": message.seen_only_by}
