"""A diagnosis that has been told in Slack, with the buttons under its report."""

from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import insert

from bot.emulators.slack.player import Player
from bot.model.ids import ChannelId, RunId, TeamId, UserId
from bot.model.report import DiagnosisReport
from bot.model.request import Conversation, Requester
from bot.model.run import Posted, Run, RunState
from bot.slack.api import SlackApi
from bot.slack.buttons import report_buttons
from bot.slack.message import Message
from bot.store.database import Database
from bot.store.rows import new_row
from bot.store.tables import runs as table
from tests.slack.scenes import a_quota, a_report, an_item

NOON = datetime(2026, 1, 2, 12, 0, 0, tzinfo=UTC)
HERE = ChannelId("C0INCIDENT")
HEALTHY = a_report(an_item("VpnRouteQuota", "normal", a_quota(3)))
BROKEN = a_report(an_item("VpnRouteQuota", "error", a_quota(20)))

ALICE, BOB = (Requester(team_id=TeamId("T0EMULATED"), user_id=UserId(user)) for user in ("U0ALICE", "U0BOB"))


class Told(NamedTuple):
    """A run, and the message with its buttons."""

    run: Run
    channel: ChannelId
    ts: str

    async def pressed(self, player: Player, action_id: str, user: str = "U0ALICE") -> dict[str, Any]:
        return await player.click(action_id, user=user, channel=self.channel, message_ts=self.ts)


TellRun = Callable[..., Awaitable[Told]]


class Teller:
    """Stores runs that have ended, and posts their reports."""

    def __init__(self, database: Database, slack: SlackApi, a_run: Callable[..., Run]) -> None:
        self._database = database
        self._slack = slack
        self._a_run = a_run

    async def __call__(
        self,
        requester: Requester = ALICE,
        channel: ChannelId = HERE,
        *,
        minutes_ago: int = 10,
        report: DiagnosisReport | None = HEALTHY,
        watched: bool = False,
        names: RunId | None = None,
        **changes: Any,
    ) -> Told:
        """Tell a run; `names` is the run that the buttons name, if that is another one."""
        state = RunState.REPORTED if report is not None else RunState.FAILED
        values: dict[str, Any] = {"state": state, "report": report, "due_at": None} | changes
        conversation = values.pop("conversation", Conversation(channel_id=channel))
        at = NOON - timedelta(minutes=minutes_ago)
        run = self._a_run(requester=requester, conversation=conversation, created_at=at, **values)
        root = await self._slack.post_message(channel, Message(text="root", blocks=[]))
        shown = run if names is None else run.changed(id=names)
        buttons = report_buttons(shown, watched=watched)
        told = await self._slack.post_message(channel, Message(text="report", blocks=buttons), thread_ts=root.ts)
        posted = Posted(channel_id=channel, root_ts=root.ts, ending_ts=told.ts, closed=True)
        run = run.changed(posted=posted)
        await self._database.write(lambda connection: connection.execute(insert(table), [new_row(run)]))
        return Told(run, channel, told.ts)
