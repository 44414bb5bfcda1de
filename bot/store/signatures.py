"""Signed requests that were let in: the same bytes are not let in twice, on any bot and across restarts."""

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from sqlalchemy import Connection, select
from sqlalchemy.exc import SQLAlchemyError

from bot.model.problem import Problem
from bot.store.dialect import insert_new
from bot.store.tables import signatures

if TYPE_CHECKING:
    from bot.store.database import Database


class Use(NamedTuple):
    """A signature, and when it was used (seconds since 1970)."""

    signature: str
    at: float


class Signatures:
    """The signatures in `database`."""

    def __init__(self, database: "Database") -> None:
        self._database = database

    async def first_use(self, signature: str, at: datetime) -> bool:
        """Note a signature, and return False if it had been let in before.

        Raises `Problem("bot.not_stored")` if the database does not say within two seconds.
        """
        try:
            return await self._database.writer.offer(use, Use(signature, at.timestamp()))
        except SQLAlchemyError as error:
            raise Problem("bot.not_stored") from error

    async def recent(self, since: datetime, most: int) -> dict[str, datetime]:
        """Return the latest signatures that were used since then, `most` of them, with the time of their use.

        Raises `Problem("bot.not_stored")`.
        """
        statement = (
            select(signatures.c.signature, signatures.c.used_at)
            .where(signatures.c.used_at >= since.timestamp())
            .order_by(signatures.c.used_at.desc())
            .limit(most)
        )
        try:
            rows = await self._database.read(lambda connection: connection.execute(statement).all())
        except SQLAlchemyError as error:
            raise Problem("bot.not_stored") from error
        return {signature: datetime.fromtimestamp(used_at, UTC) for signature, used_at in rows}


def use(connection: Connection, uses: Sequence[Use]) -> list[bool]:
    """Note the signatures; each is answered with True once, for the first of its uses."""
    first = {one.signature: one for one in sorted(uses, reverse=True)}
    rows = [{"signature": one.signature, "used_at": one.at} for _, one in sorted(first.items())]
    statement = insert_new(connection, signatures).returning(signatures.c.signature)
    new = set(connection.execute(statement, rows).scalars())
    answers = []
    for one in uses:
        answers.append(one.signature in new)
        new.discard(one.signature)
    return answers
