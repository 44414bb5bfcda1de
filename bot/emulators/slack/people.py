"""The control interface that plays people: POST /_emulator/command, shortcut, mention, home, submit, click."""

from collections.abc import Awaitable, Callable
from typing import Any, Literal, TypeVar

from aiohttp import web
from pydantic import Field

from bot.emulators.control import PREFIX, read_body, refusal
from bot.emulators.ledger import Ledger
from bot.emulators.slack import forms, pressing, talking
from bot.emulators.slack.delivery import Courier
from bot.emulators.slack.pressing import Target
from bot.emulators.slack.stage import Impossible, Outcome, Stage
from bot.emulators.slack.state import State
from bot.model.value import Value


class Act(Value):
    """Something that a person does."""

    user: str


Shape = TypeVar("Shape", bound=Act)


class Command(Act):
    channel: str
    command: str = "/vpn-diagnose"
    text: str = ""


class Saying(Act):
    channel: str
    text: str = ""
    thread_ts: str | None = None


class Visit(Act):
    tab: Literal["home", "messages"] = "home"


class Shortcut(Act):
    callback_id: str
    channel: str | None = None
    message_ts: str | None = None


class Submission(Act):
    """`values` by block_id: a text, or the value of the option chosen."""

    view_id: str
    values: dict[str, Any] = Field(default_factory=dict)


class Closing(Act):
    view_id: str


class Click(Act, Target):
    """`values` by block_id: what else stands in the form that is clicked in."""

    value: Any = None
    values: dict[str, Any] = Field(default_factory=dict)


class Typing(Act, Target):
    value: str = ""


def people_routes(state: State, courier: Courier, ledger: Ledger) -> list[web.RouteDef]:
    """Every route answers with an Outcome as JSON and `ok: true`, or with 400 why a person cannot do that."""

    def route(name: str, shape: type[Shape], act: Callable[[Stage, Shape], Awaitable[Outcome]]) -> web.RouteDef:
        async def play(request: web.Request) -> web.Response:
            asked = await read_body(request, shape)
            stage = Stage(state, courier, f"{request.scheme}://{request.host}")
            try:
                outcome = await act(stage, asked)
            except Impossible as impossible:
                raise refusal(400, str(impossible)) from impossible
            ledger.record(state.mint.now(), f"person.{name}", asked.user, outcome.error or "ok", {})
            return web.json_response({"ok": True, **outcome.model_dump(exclude_none=True)})

        return web.post(f"{PREFIX}/{name}", play)

    return [
        route("command", Command, lambda s, c: talking.command(s, c.user, c.channel, c.command, c.text)),
        route("say", Saying, lambda s, c: talking.say(s, c.user, c.channel, c.text, c.thread_ts)),
        route("mention", Saying, lambda s, c: talking.mention(s, c.user, c.channel, c.text, c.thread_ts)),
        route("home", Visit, lambda s, c: talking.open_home(s, c.user, c.tab)),
        route(
            "shortcut",
            Shortcut,
            lambda s, c: talking.shortcut(s, c.user, c.callback_id, c.channel, c.message_ts),
        ),
        route("submit", Submission, lambda s, c: forms.submit(s, c.user, c.view_id, c.values)),
        route("close", Closing, lambda s, c: forms.close(s, c.user, c.view_id)),
        route("click", Click, lambda s, c: pressing.click(s, c.user, c, c.value, c.values)),
        route("options", Typing, lambda s, c: pressing.options(s, c.user, c, c.value)),
    ]
