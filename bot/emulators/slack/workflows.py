"""The control interface that runs workflows: POST /_emulator/function starts a step, GET functions shows all."""

from typing import Any

from aiohttp import web
from pydantic import Field

from bot.emulators.control import PREFIX, read_body, refusal
from bot.emulators.ledger import Ledger
from bot.emulators.slack import payloads
from bot.emulators.slack.delivery import Courier, EnvelopeType
from bot.emulators.slack.functions import USER_CONTEXT, Function
from bot.emulators.slack.stage import Impossible, Json, Outcome, Stage
from bot.emulators.slack.state import State
from bot.model.value import Value


class Start(Value):
    """Somebody starts a workflow by a link; `inputs` are what its builder has put into the step's fields."""

    user: str
    callback_id: str = "diagnose_vpn_gateway"
    inputs: dict[str, Any] = Field(default_factory=dict)


def workflow_routes(state: State, courier: Courier, ledger: Ledger) -> list[web.RouteDef]:
    """POST function answers as people's routes do, with `execution_id`; GET functions with `executions`."""

    async def start(request: web.Request) -> web.Response:
        asked = await read_body(request, Start)
        try:
            outcome = await started(Stage(state, courier, f"{request.scheme}://{request.host}"), asked)
        except Impossible as impossible:
            raise refusal(400, str(impossible)) from impossible
        ledger.record(state.mint.now(), "person.function", asked.user, outcome.error or "ok", {})
        return web.json_response({"ok": True, **outcome.model_dump(exclude_none=True)})

    async def functions(request: web.Request) -> web.Response:
        del request
        shown = {"id", "user", "inputs", "state", "outputs", "error"}
        listed = [execution.model_dump(include=shown) for execution in state.executions]
        return web.json_response({"ok": True, "executions": listed})

    return [web.post(f"{PREFIX}/function", start), web.get(f"{PREFIX}/functions", functions)]


async def started(stage: Stage, asked: Start) -> Outcome:
    """Run the step as Slack does; raises Impossible for what Workflow Builder would not publish."""
    person = stage.person(asked.user)
    function = _function(stage, asked.callback_id)
    context = {"id": person.id, "secret": stage.state.mint.secret()}
    inputs = _filled_in(function, asked.inputs, context)
    execution = stage.state.executions.start(function, person.id, inputs)
    event = payloads.function_executed(stage.state.workspace, execution, stage.state.mint)
    ack = await stage.courier.deliver(EnvelopeType.EVENTS_API, event)
    return stage.outcome(ack, execution_id=execution.id)


def _function(stage: Stage, callback_id: str) -> Function:
    for function in stage.state.workspace.app.functions:
        if function.callback_id == callback_id:
            return function
    raise Impossible(f"the app has no step {callback_id}")


def _filled_in(function: Function, inputs: Json, context: Json) -> Json:
    """Put in who started it, for which there is no field (docs.slack.dev/reference/types/user_context-type)."""
    filled = dict(inputs)
    for parameter in function.inputs:
        if parameter.type == USER_CONTEXT:
            if parameter.name in inputs:
                raise Impossible(f"Workflow Builder has no field for {parameter.name}")
            filled[parameter.name] = context
        elif parameter.is_required and parameter.name not in inputs:
            raise Impossible(f"{parameter.name} has to be filled in")
    return filled
