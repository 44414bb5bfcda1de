"""What is said in the channels: messages, threads, and what only one person sees."""

from collections import deque
from collections.abc import Iterator
from typing import Any

from bot.emulators.slack.workspace import Channel, Workspace
from bot.model.ids import ChannelId
from bot.model.value import Value

MOST_MESSAGES = 5_000  # in a channel; the oldest make room
MOST_PRIVATE_MESSAGES = 500  # in a channel, over all people
MOST_CHANGES = 10_000  # of a channel; whoever knows nothing younger is shown the whole channel


class Message(Value):
    """A message as it stands; `user` is the author, `bot_id` set if an app posted it.

    `seen_only_by` is set for an ephemeral message; a reply names its thread's root in `thread_ts`.
    """

    ts: str
    user: str
    text: str
    blocks: tuple[dict[str, Any], ...] = ()
    attachments: tuple[dict[str, Any], ...] = ()
    bot_id: str | None = None
    thread_ts: str | None = None
    is_broadcast: bool = False
    files: tuple[dict[str, Any], ...] = ()
    metadata: dict[str, Any] | None = None
    edited_ts: str | None = None
    seen_only_by: str | None = None

    @property
    def is_reply(self) -> bool:
        return self.thread_ts is not None and self.thread_ts != self.ts


class Room:
    """A channel with what was said in it; `revision` counts what has changed."""

    def __init__(self, channel: Channel) -> None:
        self.channel = channel
        self._messages: dict[str, Message] = {}
        self._private: deque[Message] = deque(maxlen=MOST_PRIVATE_MESSAGES)
        self._changed_at: dict[str, int] = {}
        self.revision = 0

    def add(self, message: Message) -> None:
        """Keep a new message, or the new state of one that is there."""
        self._note(message.ts)
        if message.seen_only_by is not None:
            if len(self._private) == MOST_PRIVATE_MESSAGES:
                self._note(self._private[0].ts)
            self._private.append(message)
            return
        self._messages[message.ts] = message
        while len(self._messages) > MOST_MESSAGES:
            oldest = next(iter(self._messages))
            del self._messages[oldest]
            self._note(oldest)

    def message(self, ts: str) -> Message | None:
        return self._messages.get(ts)

    def private_message(self, ts: str, user_id: str) -> Message | None:
        return next((m for m in self._private if m.ts == ts and m.seen_only_by == user_id), None)

    def remove(self, ts: str) -> None:
        """Take a message away, whoever sees it."""
        self._note(ts)
        self._messages.pop(ts, None)
        self._private = deque((m for m in self._private if m.ts != ts), maxlen=MOST_PRIVATE_MESSAGES)

    def replace_private(self, message: Message) -> None:
        self._note(message.ts)
        self._private = deque(
            (message if m.ts == message.ts else m for m in self._private), maxlen=MOST_PRIVATE_MESSAGES
        )

    def mainline(self) -> list[Message]:
        """Give what stands in the channel itself, oldest first: no replies but the broadcast ones."""
        return [m for m in self._messages.values() if not m.is_reply or m.is_broadcast]

    def replies(self, root_ts: str) -> list[Message]:
        return [m for m in self._messages.values() if m.is_reply and m.thread_ts == root_ts]

    def replies_by_thread(self) -> dict[str, list[Message]]:
        threads: dict[str, list[Message]] = {}
        for message in self._messages.values():
            if message.is_reply and message.thread_ts is not None:
                threads.setdefault(message.thread_ts, []).append(message)
        return threads

    def private_messages(self) -> tuple[Message, ...]:
        return tuple(self._private)

    def changed_since(self, revision: int) -> set[str] | None:
        """Give the `ts` of what was added, changed or removed since; None if that is no longer known."""
        oldest = next(iter(self._changed_at.values()), 0)
        if revision > self.revision or revision < oldest - 1:
            return None
        return {ts for ts, at in self._changed_at.items() if at > revision}

    def all_messages(self) -> list[Message]:
        """Give everything, replies and private messages too."""
        return [*self._messages.values(), *self._private]

    def _note(self, ts: str) -> None:
        self.revision += 1
        self._changed_at.pop(ts, None)  # to the end, so that the oldest change is the first
        self._changed_at[ts] = self.revision
        while len(self._changed_at) > MOST_CHANGES:
            del self._changed_at[next(iter(self._changed_at))]


class Rooms:
    """All channels of a workspace, and the direct messages that were opened."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._rooms: dict[str, Room] = {channel.id: Room(channel) for channel in workspace.channels}

    def __iter__(self) -> Iterator[Room]:
        return iter(self._rooms.values())

    def room(self, channel_id: str) -> Room | None:
        return self._rooms.get(channel_id)

    def direct(self, user_id: str) -> Room | None:
        """Open the direct message between the bot and a person; None if there is no such person."""
        person = self._workspace.person(user_id)
        if person is None or person.is_bot:
            return None
        # Made from the person's ID, so that it is the same after a restart, as it would be in Slack.
        channel_id = ChannelId(f"D{person.id[1:]}")
        if channel_id not in self._rooms:
            members = (person.id, self._workspace.app.bot_user_id)
            channel = Channel(id=channel_id, name="directmessage", members=members, with_user=person.id)
            self._rooms[channel_id] = Room(channel)
        return self._rooms[channel_id]
