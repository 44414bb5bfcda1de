from datetime import UTC, datetime, timedelta

import pytest

from bot.emulators.slack import EXAMPLE, executions, hooks, rooms, state, triggers, views
from bot.emulators.slack.emulator import utc_now
from bot.emulators.slack.functions import DIAGNOSE
from bot.emulators.slack.mint import Mint
from bot.emulators.slack.refused import Refused
from tests.emulators.slack.playground import INCIDENT, Clock


def a_mint(clock: Clock) -> Mint:
    counter = iter(range(10**9))
    return Mint(clock, lambda size: next(counter).to_bytes(4, "big").ljust(size, b"\0"))


def test_a_channel_forgets_its_oldest_messages() -> None:
    room = rooms.Room(EXAMPLE.channels[0])
    for number in range(rooms.MOST_MESSAGES + 1):
        room.add(rooms.Message(ts=f"{number}.000000", user="U0ALICE", text="x"))

    assert room.message("0.000000") is None
    assert len(room.mainline()) == rooms.MOST_MESSAGES


def test_private_messages_are_bounded_too() -> None:
    room = rooms.Room(EXAMPLE.channels[0])
    for number in range(rooms.MOST_PRIVATE_MESSAGES + 1):
        room.add(rooms.Message(ts=f"{number}.000000", user="U0ALICE", text="x", seen_only_by="U0ALICE"))

    assert len(room.private_messages()) == rooms.MOST_PRIVATE_MESSAGES


def test_old_triggers_are_forgotten() -> None:
    issued = triggers.Triggers(Clock())
    for number in range(triggers.MOST_REMEMBERED + 1):
        issued.issue(str(number), "U0ALICE")

    with pytest.raises(Refused, match="invalid_trigger_id"):
        issued.exchange("0")
    assert issued.exchange("1") == "U0ALICE"


def test_old_response_urls_are_forgotten() -> None:
    issued = hooks.Hooks(Clock())
    for number in range(hooks.MOST_REMEMBERED + 1):
        issued.issue(str(number), "U0ALICE", INCIDENT)

    with pytest.raises(Refused, match="invalid_token"):
        issued.use("0")


def test_old_tickets_are_forgotten() -> None:
    kept = state.State(EXAMPLE, Clock(), a_mint(Clock())._entropy)
    tickets = [kept.issue_ticket() for _ in range(state.MOST_TICKETS + 1)]

    assert (kept.take_ticket(tickets[0]), kept.take_ticket(tickets[1])) == (False, True)


def test_old_views_are_forgotten() -> None:
    opened = views.Views(EXAMPLE, a_mint(Clock()))
    home = {"type": "home", "blocks": [{"type": "divider"}]}
    for number in range(views.MOST_VIEWS + 1):
        opened.publish(f"U{number}", home, None)

    assert len(list(opened)) == views.MOST_VIEWS
    assert opened.of("U0") == []


def test_the_oldest_steps_that_have_ended_are_forgotten_and_those_that_run_are_not() -> None:
    known = executions.Executions(a_mint(Clock()))
    running = known.start(DIAGNOSE, "U0ALICE", {})
    for _ in range(executions.MOST_REMEMBERED + 1):
        known.fail(known.start(DIAGNOSE, "U0ALICE", {}).id, "no")

    assert len(list(known)) == executions.MOST_REMEMBERED
    assert known.tokens() == (running.token,)


def test_timestamps_rise_when_the_clock_goes_back() -> None:
    clock = Clock()
    mint = a_mint(clock)
    before = mint.ts()
    clock.now -= timedelta(hours=1)

    assert mint.ts() > before


def test_a_timestamp_has_six_digits_after_the_point() -> None:
    clock = Clock()
    clock.now = datetime(2026, 11, 23, 3, 0, tzinfo=UTC)

    assert a_mint(clock).ts() == "1795402800.000000"


def test_a_uuid_looks_like_one() -> None:
    assert [len(part) for part in a_mint(Clock()).uuid().split("-")] == [8, 4, 4, 4, 12]


def test_an_emulator_runs_on_the_real_clock_unless_it_is_given_another() -> None:
    assert abs(utc_now() - datetime.now(UTC)) < timedelta(minutes=1)
