"""Looking back: the runs of a person, of a channel, of a gateway, and what was known of a connection before.

Which of them somebody may see is for the caller to say. Each is newest first and bounded; the runs by which a
watch told nothing are left out, and what this version of the bot cannot read.
"""

from typing import TYPE_CHECKING

from sqlalchemy import ColumnElement, Connection, and_, false, or_, select

from bot.model.ids import ChannelId, VpnGatewayId
from bot.model.request import Conversation, Requester
from bot.model.run import Run, RunState
from bot.store.rows import FORMAT, AnyRow, readable
from bot.store.tables import runs

if TYPE_CHECKING:
    from bot.store.database import Database

# Runs on the same connection that are looked through for those of one question in one thread.
MOST_LIKE_IT = 20


class Past:
    """The runs in `database` that are kept; every method raises `SQLAlchemyError` where the database fails."""

    def __init__(self, database: "Database") -> None:
        self._database = database

    async def of_person(self, requester: Requester, limit: int) -> tuple[Run, ...]:
        """Return what somebody has asked for, wherever."""
        return await self._newest(limit, _asked_by(requester))

    async def of_channel(self, channel_id: ChannelId, limit: int) -> tuple[Run, ...]:
        """Return what was asked for in a channel, by anybody."""
        return await self._newest(limit, runs.c.channel_id == channel_id)

    async def of_gateway(
        self, gateway_id: VpnGatewayId, requester: Requester, channel_id: ChannelId, limit: int
    ) -> tuple[Run, ...]:
        """Return what was asked of a gateway, by this person anywhere or by anybody in this channel."""
        return await self._newest(limit, runs.c.gateway_id == gateway_id, _near(requester, channel_id))

    async def reported_before(
        self, run: Run, requester: Requester, channel_id: ChannelId, limit: int
    ) -> tuple[Run, ...]:
        """Return the reports of the connection of `run` that were asked for before it.

        By this person anywhere, or by anybody in this channel.
        """
        return await self._newest(
            limit,
            runs.c.gateway_id == run.request.gateway_id,
            runs.c.connection_id == run.request.connection_id,
            runs.c.state == RunState.REPORTED.value,
            runs.c.created_at < run.created_at.timestamp(),
            runs.c.id != run.id,
            _near(requester, channel_id),
        )

    async def last_like(self, run: Run, requester: Requester, conversation: Conversation) -> Run | None:
        """Return the last run by which this person asked the same as `run` does, to be answered there."""
        request = run.request
        found = await self._newest(
            MOST_LIKE_IT,
            _asked_by(requester),
            runs.c.gateway_id == request.gateway_id,
            runs.c.connection_id == request.connection_id,
            runs.c.channel_id == conversation.channel_id,
        )
        same = (one for one in found if (one.request, one.conversation) == (request, conversation))
        return next(same, None)

    async def _newest(self, limit: int, *wanted: ColumnElement[bool]) -> tuple[Run, ...]:
        told = and_(runs.c.quiet == false(), runs.c.format <= FORMAT)
        latest = select(runs).where(*wanted, told).order_by(runs.c.created_at.desc()).limit(limit)

        def find(connection: Connection) -> list[AnyRow]:
            return list(connection.execute(latest))

        rows = await self._database.read(find)
        return tuple(run for row in rows if (run := readable(row)) is not None)


def _asked_by(requester: Requester) -> ColumnElement[bool]:
    return and_(runs.c.team_id == requester.team_id, runs.c.user_id == requester.user_id)


def _near(requester: Requester, channel_id: ChannelId) -> ColumnElement[bool]:
    return or_(_asked_by(requester), runs.c.channel_id == channel_id)
