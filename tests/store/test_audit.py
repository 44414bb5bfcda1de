"""Entries of their own, and the end of the trail in the log."""

import asyncio
import logging

import pytest

from bot.store.audit import Audit
from bot.store.database import Database
from tests.store.audited import an_entry, rows_of, tamper, write_down, write_down_together


class Sleeps:
    """Sleeps until a test says so; `slept` is set whenever somebody wants to sleep."""

    def __init__(self) -> None:
        self.slept = asyncio.Event()
        self.again = asyncio.Event()

    async def __call__(self, seconds: float) -> None:
        assert seconds == 3600
        self.slept.set()
        await self.again.wait()
        self.again.clear()

    async def once_more(self) -> None:
        self.slept.clear()
        self.again.set()
        await self.slept.wait()


async def test_an_entry_is_on_the_disk_when_append_returns(database: Database) -> None:
    audit = Audit(database)

    await audit.append(an_entry())
    (row,) = await rows_of(database)

    assert (row["event"], row["user_id"], row["problem"]) == ("refused", "U0MALLORY", "access.not_mapped")
    assert await audit.head() == (1, row["hash"])


async def test_whatever_a_text_holds_the_trail_takes_it(database: Database) -> None:
    hostile = "\x00\ud800\u202e'); DROP TABLE audit; --\n字" * 100

    await Audit(database).append(an_entry(problem=hostile, request_id=hostile, identity=hostile))
    (row,) = await rows_of(database)

    assert row["problem"].startswith("\N{REPLACEMENT CHARACTER}" * 3 + "'); DROP TABLE audit; --")
    assert (len(row["problem"]), len(row["request_id"])) == (100, 80)


async def test_an_empty_trail_has_no_end(database: Database) -> None:
    assert await Audit(database).head() is None


async def test_the_end_is_told_when_it_has_moved(database: Database, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "bot.store.audit")
    audit, sleeps = Audit(database), Sleeps()
    telling = asyncio.create_task(audit.tell_head(sleep=sleeps))
    await sleeps.slept.wait()
    nothing_yet = len(caplog.messages)
    await write_down(database, 2)
    await sleeps.once_more()
    await sleeps.once_more()
    telling.cancel()

    assert nothing_yet == 0
    assert len(caplog.messages) == 1
    assert f"--expect {await audit.head()}" in caplog.text


@pytest.mark.parametrize("added_since", [0, 1, 2, 3])
async def test_an_end_that_is_gone_is_warned_of_whatever_came_instead(
    added_since: int, database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    sleeps = Sleeps()
    await write_down(database, 2)
    noted = await Audit(database).head()
    telling = asyncio.create_task(Audit(database).tell_head(sleep=sleeps))
    await sleeps.slept.wait()
    await tamper(database, "DELETE FROM audit WHERE seq > 0")
    await write_down_together(database, added_since, user_id="U0BOB")
    await sleeps.once_more()
    await sleeps.once_more()
    telling.cancel()

    (warning,) = [record for record in caplog.records if record.levelname == "WARNING"]
    assert f"has lost its entry {noted}" in warning.getMessage()


async def test_an_end_that_cannot_be_read_is_tried_again(
    database: Database, caplog: pytest.LogCaptureFixture
) -> None:
    sleeps = Sleeps()
    await database.write(lambda connection: connection.exec_driver_sql("ALTER TABLE audit RENAME TO gone"))
    telling = asyncio.create_task(Audit(database).tell_head(sleep=sleeps))
    await sleeps.slept.wait()
    await database.write(lambda connection: connection.exec_driver_sql("ALTER TABLE gone RENAME TO audit"))
    await write_down(database, 1)
    caplog.set_level(logging.INFO, "bot.store.audit")
    await sleeps.once_more()
    telling.cancel()

    said = [record.levelname for record in caplog.records]
    assert said == ["WARNING", "INFO"]
