"""A SQLite file as the first version of the bot made it: before versions of tables were kept."""

import sqlite3
from collections.abc import Sequence
from contextlib import closing
from pathlib import Path

from bot.model.run import Run

TABLES = """
CREATE TABLE runs (
    id VARCHAR(36) NOT NULL, state VARCHAR(16) NOT NULL, created_at DOUBLE NOT NULL, due_at DOUBLE,
    version INTEGER NOT NULL, lease_owner VARCHAR(64), lease_until DOUBLE, interrupted BOOLEAN NOT NULL,
    team_id VARCHAR(32) NOT NULL, user_id VARCHAR(32) NOT NULL, channel_id VARCHAR(32) NOT NULL,
    gateway_id VARCHAR(80) NOT NULL, connection_id VARCHAR(80) NOT NULL, document TEXT NOT NULL, PRIMARY KEY (id)
);
CREATE INDEX runs_due ON runs (due_at) WHERE due_at IS NOT NULL;
CREATE INDEX runs_created ON runs (created_at);
CREATE TABLE deliveries (
    key VARCHAR(255) NOT NULL, run_id VARCHAR(36) NOT NULL, received_at DOUBLE NOT NULL, PRIMARY KEY (key),
    FOREIGN KEY(run_id) REFERENCES runs (id)
);
"""


def write_old_file(file: Path, runs: Sequence[Run]) -> None:
    """Write the file with these runs in it, the delivery of each, and nobody at work on them."""
    with closing(sqlite3.connect(file)) as connection:
        connection.executescript(TABLES)
        for run in runs:
            due_at = None if run.due_at is None else run.due_at.timestamp()
            created_at = run.created_at.timestamp()
            who = (run.requester.team_id, run.requester.user_id, run.conversation.channel_id)
            what = (run.request.gateway_id, run.request.connection_id)
            row = (run.id, run.state.value, created_at, due_at, run.version, None, None, False, *who, *what)
            connection.execute(f"INSERT INTO runs VALUES ({'?, ' * 13}?)", (*row, run.model_dump_json()))  # noqa: S608
            connection.execute(
                "INSERT INTO deliveries VALUES (?, ?, ?)", (f"trigger:{run.id}", run.id, created_at)
            )
        connection.commit()
