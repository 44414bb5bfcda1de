"""Runs as rows: add one durably, claim the due ones with a lease, save with a compare on the version."""

import logging
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from pydantic import ValidationError
from sqlalchemy import Row, func, insert, or_, select, update
from sqlalchemy.exc import IntegrityError, SQLAlchemyError

from bot.model.ids import RunId
from bot.model.problem import Problem
from bot.model.run import Run
from bot.model.value import Value
from bot.store.tables import deliveries, runs

if TYPE_CHECKING:
    from sqlalchemy.ext.asyncio import AsyncConnection, AsyncEngine

log = logging.getLogger(__name__)


class Claim(Value):
    """A run that is ours until the lease ends.

    `interrupted`: whoever had it before us did not hand it back, so that what the last step did is not known.
    """

    run: Run
    interrupted: bool


class FencedError(Exception):
    """Somebody else has saved the run since we claimed it: what we know of it is no longer true."""


class Runs:
    """The runs in the database behind `engine`."""

    def __init__(self, engine: "AsyncEngine") -> None:
        self._engine = engine

    async def add(self, run: Run, delivery: str) -> RunId:
        """Store a new run; when this returns, it is on the disk.

        `delivery` names the intent that Slack delivered. If it was seen before, nothing is stored and the
        earlier run's id is returned. Raises `Problem("bot.not_stored")`, and then nothing is stored.
        """
        try:
            async with self._engine.begin() as connection:
                await connection.execute(insert(runs).values(_row(run) | {"interrupted": False}))
                await connection.execute(
                    insert(deliveries).values(key=delivery, run_id=run.id, received_at=run.created_at.timestamp())
                )
        except IntegrityError:
            return await self._delivered(delivery)
        except SQLAlchemyError as error:
            raise Problem("bot.not_stored") from error
        return run.id

    async def get(self, run_id: RunId) -> Run | None:
        async with self._engine.connect() as connection:
            row = (await connection.execute(select(runs).where(runs.c.id == run_id))).one_or_none()
        return None if row is None else _run(row)

    async def newest(self, limit: int) -> tuple[Run, ...]:
        """Return the latest runs, newest first."""
        async with self._engine.connect() as connection:
            rows = await connection.execute(select(runs).order_by(runs.c.created_at.desc()).limit(limit))
        return tuple(_run(row) for row in rows)

    async def claim_due(self, now: datetime, owner: str, lease_s: float, limit: int) -> tuple[Claim, ...]:
        """Take at most `limit` runs that are due and that nobody holds, for `lease_s` seconds.

        A row that this version of the bot cannot read is logged and left alone until the lease ends.
        """
        at = now.timestamp()
        free = or_(runs.c.lease_until.is_(None), runs.c.lease_until <= at)
        due = select(runs.c.id).where(runs.c.due_at <= at, free).order_by(runs.c.due_at).limit(limit)
        statement = (
            update(runs)
            .where(runs.c.id.in_(due.scalar_subquery()))
            .values(
                interrupted=runs.c.lease_owner.is_not(None),
                lease_owner=owner,
                lease_until=at + lease_s,
                version=runs.c.version + 1,
            )
            .returning(runs)
        )
        async with self._engine.begin() as connection:
            rows = (await connection.execute(statement)).all()
        return tuple(claim for claim in map(_claim, rows) if claim is not None)

    async def save(self, run: Run, *, lease_until: datetime | None) -> Run:
        """Save a claimed run and return it with its new version.

        `lease_until` None hands the lease back. Raises `FencedError` if the run was saved by another meanwhile.
        """
        held = {} if lease_until is None else {"lease_until": lease_until.timestamp()}
        released = {"lease_owner": None, "lease_until": None} if lease_until is None else {}
        async with self._engine.begin() as connection:
            result = await connection.execute(
                update(runs)
                .where(runs.c.id == run.id, runs.c.version == run.version)
                .values(_row(run) | held | released | {"version": run.version + 1})
            )
        if result.rowcount != 1:
            raise FencedError(run.id)
        return run.model_copy(update={"version": run.version + 1})

    async def next_due(self) -> datetime | None:
        """Return when the next run falls due that nobody holds, or None if none is waiting."""
        statement = select(func.min(runs.c.due_at)).where(runs.c.lease_owner.is_(None))
        async with self._engine.connect() as connection:
            at = (await connection.execute(statement)).scalar_one()
        return None if at is None else datetime.fromtimestamp(at, UTC)

    async def end_leases_of_the_dead(self) -> int:
        """End every lease, and return how many there were: the file's lock says that nobody else is alive."""
        async with self._engine.begin() as connection:
            result = await connection.execute(
                update(runs).where(runs.c.lease_owner.is_not(None)).values(lease_until=0.0)
            )
        return result.rowcount

    async def _delivered(self, delivery: str) -> RunId:
        async with self._engine.connect() as connection:
            run_id = await _run_of(connection, delivery)
        if run_id is None:  # the conflict was not about the delivery: a run with this id is there already
            raise Problem("bot.not_stored")
        return run_id


async def _run_of(connection: "AsyncConnection", delivery: str) -> RunId | None:
    found = await connection.execute(select(deliveries.c.run_id).where(deliveries.c.key == delivery))
    run_id = found.scalar_one_or_none()
    return None if run_id is None else RunId(run_id)


def _row(run: Run) -> dict[str, Any]:
    return {
        "id": run.id,
        "state": run.state.value,
        "created_at": run.created_at.timestamp(),
        "due_at": None if run.due_at is None else run.due_at.timestamp(),
        "version": run.version,
        "team_id": run.requester.team_id,
        "user_id": run.requester.user_id,
        "channel_id": run.conversation.channel_id,
        "gateway_id": run.request.gateway_id,
        "connection_id": run.request.connection_id,
        "document": run.model_dump_json(),
    }


def _claim(row: Row[Any]) -> Claim | None:
    try:
        return Claim(run=_run(row), interrupted=row.interrupted)
    except ValidationError as error:
        log.error("run %s cannot be read: %d errors, the first at %s", row.id, error.error_count(), _place(error))  # noqa: TRY400 - a traceback would show what the row holds
        return None


def _place(error: ValidationError) -> str:
    return ".".join(str(step) for step in error.errors(include_input=False)[0]["loc"])


def _run(row: Row[Any]) -> Run:
    return Run.model_validate_json(row.document).model_copy(update={"version": row.version})
