"""Where people are played: who they are, what they are handed, and what comes of what they did."""

from typing import Any

from bot.emulators.slack.ack import Ack
from bot.emulators.slack.delivery import Courier
from bot.emulators.slack.rooms import Room
from bot.emulators.slack.state import State
from bot.emulators.slack.views import View
from bot.emulators.slack.workspace import Person
from bot.model.value import Value

Json = dict[str, Any]


class Impossible(Exception):
    """A person cannot do this in Slack's client; the text says why."""


class Outcome(Value):
    """What came of it: how the app acknowledged, what opened, and what the person is shown.

    `ack_ms` is None if nothing was delivered. `errors` are a form's, by block_id; `closed` says it is gone.
    `shown` are Slack's own words to the person.
    """

    ack_ms: float | None = None
    status: int | None = None
    payload: Any = None
    error: str | None = None
    shown: tuple[str, ...] = ()
    views: tuple[Json, ...] = ()
    errors: dict[str, str] | None = None
    view: Json | None = None
    closed: bool | None = None
    message: Json | None = None
    options: tuple[Json, ...] | None = None
    execution_id: str | None = None
    option_groups: tuple[Json, ...] | None = None


class Stage:
    """The workspace with its app, seen from a person's chair; `base_url` is where the app finds the emulator."""

    def __init__(self, state: State, courier: Courier, base_url: str) -> None:
        self.state = state
        self.courier = courier
        self._base_url = base_url

    def person(self, user_id: str) -> Person:
        person = self.state.workspace.person(user_id)
        if person is None or person.is_bot:
            raise Impossible(f"there is nobody called {user_id}")
        if person.deleted:
            raise Impossible(f"{user_id} has been deactivated")
        return person

    def room(self, person: Person, channel_id: str) -> Room:
        """Find a room that the person is in; their direct message with the bot opens when it is named."""
        rooms = self.state.rooms
        direct = rooms.direct(person.id) if channel_id.startswith("D") else None
        room = direct if direct and direct.channel.id == channel_id else rooms.room(channel_id)
        if room is None or person.id not in room.channel.members:
            raise Impossible(f"{person.id} is not in {channel_id}")
        return room

    def view(self, person: Person, view_id: str) -> View:
        view = self.state.views.view(view_id)
        if view is None or view.user_id != person.id:
            raise Impossible(f"{person.id} has no view {view_id}")
        return view

    def trigger(self, person: Person) -> str:
        """Hand out a trigger, in the shape of Slack's: number.number.hex."""
        mint = self.state.mint
        trigger_id = f"{mint.ts()}.{mint.secret()}"
        self.state.triggers.issue(trigger_id, person.id)
        return trigger_id

    def response_url(self, person: Person, room: Room, message_ts: str | None = None) -> str:
        secret = self.state.mint.secret()
        self.state.hooks.issue(secret, person.id, room.channel.id, message_ts)
        return f"{self._base_url}/hooks/{secret}"

    def outcome(self, ack: Ack, trigger_id: str | None = None, **more: Any) -> Outcome:
        """Say what came of a delivery; `views` are those that its trigger has opened by now."""
        views = self.state.views
        opened = tuple(views.wire(view) for view in views if trigger_id and view.trigger_id == trigger_id)
        known = {"ack_ms": ack.ack_ms, "status": ack.status, "payload": ack.payload, "error": ack.error}
        return Outcome.model_validate({**known, "views": opened, **more})
