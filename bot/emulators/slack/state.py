"""Everything about the workspace that changes, and that a reset forgets."""

from collections.abc import Callable
from datetime import datetime

from bot.emulators.slack.executions import Executions
from bot.emulators.slack.files import Files
from bot.emulators.slack.hooks import Hooks
from bot.emulators.slack.limits import TICKET_LIFE
from bot.emulators.slack.mint import Mint
from bot.emulators.slack.rooms import Message, Rooms
from bot.emulators.slack.triggers import Triggers
from bot.emulators.slack.views import Views
from bot.emulators.slack.workspace import Workspace

MOST_TICKETS = 1_000


class State:
    """The rooms, forms, triggers, response URLs, steps, files and tickets of one workspace."""

    def __init__(
        self, workspace: Workspace, clock: Callable[[], datetime], entropy: Callable[[int], bytes]
    ) -> None:
        self.workspace = workspace
        self.mint = Mint(clock, entropy)
        self.reset()

    def reset(self) -> None:
        self.rooms = Rooms(self.workspace)
        self.views = Views(self.workspace, self.mint)
        self.triggers = Triggers(self.mint.now)
        self.hooks = Hooks(self.mint.now)
        self.executions = Executions(self.mint)
        self.files = Files(self.mint, self.mint.now)
        self._tickets: dict[str, datetime] = {}
        for remark in self.workspace.remarks:
            said = remark.model_dump(include={"user", "text", "blocks", "bot_id"})
            if (room := self.rooms.room(remark.channel)) is not None:
                room.add(Message(ts=self.mint.ts(), **said))

    def issue_ticket(self) -> str:
        """Give the secret with which one Socket Mode connection may be opened."""
        ticket = self.mint.uuid()
        self._tickets[ticket] = self.mint.now()
        while len(self._tickets) > MOST_TICKETS:
            del self._tickets[next(iter(self._tickets))]
        return ticket

    def take_ticket(self, ticket: str) -> bool:
        issued_at = self._tickets.pop(ticket, None)
        return issued_at is not None and self.mint.now() - issued_at <= TICKET_LIFE
