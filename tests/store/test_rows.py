"""Rows that can be read, and rows that cannot."""

import hashlib
import json
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select, update

from bot.model.run import Run
from bot.store.database import Database
from bot.store.errors import UnreadableError
from bot.store.rows import FORMAT, AnyRow, run_of
from bot.store.runs import Runs
from bot.store.tables import runs as table

RunBuilder = Callable[..., Run]

# The shape of a stored run, as each format has it.
SHAPES = {
    1: "38fd602a42bdc83c01cd221e154ba6ed82a6986066eb247488d151dbfcc48b43",
    2: "bef5a45748af4a461cd37d6a5f3729953dd143a40f64f3f99a40996639796c02",
    3: "c8c3176786fc1385f9d21e62af56efddd2ef409613ea7af93dec7f0d4ffb840c",
}
NEW_IN_3 = {"moved_because", "left_root", "delay_told"}


def without_descriptions(schema: Any) -> Any:
    """Return a JSON schema without its words: they come from docstrings, and may change."""
    if isinstance(schema, list):
        return [without_descriptions(part) for part in schema]
    if not isinstance(schema, dict):
        return schema
    return {
        name: without_descriptions(part)
        for name, part in schema.items()
        if not (name == "description" and isinstance(part, str))
    }


async def changed_row(database: Database, runs: Runs, run: Run, **changes: object) -> AnyRow:
    await runs.add(run, f"trigger:{run.id}")
    change = update(table).where(table.c.id == run.id).values(**changes)
    await database.write(lambda connection: connection.execute(change))
    return await database.read(lambda connection: connection.execute(select(table)).one())


def with_unknown_key(run: Run) -> str:
    return json.dumps(json.loads(run.model_dump_json()) | {"colour": "a secret"})


def test_a_run_of_another_shape_is_a_format_of_its_own() -> None:
    schema = json.dumps(without_descriptions(Run.model_json_schema()), sort_keys=True)

    shape = hashlib.sha256(schema.encode()).hexdigest()

    assert SHAPES.get(FORMAT) == shape, "the shape of Run has changed: raise FORMAT and write down the new hash"


async def test_a_row_with_a_key_that_nobody_knows_is_unreadable_and_its_values_are_not_told(
    database: Database, runs: Runs, a_run: RunBuilder
) -> None:
    run = a_run()
    row = await changed_row(database, runs, run, document=with_unknown_key(run))

    with pytest.raises(UnreadableError, match="1 errors, the first at colour") as caught:
        run_of(row)

    assert run.id in str(caught.value)
    assert "secret" not in repr(caught.value)
    assert caught.value.__suppress_context__


async def test_a_run_that_the_bot_before_this_one_stored_is_read(
    database: Database, runs: Runs, a_run: RunBuilder
) -> None:
    run = a_run(moved_to_dm=True)
    document = {key: value for key, value in json.loads(run.model_dump_json()).items() if key not in NEW_IN_3}
    row = await changed_row(database, runs, run, document=json.dumps(document), format=2)

    assert run_of(row) == run


@pytest.mark.parametrize("document", ["", "{", "[]", "null"])
async def test_a_row_that_holds_no_run_is_unreadable(
    database: Database, runs: Runs, a_run: RunBuilder, document: str
) -> None:
    row = await changed_row(database, runs, a_run(), document=document)

    with pytest.raises(UnreadableError, match="1 errors"):
        run_of(row)


async def test_a_row_of_a_newer_format_is_unreadable(database: Database, runs: Runs, a_run: RunBuilder) -> None:
    row = await changed_row(database, runs, a_run(), format=FORMAT + 1)

    with pytest.raises(UnreadableError, match="a newer bot"):
        run_of(row)


async def test_the_newest_runs_are_told_without_one_that_cannot_be_read(
    database: Database, runs: Runs, a_run: RunBuilder
) -> None:
    spoiled, good = a_run(), a_run()
    await changed_row(database, runs, spoiled, document=with_unknown_key(spoiled))
    await runs.add(good, "trigger:good")

    assert await runs.newest(5) == (good,)


async def test_a_report_that_cannot_be_read_is_none(database: Database, runs: Runs, a_run: RunBuilder) -> None:
    spoiled = a_run()
    await changed_row(database, runs, spoiled, state="reported", document=with_unknown_key(spoiled))

    assert await runs.reported_since(a_run()) is None


async def test_a_run_that_cannot_be_read_is_left_to_others_until_its_diagnosis_must_be_over(
    database: Database, runs: Runs, a_run: RunBuilder
) -> None:
    old, recent = a_run(), a_run(created_at=database.clock())
    await changed_row(database, runs, old, document="{}")
    await runs.add(recent, "trigger:recent")
    spoil = update(table).values(document="{}")
    await database.write(lambda connection: connection.execute(spoil))

    with pytest.raises(UnreadableError):
        await runs.get(recent.id)
    assert await runs.get(old.id) is None
    assert await runs.get(a_run().id) is None
