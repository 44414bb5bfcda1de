"""Slack to us: what people do there, read, decided and acknowledged. `ROUTES` is the routing table."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from slack_bolt.async_app import AsyncApp
from slack_bolt.middleware.async_middleware import AsyncMiddleware
from slack_bolt.request.async_request import AsyncBoltRequest
from slack_bolt.response import BoltResponse

from bot.listeners.buttons import button_reply
from bot.listeners.command import command_reply
from bot.listeners.filling import choice_reply
from bot.listeners.function_payload import FUNCTION_EXECUTED
from bot.listeners.home import HOME_OPENED, home_reply
from bot.listeners.intake import Intake
from bot.listeners.mention import MENTIONED, mention_reply
from bot.listeners.offer import OPEN_OFFERED_FORM, open_form_reply
from bot.listeners.organization import why_elsewhere
from bot.listeners.pickers import picker_reply
from bot.listeners.replies import COMMAND, Reply
from bot.listeners.shortcut import CALLBACK_ID as MESSAGE_SHORTCUT
from bot.listeners.shortcut import shortcut_reply
from bot.listeners.submission import submission_reply
from bot.listeners.unknown import declined_reply, error_reply
from bot.listeners.workflow import step_reply
from bot.slack.buttons import ACTION_IDS
from bot.slack.home import OPEN_FORM
from bot.slack.views import CALLBACK_ID, MENUS

# Reads a payload, decides by calling one function, and returns what the ack says; None: nothing.
Listener = Callable[[dict[str, Any], Intake], Awaitable[Reply | None]]


@dataclass(frozen=True, slots=True)
class Routes:
    """Who listens to what.

    Commands go by their name, forms and shortcuts by `callback_id`, presses and the questions of menus by
    `action_id`, events by their type.
    """

    commands: Mapping[str, Listener] = field(default_factory=dict)
    forms: Mapping[str, Listener] = field(default_factory=dict)
    shortcuts: Mapping[str, Listener] = field(default_factory=dict)
    presses: Mapping[str, Listener] = field(default_factory=dict)
    menus: Mapping[str, Listener] = field(default_factory=dict)
    events: Mapping[str, Listener] = field(default_factory=dict)

    def listener(self, body: dict[str, Any]) -> Listener | None:
        """Find who listens to a payload; None: nobody does, or it is in no shape that is known."""
        if "command" in body:
            return _found(self.commands, body.get("command"))
        match body.get("type"):
            case "view_submission":
                listeners, name = self.forms, _part(body, "view").get("callback_id")
            case "block_actions":
                listeners, name = self.presses, _first_action(body).get("action_id")
            case "event_callback":
                listeners, name = self.events, _part(body, "event").get("type")
            case "block_suggestion":
                listeners, name = self.menus, body.get("action_id")
            case "message_action" | "shortcut":  # on a message, and without one
                listeners, name = self.shortcuts, body.get("callback_id")
            case _:
                return None
        return _found(listeners, name)


ROUTES = Routes(
    commands={COMMAND: command_reply},
    forms={CALLBACK_ID: submission_reply},
    shortcuts={MESSAGE_SHORTCUT: shortcut_reply},
    presses=dict.fromkeys(ACTION_IDS, button_reply)
    | dict.fromkeys(MENUS, choice_reply)
    | dict.fromkeys((OPEN_FORM, OPEN_OFFERED_FORM), open_form_reply),
    menus=dict.fromkeys(MENUS, picker_reply),
    events={FUNCTION_EXECUTED: step_reply, MENTIONED: mention_reply, HOME_OPENED: home_reply},
)
"""The routing table."""


def register(app: AsyncApp, intake: Intake, routes: Routes = ROUTES) -> None:
    """Route what Slack sends."""

    async def otherwise(error: Exception, body: dict[str, Any]) -> BoltResponse:
        return BoltResponse(status=200, body=error_reply(error, body, intake) or "")

    app.use(_Routing(routes, intake))
    app.error(otherwise)


class _Routing(AsyncMiddleware):
    """Answers what is in the table, and leaves everything else to Bolt.

    A middleware, since for each listener of its own Bolt makes the forty arguments that one may name, and for the
    one that matches once more (docs/decisions/0010).
    """

    def __init__(self, routes: Routes, intake: Intake) -> None:
        self._routes = routes
        self._intake = intake

    async def async_process(
        self,
        *,
        req: AsyncBoltRequest,
        resp: BoltResponse,
        next: Callable[[], Awaitable[BoltResponse]],  # noqa: A002 - Bolt's name for it
    ) -> BoltResponse | None:
        del resp
        body: Any = req.body
        listener = self._routes.listener(body)
        if listener is None:
            return await next()
        elsewhere = await why_elsewhere(body, self._intake)
        if elsewhere is not None:
            return BoltResponse(status=200, body=declined_reply(elsewhere, body, self._intake) or "")
        return BoltResponse(status=200, body=await listener(body, self._intake) or "")


def _found(listeners: Mapping[str, Listener], name: Any) -> Listener | None:
    return listeners.get(name) if isinstance(name, str) else None


def _part(body: dict[str, Any], name: str) -> dict[str, Any]:
    part = body.get(name)
    return part if isinstance(part, dict) else {}


def _first_action(body: dict[str, Any]) -> dict[str, Any]:
    """Give the one thing that was pressed; Slack sends a list of one."""
    actions = body.get("actions")
    first = actions[0] if isinstance(actions, list) and actions else None
    return first if isinstance(first, dict) else {}
