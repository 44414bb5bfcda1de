"""What Slack sends when somebody presses a button of ours in a message, parsed; foreign until then."""

from typing import Annotated, Any, NamedTuple

from pydantic import SecretStr, StringConstraints

from bot.listeners.form_origin import ThreadTs
from bot.listeners.payloads import Interaction, OneUse, Payload
from bot.model.ids import ChannelId, RunId
from bot.model.problem import Problem
from bot.model.request import Requester
from bot.slack.limits import BUTTON_VALUE

Name = Annotated[str, StringConstraints(min_length=1, max_length=255)]


class Whom(NamedTuple):
    """Somebody who is told something alone, and where: beside what they have done; None: not in a channel.

    `response_url` is the address at which Slack takes answers to just that, if it gave one; a secret for half an
    hour.
    """

    requester: Requester
    channel_id: ChannelId | None
    thread_ts: str | None = None
    response_url: SecretStr | None = None

    @property
    def place(self) -> "Whom":
        """The same person in the same place, whatever they have done there."""
        return self._replace(response_url=None)


class _Action(Payload):
    action_id: Name
    value: Annotated[str, StringConstraints(max_length=BUTTON_VALUE)] = ""


class _Container(Payload):
    channel_id: ChannelId
    message_ts: ThreadTs
    thread_ts: ThreadTs | None = None


class Press(Interaction):
    """A press (docs.slack.dev/reference/interaction-payloads/block_actions-payload).

    `trigger_id` is new with every press and the same in a redelivery. The button's value could have been written
    by anybody in the channel.
    """

    trigger_id: OneUse
    container: _Container
    actions: tuple[_Action]

    @property
    def action_id(self) -> str:
        return self.actions[0].action_id

    @property
    def run_id(self) -> RunId:
        """The run that the button names; raises `Problem("access.button_foreign")` where it names none."""
        try:
            return RunId(self.actions[0].value)
        except ValueError:
            raise Problem("access.button_foreign") from None

    @property
    def delivery(self) -> str:
        """The press, by which a redelivery is known; two presses that mean the same have two."""
        return f"press:{self.requester.team_id}:{self.trigger_id}"

    @property
    def channel_id(self) -> ChannelId:
        return self.container.channel_id

    @property
    def root_ts(self) -> str:
        """The root of the thread that the message is in, or would be of its own."""
        return self.container.thread_ts or self.container.message_ts

    @property
    def whom(self) -> Whom:
        return Whom(self.requester, self.channel_id, self.container.thread_ts)


class _Place(Payload):
    channel_id: ChannelId | None = None
    thread_ts: ThreadTs | None = None


class _AnyPress(Interaction):
    container: _Place = _Place()


def presser_of(body: dict[str, Any]) -> Whom | None:
    """Return who pressed a button or chose in a menu, and where; None for what is neither, and for nobody's."""
    if body.get("type") != "block_actions":
        return None
    try:
        press = _AnyPress.read(body)
    except Problem:
        return None
    return Whom(press.requester, press.container.channel_id, press.container.thread_ts)
