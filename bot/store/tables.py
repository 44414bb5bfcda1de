"""The tables; what SQL must know stands in columns, the whole run stands in `document` as JSON.

Times are seconds since 1970 (UTC) as double: the one form of time that SQLite and PostgreSQL compare alike.
"""

from sqlalchemy import Boolean, Column, Double, ForeignKey, Index, Integer, MetaData, String, Table, Text

metadata = MetaData()

runs = Table(
    "runs",
    metadata,
    Column("id", String(36), primary_key=True),
    Column("state", String(16), nullable=False),
    Column("created_at", Double, nullable=False),
    Column("due_at", Double),  # null: nothing is left to do
    Column("version", Integer, nullable=False),
    Column("lease_owner", String(64)),  # null: nobody is working on it
    Column("lease_until", Double),
    Column("interrupted", Boolean, nullable=False, default=False),  # the lease before this one was not handed back
    Column("team_id", String(32), nullable=False),
    Column("user_id", String(32), nullable=False),
    Column("channel_id", String(32), nullable=False),
    Column("gateway_id", String(80), nullable=False),
    Column("connection_id", String(80), nullable=False),
    Column("document", Text, nullable=False),
)

Index(
    "runs_due", runs.c.due_at, sqlite_where=runs.c.due_at.is_not(None), postgresql_where=runs.c.due_at.is_not(None)
)
Index("runs_created", runs.c.created_at)

# One row for each intent that Slack delivered (a trigger, a submitted view), however often it delivers it.
deliveries = Table(
    "deliveries",
    metadata,
    Column("key", String(255), primary_key=True),
    Column("run_id", String(36), ForeignKey("runs.id"), nullable=False),
    Column("received_at", Double, nullable=False),
)
