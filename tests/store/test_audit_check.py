"""What an intruder does to the trail is found and named."""

# ruff: noqa: S608 - the statements are an intruder's

from pathlib import Path

import pytest

from bot.store.audit_chain import Head
from bot.store.audit_check import MOST_FAULTS, NEAR, Fault, FaultKind, Verdict, verify
from bot.store.audit_reading import PAGE, audit_trail
from bot.store.audit_rows import digest
from bot.store.database import Database, open_database
from tests.store.audited import rows_of, tamper, write_down, write_down_together
from tests.store.clock import now

CHANGED, MOVED, MISSING = FaultKind.CHANGED, FaultKind.MOVED, FaultKind.MISSING


async def checked(url: str, expected: dict[int, str] | None = None) -> Verdict:
    async with audit_trail(url) as trail:
        return await verify(trail.rows(), expected or {})


async def faults(url: str, expected: dict[int, str] | None = None) -> tuple[Fault, ...]:
    return (await checked(url, expected)).faults


def moved(of: int, to: int) -> str:
    return f"UPDATE audit SET seq = {to} WHERE seq = {of}"


def swap(one: int, other: int) -> tuple[str, ...]:
    return moved(one, 9999), moved(other, one), moved(9999, other)


async def test_a_trail_as_it_was_written_is_good(url: str, database: Database) -> None:
    await write_down(database, 5)

    verdict = await checked(url)

    assert verdict == Verdict(5, Head(5, (await rows_of(database))[-1]["hash"]), (), 0)


async def test_a_trail_without_entries_is_good(url: str, database: Database) -> None:
    assert await rows_of(database) == []
    assert await checked(url) == Verdict(0, None, (), 0)


async def test_a_trail_of_many_pages_is_read_to_its_end(url: str, database: Database) -> None:
    await write_down_together(database, PAGE * 2 + 1)

    assert (await checked(url)).rows == PAGE * 2 + 1


@pytest.mark.parametrize(
    "change",
    [
        "user_id = 'U0BOB'",
        "event = 'allowed'",
        "at = '2026-01-02T12:00:00.000001Z'",
        "problem = NULL",
        "run_id = '019b7e94-3200-7000-8000-000000000001'",
        "steps = '[]'",
        "previous = '" + "f" * 64 + "'",
        "hash = '" + "f" * 64 + "'",
    ],
)
async def test_a_row_that_was_changed_is_named(change: str, url: str, database: Database) -> None:
    await write_down(database, 5)

    await tamper(database, f"UPDATE audit SET {change} WHERE seq = 3")

    assert await faults(url) == (Fault(CHANGED, 3),)


@pytest.mark.parametrize(("first", "last"), [(1, 1), (3, 3), (2, 4)])
async def test_rows_that_were_removed_are_named(first: int, last: int, url: str, database: Database) -> None:
    await write_down(database, 5)

    await tamper(database, f"DELETE FROM audit WHERE seq BETWEEN {first} AND {last}")

    assert await faults(url) == (Fault(MISSING, first, last),)


async def test_a_removal_is_found_although_the_rest_was_numbered_anew(url: str, database: Database) -> None:
    await write_down(database, 4)

    await tamper(database, "DELETE FROM audit WHERE seq = 2", moved(3, 2), moved(4, 3))

    assert await faults(url) == (Fault(MOVED, 2, 3), Fault(MOVED, 3, 4))


async def test_rows_that_changed_places_are_named(url: str, database: Database) -> None:
    await write_down(database, 6)

    await tamper(database, *swap(3, 4))

    assert await faults(url) == (Fault(MOVED, 3, 4), Fault(MOVED, 4, 3))


async def test_a_row_that_was_replaced_with_a_good_hash_does_not_fit_the_next(
    url: str, database: Database
) -> None:
    await write_down(database, 4)
    row = (await rows_of(database))[1] | {"user_id": "U0BOB"}

    await tamper(database, f"UPDATE audit SET user_id = 'U0BOB', hash = '{digest(row)}' WHERE seq = 2")

    assert await faults(url) == (Fault(FaultKind.DETACHED, 3),)


async def test_a_first_row_that_was_replaced_is_found_by_the_hash_before_it(url: str, database: Database) -> None:
    await write_down(database, 2)
    row = (await rows_of(database))[0] | {"previous": "f" * 64}

    await tamper(database, f"UPDATE audit SET previous = '{'f' * 64}', hash = '{digest(row)}' WHERE seq = 1")

    assert await faults(url) == (Fault(FaultKind.DETACHED, 1), Fault(FaultKind.DETACHED, 2))


async def test_a_row_that_was_put_in_front_is_named(url: str, database: Database) -> None:
    await write_down(database, 2)

    await tamper(
        database,
        "INSERT INTO audit (seq, at, event, operation, team_id, user_id, previous, hash)"
        " SELECT -5, at, event, operation, team_id, user_id, previous, hash FROM audit WHERE seq = 1",
    )

    assert await faults(url) == (Fault(FaultKind.STRAY, -5),)


async def test_a_column_that_was_added_and_filled_is_a_change(url: str, database: Database) -> None:
    await write_down(database, 2)

    await tamper(database, "ALTER TABLE audit ADD COLUMN remark VARCHAR(10)")
    as_before = await faults(url)
    await tamper(database, "UPDATE audit SET remark = 'harmless' WHERE seq = 2")

    assert as_before == ()
    assert await faults(url) == (Fault(CHANGED, 2),)


async def test_a_column_that_is_spelt_as_one_of_ours_does_not_count_as_it(url: str, database: Database) -> None:
    await write_down(database, 2)

    await tamper(database, "ALTER TABLE audit ADD COLUMN user__id VARCHAR(32)")
    as_before = await faults(url)
    await tamper(database, "UPDATE audit SET user__id = user_id, user_id = 'U0BOB' WHERE seq = 2")

    assert as_before == ()
    assert await faults(url) == (Fault(CHANGED, 2),)


async def test_an_end_that_was_cut_off_is_found_by_whoever_noted_it(url: str, database: Database) -> None:
    await write_down(database, 5)
    noted = (await checked(url)).head
    assert noted is not None

    await tamper(database, "DELETE FROM audit WHERE seq > 3")

    assert await faults(url) == ()
    assert await faults(url, dict([noted])) == (Fault(MISSING, 4, 5),)


async def test_a_trail_that_was_written_anew_is_found_by_whoever_noted_its_end(
    url: str, database: Database
) -> None:
    await write_down(database, 3)
    noted = (await checked(url)).head
    assert noted is not None

    await tamper(database, "DELETE FROM audit")
    await write_down_together(database, 5, user_id="U0BOB")

    assert await faults(url) == ()
    assert await faults(url, dict([noted])) == (Fault(FaultKind.OTHER, 3),)


async def test_an_end_that_was_noted_earlier_is_still_there_later(url: str, database: Database) -> None:
    await write_down(database, 3)
    noted = (await checked(url)).head
    assert noted is not None
    await write_down(database, 2)

    assert await faults(url, dict([noted])) == ()


async def test_of_many_faults_the_first_are_named_and_all_are_counted(url: str, database: Database) -> None:
    await write_down(database, MOST_FAULTS + 5)

    await tamper(database, "UPDATE audit SET user_id = 'U0BOB'")
    verdict = await checked(url)

    assert verdict.number == MOST_FAULTS + 5
    assert verdict.faults == tuple(Fault(CHANGED, number) for number in range(1, MOST_FAULTS + 1))


@pytest.mark.parametrize("forged", ["x'00ff'", "CAST(x'fffe' AS TEXT)"])
async def test_bytes_in_a_column_of_text_are_a_change(forged: str, tmp_path: Path) -> None:
    url = f"sqlite:///{tmp_path}/bot.db"  # PostgreSQL takes none
    async with open_database(url, now) as database:
        await write_down(database, 2)
        await tamper(database, f"UPDATE audit SET user_id = {forged} WHERE seq = 1")

        assert await faults(url) == (Fault(CHANGED, 1),)


async def test_a_row_that_came_from_far_away_is_a_change(url: str, database: Database) -> None:
    await write_down_together(database, NEAR + 3)

    await tamper(database, *(swap(1, NEAR + 2)))

    assert await faults(url) == (Fault(CHANGED, 1), Fault(CHANGED, NEAR + 2))
