"""The steps that run in workflows, from their start to the app's word on how they ended."""

from typing import Any, Literal

from bot.emulators.slack.functions import Function
from bot.emulators.slack.mint import Mint
from bot.emulators.slack.refused import Refused
from bot.model.value import Value

Json = dict[str, Any]

MOST_REMEMBERED = 2_000


class Execution(Value):
    """One run of a step; `token` is handed to the app for as long as the step runs."""

    id: str
    function: Function
    user: str
    inputs: Json
    token: str
    state: Literal["running", "completed", "failed"] = "running"
    outputs: Json | None = None
    error: str | None = None


class Executions:
    """The executions, those that have ended among them; of too many the oldest make room, ended ones first."""

    def __init__(self, mint: Mint) -> None:
        self._mint = mint
        self._known: dict[str, Execution] = {}

    def __iter__(self) -> Any:
        return iter(self._known.values())

    def start(self, function: Function, user: str, inputs: Json) -> Execution:
        started = Execution(
            id=self._mint.id("Fx"),
            function=function,
            user=user,
            inputs=inputs,
            token=f"xwfp-{self._mint.secret()}",
        )
        self._known[started.id] = started
        while len(self._known) > MOST_REMEMBERED:
            ended = (one.id for one in self._known.values() if one.state != "running")
            del self._known[next(ended, next(iter(self._known)))]
        return started

    def tokens(self) -> tuple[str, ...]:
        return tuple(execution.token for execution in self._known.values() if execution.state == "running")

    def complete(self, execution_id: str, outputs: Json) -> None:
        """Raise Refused as functions.completeSuccess does."""
        running = self._running(execution_id)
        declared = {output.name: output for output in running.function.outputs}
        flaws = [name for name, output in declared.items() if output.is_required and name not in outputs]
        flaws += [name for name in outputs if name not in declared or not declared[name].takes(outputs[name])]
        if flaws:
            raise Refused("parameter_validation_failed", response_metadata={"messages": flaws})
        self._known[execution_id] = running.changed(state="completed", outputs=outputs)

    def fail(self, execution_id: str, error: str) -> None:
        """Raise Refused as functions.completeError does."""
        self._known[execution_id] = self._running(execution_id).changed(state="failed", error=error)

    def _running(self, execution_id: str) -> Execution:
        execution = self._known.get(execution_id)
        if execution is None:
            raise Refused("function_execution_not_found")
        if execution.state != "running":
            raise Refused("execution_not_in_running_state")
        return execution
