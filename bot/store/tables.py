"""The tables; what SQL must know stands in columns, the whole run stands in `document` as JSON.

Times are seconds since 1970 (UTC) as double: the one form of time that SQLite and PostgreSQL compare alike.
No table refers to another by a foreign key: what is old is removed from each by its own rule, and nothing goes
with it. Changes here need a migration.
"""

from sqlalchemy import Boolean, Column, Double, Index, Integer, MetaData, String, Table, Text, false, text

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
    Column("format", Integer, nullable=False, server_default=text("1")),  # which versions of the bot can read it
    Column("follows", String(36)),  # the run whose diagnosis this one joined
    Column("ended_at", Double),  # when nothing was left to do; null: something is
    Column("quiet", Boolean, nullable=False, server_default=false()),  # belongs to a watch, and has told nothing
)

_IS_DUE = runs.c.due_at.is_not(None)
_FOLLOWS = runs.c.follows.is_not(None)
_HAS_ENDED = runs.c.ended_at.is_not(None)

Index("runs_due", runs.c.due_at, sqlite_where=_IS_DUE, postgresql_where=_IS_DUE)
Index("runs_created", runs.c.created_at)
Index("runs_person", runs.c.team_id, runs.c.user_id, runs.c.created_at)
Index("runs_channel", runs.c.channel_id, runs.c.created_at)
Index("runs_gateway", runs.c.gateway_id, runs.c.created_at)
Index("runs_follows", runs.c.follows, sqlite_where=_FOLLOWS, postgresql_where=_FOLLOWS)
Index("runs_ended", runs.c.ended_at, sqlite_where=_HAS_ENDED, postgresql_where=_HAS_ENDED)

# One row for each intent that Slack delivered (a trigger, a submitted view), however often it delivers it.
deliveries = Table(
    "deliveries",
    metadata,
    Column("key", String(255), primary_key=True),
    Column("run_id", String(36), nullable=False),
    Column("received_at", Double, nullable=False),
)

Index("deliveries_received", deliveries.c.received_at)

# One row for each signed request that was let in, so that the same bytes are not let in twice.
signatures = Table(
    "signatures",
    metadata,
    Column("signature", String(128), primary_key=True),
    Column("used_at", Double, nullable=False),
)

Index("signatures_used", signatures.c.used_at)

# One row for each gateway that one of our runs diagnoses, or is about to.
leads = Table(
    "leads",
    metadata,
    Column("gateway_id", String(80), primary_key=True),
    Column("run_id", String(36), nullable=False),
    Column("since", Double, nullable=False),
)

Index("leads_run", leads.c.run_id)
