"""More runs than are allowed are refused at once and politely, and nobody else is."""

import asyncio
import itertools
from contextlib import suppress

import pytest
from sqlalchemy.exc import OperationalError

from bot.listeners.limits import COUNT_EVERY_S, MOST_KNOWN, Limits, Most
from bot.model.ids import RunId, TeamId, UserId, VpnGatewayId
from bot.model.problem import Problem
from bot.model.request import Requester
from bot.store.occupancy import Occupancy
from tests.conftest import NOON

TEAM = TeamId("T0EMULATED")
ALICE, BOB = (Requester(team_id=TEAM, user_id=UserId(user)) for user in ("U0ALICE", "U0BOB"))
GATEWAY, OTHER_GATEWAY = VpnGatewayId("vpn-1"), VpnGatewayId("vpn-2")
FEW = Most(of_person=2, on_gateway=3, overall=4)
RUN = RunId.made(NOON, bytes(10))


class Database:
    """Counts what it is told to count, how often it is asked, and waits while it is told to."""

    def __init__(self) -> None:
        self.occupancy = Occupancy()
        self.asked = 0
        self.error: Exception | None = None
        self.answers = asyncio.Event()
        self.answers.set()
        self.delivered: dict[str, RunId] = {}
        self.looked_up: list[str] = []
        self.now = 100.0

    async def unfinished(self) -> Occupancy:
        self.asked += 1
        await self.answers.wait()
        if self.error is not None:
            raise self.error
        return self.occupancy

    async def run_of(self, delivery: str) -> RunId | None:
        self.looked_up.append(delivery)
        if self.error is not None:
            raise self.error
        return self.delivered.get(delivery)

    def holds(self, *, of_alice: int = 0, on_gateway: int = 0, overall: int = 0) -> None:
        self.occupancy = Occupancy(overall, {(TEAM, ALICE.user_id): of_alice}, {GATEWAY: on_gateway})


@pytest.fixture
def database() -> Database:
    return Database()


@pytest.fixture
def limits(database: Database) -> Limits:
    return Limits(FEW, database.unfinished, database.run_of, lambda: database.now)


_numbers = itertools.count()


async def _ask(
    limits: Limits, who: Requester = ALICE, gateway: VpnGatewayId = GATEWAY, delivery: str = ""
) -> None:
    async with limits.room_for(who, gateway, delivery or f"delivery {next(_numbers)}"):
        pass


async def _refused(limits: Limits, who: Requester = ALICE, gateway: VpnGatewayId = GATEWAY) -> Problem:
    with pytest.raises(Problem) as raised:
        await _ask(limits, who, gateway)
    return raised.value


def test_what_is_usual() -> None:
    assert (Most().of_person, Most().on_gateway, Most().overall) == (200, 500, 10_000)


async def test_somebody_with_too_many_is_refused_and_nobody_else(limits: Limits, database: Database) -> None:
    database.holds(of_alice=2, on_gateway=2, overall=2)
    await limits.count()

    problem = await _refused(limits)

    assert (problem.code, problem.facts) == ("bot.too_many_yours", {"most": "2"})
    await _ask(limits, BOB)


async def test_a_gateway_with_too_many_is_refused_and_no_other(limits: Limits, database: Database) -> None:
    database.holds(on_gateway=3, overall=3)
    await limits.count()

    problem = await _refused(limits)

    assert (problem.code, problem.facts) == ("bot.too_many_gateway", {"most": "3", "gateway_id": "vpn-1"})
    await _ask(limits, gateway=OTHER_GATEWAY)


async def test_more_than_the_bot_takes_on_is_refused_to_everybody(limits: Limits, database: Database) -> None:
    database.holds(overall=4)
    await limits.count()

    problem = await _refused(limits, BOB, OTHER_GATEWAY)

    assert (problem.code, problem.facts) == ("bot.too_many", {"most": "4"})


async def test_what_was_taken_in_since_counts_to_all_there_are(limits: Limits, database: Database) -> None:
    database.holds(overall=2)
    await limits.count()
    await _ask(limits, ALICE, GATEWAY)
    await _ask(limits, BOB, OTHER_GATEWAY)

    assert (await _refused(limits, ALICE, OTHER_GATEWAY)).code == "bot.too_many"


async def test_what_was_taken_in_since_the_count_counts(limits: Limits, database: Database) -> None:
    database.holds(of_alice=1, overall=1)
    await limits.count()
    await _ask(limits)

    assert (await _refused(limits)).code == "bot.too_many_yours"


async def test_what_is_being_stored_counts_so_that_a_crowd_at_once_does_not_slip_in(limits: Limits) -> None:
    stored = asyncio.Event()

    async def ask(delivery: int) -> None:
        async with limits.room_for(ALICE, GATEWAY, f"{delivery}"):
            await stored.wait()

    crowd = [asyncio.create_task(ask(number)) for number in range(50)]
    await asyncio.sleep(0.01)
    stored.set()
    ended = await asyncio.gather(*crowd, return_exceptions=True)

    assert [one for one in ended if one is None] == [None, None]


async def test_what_could_not_be_stored_does_not_count(limits: Limits) -> None:
    for _ in range(10):
        with pytest.raises(Problem, match=r"bot\.not_stored"):
            async with limits.room_for(ALICE, GATEWAY, "again and again"):
                raise Problem("bot.not_stored")

    await _ask(limits)


async def test_what_has_ended_makes_room(limits: Limits, database: Database) -> None:
    await _ask(limits)
    await _ask(limits)
    refused = await _refused(limits)
    database.now += COUNT_EVERY_S
    database.holds()

    await _ask(limits)

    assert refused.code == "bot.too_many_yours"


async def test_a_run_that_was_stored_while_the_count_ran_is_not_forgotten(
    limits: Limits, database: Database
) -> None:
    database.answers.clear()
    counting = asyncio.create_task(limits.count())
    await asyncio.sleep(0)
    database.now += 0.1
    await _ask(limits)
    await _ask(limits)
    database.answers.set()
    await counting

    assert (await _refused(limits)).code == "bot.too_many_yours"


async def test_nobody_waits_for_a_count_and_there_is_one_at_a_time(limits: Limits, database: Database) -> None:
    database.answers.clear()
    for _ in range(2):
        await _ask(limits)
        database.now += COUNT_EVERY_S
        await asyncio.sleep(0)

    assert database.asked == 1
    await limits.close()


async def test_what_is_in_the_database_is_counted_once_a_second(limits: Limits, database: Database) -> None:
    for _ in range(20):
        with suppress(Problem):
            await _ask(limits)
        await asyncio.sleep(0.001)
        database.now += COUNT_EVERY_S / 10

    assert database.asked == 2


async def test_while_nobody_asks_nothing_is_counted(limits: Limits, database: Database) -> None:
    await _ask(limits)
    database.now += 3600
    await asyncio.sleep(0)
    before = database.asked
    await _ask(limits)
    await asyncio.sleep(0)

    assert (before, database.asked) == (1, 2)


async def test_nobody_is_refused_by_an_old_count(limits: Limits, database: Database) -> None:
    database.holds(of_alice=2)
    await limits.count()
    database.holds()
    database.now += 3600

    await _ask(limits)


async def test_a_count_that_does_not_come_lets_the_old_one_hold(limits: Limits, database: Database) -> None:
    database.holds(of_alice=2)
    await limits.count()
    database.answers.clear()
    database.now += 3600

    assert (await _refused(limits)).code == "bot.too_many_yours"
    await limits.close()


async def test_a_database_that_cannot_be_counted_refuses_nobody_and_is_logged(
    limits: Limits, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    database.error = OperationalError("SELECT", {}, Exception("gone"))

    await _ask(limits)
    await asyncio.sleep(0.01)

    assert "could not be counted (OperationalError)" in caplog.text
    database.error = None
    database.now += COUNT_EVERY_S
    await _ask(limits)
    await asyncio.sleep(0)
    assert database.asked == 2


async def test_what_was_taken_in_before_is_never_refused(limits: Limits) -> None:
    await _ask(limits, delivery="first")
    await _ask(limits, delivery="second")
    await _refused(limits)

    await _ask(limits, delivery="first")


async def test_what_another_bot_took_in_before_is_not_refused_either(limits: Limits, database: Database) -> None:
    database.holds(of_alice=2)
    database.delivered["from elsewhere"] = RUN
    await limits.count()

    await _ask(limits, delivery="from elsewhere")

    await _refused(limits)


async def test_while_there_is_room_no_delivery_is_looked_up(limits: Limits, database: Database) -> None:
    await _ask(limits)

    assert database.looked_up == []


async def test_a_database_that_does_not_answer_knows_of_no_delivery(limits: Limits, database: Database) -> None:
    database.holds(of_alice=2)
    await limits.count()
    database.error = OperationalError("SELECT", {}, Exception("gone"))

    assert (await _refused(limits)).code == "bot.too_many_yours"


async def test_without_a_database_to_ask_only_our_own_deliveries_are_known(database: Database) -> None:
    limits = Limits(FEW, database.unfinished, monotonic=lambda: database.now)
    await _ask(limits, delivery="first")
    await _ask(limits, delivery="second")

    assert (await _refused(limits)).code == "bot.too_many_yours"
    await _ask(limits, delivery="second")


async def test_what_is_remembered_is_bounded(database: Database) -> None:
    limits = Limits(Most(of_person=10**6, on_gateway=10**6, overall=10**6), database.unfinished)
    for _ in range(MOST_KNOWN + 1):
        await _ask(limits)

    await limits.count()

    assert len(limits._known) == MOST_KNOWN
    assert len(limits._since) == 0


async def test_a_bot_that_stops_counts_no_more(limits: Limits, database: Database) -> None:
    await limits.close()
    database.answers.clear()
    await _ask(limits)
    await asyncio.sleep(0)

    await limits.close()

    assert limits._counting is not None
    assert limits._counting.cancelled()
