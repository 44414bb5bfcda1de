"""What looking back needs: the runs of a person, a channel and a gateway by time, without those of a watch."""

import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"


def upgrade() -> None:
    """Add the column and the indexes; older bots know no watch, so what they store is not quiet."""
    op.add_column("runs", sa.Column("quiet", sa.Boolean, nullable=False, server_default=sa.false()))
    op.create_index("runs_person", "runs", ["team_id", "user_id", "created_at"])
    op.create_index("runs_channel", "runs", ["channel_id", "created_at"])
    op.create_index("runs_gateway", "runs", ["gateway_id", "created_at"])
