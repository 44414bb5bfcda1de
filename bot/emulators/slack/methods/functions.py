"""functions.*: the app says how a step of a workflow ended (docs.slack.dev/reference/methods)."""

from bot.emulators.slack.methods.call import Call, Json
from bot.emulators.slack.refused import Refused
from bot.emulators.slack.state import State


def complete_success(state: State, call: Call) -> Json:
    outputs = call.arguments.structure("outputs", "invalid_arguments")
    if not isinstance(outputs, dict):
        raise Refused("invalid_arguments")
    state.executions.complete(call.arguments.required("function_execution_id"), outputs)
    return {}


def complete_error(state: State, call: Call) -> Json:
    error = call.arguments.required("error")
    state.executions.fail(call.arguments.required("function_execution_id"), error)
    return {}
