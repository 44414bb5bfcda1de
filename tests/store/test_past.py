"""Looking back, on both databases."""

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from sqlalchemy import Connection, event, insert, text
from sqlalchemy.engine import Engine

from bot.model.ids import ChannelId, RunId, TeamId, UserId, VpnConnectionId, VpnGatewayId
from bot.model.request import Conversation, DiagnosisRequest, Requester
from bot.model.run import Posted, Run, RunState
from bot.model.watch import Watch
from bot.store.database import Database
from bot.store.past import MOST_LIKE_IT, Past
from bot.store.rows import new_row
from bot.store.runs import Runs
from bot.store.tables import runs as table

NOON = datetime(2026, 1, 2, 12, 0, 0, tzinfo=UTC)
RunBuilder = Callable[..., Run]
RequestBuilder = Callable[..., DiagnosisRequest]

ALICE, BOB = (Requester(team_id=TeamId("T0EMULATED"), user_id=UserId(user)) for user in ("U0ALICE", "U0BOB"))
STRANGER = Requester(team_id=TeamId("T0PARTNER"), user_id=UserId("U0ALICE"))
HERE, THERE = ChannelId("C0INCIDENT"), ChannelId("C0ELSEWHERE")
GATEWAY = VpnGatewayId("vpn-healthy0000000000001")


@pytest.fixture
def past(database: Database) -> Past:
    return Past(database)


@pytest.fixture
def minutes_ago(a_run: RunBuilder) -> Callable[..., Run]:
    def build(minutes: int, requester: Requester = ALICE, channel: ChannelId = HERE, **changes: Any) -> Run:
        at = NOON - timedelta(minutes=minutes)
        conversation = Conversation(channel_id=channel, thread_ts=changes.pop("thread_ts", None))
        return a_run(created_at=at, requester=requester, conversation=conversation, due_at=None, **changes)

    return build


@pytest.fixture
def plans() -> Iterator[list[str]]:
    """Collect how the database goes about each look back, tables of a few rows too."""
    collected: list[str] = []

    def explain(connection: Connection, cursor: object, statement: str, parameters: object, *_: object) -> None:
        del cursor
        if statement.startswith("SELECT runs.id"):
            how = "EXPLAIN QUERY PLAN" if connection.dialect.name == "sqlite" else "EXPLAIN"
            rows = connection.exec_driver_sql(f"{how} {statement}", parameters)  # type: ignore[arg-type]
            collected.append("\n".join(str(row[-1]) for row in rows))

    event.listen(Engine, "before_cursor_execute", explain)
    yield collected
    event.remove(Engine, "before_cursor_execute", explain)


async def store(database: Database, *runs: Run) -> None:
    rows = [new_row(run) for run in runs]
    await database.write(lambda connection: connection.execute(insert(table), rows))


def watch_under(origin: Run) -> Watch:
    return Watch(
        id=origin.id,
        origin=origin.id,
        told=origin.id,
        asks_at=NOON,
        every_s=300,
        until=NOON + timedelta(minutes=30),
    )


def ids(runs: tuple[Run, ...]) -> list[RunId]:
    return [run.id for run in runs]


async def test_a_persons_runs_are_theirs_newest_first_wherever(
    database: Database, past: Past, minutes_ago: Callable[..., Run]
) -> None:
    old, new = minutes_ago(9), minutes_ago(1, channel=THERE)
    await store(database, old, new, minutes_ago(5, BOB), minutes_ago(3, STRANGER))

    assert ids(await past.of_person(ALICE, 10)) == [new.id, old.id]
    assert ids(await past.of_person(ALICE, 1)) == [new.id]


async def test_a_channels_runs_are_everybodys(
    database: Database, past: Past, minutes_ago: Callable[..., Run]
) -> None:
    hers, his = minutes_ago(9), minutes_ago(1, BOB)
    await store(database, hers, his, minutes_ago(5, channel=THERE))

    assert ids(await past.of_channel(HERE, 10)) == [his.id, hers.id]


async def test_a_gateways_runs_are_ones_own_and_those_of_the_channel(
    database: Database, past: Past, minutes_ago: Callable[..., Run], a_request: RequestBuilder
) -> None:
    here, own = minutes_ago(9, BOB), minutes_ago(5, channel=THERE)
    other = a_request(gateway_id=VpnGatewayId("vpn-other"))
    await store(database, here, own, minutes_ago(3, BOB, THERE), minutes_ago(1, request=other))

    assert ids(await past.of_gateway(GATEWAY, ALICE, HERE, 10)) == [own.id, here.id]


async def test_what_a_watch_does_quietly_is_no_history(
    database: Database, past: Past, minutes_ago: Callable[..., Run]
) -> None:
    origin = minutes_ago(9)
    await store(database, origin, minutes_ago(5, watch=watch_under(origin)))

    assert ids(await past.of_person(ALICE, 10)) == [origin.id]


async def test_what_a_watch_has_told_is_history_as_soon_as_it_is_saved(
    database: Database, runs: Runs, past: Past, minutes_ago: Callable[..., Run]
) -> None:
    origin = minutes_ago(9, state=RunState.REPORTED)
    quiet = minutes_ago(5, state=RunState.REPORTED, watch=watch_under(origin)).changed(due_at=NOON)
    later = minutes_ago(1)
    await store(database, origin, quiet, later)
    (claim,) = await runs.claim_due(NOON, "us", 30, 1)
    told = claim.run.changed(posted=Posted(channel_id=HERE, ending_ts="1767355200.000100"), due_at=None)
    await runs.save(told, lease_until=None)

    assert ids(await past.of_person(ALICE, 10)) == [later.id, quiet.id, origin.id]
    assert ids(await past.of_gateway(GATEWAY, ALICE, HERE, 10)) == [later.id, quiet.id, origin.id]
    assert ids(await past.reported_before(later, ALICE, HERE, 10)) == [quiet.id, origin.id]


async def test_what_came_before_is_a_report_of_the_same_connection(
    database: Database, past: Past, minutes_ago: Callable[..., Run], a_request: RequestBuilder
) -> None:
    reported = {"state": RunState.REPORTED}
    now = minutes_ago(1, **reported)
    own, his = minutes_ago(5, channel=THERE, **reported), minutes_ago(9, BOB, **reported)
    other = a_request(connection_id=VpnConnectionId("vco-other"))
    await store(
        database,
        now,
        own,
        his,
        minutes_ago(0, **reported),
        minutes_ago(4, state=RunState.FAILED),
        minutes_ago(3, BOB, THERE, **reported),
        minutes_ago(2, request=other, **reported),
    )

    assert ids(await past.reported_before(now, ALICE, HERE, 10)) == [own.id, his.id]


async def test_the_last_like_it_is_the_same_question_in_the_same_thread(
    database: Database, past: Past, minutes_ago: Callable[..., Run]
) -> None:
    thread = {"thread_ts": "1767355200.000100"}
    asked, again = minutes_ago(9), minutes_ago(5, **thread)
    await store(database, asked, again, minutes_ago(3), minutes_ago(1, BOB, **thread))

    found = await past.last_like(asked, ALICE, again.conversation)
    nothing = await past.last_like(asked, BOB, asked.conversation)

    assert found == again
    assert nothing is None


async def test_the_last_like_it_is_found_behind_runs_on_other_connections(
    database: Database, past: Past, minutes_ago: Callable[..., Run], a_request: RequestBuilder
) -> None:
    thread = {"thread_ts": "1767355200.000100"}
    other = a_request(connection_id=VpnConnectionId("vco-other"))
    again = minutes_ago(60, **thread)
    await store(database, again, *(minutes_ago(n, request=other) for n in range(1, MOST_LIKE_IT + 1)))

    assert await past.last_like(again, ALICE, again.conversation) == again


async def test_a_run_that_only_a_newer_bot_can_read_is_left_out(
    database: Database, past: Past, minutes_ago: Callable[..., Run]
) -> None:
    await store(database, minutes_ago(1), minutes_ago(2))
    await database.write(
        lambda connection: connection.execute(
            text("UPDATE runs SET document = '{}' WHERE created_at = :at"),
            {"at": (NOON - timedelta(minutes=1)).timestamp()},
        )
    )

    assert len(await past.of_person(ALICE, 10)) == 1


async def test_looking_back_reads_no_more_than_it_needs(
    database: Database, past: Past, minutes_ago: Callable[..., Run], plans: list[str], a_request: RequestBuilder
) -> None:
    people = [Requester(team_id=TeamId("T0EMULATED"), user_id=UserId(f"U0N{n}")) for n in range(20)]
    requests = [a_request(gateway_id=VpnGatewayId(f"vpn-{n}")) for n in range(20)]
    await store(
        database,
        *(
            minutes_ago(n, people[n % 20], ChannelId(f"C0N{n % 20}"), request=requests[n // 20 % 20])
            for n in range(4000)
        ),
    )
    if database.shared:
        await database.write(lambda connection: connection.execute(text("ANALYZE")))
    run = minutes_ago(0, people[3], ChannelId("C0N3"), request=requests[5])

    await past.of_person(people[3], 20)
    await past.of_channel(ChannelId("C0N3"), 20)
    await past.of_gateway(requests[5].gateway_id, people[3], ChannelId("C0N3"), 20)
    await past.reported_before(run, people[3], ChannelId("C0N3"), 20)
    await past.last_like(run, people[3], run.conversation)

    assert len(plans) == 5
    for plan in plans:
        assert "SCAN runs" not in plan
        assert "Seq Scan on runs" not in plan
