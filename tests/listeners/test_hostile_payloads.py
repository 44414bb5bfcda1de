"""Whatever stands in a field of what Slack brings, a listener answers, and nothing comes apart afterwards."""

import asyncio
import contextlib
import copy
import itertools
import json
import logging
from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from slack_bolt.error import BoltUnhandledRequestError
from slack_bolt.request.async_request import AsyncBoltRequest

from bot.emulators.slack import payloads
from bot.emulators.slack.mint import Mint
from bot.emulators.slack.player import Player
from bot.emulators.slack.workspace import EXAMPLE, Channel, Person
from bot.listeners import ROUTES
from bot.listeners.clicks import Press as ReportPress
from bot.listeners.clicks import presser_of
from bot.listeners.form_origin import FormOrigin
from bot.listeners.function_payload import FUNCTION_EXECUTED, Step, execution_of
from bot.listeners.happenings import HomeOpened, Mention
from bot.listeners.intake import Intake
from bot.listeners.offer import OPEN_OFFERED_FORM
from bot.listeners.offer import Press as OfferPress
from bot.listeners.payloads import Arrived, ChoiceInForm, SlashCommand, Submission, Suggestion
from bot.listeners.shortcut import CALLBACK_ID as MESSAGE_SHORTCUT
from bot.listeners.shortcut import MessageShortcut
from bot.listeners.unknown import declined_reply, error_reply
from bot.model.ids import ChannelId, UserId
from bot.model.problem import Problem
from bot.model.request import Conversation
from bot.slack.buttons import RUN_AGAIN
from bot.slack.functions import CALLBACK_ID as STEP
from bot.slack.home import OPEN_FORM
from bot.slack.views import CALLBACK_ID
from bot.store.runs import Runs
from bot.web.intents import intent_of
from tests.listeners.conftest import FORM_KEY

log = logging.getLogger(__name__)

Json = dict[str, Any]

IDS = "vpn-healthy0000000000001 vco-healthy0000000000001 cn-hangzhou"
URL = "http://127.0.0.1"
TS = "1700000000.000100"
ALICE = Person(id=UserId("U0ALICE"), name="alice", real_name="Alice")
HERE = next(room for room in EXAMPLE.channels if room.id == "C0INCIDENT")
ORIGIN = FormOrigin.sealed(Conversation(channel_id=HERE.id, thread_ts=TS), ALICE.id, FORM_KEY).model_dump_json()


def _deep(levels: int) -> Any:
    nested: Any = "in the middle"
    for number in range(levels):
        nested = [nested] if number % 2 else {"text": nested}
    return nested


HOSTILE: dict[str, Any] = {
    "nothing": None,
    "a truth": True,
    "a number": -1,
    "a huge number": 10**400,
    "no number": float("nan"),
    "an empty text": "",
    "a list": [[]],
    "an object": {"id": {"id": []}, "": None},
    "a NUL": "U0\x00ALICE",
    "a lone surrogate": "vpn-\ud800",
    "another direction": "\u202eU0ALICE\u2066",
    "line breaks": "U0ALICE\r\n2026-01-01 ERROR forged\u2028\x1b[31m",
    "a huge text": "vpn-" + "\u4e2d" * 100_000,
    "markup": "<!channel> <@U0BOB> *&<>`",
    "10,000 levels": _deep(10_000),
}
MISSING = object()


def _command() -> Json:
    return payloads.slash_command(EXAMPLE, ALICE, HERE, "/vpn-diagnose", IDS, "1.2.command", URL)


def _view() -> Json:
    gateway, connection, region = IDS.split()
    typed = {"gateway_id": gateway, "connection_id": connection}
    typed |= {"source_ip": "10.0.0.1", "destination_ip": "10.8.0.1"}
    values: Json = {name: {name: {"type": "plain_text_input", "value": value}} for name, value in typed.items()}
    option = {"text": {"type": "plain_text", "text": region}, "value": region}
    values["region"] = {"region": {"type": "external_select", "selected_option": option}}
    values["channel"] = {"channel": {"type": "conversations_select", "selected_conversation": HERE.id}}
    return {
        "id": "V0FORM", "hash": "1.abc", "callback_id": CALLBACK_ID, "private_metadata": ORIGIN,
        "state": {"values": values},
    }  # fmt: skip


def _submission() -> Json:
    return payloads.view_submission(EXAMPLE, ALICE, _view(), "1.2.form")


def _choice() -> Json:
    option = _view()["state"]["values"]["region"]["region"]
    action = option | {"action_id": "region", "block_id": "region", "action_ts": "1"}
    return payloads.block_actions(EXAMPLE, ALICE, action, payloads.in_view(_view()), "1.2.choice")


def _question() -> Json:
    element = {"type": "external_select", "action_id": "gateway_id"}
    return payloads.block_suggestion(EXAMPLE, ALICE, element, "gateway_id", "vpn", payloads.in_view(_view()))


def _press(action_id: str, value: str) -> Json:
    action = {"type": "button", "action_id": action_id, "block_id": "b", "action_ts": "1.2", "value": value}
    place = payloads.in_message(HERE, {"ts": TS, "thread_ts": TS}, URL, is_ephemeral=False)
    return payloads.block_actions(EXAMPLE, ALICE, action, place, "1.2.press")


def _shortcut() -> Json:
    message = {"ts": TS, "thread_ts": TS, "text": IDS, "attachments": [{"fields": [{"value": IDS}]}], "blocks": []}
    return payloads.message_action(EXAMPLE, ALICE, HERE, message, MESSAGE_SHORTCUT, "1.2", "1.2.shortcut", URL)


def _mention() -> Json:
    message = {"ts": TS, "thread_ts": TS, "text": f"<@U0VPNBOT> {IDS}", "blocks": []}
    return payloads.app_mention(EXAMPLE, ALICE, HERE, message, "Ev0MENTION")


def _home() -> Json:
    direct = Channel(id=ChannelId("D0ALICE"), name="directmessage", with_user=ALICE.id)
    mint = Mint(lambda: datetime.now(UTC), lambda size: b"0" * size)
    return payloads.app_home_opened(EXAMPLE, ALICE, direct, "home", None, mint)


def _step() -> Json:
    gateway, connection, region = IDS.split()
    event = {
        "type": FUNCTION_EXECUTED,
        "function": {
            "callback_id": STEP,
            "input_parameters": [{"name": "started_by", "type": "slack#/types/user_context"}],
        },
        "inputs": {
            "started_by": {"id": ALICE.id, "secret": "Slack's own"}, "channel_id": HERE.id,
            "gateway_id": gateway, "connection_id": connection, "region": region,
        },
        "function_execution_id": "Fx0STEP",
    }  # fmt: skip
    return {"type": "event_callback", "team_id": EXAMPLE.team_id, "event_id": "Ev0STEP", "event": event}


PAYLOADS = {
    "a command": _command(),
    "a submitted form": _submission(),
    "a choice in a form": _choice(),
    "a question of a menu": _question(),
    "a press under a report": _press(RUN_AGAIN, "01900000-0000-7000-8000-000000000000"),
    "a press that opens the form": _press(OPEN_FORM, ""),
    "a press of an offer": _press(OPEN_OFFERED_FORM, json.dumps({"origin": ORIGIN, "values": {}})),
    "a shortcut": _shortcut(),
    "a mention": _mention(),
    "a visit to the Home": _home(),
    "a step of a workflow": _step(),
}


READ: tuple[type[Arrived], ...] = (
    SlashCommand, Submission, ChoiceInForm, Suggestion, ReportPress, OfferPress, MessageShortcut, Mention,
    HomeOpened, Step,
)  # fmt: skip


def _places(part: Any, path: tuple[Any, ...] = ()) -> Iterator[tuple[Any, ...]]:
    """Yield the way to every field."""
    items = part.items() if isinstance(part, dict) else enumerate(part) if isinstance(part, list) else ()
    for key, child in items:
        yield (*path, key)
        yield from _places(child, (*path, key))


def _with(body: Json, path: tuple[Any, ...], value: Any) -> Json:
    changed = copy.deepcopy(body)
    part: Any = changed
    for key in path[:-1]:
        part = part[key]
    if value is MISSING:
        del part[path[-1]]
    else:
        part[path[-1]] = value
    return changed


def _changed(body: Json) -> Iterator[tuple[str, Json]]:
    """Yield the payload with each hostile value in each field, and without each field."""
    for path in _places(body):
        for name, value in {**HOSTILE, "missing": MISSING}.items():
            yield f"{path}: {name}", _with(body, path, value)


NAMES = sorted({str(key) for body in PAYLOADS.values() for path in _places(body) for key in path})


@pytest.mark.parametrize("payload", PAYLOADS)
async def test_every_field_may_hold_anything(
    intake: Intake, caplog: pytest.LogCaptureFixture, payload: str
) -> None:
    caplog.set_level(logging.INFO)
    drawn = itertools.count()
    intake = replace(intake, entropy=lambda size: next(drawn).to_bytes(size, "big"))
    for what, body in _changed(PAYLOADS[payload]):
        listener = ROUTES.listener(body)
        if listener is not None:
            log.debug("%s", what)
            json.dumps(await listener(body, intake)).encode()
    await intake.words.close()
    await intake.errands.close()
    await intake.filling.close()

    said = [record.getMessage() for record in caplog.records if record.name.startswith("bot.")]
    assert not [line for line in said if "unexpected" in line]
    assert not [line for line in said if {"\x00", "\x1b", "\n", "\u202e"} & set(line)]


@pytest.mark.parametrize("payload", PAYLOADS)
async def test_what_is_declined_or_goes_wrong_is_answered_whatever_a_field_holds(
    intake: Intake, payload: str
) -> None:
    intake = replace(intake, entropy=bytes)
    request = AsyncBoltRequest(mode="socket_mode", body={})
    errors = (LookupError(), BoltUnhandledRequestError(request=request, current_response=None))
    for what, body in _changed(PAYLOADS[payload]):
        log.debug("%s", what)
        declined = declined_reply(Problem("bot.overloaded"), body, intake)
        json.dumps([declined, *(error_reply(error, body, intake) for error in errors)]).encode()
        intent_of(body)
    await intake.words.close()


ANY_JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.text(st.characters(), max_size=30) | st.sampled_from([IDS, TS]),
    lambda part: st.lists(part, max_size=3) | st.dictionaries(st.sampled_from(NAMES), part, max_size=6),
    max_leaves=30,
)


def _properties(kind: type[Arrived]) -> list[str]:
    ours = [each for each in kind.__mro__ if each.__module__.startswith("bot.")]
    return [name for each in ours for name, member in vars(each).items() if isinstance(member, property)]


@settings(max_examples=200)
@given(payload=st.sampled_from([*PAYLOADS.values()]), chosen=st.data())
def test_whatever_stands_in_several_fields_what_is_read_is_of_use(payload: Json, chosen: st.DataObject) -> None:
    body = payload
    for _ in range(3):
        path = chosen.draw(st.sampled_from([*_places(body)] or [("type",)]))
        body = _with(body, path, chosen.draw(ANY_JSON))
    for kind in READ:
        with contextlib.suppress(Problem):
            read = kind.read(body)
            for name in _properties(kind):
                with contextlib.suppress(Problem):
                    getattr(read, name)
    execution_of(body)
    presser_of(body)
    ROUTES.listener(body)


@given(text=st.text(max_size=100) | ANY_JSON.map(json.dumps) | st.text("[{", max_size=20_000))
def test_a_form_that_says_anything_is_out_of_date(text: str) -> None:
    with pytest.raises(Problem) as raised:
        FormOrigin.read(text, ALICE.id, FORM_KEY)

    assert raised.value.code == "bot.form_outdated"


@pytest.mark.parametrize("payload", ["a command", "a submitted form", "a mention", "a step of a workflow"])
async def test_what_comes_twenty_times_at_once_is_stored_once(intake: Intake, runs: Runs, payload: str) -> None:
    body = PAYLOADS[payload]
    listener = ROUTES.listener(body)
    assert listener is not None
    replies = await asyncio.gather(*(listener(copy.deepcopy(body), intake) for _ in range(20)))

    assert all(reply == replies[0] for reply in replies)
    assert len(await runs.newest(10)) == 1


async def test_a_form_that_is_told_to_be_closed_before_it_is_sent_is_taken(player: Player, runs: Runs) -> None:
    view = (await player.command(""))["views"][0]
    sent = _submission()
    sent["view"] |= {"id": view["id"], "private_metadata": view["private_metadata"]}
    closed = payloads.view_closed(EXAMPLE, ALICE, sent["view"], is_cleared=True)
    acks = [
        ack
        for body in (closed, sent, closed)
        for ack in (await player.delivery(envelope={"type": "interactive", "payload": body}))["acks"]
    ]

    assert [ack["status"] for ack in acks] == [200] * 3
    assert not any(ack.get("payload") for ack in acks)
    assert len(await runs.newest(10)) == 1
