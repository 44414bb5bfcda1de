"""People type commands, say things, mention the bot, open its page and use shortcuts."""

from bot.emulators.slack import payloads
from bot.emulators.slack.ack import Ack
from bot.emulators.slack.answers import answer_at, tell_privately
from bot.emulators.slack.delivery import EnvelopeType
from bot.emulators.slack.hooks import Hook
from bot.emulators.slack.refused import Refused
from bot.emulators.slack.rooms import Message, Room
from bot.emulators.slack.stage import Impossible, Outcome, Stage
from bot.emulators.slack.typed import typed_blocks
from bot.emulators.slack.wire import message_object
from bot.emulators.slack.workspace import Person


async def command(stage: Stage, user: str, channel: str, name: str, text: str) -> Outcome:
    """Type a slash command; an answer in the ack is shown to this person alone, unless it says otherwise."""
    person = stage.person(user)
    room = stage.room(person, channel)
    if name not in stage.state.workspace.app.commands:
        return Outcome(shown=(f"{name} is not a valid command.",))
    trigger_id = stage.trigger(person)
    url = stage.response_url(person, room)
    payload = payloads.slash_command(stage.state.workspace, person, room.channel, name, text, trigger_id, url)
    ack = await stage.courier.deliver(EnvelopeType.SLASH_COMMANDS, payload)
    error = ack.error or _answered(stage, room, person, ack)
    shown = (f'{name} failed with the error "{error}"',) if error else ()
    for sentence in shown:
        tell_privately(stage.state, room, person.id, sentence)
    return stage.outcome(ack, trigger_id, shown=shown)


async def say(stage: Stage, user: str, channel: str, text: str, thread_ts: str | None) -> Outcome:
    """Say something that the app does not hear of."""
    message = _said(stage, user, channel, text, thread_ts)
    return Outcome(message=message_object(message, stage.state.workspace))


async def mention(stage: Stage, user: str, channel: str, text: str, thread_ts: str | None) -> Outcome:
    """Say something to the bot, which hears of it only where it is a member."""
    person = stage.person(user)
    room = stage.room(person, channel)
    workspace = stage.state.workspace
    bot = workspace.app.bot_user_id
    message = message_object(_said(stage, user, channel, f"<@{bot}> {text}".rstrip(), thread_ts), workspace)
    if bot not in room.channel.members:
        return Outcome(message=message)
    sent = message | {"blocks": typed_blocks(message["text"])}
    event = payloads.app_mention(workspace, person, room.channel, sent, stage.state.mint.id("Ev"))
    return stage.outcome(await stage.courier.deliver(EnvelopeType.EVENTS_API, event), message=message)


async def open_home(stage: Stage, user: str, tab: str) -> Outcome:
    """Open a tab of the app's page, which is in the direct messages with it."""
    person = stage.person(user)
    room = stage.state.rooms.direct(user)
    if room is None:
        raise Impossible(f"{user} cannot write to the app")
    home = stage.state.views.home_of(user)
    shown = None if home is None else stage.state.views.wire(home)
    state = stage.state
    event = payloads.app_home_opened(state.workspace, person, room.channel, tab, shown, state.mint)
    return stage.outcome(await stage.courier.deliver(EnvelopeType.EVENTS_API, event))


async def shortcut(
    stage: Stage, user: str, callback_id: str, channel: str | None, message_ts: str | None
) -> Outcome:
    """Use a shortcut: on a message if one is named, else the global one of that callback_id."""
    person = stage.person(user)
    trigger_id, action_ts = stage.trigger(person), stage.state.mint.ts()
    workspace = stage.state.workspace
    if channel is None or message_ts is None:
        payload = payloads.shortcut(workspace, person, callback_id, action_ts, trigger_id)
    else:
        room = stage.room(person, channel)
        message = message_object(_message(room, message_ts), workspace)
        url = stage.response_url(person, room, message_ts)
        payload = payloads.message_action(
            workspace, person, room.channel, message, callback_id, action_ts, trigger_id, url
        )
    return stage.outcome(await stage.courier.deliver(EnvelopeType.INTERACTIVE, payload), trigger_id)


def _said(stage: Stage, user: str, channel: str, text: str, thread_ts: str | None) -> Message:
    person = stage.person(user)
    room = stage.room(person, channel)
    if room.channel.is_archived:
        raise Impossible(f"{channel} is archived")
    above = _message(room, thread_ts) if thread_ts else None
    root_ts = (above.thread_ts if above.is_reply else above.ts) if above else None
    message = Message(ts=stage.state.mint.ts(), user=person.id, text=text, thread_ts=root_ts)
    room.add(message)
    return message


def _message(room: Room, ts: str) -> Message:
    message = room.message(ts)
    if message is None:
        raise Impossible(f"there is no message {ts} in {room.channel.id}")
    return message


def _answered(stage: Stage, room: Room, person: Person, ack: Ack) -> str | None:
    """Show what the ack of a command says; gives the error if Slack would not show it."""
    if not ack.payload:
        return None
    body = ack.payload if isinstance(ack.payload, dict) else {"text": str(ack.payload)}
    now = stage.state.mint.now()
    hook = Hook(user_id=person.id, channel_id=room.channel.id, message_ts=None, issued_at=now)
    try:
        answer_at(stage.state, hook, body)
    except Refused as refused:
        return refused.error
    return None
