"""A run as a row, and a row as a run."""

from typing import Any

from pydantic import ValidationError
from sqlalchemy import Row

from bot.model.run import Run
from bot.store.errors import UnreadableError

AnyRow = Row[*tuple[Any, ...]]

# Rises with every change after which an older bot would misread what a newer one stored. A bot leaves rows above
# its own format alone, so that old and new can share a database while one replaces the other.
FORMAT = 3


def new_row(run: Run) -> dict[str, Any]:
    """Return all columns of a run that is stored for the first time."""
    return saved_columns(run) | {
        "id": run.id,
        "created_at": run.created_at.timestamp(),
        "version": run.version,
        "interrupted": False,
        "team_id": run.requester.team_id,
        "user_id": run.requester.user_id,
        "channel_id": run.conversation.channel_id,
        "gateway_id": run.request.gateway_id,
        "connection_id": run.request.connection_id,
        "ended_at": None,
    }


def saved_columns(run: Run) -> dict[str, Any]:
    """Return the columns that a step of the run may have changed, except those of lease and version."""
    return {
        "state": run.state.value,
        "due_at": None if run.due_at is None else run.due_at.timestamp(),
        "follows": run.follows,
        "quiet": run.is_quiet and run.posted.ending_ts is None,
        "format": FORMAT,
        "document": run.model_dump_json(),
    }


def run_of(row: AnyRow) -> Run:
    """Read a row of the table `runs`.

    Raises `UnreadableError` if a newer bot stored it so that we would misread it, or if it holds no run of ours.
    """
    if row.format > FORMAT:
        raise UnreadableError(f"run {row.id} cannot be read: a newer bot stored it")
    try:
        run = Run.model_validate_json(row.document)
    except ValidationError as error:
        count, place = error.error_count(), _place(error)
        raise UnreadableError(f"run {row.id} cannot be read: {count} errors, the first at {place}") from None
    return run.model_copy(update={"version": row.version})


def readable(row: AnyRow) -> Run | None:
    """Read a row of the table `runs`, None if this version of the bot cannot."""
    try:
        return run_of(row)
    except UnreadableError:
        return None


def _place(error: ValidationError) -> str:
    first = error.errors(include_url=False, include_context=False, include_input=False)[0]
    return ".".join(str(step) for step in first["loc"]) or "its beginning"
