"""What Slack sends when a workflow comes to the bot's step, parsed; who started it is taken from Slack alone."""

from typing import Annotated, Any

from pydantic import Field, StringConstraints, ValidationError

from bot.listeners.payloads import Arrived, OneUse, Payload, Typed
from bot.model.ids import ChannelId, TeamId, UserId
from bot.model.problem import Problem
from bot.model.request import Requester
from bot.slack.functions import CALLBACK_ID
from bot.slack.views import FormValues

FUNCTION_EXECUTED = "function_executed"

# The only type of an input that Slack fills in and vouches for: a workflow's builder cannot set it to somebody
# else, which they can of `slack#/types/user_id` (docs/decisions/0015).
_VOUCHED_FOR = "slack#/types/user_context"
_STARTED_BY = "started_by"


class _Declared(Payload):
    name: str
    type: str


class _Function(Payload):
    callback_id: str
    input_parameters: tuple[_Declared, ...] = ()


class _Person(Payload):
    """A `user_context`; the secret is Slack's own, by which it checks the ID, and is not looked into."""

    id: UserId
    secret: Annotated[str, StringConstraints(min_length=1)] = Field(repr=False)


class _Inputs(Payload):
    started_by: Any = None
    channel_id: Typed = ""
    gateway_id: Typed | None = None
    connection_id: Typed | None = None
    region: Typed | None = None
    source_ip: Typed | None = None
    destination_ip: Typed | None = None


class _Event(Payload):
    function: _Function
    function_execution_id: OneUse
    inputs: _Inputs


class Step(Arrived):
    """A step that was reached (docs.slack.dev/reference/events/function_executed)."""

    team_id: TeamId
    event: _Event

    @property
    def requester(self) -> Requester:
        """Whoever started the workflow, by Slack's word; `Problem("access.workflow_nobody")` if it gives none."""
        declared = {each.name: each.type for each in self.event.function.input_parameters}
        if declared.get(_STARTED_BY) != _VOUCHED_FOR:
            raise Problem("access.workflow_nobody")
        try:
            person = _Person.model_validate(self.event.inputs.started_by)
        except ValidationError:
            raise Problem("access.workflow_nobody") from None
        return Requester(team_id=self.team_id, user_id=person.id)

    @property
    def channel_id(self) -> ChannelId:
        """Where the answer goes; `Problem("form.channel_malformed")` for what is no channel."""
        try:
            return ChannelId(self.event.inputs.channel_id)
        except ValueError:
            raise Problem("form.channel_malformed", value=self.event.inputs.channel_id) from None

    @property
    def values(self) -> FormValues:
        inputs = self.event.inputs
        return FormValues.model_validate({name: getattr(inputs, name) for name in FormValues.model_fields})

    @property
    def delivery(self) -> str:
        """The intent, by which a redelivery is known."""
        return f"function:{self.team_id}:{self.event.function_execution_id}"


class _Named(Payload):
    callback_id: str


class _Execution(Payload):
    type: str
    function: _Named
    function_execution_id: OneUse


class _AnyStep(Arrived):
    """As little of a step as it takes to end it."""

    event: _Execution


def execution_of(body: dict[str, Any]) -> str | None:
    """Give the ID by which a step of ours can be ended, though the rest of it be in no known shape; else None."""
    try:
        execution = _AnyStep.read(body).event
    except Problem:
        return None
    is_ours = execution.type == FUNCTION_EXECUTED and execution.function.callback_id == CALLBACK_ID
    return execution.function_execution_id if is_ours else None
