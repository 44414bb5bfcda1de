"""What Slack sends for a command, and for what people do in a form, parsed; foreign until then."""

from typing import Annotated, Any, Self

from pydantic import BaseModel, ConfigDict, Field, SecretStr, StringConstraints, ValidationError

from bot.model.ids import ChannelId, TeamId, UserId
from bot.model.problem import Problem
from bot.model.request import Conversation, Requester
from bot.slack.channel_choice import CHANNEL
from bot.slack.menus import NO_CHOICE
from bot.slack.views import LONGEST_VALUE, FormValues

# What Slack names something by, which is stored and logged: a control sign or half a character stands in none.
OneUse = Annotated[str, StringConstraints(pattern=r"^[!-~]+$", max_length=200)]

# Slack holds a field to its `max_length` of 200, in signs that it may send as several characters; whatever is far
# longer has been sent by something else, and is not read.
Typed = Annotated[str, StringConstraints(max_length=20 * LONGEST_VALUE)]


class Payload(BaseModel):
    """A part of what Slack sends; fields that are not named here are let be, since Slack adds new ones."""

    model_config = ConfigDict(frozen=True, extra="ignore", hide_input_in_errors=True)


class Arrived(Payload):
    """The whole of what Slack sends at a time."""

    @classmethod
    def read(cls, body: dict[str, Any]) -> Self:
        """Raise `Problem("bot.payload_unknown")` for what is no such thing."""
        try:
            return cls.model_validate(body)
        except ValidationError:
            raise Problem("bot.payload_unknown") from None


class SlashCommand(Arrived):
    """A slash command (docs.slack.dev/interactivity/implementing-slash-commands).

    `trigger_id` is new with every invocation and the same in a redelivery; it opens one form, within 3 seconds.
    """

    team_id: TeamId
    user_id: UserId
    channel_id: ChannelId
    trigger_id: OneUse
    text: str = ""
    response_url: SecretStr | None = None

    @property
    def requester(self) -> Requester:
        return Requester(team_id=self.team_id, user_id=self.user_id)

    @property
    def conversation(self) -> Conversation:
        """The channel itself: Slack takes no command of an app's inside a thread."""
        return Conversation(channel_id=self.channel_id)

    @property
    def delivery(self) -> str:
        """The intent, by which a redelivery is known."""
        return f"command:{self.team_id}:{self.trigger_id}"


class _Person(Payload):
    id: UserId
    team_id: TeamId | None = None


class _Team(Payload):
    id: TeamId


class Interaction(Arrived):
    """What a person did with something of ours; `team` is null where the app is installed for an organization."""

    user: _Person
    team: _Team | None = None

    @classmethod
    def read(cls, body: dict[str, Any]) -> Self:
        """Raise `Problem("bot.payload_unknown")` for what is no such thing, or nobody's."""
        interaction = super().read(body)
        if interaction.user.team_id is None and interaction.team is None:
            raise Problem("bot.payload_unknown")
        return interaction

    @property
    def requester(self) -> Requester:
        """Who acts, in their own workspace: in a shared channel that is not the one that they act in."""
        team_id = self.user.team_id or (self.team.id if self.team else None)
        return Requester.model_validate({"team_id": team_id, "user_id": self.user.id})


class _Option(Payload):
    value: Typed


class _Field(Payload):
    """What somebody has typed or chosen."""

    value: Typed | None = None
    selected_option: _Option | None = None
    selected_conversation: ChannelId | None = None

    @property
    def text(self) -> str | None:
        chosen = self.selected_option
        if chosen is None:
            return self.value
        return None if chosen.value == NO_CHOICE else chosen.value


class _State(Payload):
    values: dict[str, dict[str, _Field]] = Field(default_factory=dict)


class _View(Payload):
    id: OneUse
    hash: Annotated[str, StringConstraints(max_length=200)] = ""
    private_metadata: str = ""
    state: _State = _State()


class InForm(Interaction):
    """What a person did in a form."""

    view: _View

    @property
    def values(self) -> FormValues:
        """What stands in it; each block of the form is named as its field, and so is the element in it."""
        blocks = self.view.state.values
        fields = [name for name in FormValues.model_fields if name in blocks.get(name, {})]
        return FormValues.model_validate({name: blocks[name][name].text for name in fields})

    @property
    def asks_for_channel(self) -> bool:
        """Whether the form has a field for the channel to answer in."""
        return CHANNEL in self.view.state.values

    @property
    def chosen_channel(self) -> ChannelId | None:
        """The channel to answer in, which only a form asks for that was opened in none."""
        field = self.view.state.values.get(CHANNEL, {}).get(CHANNEL)
        return None if field is None else field.selected_conversation


class Submission(InForm):
    """A submitted form (docs.slack.dev/reference/interaction-payloads/view-interactions-payload)."""

    @property
    def delivery(self) -> str:
        """The intent, by which a redelivery or a second press of Submit is known."""
        return f"view:{self.requester.team_id}:{self.view.id}"


class ChoiceInForm(InForm):
    """A choice in a menu of an open form; all that stands in the form comes with it.

    docs.slack.dev/reference/interaction-payloads/block_actions-payload
    """


class Suggestion(InForm):
    """A menu of a form asks for options; `value` is what was typed in it, and nothing is known of other fields.

    docs.slack.dev/reference/interaction-payloads/block_suggestion-payload
    """

    action_id: OneUse
    value: Typed = ""
