"""The tables as they were before versions were kept."""

import sqlalchemy as sa
from alembic import op

revision = "0001"
down_revision = None


def upgrade() -> None:
    """Create runs and deliveries."""
    op.create_table(
        "runs",
        sa.Column("id", sa.String(36), primary_key=True),
        sa.Column("state", sa.String(16), nullable=False),
        sa.Column("created_at", sa.Double, nullable=False),
        sa.Column("due_at", sa.Double),
        sa.Column("version", sa.Integer, nullable=False),
        sa.Column("lease_owner", sa.String(64)),
        sa.Column("lease_until", sa.Double),
        sa.Column("interrupted", sa.Boolean, nullable=False),
        sa.Column("team_id", sa.String(32), nullable=False),
        sa.Column("user_id", sa.String(32), nullable=False),
        sa.Column("channel_id", sa.String(32), nullable=False),
        sa.Column("gateway_id", sa.String(80), nullable=False),
        sa.Column("connection_id", sa.String(80), nullable=False),
        sa.Column("document", sa.Text, nullable=False),
    )
    due = sa.text("due_at IS NOT NULL")
    op.create_index("runs_due", "runs", ["due_at"], sqlite_where=due, postgresql_where=due)
    op.create_index("runs_created", "runs", ["created_at"])
    op.create_table(
        "deliveries",
        sa.Column("key", sa.String(255), primary_key=True),
        sa.Column("run_id", sa.String(36), sa.ForeignKey("runs.id"), nullable=False),
        sa.Column("received_at", sa.Double, nullable=False),
    )
