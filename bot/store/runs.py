"""Runs as rows: add one durably, claim the due ones with a lease, save with a compare on the version."""

import logging
from datetime import UTC, datetime
from functools import partial
from typing import TYPE_CHECKING

from sqlalchemy import Connection, and_, false, func, select
from sqlalchemy.exc import SQLAlchemyError

from bot.model.ids import RunId
from bot.model.problem import Problem
from bot.model.request import Requester
from bot.model.run import Run, RunState
from bot.model.value import Value
from bot.store.adding import New, add, runs_of
from bot.store.claiming import Wanted, claim
from bot.store.errors import FencedError, UnreadableError
from bot.store.holding import Hold, hold, is_past_half
from bot.store.leading import LONGEST_DIAGNOSIS_S, Candidate, lead
from bot.store.occupancy import Occupancy, occupancy
from bot.store.orphans import Look, take_over
from bot.store.rows import FORMAT, AnyRow, readable, run_of
from bot.store.saving import Step, save
from bot.store.sweeping import Rules, sweep
from bot.store.tables import runs
from bot.store.watches import Following, Stop, begin, continues, follow, is_watched, stop, stops, watchers

if TYPE_CHECKING:
    from bot.store.database import Database

__all__ = ["Claim", "FencedError", "Occupancy", "Runs"]

log = logging.getLogger(__name__)

# Time in seconds between two looks for claims that nobody came back for.
LOOK_EVERY_S = 60.0


class Claim(Value):
    """A run that is ours until the lease ends.

    `interrupted`: whoever had it before us did not hand it back, so that what the last step did is not known.
    """

    run: Run
    interrupted: bool


class Runs:
    """The runs in `database`.

    Every method raises `SQLAlchemyError` where the database fails, unless it says otherwise.
    """

    def __init__(self, database: "Database") -> None:
        self._database = database
        self._held: dict[RunId, Hold] = {}
        self._next_look = 0.0

    async def add(
        self, run: Run, delivery: str, press: str | None = None, book_version: str | None = None
    ) -> RunId:
        """Store a new run; when this returns, it is on the disk.

        `delivery` names the intent that Slack delivered. If it was seen before, nothing is stored and the
        earlier run's id is returned, which `press` names from now on as well. `book_version` goes into the audit
        trail. Raises
        `Problem("bot.not_stored")`: then nothing is stored, or the database did not say in time.
        """
        try:
            return await self._database.writer.offer(add, New(run, delivery, press, book_version))
        except (SQLAlchemyError, ValueError) as error:  # ValueError: a text that no database can hold
            raise Problem("bot.not_stored") from error

    async def delivered(self, delivery: str) -> RunId | None:
        """Return the run that a delivery led to, None if it was not seen before."""
        return (await self._database.read(partial(runs_of, names=[delivery]))).get(delivery)

    async def begin_watch(self, run: Run, delivery: str, book_version: str | None = None) -> Run:
        """Store the first run of a watch; while there is one of this person under that report, return its run.

        `book_version` goes into the audit trail. Raises `Problem("bot.not_stored")` as `add` does.
        """
        try:
            return await self._database.writer.offer(begin, New(run, delivery, book_version=book_version))
        except (SQLAlchemyError, ValueError) as error:
            raise Problem("bot.not_stored") from error

    async def continue_watch(self, run: Run, after: RunId) -> bool:
        """Store the run that follows `after` in its watch, once; False if the watch was stopped before."""
        return await self._database.writer.write(follow, Following(run, after))

    async def was_continued(self, run: Run) -> bool:
        """Tell whether a run of a watch has its follower, which then has the word."""
        return await self.delivered(continues(run.id)) is not None

    async def stop_watch(self, origin: RunId, requester: Requester, at: datetime) -> bool:
        """Stop a person's watch under a report; False if there was none. What waits for its time falls due.

        Raises `Problem("bot.not_stored")` as `add` does.
        """
        try:
            stopped = await self._database.writer.offer(stop, Stop(origin, requester, at.timestamp()))
        except SQLAlchemyError as error:
            raise Problem("bot.not_stored") from error
        if stopped:
            self._database.wake()
        return stopped

    async def is_watched(self, origin: RunId, *, but_by: Run) -> bool:
        """Tell whether anybody watches under a report, leaving out the watch of one run."""
        return await self._database.read(partial(is_watched, origin=origin, but_by=but_by))

    async def watchers(self, seen: Run) -> tuple[Requester, ...]:
        """Return who watches under the report of a run."""
        return await self._database.read(partial(watchers, of=seen))

    async def watch_was_stopped(self, watch_id: RunId) -> bool:
        """Tell whether a watch was stopped."""
        return await self.delivered(stops(watch_id)) is not None

    async def get(self, run_id: RunId) -> Run | None:
        """Return a run, None if it is not there; raises `UnreadableError` if only another bot can read it.

        One that nobody can be working on any more, and that we cannot read, is as good as not there.
        """

        def find(connection: Connection) -> AnyRow | None:
            return connection.execute(select(runs).where(runs.c.id == run_id)).one_or_none()

        row = await self._database.read(find)
        if row is None:
            return None
        is_over = row.created_at + LONGEST_DIAGNOSIS_S < self._database.clock().timestamp()
        return readable(row) if is_over else run_of(row)

    async def reported_since(self, run: Run) -> Run | None:
        """Return the latest report of the same connection that came after `run` was asked for, if one did.

        None also if this version of the bot cannot read it: `run` then asks the cloud itself.
        """

        def find(connection: Connection) -> AnyRow | None:
            reported = (
                select(runs)
                .where(
                    runs.c.gateway_id == run.request.gateway_id,
                    runs.c.connection_id == run.request.connection_id,
                    runs.c.state == RunState.REPORTED.value,
                    runs.c.created_at > run.asked_at.timestamp() - LONGEST_DIAGNOSIS_S,
                    runs.c.format <= FORMAT,
                )
                .order_by(runs.c.created_at.desc())
                .limit(1)
            )
            return connection.execute(reported).one_or_none()

        row = await self._database.read(find)
        found = None if row is None else readable(row)
        is_later = found is not None and found.reported_at is not None and found.reported_at >= run.asked_at
        return found if is_later else None

    async def last_asked(self, requester: Requester) -> datetime | None:
        """Return when somebody last asked for a diagnosis, None if no run of theirs is kept.

        What a watch repeats in silence they have not asked for.
        """

        def find(connection: Connection) -> float | None:
            theirs = (runs.c.team_id == requester.team_id, runs.c.user_id == requester.user_id)
            latest = select(func.max(runs.c.created_at)).where(*theirs, runs.c.quiet == false())
            at: float | None = connection.execute(latest).scalar_one()
            return at

        at = await self._database.read(find)
        return None if at is None else datetime.fromtimestamp(at, UTC)

    async def newest(self, limit: int) -> tuple[Run, ...]:
        """Return the latest runs that this version of the bot can read and that are not silent, newest first."""
        told = and_(runs.c.quiet == false(), runs.c.format <= FORMAT)
        latest = select(runs).where(told).order_by(runs.c.created_at.desc()).limit(limit)

        def find(connection: Connection) -> list[AnyRow]:
            return list(connection.execute(latest))

        rows = await self._database.read(find)
        return tuple(run for row in rows if (run := readable(row)) is not None)

    async def claim_due(self, now: datetime, owner: str, lease_s: float, limit: int) -> tuple[Claim, ...]:
        """Take at most `limit` runs that are due and that nobody holds, for `lease_s` seconds.

        A row that this version of the bot cannot read is logged and left alone until the lease ends.
        """
        wanted = Wanted(self._database.own_clock, now.timestamp(), owner, lease_s, limit)
        taken = await self._database.writer.write(claim, wanted)
        self._database.ahead = taken.ahead
        self._forget_what_is_over(wanted.at)
        claims = [
            (row.lease_until - lease_s, claimed) for row in taken.rows if (claimed := _claim(row)) is not None
        ]
        for at, claimed in claims:
            self._held[claimed.run.id] = Hold(claimed.run, at, lease_s)
        return tuple(claimed for _, claimed in claims)

    async def save(self, run: Run, *, lease_until: datetime | None) -> Run:
        """Save a claimed run and return it with its new version.

        `lease_until` None hands the lease back. Raises `FencedError` if the run was taken by another meanwhile.
        """
        at = self._database.clock().timestamp()
        until = None if lease_until is None else lease_until.timestamp()
        held = self._held.get(run.id)
        before = held.run if held is not None and held.version == run.version else None
        version, has_woken = await self._database.writer.write(save, Step(run, until, at, before))
        if has_woken:
            self._database.wake()
        saved = run.model_copy(update={"version": version})
        self._held.pop(run.id, None)
        if until is not None:
            self._held[run.id] = Hold(saved, at, until - at)
        return saved

    async def still_ours(self, run: Run) -> None:
        """Extend the lease; raises `FencedError` if another has taken the run or the lease has run out.

        To be called before every effect that others can see.
        """
        held = self._held.get(run.id)
        now = self._database.clock().timestamp()
        if held is None or held.version != run.version or held.new_end <= now:
            raise FencedError(run.id)
        asked = held._replace(at=now)
        if not self._database.shared and not is_past_half(held.new_end, asked):
            return  # nobody else writes to this file
        lease_until = await self._database.writer.write(hold, asked)
        self._held[run.id] = asked._replace(at=lease_until - asked.lease_s)

    async def lead(self, run: Run) -> Run | None:
        """Take the gateway of this run: None if it leads now (or did already), else the run that does.

        Raises `UnreadableError` if that is one which only another bot can read: this run is for that bot, too.
        After the longest time that a diagnosis takes, such a one leads no more.
        """
        return await self._database.writer.write(lead, Candidate(run, self._database.clock().timestamp()))

    async def next_due(self) -> datetime | None:
        """Return when the next run falls due that nobody holds, or None if none is waiting."""
        at = await self._database.read(_next_due)
        return None if at is None else datetime.fromtimestamp(at, UTC)

    async def unfinished(self) -> Occupancy:
        """Count the runs that have not ended."""
        return await self._database.read(occupancy)

    async def take_over_the_dead(self, owner: str) -> int:
        """End the leases of bots that are no more, and return how many there were; `owner` is us.

        Nothing happens while we do not see well who is there (see `Database.sees_the_others`).
        """
        if not self._database.sees_the_others:
            return 0
        look = Look(owner, self._database.clock().timestamp())
        return await self._database.writer.write(take_over, look)

    async def sweep(self, now: datetime, keep_runs_s: float, keep_deliveries_s: float, batch: int) -> int:
        """Remove what is older than it has to be kept, at most `batch` rows of each kind; return how many.

        Runs go `keep_runs_s` seconds after their end, deliveries that long after they came, but not before
        an hour, signatures after ten minutes.
        """
        rules = Rules(now.timestamp(), keep_runs_s, keep_deliveries_s, batch)
        return await self._database.writer.write(sweep, rules)

    def _forget_what_is_over(self, at: float) -> None:
        """Forget the claims that nobody came back for; looked for now and then."""
        if at < self._next_look:
            return
        self._held = {run_id: held for run_id, held in self._held.items() if held.new_end + held.lease_s > at}
        self._next_look = at + LOOK_EVERY_S


def _next_due(connection: Connection) -> float | None:
    statement = (
        select(runs.c.due_at)
        .where(runs.c.due_at.is_not(None), runs.c.lease_owner.is_(None), runs.c.format <= FORMAT)
        .order_by(runs.c.due_at)
        .limit(1)
    )
    return connection.execute(statement).scalar_one_or_none()


def _claim(row: AnyRow) -> Claim | None:
    try:
        return Claim(run=run_of(row), interrupted=row.interrupted)
    except UnreadableError as error:
        log.error("%s", error)  # noqa: TRY400 - it says all that there is to know
        return None
