"""Watches: at most one of a person under a report, and a stop that whoever works on its runs sees.

A watch has no row of its own: it goes on as long as one of its runs is unfinished. That it was stopped is noted
among the deliveries, which are kept longer than any watch. Whoever begins, continues or stops some holds one lock
for all watches, from the transaction's first statement on, so that this happens one after the other also among
several bots, in whatever order they come and whatever else is written with them.
"""

from collections.abc import Sequence
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, select, update

from bot.model.ids import RunId
from bot.model.request import Requester
from bot.model.run import Run
from bot.store.adding import New, add, runs_of
from bot.store.dialect import insert_new, tell_others
from bot.store.locks import Lock, needs
from bot.store.rows import FORMAT, readable
from bot.store.tables import deliveries, runs
from bot.store.writer import Audited


class Following(NamedTuple):
    """A run that carries its watch on after the run `after`."""

    run: Run
    after: RunId

    @property
    def delivery(self) -> str:
        return continues(self.after)


class Stop(NamedTuple):
    """Somebody's wish that their watch under the report of `origin` ends; `at` in seconds since 1970."""

    origin: RunId
    requester: Requester
    at: float


def continues(run_id: RunId) -> str:
    """Name the intent of the run that follows a quiet run."""
    return f"watch:{run_id}"


def stops(watch_id: RunId) -> str:
    """Name the intent that a watch ends."""
    return f"watch-stopped:{watch_id}"


@needs(Lock.WATCHES)
def begin(connection: Connection, new: Sequence[New]) -> list[Audited[Run]]:
    """Store each first run of a watch, or answer with the unfinished run of the watch that there is already."""
    return [_begin(connection, one) for one in new]


@needs(Lock.WATCHES)
def follow(connection: Connection, following: Sequence[Following]) -> list[Audited[bool]]:
    """Store each run that carries a watch on, once; answer whether it goes on: not if it was stopped before."""
    return [_follow(connection, one) for one in following]


@needs(Lock.WATCHES)
def stop(connection: Connection, wishes: Sequence[Stop]) -> list[bool]:
    """Note that watches are stopped, and let what waits fall due; answer whether there was one."""
    return [_stop(connection, one) for one in wishes]


def is_watched(connection: Connection, origin: RunId, but_by: Run) -> bool:
    """Tell whether a watch under the report of `origin` goes on, leaving out that of one run."""
    watch_id = None if but_by.watch is None else but_by.watch.id
    going_on = _unfinished(connection, origin, *_same_connection(but_by))
    return any(run.watch is not None and run.watch.id != watch_id for run in going_on)


def watchers(connection: Connection, of: Run) -> tuple[Requester, ...]:
    """Return who watches under the same report as `of`, each once, who began first in front."""
    origin = of.id if of.watch is None else of.watch.origin
    going_on = _unfinished(connection, origin, *_same_connection(of))
    return tuple(dict.fromkeys(run.requester for run in going_on))


def _same_connection(run: Run) -> tuple[ColumnElement[bool], ...]:
    request = run.request
    return (runs.c.gateway_id == request.gateway_id, runs.c.connection_id == request.connection_id)


def _begin(connection: Connection, new: New) -> Audited[Run]:
    run = new.run
    if run.watch is None:
        message = "a run without a watch begins none"
        raise ValueError(message)
    going_on = _going_on(connection, run.watch.origin, run.requester)
    if going_on:
        return Audited(going_on[-1], ())
    (added,) = add(connection, [new])
    if isinstance(added.answer, Exception):
        return Audited(added.answer, added.entries)
    return Audited(_stored(connection, added.answer) or run, added.entries)


def _stored(connection: Connection, run_id: RunId) -> Run | None:
    row = connection.execute(select(runs).where(runs.c.id == run_id)).one_or_none()
    return None if row is None else readable(row)


def _follow(connection: Connection, following: Following) -> Audited[bool]:
    watch = following.run.watch
    if watch is None:
        message = "a run without a watch carries none on"
        raise ValueError(message)
    seen = runs_of(connection, [following.delivery, stops(watch.id)])
    if seen:
        return Audited(following.delivery in seen, ())
    (added,) = add(connection, [New(following.run, following.delivery)])
    return Audited(added.answer if isinstance(added.answer, Exception) else True, added.entries)


def _stop(connection: Connection, wish: Stop) -> bool:
    going_on = _going_on(connection, wish.origin, wish.requester)
    for run in going_on:
        if run.watch is not None:
            noted = {"key": stops(run.watch.id), "run_id": run.id, "received_at": wish.at}
            connection.execute(insert_new(connection, deliveries), noted)
    if going_on:
        _wake(connection, [run.id for run in going_on], wish.at)
    return bool(going_on)


def _going_on(connection: Connection, origin: RunId, requester: Requester) -> list[Run]:
    """Return the unfinished runs of a person's watch, oldest first; those of one that was stopped are none."""
    theirs = (runs.c.team_id == requester.team_id, runs.c.user_id == requester.user_id)
    return _unfinished(connection, origin, *theirs)


def _unfinished(connection: Connection, origin: RunId, *which: ColumnElement[bool]) -> list[Run]:
    unfinished = (
        select(runs).where(runs.c.due_at.is_not(None), runs.c.format <= FORMAT, *which).order_by(runs.c.id)
    )
    found = [run for row in connection.execute(unfinished) if (run := readable(row)) is not None]
    of_watch = [run for run in found if run.watch is not None and run.watch.origin == origin]
    stopped = runs_of(connection, [stops(run.watch.id) for run in of_watch if run.watch is not None])
    return [run for run in of_watch if run.watch is not None and stops(run.watch.id) not in stopped]


def _wake(connection: Connection, run_ids: Sequence[RunId], at: float) -> None:
    """Let what waits fall due; whoever has a run in hand looks for a stop as the last thing before it waits."""
    waiting = (
        select(runs.c.id)
        .where(runs.c.id.in_(run_ids), runs.c.due_at > at, runs.c.lease_owner.is_(None))
        .with_for_update(skip_locked=True)
        .cte("waiting")
    )
    connection.execute(update(runs).where(runs.c.id == waiting.c.id).values(due_at=at))
    tell_others(connection)
